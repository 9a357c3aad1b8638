"""Deadband: which values are worth telling. One that hardly moved is not, until it has not been told for long."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Final

MOST_NAMES: Final = 1 << 17
"""Names that are known; when there are more, the one that was told longest ago is forgotten."""


@dataclass(frozen=True, slots=True)
class Band:
    """A value is told when it is further from the last one told than `absolute`, or than that share of it; the wider counts."""

    absolute: float = 0.0
    relative: float = 0.0

    def __post_init__(self) -> None:
        if not (isfinite(self.absolute) and isfinite(self.relative) and self.absolute >= 0 and self.relative >= 0):
            raise ValueError(f"a band is 0 or more: {self}")


ANY_CHANGE: Final = Band()


@dataclass(eq=False)
class Deadband:
    """`bands` is by name, `usual` for all others. `heartbeat`: seconds after which a value is told all the same; 0: never.

    No reading is a value of its own: from and to None, NaN and each infinity a change is always told, and staying there is none.
    """

    usual: Band = ANY_CHANGE
    heartbeat: float = 0.0
    bands: Mapping[str, Band] = field(default_factory=dict)
    _told: dict[str, tuple[float | None, float]] = field(default_factory=dict)

    def changed(self, name: str, value: float | None, at: float) -> bool:
        """Whether to tell it, and from now on it is told. `at` is in seconds, of a clock that is never set."""
        known = self._told.get(name)
        if known is not None and not self._worth(name, known, value, at):
            return False
        if known is not None:
            del self._told[name]
        elif len(self._told) >= MOST_NAMES:
            del self._told[next(iter(self._told))]
        self._told[name] = (value, at)
        return True

    def forget(self) -> None:
        """Everything is told anew: who listens may have lost it."""
        self._told.clear()

    def _worth(self, name: str, known: tuple[float | None, float], value: float | None, at: float) -> bool:
        last, when = known
        if self.heartbeat and at - when >= self.heartbeat:
            return True
        if value is None or last is None or not isfinite(value) or not isfinite(last):
            return _kind(value) != _kind(last)
        band = self.bands.get(name, self.usual)
        return abs(value - last) > max(band.absolute, band.relative * abs(last))


def _kind(value: float | None) -> str:
    """All finite values are of one kind, and so are all that are not numbers."""
    return "finite" if value is not None and isfinite(value) else str(value)
