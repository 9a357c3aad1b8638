"""Judged: one measurement of the record, read with care, and how near to its limits it lies."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Judged:
    """One judged reading. Numbers that are none, or not finite, are None."""

    step: str
    name: str
    point: str
    value: float | None
    unit: str
    uncertainty: float | None
    low: float | None
    high: float | None
    accept_low: float | None
    accept_high: float | None
    verdict: str
    state: str
    rule: str = "u"

    @property
    def title(self) -> str:
        """The measurement and its point: `conduction[W3]`."""
        return f"{self.name}[{self.point}]" if self.point else self.name

    @property
    def good(self) -> bool:
        """Whether it passed."""
        return self.verdict == "PASSED"

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """The tolerance."""
        return self.low, self.high

    @property
    def accepted(self) -> tuple[float | None, float | None]:
        """What of the tolerance is accepted, by the rule."""
        low = self.low if self.accept_low is None else self.accept_low
        return low, self.high if self.accept_high is None else self.accept_high

    @property
    def marginal(self) -> bool:
        """Whether the reading's uncertainty reaches over an end of the tolerance: the truth may lie on either side."""
        if self.value is None or self.uncertainty is None or self.state == "at-least":
            return False
        return any(end is not None and abs(self.value - end) < self.uncertainty for end in self.limits)

    @property
    def strain(self) -> float:
        """How much of what is accepted is used up: 0 is the best, 1 lies on the acceptance limit, no number is infinite."""
        if self.value is None:
            return math.inf
        low, high = self.accepted
        if low is not None and high is not None:
            middle, half = (low + high) / 2, (high - low) / 2
            return abs(self.value - middle) / half if half > 0 else math.inf
        if high is not None:
            return _ratio(self.value, high)
        return _ratio(low, self.value) if low is not None else 0.0


def judged_of(step: str, fields: Mapping[str, Any]) -> Judged:
    """A measurement of the record."""
    return Judged(
        step,
        text(fields.get("name")),
        text(fields.get("point")),
        finite(fields.get("value")),
        text(fields.get("unit")),
        finite(fields.get("uncertainty")),
        finite(fields.get("low")),
        finite(fields.get("high")),
        finite(fields.get("accept_low")),
        finite(fields.get("accept_high")),
        text(fields.get("verdict")),
        text(fields.get("state", "ok")),
        text(fields.get("rule", "u")),
    )


def judged_last(record: Mapping[str, Any]) -> list[Judged]:
    """Every reading of every step's last attempt."""
    last = {text(step.get("name")): step for step in record.get("steps") or ()}
    return [judged_of(name, fields) for name, step in last.items() for fields in step.get("measurements") or ()]


def worst_first(measured: Iterable[Judged]) -> list[Judged]:
    """Those that did not pass, those that may be out of tolerance, then the nearest to their limits; equals stay in order."""
    return sorted(measured, key=lambda each: (each.good, not each.marginal, -each.strain))


def finite(value: object) -> float | None:
    """The value where it is a finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def text(value: object) -> str:
    """The value as text; None is empty."""
    return "" if value is None else str(value)


def _ratio(part: float, whole: float) -> float:
    if whole > 0:
        return max(part / whole, 0.0)
    return 0.0 if part <= whole else math.inf
