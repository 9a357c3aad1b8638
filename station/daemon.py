"""The daemon: a line that runs by itself, with all the rooms around it, opened in order and let go in reverse."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager, AsyncExitStack, ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from station.bench import Bench
from station.config.library import Library
from station.config.station_file import Station
from station.config.unattended import socket_of
from station.keeping import keep
from station.ledger.errors import LedgerError
from station.ledger.ledger import Ledger
from station.line.line import Line
from station.line.placing import Placing
from station.line.tickets import Tickets
from station.opening import Setup, load_station
from station.order import Order
from station.seats import seats_of
from station.service import RefusalError, Service, Simulated
from station.walls import real_wall

if TYPE_CHECKING:
    from station.api.doorways import Doorway

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a daemon is to be: which station, where its data goes, what lies in the slots of a simulated one.

    Asked to drain, it aborts what still runs after `drain_within` seconds; None: never.
    """

    setup: Setup
    products: tuple[str, ...] = ()
    drain_within: float | None = None


@dataclass(frozen=True, slots=True)
class _Checked:
    plan: Plan
    station: Station
    library: Library
    laid: tuple[Order, ...]

    @property
    def simulated(self) -> Simulated | None:
        return self.plan.setup.simulated


def run_daemon(plan: Plan, say: Say) -> None:
    """Serve until drained. Raises BadDocuments, RefusalError, LedgerError or StoreError where it cannot begin."""
    checked = _check(plan)
    data, station = plan.setup.data, checked.station
    with ExitStack() as opened:
        ledger = Ledger.open(data, adopting=True)
        opened.callback(_close, ledger)
        keep(data, station.documents)
        tickets = Tickets.open(data)
        opened.callback(tickets.close)
        ways = opened.enter_context(_doorways(station, data))
        asyncio.run(_serve(checked, ledger, tickets, ways, say))


def _close(ledger: Ledger) -> None:
    with suppress(LedgerError):  # what was shown is kept; a record that could not be has made its run an ERROR
        ledger.close()


def _doorways(station: Station, data: Path) -> "AbstractContextManager[tuple[Doorway, ...]]":
    try:
        from station.api.doorways import doorways
        from station.api.serving import served  # noqa: F401 (so that what is missing is said before anything is opened)
    except ImportError as missing:
        raise RefusalError(
            f"{missing.name} is not installed: the daemon needs pip install 'rackproof[daemon]'"
        ) from None
    folder = station.document.file.parent
    return doorways(socket_of(station.daemon, folder, data), station.daemon.tcp, folder)


def _check(plan: Plan) -> _Checked:
    setup = plan.setup
    station, library = load_station(setup.station, simulated=setup.simulated is not None)
    if setup.simulated is None:
        return _Checked(plan, station, library, ())
    from station.serving import lay  # the sim takes room, which a real station has no use for

    return _Checked(plan, station, library, lay(setup.station, plan.products).orders)


async def _serve(checked: _Checked, ledger: Ledger, tickets: Tickets, ways: "tuple[Doorway, ...]", say: Say) -> None:
    from station.api.serving import served

    async with AsyncExitStack() as rooms:
        rooms.callback(_be_deaf)
        service = _service(checked, ledger)
        rooms.callback(service.bench.close)
        line = Line(service, _placing(checked), tickets)
        _obey_signals(line, checked.plan.drain_within, say)
        say(f"{checked.station.name} serves {len(checked.station.slots)} slots")
        await rooms.enter_async_context(served(line, ledger, ways))
        await line.run()


def _service(checked: _Checked, ledger: Ledger) -> Service:
    station, simulated = checked.station, checked.simulated
    if simulated is None:
        served = station.simulated
        said = Simulated(served.seed, tuple(served.faults), served.unit) if served else None
        return Service(station, Bench(seats_of(station)), ledger, real_wall, said)
    from station.simulating import sim_wires, world_of

    world = world_of(station, checked.laid, simulated, asyncio.get_running_loop().time, labelled=False)
    return Service(station, Bench(seats_of(station), sim_wires(station, world)), ledger, real_wall, simulated)


def _placing(checked: _Checked) -> Placing:
    load = partial(load_station, checked.plan.setup.station, simulated=checked.simulated is not None)
    laid = {each.slot.name: each.product.name for each in checked.laid}
    return Placing(checked.station, checked.library, load, laid)


def _be_deaf() -> None:
    """What it is told when it ends already must not cut that short."""
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGHUP):
        loop.remove_signal_handler(each)
        signal.signal(each, signal.SIG_IGN)


def _obey_signals(line: Line, drain_within: float | None, say: Say) -> None:
    """SIGTERM and SIGINT drain, a second one aborts; SIGUSR1 stops every run after its step; SIGHUP reads the configuration again."""
    loop = asyncio.get_running_loop()

    def abort(why: str) -> None:
        say(f"{why}: every run is aborted and made safe")
        line.abort(why)

    def end(each: signal.Signals) -> None:
        if line.mode == "draining":
            abort(f"stopped by {each.name}")
            return
        line.drain()
        if line.floor.busy:
            say(f"{each.name}: draining {len(line.floor.busy)} runs; once more aborts them")
        if drain_within is not None:
            loop.call_later(drain_within, abort, f"not drained within {drain_within:g} s")

    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, end, each)
    loop.add_signal_handler(signal.SIGUSR1, line.stop, "asked to stop after the step")
    reloads = set[asyncio.Task[None]]()

    async def reload() -> None:
        problems = await line.reload()
        say(
            "\n".join(["the configuration stays as it was:", *problems])
            if problems
            else "the configuration was read again"
        )

    def hang_up() -> None:
        reloads.add(task := loop.create_task(reload(), name="reload"))
        task.add_done_callback(reloads.discard)

    loop.add_signal_handler(signal.SIGHUP, hang_up)
