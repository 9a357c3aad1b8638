"""A figure: what was measured, what stood beside it in the same run, and the target that it is held to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Say = Callable[[str], None]
"""Where a benchmark tells how far it is."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A peer, a limit of the machine, or the same done plainly; `value` is in the unit of its figure."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` in `unit`. Without a target (`at_most`) it is only told."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    beside: tuple[Beside, ...] = ()

    @property
    def over(self) -> bool:
        """Whether the target is missed; what is not a number misses it."""
        return self.at_most is not None and not self.value <= self.at_most

    def ratio(self, other: Beside) -> float:
        """How many times the other's value this one is."""
        return self.value / other.value

    def document(self) -> dict[str, Any]:
        """As `--json` writes it."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "at_most": self.at_most,
            "over": self.over,
            "beside": [{"name": other.name, "value": other.value, "ratio": self.ratio(other)} for other in self.beside],
        }
