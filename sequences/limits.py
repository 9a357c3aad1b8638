"""Limits: what a reading must keep to, and what it may say once its own uncertainty is taken off.

Each limit has a decision rule (sequences/rules.py): a unit is accepted only where the reading lies inside the tolerance by
the rule's guard band. Without another one w = U holds, so the risk of a false accept at the limit is at most 2.5 %.
"""

from dataclasses import dataclass
from math import isfinite

from drivers.reading import Reading, State
from sequences.rules import Ends, Rule, acceptance
from sequences.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Limit:
    """A tolerance in `unit`, and the rule by which readings are held against it.

    An end that is None is open. At least one end is given, both are finite, and low <= high.
    """

    low: float | None
    high: float | None
    unit: str
    rule: Rule = Rule.U

    def __post_init__(self) -> None:
        ends = [end for end in (self.low, self.high) if end is not None]
        if not ends:
            raise ValueError("a limit needs at_least, at_most, or both")
        if not all(isfinite(end) for end in ends):
            raise ValueError("a limit is a finite number")
        if len(ends) == 2 and ends[0] > ends[1]:
            raise ValueError(f"at_least {ends[0]:g} is above at_most {ends[1]:g}")

    def acceptance(self, uncertainty: float) -> Ends:
        """The acceptance limits for a reading of that expanded uncertainty, by the limit's rule.

        Raises ValueError for an uncertainty that is not a finite number, 0 or more.
        """
        return acceptance(self.rule, self.low, self.high, uncertainty)

    def judge(self, reading: Reading) -> tuple[Verdict, str]:
        """The verdict, and why when it is an ERROR. A reading that is not a number, or in another unit, never judges a unit.

        What is not accepted is FAILED: the rule was agreed. Only where the uncertainty leaves nothing to accept, so that no
        unit could have passed, is a unit bad no sooner than the whole uncertainty lies outside the tolerance; else the
        instrument is what does not suffice, and the answer is ERROR.
        """
        if not reading.is_number:
            return Verdict.ERROR, f"{reading.by} gave no number ({reading.state})"
        if reading.unit != self.unit:
            return Verdict.ERROR, f"{reading.by} reads {reading.unit}, the limit is in {self.unit}"
        if reading.state is State.AT_LEAST:
            return self._judge_bound(reading.value)
        low, high = self.acceptance(reading.uncertainty)
        if (low is None or low <= reading.value) and (high is None or reading.value <= high):
            return Verdict.PASSED, ""
        if self._accepts_nothing(low, high) and not self._is_beyond(reading):
            return Verdict.ERROR, f"an uncertainty of {reading.uncertainty:g} {self.unit} leaves nothing to accept"
        return Verdict.FAILED, ""

    def _accepts_nothing(self, low: float | None, high: float | None) -> bool:
        """Whether acceptance limits have met. One that only says 'at most' is as wide as from zero to there."""
        if high is None:
            return False
        return low > high if low is not None else self.high is not None and high < 0.0 <= self.high

    def _is_beyond(self, reading: Reading) -> bool:
        """Whether the truth is outside the tolerance, however wide the uncertainty."""
        return (self.high is not None and reading.value - reading.uncertainty > self.high) or (
            self.low is not None and reading.value + reading.uncertainty < self.low
        )

    def _judge_bound(self, at_least: float) -> tuple[Verdict, str]:
        """A bound has its whole uncertainty off already, so that every rule holds the tolerance itself against it."""
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
    rule: Rule = Rule.U

    def __post_init__(self) -> None:
        if not (isfinite(self.relative) and 0 < self.relative < 1):
            raise ValueError("a tolerance lies between 0 and 1 (0.08 is 8 %)")
        if not (isfinite(self.plus) and self.plus >= 0):
            raise ValueError("plus is a finite number, 0 or more")

    def around(self, nominal: float) -> Limit:
        """The limit for a point of that nominal value."""
        return Limit(nominal * (1 - self.relative), nominal * (1 + self.relative) + self.plus, self.unit, self.rule)
