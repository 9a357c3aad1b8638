"""A slot to measure with: a meter that answers at once, and a job whose events go into a real ledger."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from drivers.reading import Reading
from drivers.roles import Identity, Instrument
from sequences.limits import at_most
from sequences.measurement import Measurement
from sequences.sequence import Group, SafeOrder, Sequence
from sequences.step import Step
from station.job import Job
from station.ledger.ledger import Ledger
from station.runid import run_id
from station.safety import SafePlan
from station.trace import Event, RunStarted
from station.turns import Turns
from station.walls import iso, real_wall

Keep = Callable[[], Awaitable[None]]
"""Waits until all that was told is kept, as well as the benchmark asks."""
VOLTS = Measurement("volts", "V", "a voltage")
METER = "meter"


@dataclass
class Meter:
    """Reads one volt, without waiting."""

    async def identify(self) -> Identity:
        """Who it is."""
        return Identity("", METER, "", "")

    async def make_safe(self) -> None:
        """It has no output."""

    async def self_check(self) -> None:
        """It is well."""

    async def read(self) -> Reading:
        """One reading."""
        return Reading(1.0, "V", 0.001, asyncio.get_running_loop().time(), METER)


async def nothing() -> None:
    """Keep nothing."""


@dataclass
class Place:
    """The fixture: a meter, and how a step that is through waits for its events to be kept."""

    SAFE_ORDER: ClassVar[SafeOrder] = ((METER,),)

    meter: Meter = field(default_factory=Meter)
    keep: Keep = nothing

    async def rest(self) -> None:
        """It shares nothing."""


def sequence(*steps: Step) -> Sequence:
    """A sequence of these steps and no more."""
    return Sequence("benchmark", "a benchmark", Place, Group("benchmark", steps))


@contextmanager
def new_ledger() -> Iterator[Ledger]:
    """A real ledger in a temporary folder (of $TMPDIR, where it is set)."""
    with TemporaryDirectory(prefix="rackproof-bench-") as folder, Ledger.open(Path(folder)) as ledger:
        yield ledger


async def new_job(
    ledger: Ledger,
    test: Sequence,
    keep: Keep = nothing,
    outputs: Mapping[str, Instrument] | None = None,
    plan: SafePlan | None = None,
    listener: Callable[[Event], None] = lambda _: None,
) -> Job:
    """A job of `test` that is kept in `ledger`. `outputs` are made safe as `plan` says, beside the meter."""
    run = await ledger.begin(lambda _: run_id(datetime.now(UTC), "bench", os.urandom(16)))
    place = Place(keep=keep)
    steps = tuple(step.name for step in test.every_step())
    started = RunStarted(run, iso(real_wall()), "bench", "A", "SN1", "PN", "A", "", test.name, "", {}, None, steps)

    def tell(event: Event) -> None:
        ledger.append(run, event)
        listener(event)

    return Job(
        started=started,
        test=test,
        structure=None,
        fixture=place,
        limits={VOLTS.whole: at_most(2.0, "V")},
        roles={METER: (METER,)},
        instruments={METER: place.meter, **(outputs or {})},
        plan=plan or SafePlan(((METER,),), {}),
        turns=Turns(),
        shared=frozenset(),
        tell=tell,
        settled=lambda: ledger.sync(run),
        wall=lambda: iso(real_wall()),
    )
