"""The daemon: everything is opened in order, the line serves, and all of it is let go in reverse."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
from station.watching.watch import Watch, watching

if TYPE_CHECKING:
    from station.mqtt.publishing import Publishing

LEAVE_WITHIN = 12.0
"""Seconds in which a room must have ended when the daemon does: a connection that is just being made is waited for."""
LAST_WORDS = 2.0
"""Seconds that results have to arrive when the daemon ends."""


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
        said = {each.run: _said(each) for each in opened.done}
        line = Line(service, checked.placing(opened.owning), opened.tickets, deeds=said)
        rooms.enter_context(obeying(line, checked.plan.drain_within, systemd, say))
        results = await _results(line)
        watch = await rooms.enter_async_context(watching(line, opened.stopwatch, results.owes if results else _nobody))
        ask = watch.metrics.ask
        if checked.is_real:
            guarding = await rooms.enter_async_context(guarded(data, service.bench, service.pulse, line.abort))
            service.guard = guarding
            line.watched.append(guarding.condition)
            ask("guardian_alive", lambda: float(guarding.pid > 0))
            ask("guardian_armed", lambda: float(guarding.armed))
        app = await rooms.enter_async_context(
            served(line, opened.ledger, opened.ways, watch.metrics.text, watch.log.erred)
        )
        ask("api_requests_total", lambda: {str(code): float(count) for code, count in app.counted.items()})
        await rooms.enter_async_context(_running(line, watch, results, systemd))
        say(f"{checked.station.name} serves {len(checked.station.slots)} slots")
        systemd.ready(f"{len(checked.station.slots)} slots")
        await line.run()


async def _results(line: Line) -> "Publishing | None":
    """What carries results to the broker, if the station's file names one."""
    if line.service.station.mqtt is None:
        return None
    from station.mqtt.publishing import Publishing  # aiomqtt takes room, which a line without a broker has no use for

    ledger = line.service.ledger
    return await asyncio.get_running_loop().run_in_executor(
        None, Publishing, line.service.station, line, ledger, ledger.folder
    )


def _nobody(_: str) -> bool:
    """Nobody waits for the result of any run."""
    return False


@asynccontextmanager
async def _running(line: Line, watch: Watch, results: "Publishing | None", systemd: Systemd) -> AsyncIterator[None]:
    """The rooms that bring work in, and carry results out, for as long as the block lasts.

    One that does not end in its time when told to is left behind: the process ends.
    """
    loop, service = asyncio.get_running_loop(), line.service
    ways = await loop.run_in_executor(None, ways_in, line)
    watch.metrics.ask("watchdog_age_seconds", lambda: None if systemd.fed is None else loop.time() - systemd.fed)
    runs = [("systemd", systemd.feed(lambda: service.pulse.alive(loop.time())))]
    runs += [(type(way).__name__, way.run()) for way in ways]
    if results is not None:
        line.watched += results.conditions
        watch.metrics.ask("broker_connected", lambda: float(results.counters.connected))
        watch.metrics.ask("outbox_depth", lambda: float(results.counters.outbox))
        watch.metrics.ask("outbox_age_seconds", results.age)
        watch.metrics.ask("refused_total", results.refusals)
        runs.append(("mqtt", results.run()))
    tasks = {loop.create_task(run, name=name) for name, run in runs}
    try:
        yield
    finally:
        if results is not None:
            await _delivered(results)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=LEAVE_WITHIN)


async def _delivered(results: "Publishing") -> None:
    """Give the last results a moment to arrive; what does not is delivered by the next daemon."""
    if results.counters.connected:
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS):
                while results.counters.outbox:  # noqa: ASYNC110 (an outbox tells nobody that it is empty)
                    await asyncio.sleep(0.05)


def _said(deed: Deed) -> str:
    """What the guardian has done, in the words of a record."""
    if not deed.ended:
        return "the guardian was ended while it made the slot safe"
    safe = f"not all of it is confirmed: {'; '.join(deed.refusals)}" if deed.refusals else "all of it is confirmed"
    return f"the guardian made the slot safe at {deed.at} in {deed.seconds:.2f} s, because {deed.why}; {safe}"
