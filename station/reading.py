"""Reading an instrument live, outside a run: who it is, and of a map of registers what each of them holds."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from drivers.errors import InstrumentError, WrongInstrument
from drivers.maps.map import Register
from drivers.roles import Identity, RegisterBank, Value
from sim import clock
from station.bench import Bench, Seat
from station.config.library import Library
from station.config.problems import nearest, shown
from station.config.station_file import Station
from station.opening import load_station, own
from station.order import Order
from station.seats import seats_of
from station.service import RefusalError, Simulated
from station.serving import lay
from station.simulating import sim_wires, world_of


class ReadingError(Exception):
    """The instrument could not be read. `refused`: a wrong or an unfit one, not one that broke on the way."""

    def __init__(self, text: str, *, refused: bool = False) -> None:
        super().__init__(text)
        self.refused = refused


class Row(NamedTuple):
    """One register and what it holds."""

    register: Register
    value: Value


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What an instrument said `at` seconds after it was opened; no rows where it has no registers."""

    seat: Seat
    identity: Identity
    at: float
    rows: tuple[Row, ...]


Tell = Callable[[Snapshot], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which registers of which instrument, all where none are named; how often, and every how many seconds."""

    station: str | None
    instrument: str
    names: Sequence[str] = ()
    count: int | None = 1
    """None: without end."""
    every: float = 1.0


def read(wanted: Wanted, tell: Tell, simulated: Simulated | None, *, real_time: bool = False) -> None:
    """Open the instrument and tell what it says, again and again where that is wanted.

    Raises RefusalError or BadDocuments before anything is opened, ReadingError after.
    """
    station, library = load_station(wanted.station, simulated=simulated is not None)
    registers = _required(station, library, wanted)
    if simulated is None:
        with own(station, [wanted.instrument], "station read", ""):
            asyncio.run(_read(wanted, registers, tell, lambda: Bench(seats_of(station))))
        return

    orders = _orders(wanted.station)

    def bench() -> Bench:
        world = world_of(station, orders, simulated, asyncio.get_running_loop().time, also=(wanted.instrument,))
        return Bench(seats_of(station), sim_wires(station, world))

    run = asyncio.run if real_time else clock.run
    run(_read(wanted, registers, tell, bench))


def registers_of(station: Station, library: Library, instrument: str) -> Mapping[str, Register]:
    """The registers of an instrument by name; none where it is no map of registers."""
    model = station.models[station.instruments[instrument].model]
    return library.map_of_registers(model.name).map.registers if model.file else {}


def _required(station: Station, library: Library, wanted: Wanted) -> Mapping[str, Register]:
    """The registers to read. Raises RefusalError with the nearest names."""
    if wanted.instrument not in station.instruments:
        there = nearest(wanted.instrument, station.instruments)
        raise RefusalError(f"{station.name} has no instrument {shown(wanted.instrument)}; allowed: {there}")
    known = registers_of(station, library, wanted.instrument)
    if unknown := [name for name in wanted.names if name not in known]:
        whose = f"{wanted.instrument} ({station.instruments[wanted.instrument].model})"
        if not known:
            raise RefusalError(f"{whose} is no map of registers: it is read without names")
        said = "; ".join(f"has no register {shown(each)}; allowed: {nearest(each, known)}" for each in unknown)
        raise RefusalError(f"{whose} {said}")
    return {name: known[name] for name in wanted.names or known}


def _orders(name: str | None) -> Sequence[Order]:
    """Units on the jigs of the simulated station, where any fit."""
    try:
        return lay(name, ()).orders
    except RefusalError:
        return ()


async def _read(wanted: Wanted, registers: Mapping[str, Register], tell: Tell, make: Callable[[], Bench]) -> None:
    bench, loop = make(), asyncio.get_running_loop()
    try:
        for trouble in await bench.open([wanted.instrument]):
            raise ReadingError(trouble.text, refused=trouble.refused)
        instrument = bench.instruments[wanted.instrument]
        begun, told = loop.time(), 0
        while True:
            at = loop.time() - begun
            rows: tuple[Row, ...] = ()
            if isinstance(instrument, RegisterBank):
                values = await instrument.values(list(registers))
                rows = tuple(Row(registers[name], value) for name, value in values.items())
            tell(Snapshot(bench.seats[wanted.instrument], bench.identities[wanted.instrument], at, rows))
            told += 1
            if told == wanted.count:
                return
            await asyncio.sleep(max(0.0, begun + told * wanted.every - loop.time()))
    except InstrumentError as error:
        raise ReadingError(str(error), refused=isinstance(error, WrongInstrument)) from error
    finally:
        bench.close()
