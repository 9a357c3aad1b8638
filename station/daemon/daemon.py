"""The daemon: everything is opened in order, the line serves, and all of it is let go in reverse."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from station.api.app import App
from station.api.doorways import Doorway, doorways
from station.api.serving import served
from station.config.unattended import socket_of
from station.daemon.plan import Checked, Plan, Say, check
from station.daemon.signals import obeying
from station.guardian.deeds import Deed, deeds, forget
from station.guardian.guarded import guarded
from station.intake.ways import ways_in
from station.keeping import keep
from station.ledger.errors import LedgerError
from station.ledger.ledger import Ledger
from station.ledger.stopwatch import Stopwatch
from station.line.line import Line
from station.line.tickets import Tickets
from station.owning import Owning
from station.systemd import Systemd
from station.walls import real_wall
from station.watching.watch import Watch, watching

if TYPE_CHECKING:
    from station.mqtt.publishing import Publishing


@dataclass(frozen=True, slots=True)
class _Opened:
    """What was opened before the loop runs."""

    checked: Checked
    owning: Owning
    stopwatch: Stopwatch
    ledger: Ledger
    tickets: Tickets
    ways: tuple[Doorway, ...]
    done: tuple[Deed, ...]


def run_daemon(plan: Plan, say: Say) -> None:
    """Serve until drained. Raises BadDocuments, RefusalError, LedgerError, StoreError or OSError where it cannot begin."""
    checked = check(plan)
    data, station = plan.setup.data, checked.station
    folder = station.document.file.parent
    with ExitStack() as opened:
        owning = opened.enter_context(checked.own())
        stopwatch = Stopwatch()
        ledger = Ledger.open(data, stopwatch, adopting=True)
        opened.callback(_close, ledger)
        keep(data, station.documents)
        tickets = Tickets.open(data)
        opened.callback(tickets.close)
        ways = opened.enter_context(doorways(socket_of(station.daemon, folder, data), station.daemon.tcp, folder))
        asyncio.run(_serve(_Opened(checked, owning, stopwatch, ledger, tickets, ways, tuple(deeds(data))), say))
        forget(data)


def _close(ledger: Ledger) -> None:
    with suppress(LedgerError):  # what was shown is kept; a record that could not be has made its run an ERROR
        ledger.close()


async def _serve(opened: _Opened, say: Say) -> None:
    checked, data = opened.checked, opened.checked.plan.setup.data
    async with AsyncExitStack() as rooms:
        systemd = Systemd.of()
        rooms.callback(systemd.close)
        service = checked.service(opened.ledger)
        rooms.callback(service.bench.close)
        line = Line(
            service,
            checked.placing(opened.owning),
            opened.tickets,
            deeds={each.run: _said(each) for each in opened.done},
        )
        rooms.enter_context(obeying(line, checked.plan.drain_within, systemd, say))
        watch = await rooms.enter_async_context(watching(line, opened.stopwatch))
        if checked.is_real:
            guarding = await rooms.enter_async_context(guarded(data, service.bench, service.pulse, line.abort))
            service.guard = guarding
            line.watched.append(guarding.condition)
            watch.metrics.ask("guardian_alive", lambda: float(guarding.pid > 0))
        app = await rooms.enter_async_context(served(line, opened.ledger, opened.ways, watch.metrics.text))
        _count(watch, app)
        await rooms.enter_async_context(_running(line, watch, systemd))
        say(f"{checked.station.name} serves {len(checked.station.slots)} slots")
        systemd.ready(f"{len(checked.station.slots)} slots")
        await line.run()


@asynccontextmanager
async def _running(line: Line, watch: Watch, systemd: Systemd) -> AsyncIterator[None]:
    """The rooms that bring work in, and carry results out, for as long as the block lasts."""
    loop, service = asyncio.get_running_loop(), line.service
    runs = [("systemd", systemd.feed(lambda: service.pulse.alive(loop.time())))]
    runs += [(type(way).__name__, way.run()) for way in await loop.run_in_executor(None, ways_in, line)]
    if service.station.mqtt is not None:
        from station.mqtt.publishing import (
            Publishing,  # aiomqtt takes room, which a line without a broker has no use for
        )

        publishing = Publishing(service.station, line, service.ledger, service.ledger.folder)
        line.watched += publishing.conditions
        _count_results(watch, publishing)
        runs.append(("mqtt", publishing.run()))
    tasks = {loop.create_task(run, name=name) for name, run in runs}
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def _count(watch: Watch, app: App) -> None:
    watch.metrics.ask("api_requests_total", lambda: {str(code): float(count) for code, count in app.counted.items()})


def _count_results(watch: Watch, publishing: "Publishing") -> None:
    ask = watch.metrics.ask
    ask("broker_connected", lambda: float(publishing.counters.connected))
    ask("outbox_depth", lambda: float(publishing.counters.outbox))
    ask("outbox_age_seconds", lambda: _age(publishing.counters.oldest))


def _age(since: str) -> float:
    return (real_wall() - datetime.fromisoformat(since)).total_seconds() if since else 0.0


def _said(deed: Deed) -> str:
    """What the guardian has done, in the words of a record."""
    if not deed.ended:
        return "the guardian was ended while it made the slot safe"
    safe = f"not all of it is confirmed: {'; '.join(deed.refusals)}" if deed.refusals else "all of it is confirmed"
    return f"the guardian made the slot safe at {deed.at} in {deed.seconds:.2f} s, because {deed.why}; {safe}"
