"""Limits: what a reading must keep to, and what it may say once its own uncertainty is taken off.

The decision rule is a guard band of w = U (ILAC-G8:09/2019, 4.2.2): a unit is accepted only where the reading lies inside
the tolerance by its whole expanded uncertainty, so the risk of a false accept at the limit is at most 2.5 %.
"""

from dataclasses import dataclass
from math import isfinite

from drivers.reading import Reading, State
from sequences.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Limit:
    """A tolerance in `unit`; an end that is None is open. At least one end is given, both are finite, and low <= high."""

    low: float | None
    high: float | None
    unit: str

    def __post_init__(self) -> None:
        ends = [end for end in (self.low, self.high) if end is not None]
        if not ends:
            raise ValueError("a limit needs at_least, at_most, or both")
        if not all(isfinite(end) for end in ends):
            raise ValueError("a limit is a finite number")
        if len(ends) == 2 and ends[0] > ends[1]:
            raise ValueError(f"at_least {ends[0]:g} is above at_most {ends[1]:g}")

    def acceptance(self, uncertainty: float) -> tuple[float | None, float | None]:
        """The acceptance limits for a reading of that expanded uncertainty: the tolerance drawn in by it on each side."""
        return (
            None if self.low is None else self.low + uncertainty,
            None if self.high is None else self.high - uncertainty,
        )

    def judge(self, reading: Reading) -> tuple[Verdict, str]:
        """The verdict, and why when it is an ERROR. A reading that is not a number, or in another unit, never judges a unit."""
        if not reading.is_number:
            return Verdict.ERROR, f"{reading.by} gave no number ({reading.state})"
        if reading.unit != self.unit:
            return Verdict.ERROR, f"{reading.by} reads {reading.unit}, the limit is in {self.unit}"
        if reading.state is State.AT_LEAST:
            return self._judge_bound(reading.value)
        low, high = self.acceptance(reading.uncertainty)
        if self._is_beyond(reading):
            return Verdict.FAILED, ""
        if low is not None and high is not None and low > high:
            return Verdict.ERROR, f"an uncertainty of {reading.uncertainty:g} {self.unit} leaves nothing to accept"
        inside = (low is None or low <= reading.value) and (high is None or reading.value <= high)
        return (Verdict.PASSED if inside else Verdict.FAILED), ""

    def _is_beyond(self, reading: Reading) -> bool:
        """Whether the truth is outside the tolerance, however wide the uncertainty."""
        return (self.high is not None and reading.value - reading.uncertainty > self.high) or (
            self.low is not None and reading.value + reading.uncertainty < self.low
        )

    def _judge_bound(self, at_least: float) -> tuple[Verdict, str]:
        if self.high is not None and at_least > self.high:
            return Verdict.FAILED, ""
        if self.high is None and self.low is not None and at_least >= self.low:
            return Verdict.PASSED, ""
        return Verdict.ERROR, f"all that is known is 'at least {at_least:g} {self.unit}', which cannot decide"


def at_most(high: float, unit: str) -> Limit:
    """No more than `high`."""
    return Limit(None, high, unit)


def at_least(low: float, unit: str) -> Limit:
    """No less than `low`."""
    return Limit(low, None, unit)


def between(low: float, high: float, unit: str) -> Limit:
    """From `low` to `high`."""
    return Limit(low, high, unit)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A limit that is drawn around each point's nominal value: nominal times (1 -+ `relative`), and `plus` above that.

    `plus` is what honest contacts may add; it belongs to the upper end only.
    """

    relative: float
    plus: float
    unit: str

    def __post_init__(self) -> None:
        if not (isfinite(self.relative) and 0 < self.relative < 1):
            raise ValueError("a tolerance lies between 0 and 1 (0.08 is 8 %)")
        if not (isfinite(self.plus) and self.plus >= 0):
            raise ValueError("plus is a finite number, 0 or more")

    def around(self, nominal: float) -> Limit:
        """The limit for a point of that nominal value."""
        return Limit(nominal * (1 - self.relative), nominal * (1 + self.relative) + self.plus, self.unit)
