"""Opening a station: from names of files to a service at work, on real instruments or on simulated ones."""

import asyncio
import signal
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from drivers.links.address import parse
from station.bench import Bench
from station.catalog import families, models
from station.code import load_code
from station.config.library import Library
from station.config.shelf import UnknownName
from station.config.station_file import Station
from station.keeping import keep
from station.ledger.errors import LedgerError
from station.ledger.ledger import Ledger
from station.order import Order
from station.orders import Request, take_orders
from station.owning import InUseError, Owning, Who
from station.seats import seats_of
from station.service import Listener, RefusalError, Service, Simulated
from station.trace import Event
from station.walls import real_wall, simulated_wall

SHIPPED_LINE = "simulated-line"


@dataclass(frozen=True, slots=True)
class Setup:
    """Which station, where its data goes, and whether it is a simulation, in which time."""

    station: str | None
    data: Path
    simulated: Simulated | None = None
    real_time: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything checked, nothing opened."""

    setup: Setup
    station: Station
    library: Library
    orders: tuple[Order, ...]

    @property
    def virtual(self) -> bool:
        """Whether time is simulated too."""
        return self.setup.simulated is not None and not self.setup.real_time

    def simulating(self, simulated: Simulated) -> "Prepared":
        """The same orders in another simulated world."""
        return replace(self, setup=replace(self.setup, simulated=simulated))


def prepare(setup: Setup, requests: Iterable[Request]) -> Prepared:
    """Look everything up. Raises BadDocuments, or RefusalError with what is allowed."""
    station, library = load_station(setup.station, simulated=setup.simulated is not None)
    orders = tuple(take_orders(station, library, requests))
    if setup.simulated is not None:
        from station.simulating import world_of  # the sim takes room, which a real station has no use for

        world_of(station, orders, setup.simulated, clock=lambda: 0.0)
    return Prepared(setup, station, library, orders)


def load_station(name: str | None, *, simulated: bool) -> tuple[Station, Library]:
    """The station file and the library that it opens. Raises BadDocuments, or RefusalError for no such station."""
    if name is None and not simulated:
        raise RefusalError("which station? Name its file with --station, or say --sim for the shipped simulated line")
    library = usual_library()
    try:
        station = library.station(name or SHIPPED_LINE)
    except UnknownName as unknown:
        raise RefusalError(str(unknown)) from None
    if not simulated:
        require_real(station)
        return station, library.beside(station.document)
    from station.simulating import simulated_station

    return simulated_station(station), library.beside(station.document)


def require_real(station: Station) -> None:
    """Raises RefusalError for a station at which nothing is real."""
    if all(each.link.startswith("sim:") for each in station.instruments.values()):
        raise RefusalError(f"nothing is real at {station.name}: all its links are sim:. Say --sim")


def usual_library() -> Library:
    """What is found without a station file: the folders of $STATION_FIXTURES, and what is shipped."""
    try:
        return Library.usual(families(), models(), check_link, load_code)
    except ValueError as taken:  # others' entry points
        raise RefusalError(str(taken)) from None


def library_of(station: str | None) -> Library:
    """What is found from a station's file, which may itself have problems; without one, what is found anyway."""
    library = usual_library()
    if station is None:
        return library
    try:
        return library.beside(library.station_document(station))
    except UnknownName as unknown:
        raise RefusalError(str(unknown)) from None


def check_link(text: str) -> object:
    """The address that a link is. Raises ValueError for what is none."""
    return parse(text)


def run_orders(prepared: Prepared, listeners: Sequence[Listener]) -> list[dict[str, Any]]:
    """Run every order at once, each in its slot; the records, in the orders' order. Raises LedgerError."""
    ledger = Ledger.open(prepared.setup.data)
    for documents in (prepared.station.documents, *(order.documents for order in prepared.orders)):
        keep(prepared.setup.data, documents)
    try:
        if prepared.virtual:
            return run_virtually(prepared, ledger, listeners)
        from station.log import run_log  # structlog takes its time to load, and a jump through time needs no log

        with owning(prepared), run_log(prepared.setup.data) as new_log:
            logged = [_both(listener, new_log()) for listener in listeners]
            return asyncio.run(_run_all(prepared, ledger, logged, handle_signals=True))
    finally:
        with suppress(LedgerError):  # what was shown is kept; a record that could not be has made its run an ERROR
            ledger.close()


def owning(prepared: Prepared) -> Owning:
    """Own the instruments of the orders' slots. Raises RefusalError that names who has them."""
    names = dict.fromkeys(name for order in prepared.orders for name in order.instruments)
    return own(prepared.station, names, "station run", prepared.setup.data)


def own(station: Station, names: Iterable[str], command: str, data: Path | str) -> Owning:
    """Own some instruments of a station. Raises RefusalError that names who has them."""
    owning = Owning(Who(command, station.name, str(data)))
    try:
        owning.take((name, station.instruments[name].link) for name in names)
    except InUseError as other:
        raise RefusalError(str(other)) from None
    return owning


def run_virtually(prepared: Prepared, ledger: Ledger, listeners: Sequence[Listener]) -> list[dict[str, Any]]:
    """The same in virtual time, into a ledger that stays open. Raises LedgerError, RefusalError for an impossible fault."""
    from sim import clock

    return clock.run(_run_all(prepared, ledger, listeners, handle_signals=False))


def _both(one: Listener, other: Listener) -> Listener:
    def tell(event: Event) -> None:
        one(event)
        other(event)

    return tell


async def _run_all(
    prepared: Prepared, ledger: Ledger, listeners: Sequence[Listener], *, handle_signals: bool
) -> list[dict[str, Any]]:
    service = service_of(prepared, ledger)
    loop = asyncio.get_running_loop()
    if handle_signals:
        for each in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):
                loop.add_signal_handler(each, service.abort, f"stopped by {each.name}")
        loop.add_signal_handler(signal.SIGUSR1, service.stop, "asked to stop after the step")
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(service.run(order, listener), name=f"slot {order.slot.name}")
                for order, listener in zip(prepared.orders, listeners, strict=True)
            ]
        return [task.result() for task in tasks]
    except ExceptionGroup as several:
        raise several.exceptions[0] from None
    finally:
        service.bench.close()


def service_of(prepared: Prepared, ledger: Ledger) -> Service:
    """The service of a prepared station; call it inside the running loop."""
    simulated, station = prepared.setup.simulated, prepared.station
    seats = seats_of(station)
    if simulated is None:
        served = station.simulated
        said = Simulated(served.seed, tuple(served.faults), served.unit) if served else None
        return Service(station, Bench(seats), ledger, real_wall, said)
    from station.simulating import sim_wires, world_of

    world = world_of(station, prepared.orders, simulated, asyncio.get_running_loop().time)
    wall = real_wall if prepared.setup.real_time else simulated_wall
    bench = Bench(seats, sim_wires(station, world))
    return Service(station, bench, ledger, wall, simulated, prepared.orders)
