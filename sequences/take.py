"""Take: what a step hands its readings to. It judges them at once, and records them before the step goes on."""

from typing import Protocol

from drivers.reading import Reading
from sequences.finding import Finding
from sequences.limits import Limit
from sequences.measurement import Point
from sequences.verdict import Verdict


class Take(Protocol):
    """The step's pen. Only what was declared can be taken; a reading from before the step began is refused as stale."""

    @property
    def earned(self) -> float:
        """Seconds of this step's soak that count from before the run was interrupted, and need not be soaked again; 0.0 where it
        was not. A step that declares `earns` is resumed; `soak` sees to it, and any other way to wait must.
        """
        ...

    def __call__(self, point: Point, reading: Reading) -> Verdict:
        """Judge and record `reading` as the measurement of `point`. Each point is taken once in an attempt."""
        ...

    def limit(self, point: Point) -> Limit:
        """The limit that holds for `point` of this unit."""
        ...

    def sample(self, point: Point, reading: Reading) -> Verdict:
        """One of many samples of `point`: judged at once, kept in the point's waveform.

        When the step ends the point is taken with its worst sample.
        """
        ...

    def observe(self, name: str, reading: Reading) -> None:
        """Keep a reading as evidence. It is never judged."""
        ...

    def found(self, finding: Finding) -> None:
        """Say where and why the unit is bad."""
        ...

    def soaked(self, seconds: float) -> None:
        """So many seconds of this step's soak are behind it, as `soak` says: they are recorded, with the samples of them."""
        ...

    def recall(self, name: str) -> tuple[Reading, ...]:
        """What was last observed as `name` in each part of this step that was interrupted before, in order."""
        ...

    async def until(self, when: float) -> None:
        """Sleep until the loop's time `when`, letting other slots have the shared instruments meanwhile."""
        ...
