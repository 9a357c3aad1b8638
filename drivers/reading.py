"""A reading: what one instrument said, how sure it is, and when."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self


class State(StrEnum):
    """What kind of statement a reading makes."""

    OK = "ok"
    """`value` lies within `uncertainty` of the truth."""
    AT_LEAST = "at-least"
    """The truth is `value` or more; `value` has been lowered by the uncertainty already."""
    OVER_RANGE = "over-range"
    """The instrument says that its range is too small. It has not measured."""
    NO_READING = "no-reading"
    """The instrument says that it could not measure."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A value in `unit`, its expanded uncertainty (k = 2, same unit), the loop's time at which it came, and who said it.

    `value` is NaN unless the state is OK or AT_LEAST.
    """

    value: float
    unit: str
    uncertainty: float
    at: float
    by: str
    state: State = State.OK

    @property
    def is_number(self) -> bool:
        """Whether there is a finite value to judge, and an uncertainty that can be one: finite, and not below 0."""
        return (
            (self.state is State.OK or self.state is State.AT_LEAST)
            and math.isfinite(self.value)
            and 0.0 <= self.uncertainty < math.inf
        )

    def scaled(self, factor: float, *, uncertainty: float = 0.0) -> Self:
        """The same reading times `factor`; a relative expanded uncertainty of the factor adds in quadrature."""
        value = self.value * factor
        spread = math.hypot(self.uncertainty * factor, value * uncertainty) if self.is_number else self.uncertainty
        return replace(self, value=value, uncertainty=abs(spread))
