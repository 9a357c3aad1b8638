"""A bench for a test: a station's instruments, opened over their emulators, in virtual time."""

import asyncio
from collections.abc import Callable, Coroutine
from types import MappingProxyType
from typing import Any, TypeVar

from drivers.roles import Identity, Instrument
from sim import clock
from station.bench import Bench as OpenBench
from station.config.problems import nearest, shown
from station.emulators import wires_of
from station.faces.testing.asked import Asked
from station.faces.testing.lines import Lines, require_no_loop
from station.faces.testing.plant import Plant
from station.order import fixture_of
from station.orders import Request
from station.seats import seats_of
from station.service import RefusalError, Simulated
from station.serving import lay
from station.simulating import world_of

T = TypeVar("T")


class NotReadyError(Exception):
    """An instrument did not open, or was not the one that was expected."""


class Bench:
    """The instruments of the product's slot; without a product those of the whole station, a unit that fits on each jig.

    An `async def` test that asks for a bench runs inside its time, with every instrument opened; a plain one says
    `bench.run(function)`, as often as it likes: time goes on from one to the next. Close it.
    """

    def __init__(self, lines: Lines, asked: Asked) -> None:
        """Make the world; nothing is opened yet. Raises RefusalError or BadDocuments."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._runner = asyncio.Runner(loop_factory=clock.factory)
        if asked.product is None:
            laid = lay(asked.station, ())
            station, self._orders, wanted = laid.station, laid.orders, tuple(laid.station.instruments)
        else:
            request = Request(asked.product, asked.serial, asked.slot, asked.sequence)
            prepared = lines.trials(asked.station, request).prepared
            station, self._orders = prepared.station, prepared.orders
            wanted = self._orders[0].instruments
        simulated = Simulated(asked.seed, asked.faults, asked.unit)
        labelled = asked.product is not None
        world = world_of(station, self._orders, simulated, lambda: 0.0, labelled=labelled, also=wanted)
        self.plant = Plant(world.spec, lambda: self.now)
        """The world behind it."""
        seats = {name: seat for name, seat in seats_of(station).items() if name in wanted}
        self._bench = OpenBench(seats, wires_of(seats, self.plant))

    @property
    def now(self) -> float:
        """Simulated seconds since this bench was made."""
        return self._loop.time() if self._loop is not None else 0.0

    @property
    def instruments(self) -> MappingProxyType[str, Instrument]:
        """The drivers by the names of the station file."""
        return MappingProxyType(self._bench.instruments)

    @property
    def identities(self) -> MappingProxyType[str, Identity]:
        """What each said it is."""
        return MappingProxyType(self._bench.identities)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 (each driver has its own methods)
        """The driver of an instrument. Raises RefusalError with the nearest names."""
        if name not in self._bench.seats:
            raise RefusalError(
                f"no instrument {shown(name)} on this bench; allowed: {nearest(name, self._bench.seats)}"
            )
        if name not in self._bench.instruments:
            raise RefusalError(f"{name} is opened inside bench.run(), or in an `async def` test")
        return self._bench.instruments[name]

    @property
    def fixture(self) -> Any:  # noqa: ANN401 (each family has its own)
        """The fixture that steps of the product's sequence would be given: a new one each time."""
        if len(self._orders) != 1:
            raise RefusalError('a fixture is of one product: mark the test with @pytest.mark.product("PN")')
        return fixture_of(self._orders[0], self._bench.instruments)

    @property
    def traffic(self) -> tuple[str, ...]:
        """The last bytes on the wires, as lines of text."""
        return self._bench.recent(self._bench.seats)

    def run(self, function: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Call an async function in virtual time, with every instrument opened; what it returns.

        Raises NotReadyError where an instrument is not ready, clock.Deadlock where everything waits for ever.
        """
        require_no_loop("bench.run()")
        self._loop = self._runner.get_loop()
        return self._runner.run(self._opened(function))

    async def _opened(self, function: Callable[[], Coroutine[Any, Any, T]]) -> T:
        missing = [name for name in self._bench.seats if name not in self._bench.instruments]
        if troubles := await self._bench.open(missing):
            raise NotReadyError("\n".join(trouble.text for trouble in troubles))
        return await function()

    def close(self) -> None:
        """Let go of every instrument, and end the time."""
        try:
            self._runner.run(self._let_go())
        finally:
            self._runner.close()

    async def _let_go(self) -> None:
        self._bench.close()
