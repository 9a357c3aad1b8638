"""A job: everything that one run needs, put together before anything is energised."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from drivers.roles import Instrument
from sequences.limits import Limit
from sequences.measurement import Point
from sequences.sequence import Sequence
from station.resuming import Credit
from station.safety import SafePlan
from station.trace import Event, RunStarted
from station.turns import Turns


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """Everything that one run needs.

    `roles` names the instruments behind each role of the fixture. `tell` records an event before anybody hears of it;
    `settled` returns when all that was told is on the disk. `shared` are the
    instruments that other slots use too. `wall` is the wall clock in ISO 8601.
    """

    started: RunStarted
    test: Sequence
    structure: Any
    fixture: Any
    limits: Mapping[Point, Limit]
    roles: Mapping[str, tuple[str, ...]]
    instruments: Mapping[str, Instrument]
    plan: SafePlan
    turns: Turns
    shared: frozenset[str]
    tell: Callable[[Event], None]
    settled: Callable[[], Awaitable[None]]
    wall: Callable[[], str]
    recent: Callable[[Iterable[str]], tuple[str, ...]] = lambda _: ()
    credit: Credit | None = None
    """What counts of the run from before it was interrupted; None for one that begins."""
    why: str = ""
    """Why it had been interrupted."""
    expect: Callable[[float], None] = lambda _: None
    """Is told by when, in the loop's time, the run will be heard of next; `math.inf` where nobody knows."""
