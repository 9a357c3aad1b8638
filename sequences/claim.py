"""Claims: what a sequence says that it catches, so that a proof can hold it to that."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Precision = Literal["exact", "near", "anywhere"]
"""How well a fault is located.

`exact`: a finding has the fault's own name and place. `near`: one has its name or one of its places; where faults are equal to
every meter, no finding can be better. `anywhere`: nothing is claimed.
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """That faults of a kind are caught, wherever they sit.

    A kind with a value is claimed from `at_least` on, up to `at_most`, or, where `at_least` lies above `at_most`, outside of
    both: a gain of 0.97 or less and of 1.03 or more. `share` is the least part of such faults that is caught: below 1 for
    what comes and goes, or may come when it does no harm any more. A fault of the unit is caught by FAILED; one of the station by anything that judges no unit.
    """

    fault: str
    at_least: float | None = None
    at_most: float | None = None
    located: Precision = "exact"
    share: float = 1.0

    def covers(self, value: float | None) -> bool:
        """Whether a fault of that value is claimed."""
        if value is None:
            return True
        ends = (self.at_least is None or value >= self.at_least, self.at_most is None or value <= self.at_most)
        return any(ends) if self._outside else all(ends)

    @property
    def _outside(self) -> bool:
        return self.at_least is not None and self.at_most is not None and self.at_least > self.at_most

    def __str__(self) -> str:
        low = f"{self.at_least:g} or more" if self.at_least is not None else ""
        high = f"{self.at_most:g} or less" if self.at_most is not None else ""
        values = (" or " if self._outside else " and ").join(filter(None, (high, low)))
        return f"{self.fault}, {values}" if values else self.fault


def claims(*names: str, located: Precision = "exact") -> tuple[Claim, ...]:
    """Kinds of faults that are caught whatever their value."""
    return tuple(Claim(name, located=located) for name in names)


def claim_for(claimed: Sequence[Claim], fault: str) -> Claim | None:
    """The claim of a kind of fault, if there is one."""
    return next((each for each in claimed if each.fault == fault), None)


LINKS = (
    *claims(
        "silent", "late", "short-reply", "garbled", "stale", "link-closed", "wrong-instrument", "foreign", "swapped", "failing", "busy",
        located="anywhere",
    ),
    # A connection is asked for to the end; what is switched off and on may not be needed any more.
    Claim("half-open", located="anywhere", share=0.85),
    Claim("reset", located="anywhere", share=0.6),
)  # fmt: skip
"""What a station catches before and besides every sequence: instruments that do not answer as they should, or are others."""
PULLED_OUT = Claim("removed", located="anywhere", share=0.85)
"""A unit that is pulled out is no bad unit; after the last measurement it has been tested."""
