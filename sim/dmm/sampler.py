"""The measurements of a bench multimeter: what a trigger begins, how long it takes, what is in memory then."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sim.dmm.functions import BANDS, FUNCTIONS, Function, Range
from sim.leads import Leads
from sim.metering import Metering
from sim.parameters import ScpiError

OVERLOAD = 9.9e37
_MEMORY = 10_000  # readings; then the oldest are lost
_HERTZ = 50.0
MEASURING, WAITING = 16, 32
"""Bits of the operation register."""


@dataclass(slots=True)
class Setup:
    """How one function is measured. A range of 0 is chosen by the meter."""

    full: float = 0.0
    cycles: float = 10.0
    zero: bool = True
    band: float = 20.0


class Sampler:
    """The meter behind the commands. It refuses with a ScpiError."""

    def __init__(self, device: str, leads: Leads) -> None:
        self.device = device
        self.leads = leads
        self._meters = {name: Metering.of(device, leads, each.quantity) for name, each in FUNCTIONS.items()}
        self._task: asyncio.Task[Any] | None = None
        self.reset()

    def reset(self) -> None:
        """Direct volts, every range automatic, one reading at an immediate trigger, nothing in memory."""
        self.stop()
        self.setups = {name: Setup() for name in FUNCTIONS}
        self.name = "VOLT"
        self.source = "IMM"
        self.triggers = self.samples = 1
        self.delay: float | None = None
        self.memory: list[float] = []
        self.overloads = 0
        self._waiting = False
        self._left = 0
        self._last: Range | None = None

    def stop(self) -> None:
        """Measure no more; what is in memory stays."""
        if self._task is not None:
            self._task.cancel()
        self._task = None
        self._waiting = False

    def forget(self) -> None:
        """A setting has changed: stop, and empty the memory."""
        self.stop()
        self.memory = []

    @property
    def function(self) -> Function:
        """What is measured."""
        return FUNCTIONS[self.name]

    @property
    def setup(self) -> Setup:
        """How."""
        return self.setups[self.name]

    @property
    def state(self) -> int:
        """The condition of the operation register."""
        return MEASURING * self.measuring + WAITING * self._waiting

    @property
    def measuring(self) -> bool:
        """Whether it is busy."""
        return self._task is not None and not self._task.done()

    @property
    def seconds(self) -> float:
        """How long one reading takes in a range that is known."""
        setup = self.setup
        if self.name == "VOLT:AC":
            return BANDS[setup.band] + (self.delay or 0.0)
        return setup.cycles / _HERTZ * (2 if setup.zero else 1) + (self.delay or 0.0)

    def start(self) -> None:
        """Empty the memory, and measure, or wait for the trigger."""
        self._begin()
        if self.source == "IMM":
            self._run(self.triggers)
        else:
            self._waiting = True

    def _begin(self) -> None:
        if self.measuring or self._waiting:
            raise ScpiError(-213, "INIT ignored")
        self.memory, self._left = [], self.triggers

    def trigger(self) -> None:
        """A trigger of the bus."""
        if not self._waiting or self.source != "BUS":
            raise ScpiError(-211, "Trigger ignored")
        self._run(1)

    def _run(self, triggers: int) -> None:
        loop = asyncio.get_running_loop()
        self._waiting = False
        self._left -= triggers
        self._task = loop.create_task(self._measure(triggers * self.samples), name=f"{self.device} measures")
        self._task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (problem := task.exception()) is not None:
            raise problem  # the loop reports it: a bug of the emulator is no silence
        self._waiting = task is self._task and not task.cancelled() and self._left > 0

    async def _measure(self, readings: int) -> None:
        for _ in range(readings):
            await asyncio.sleep(self.seconds)
            if self._changes_range():
                await asyncio.sleep(self.seconds)
            self.memory.append(self._value())
            del self.memory[:-_MEMORY]

    def _truth(self) -> float:
        truth = self.leads.sense(self.device, self.function.quantity)
        return truth + self.function.extra if math.isfinite(truth) else truth

    def _changes_range(self) -> bool:
        """Whether the automatic range has to be another: then a reading takes as long again."""
        if self.setup.full:
            self._last = self.function.range_for(self.setup.full)
            return False
        before, self._last = self._last, self.function.range_of(self._truth())
        return self._last is not before

    def _value(self) -> float:
        scale = self._last or self.function.ranges[-1]
        truth = self._truth()
        value = self._meters[self.name].show(truth, scale.full, scale.accuracy) if math.isfinite(truth) else math.inf
        if abs(value) > scale.most:
            self.overloads |= self.function.overload
            return OVERLOAD if value > 0 else -OVERLOAD
        return value

    async def finish(self) -> None:
        """Wait until everything that was begun is measured."""
        if self.measuring:
            over = asyncio.Event()
            self.when_done(over.set)
            await over.wait()

    async def fetch(self) -> str:
        """Every reading, when they are there."""
        if self._waiting:
            raise ScpiError(-214, "Trigger deadlock")
        await self.finish()
        if not self.memory:
            raise ScpiError(-230, "Data stale")
        return spell(self.memory)

    async def read(self) -> str:
        """Measure, and say every reading. It is done in the task of who asks: until the answer has come nobody else is heard."""
        if self.source != "IMM":
            raise ScpiError(-214, "Trigger deadlock")
        self._begin()
        self._left = 0
        self._task = asyncio.current_task()
        try:
            await self._measure(self.triggers * self.samples)
        finally:
            self._task = None
        return spell(self.memory)

    def remove(self, count: int) -> str:
        """Take the oldest readings out of memory."""
        if count > len(self.memory):
            raise ScpiError(-222, "Data out of range")
        taken, self.memory = self.memory[:count], self.memory[count:]
        return spell(taken)

    def when_done(self, tell: Callable[[], object]) -> None:
        """Call once everything that was begun is measured."""
        if self._task is None or self._task.done():
            tell()
        else:
            self._task.add_done_callback(lambda _: tell())


def spell(readings: list[float]) -> str:
    """Readings as the meter says them."""
    return ",".join(f"{each:+.8E}" for each in readings)
