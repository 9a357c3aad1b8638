"""A few lines of bench for tests of the engine: instruments that count, and a job around a sequence."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from drivers.reading import Reading
from drivers.roles import Identity, Instrument
from sequences.limits import Limit, at_most
from sequences.measurement import Point
from sequences.sequence import Group, SafeOrder, Sequence
from station.job import Job
from station.safety import SafePlan
from station.trace import Event, RunStarted
from station.turns import Turns


@dataclass
class FakeMeter:
    """Reads `value`; counts how often it was made safe."""

    name: str = "meter"
    value: float = 1.0
    safe: int = 0
    safe_takes: float = 0.0
    refuses: str = ""
    deaf: bool = False
    log: list[str] = field(default_factory=list)

    async def identify(self) -> Identity:
        """Who it is."""
        return Identity("fake", "meter", "1", "1")

    async def make_safe(self) -> None:
        """Count, take its time, refuse if told to."""
        self.log.append(self.name)
        while self.deaf:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                self.deaf = False
        await asyncio.sleep(self.safe_takes)
        if self.refuses:
            raise RuntimeError(self.refuses)
        self.safe += 1

    async def self_check(self) -> None:
        """It is well."""

    async def read(self) -> Reading:
        """One reading."""
        await asyncio.sleep(0.001)
        return Reading(self.value, "V", 0.0, asyncio.get_running_loop().time(), self.name)


@dataclass
class FakeFixture:
    """A fixture with one meter."""

    SAFE_ORDER: ClassVar[SafeOrder] = (("meter",),)

    meter: FakeMeter

    async def rest(self) -> None:
        """Note that the shared meter was let go."""
        self.meter.log.append("rest")


@dataclass
class Recorder:
    """Keeps what it is told."""

    events: list[Event] = field(default_factory=list)

    def of(self, kind: type) -> list[Any]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]


STARTED = RunStarted("RUN", "", "station", "A", "SN1", "PN", "A", "", "test", "", {}, None, ())


def job(
    test: Sequence,
    recorder: Recorder,
    meters: Mapping[str, FakeMeter],
    limits: Mapping[Point, Limit] | None = None,
    turns: Turns | None = None,
    stages: tuple[tuple[str, ...], ...] | None = None,
    deadlines: Mapping[str, float] | None = None,
    shared: frozenset[str] = frozenset(),
) -> Job:
    """A job of `test` over a fixture whose meter is the first one."""
    instruments: dict[str, Instrument] = dict(meters)
    points = {each.of(where): at_most(2.0, each.unit) for each in test.measurements() for where in each.points(None)}
    plan = SafePlan(stages or (tuple(meters),), deadlines or {})

    async def settled() -> None:
        """Nothing to wait for."""

    return Job(
        STARTED, test, None, FakeFixture(next(iter(meters.values()))), {**points, **(limits or {})},
        {"meter": (next(iter(meters)),)}, instruments, plan, turns or Turns(), shared, recorder.events.append, settled, lambda: "",
    )  # fmt: skip


def sequence(*main: Any, setup: tuple[Any, ...] = (), cleanup: tuple[Any, ...] = ()) -> Sequence:
    """A sequence of the fake fixture."""
    return Sequence("test", "a test", FakeFixture, Group("test", main, setup, cleanup))
