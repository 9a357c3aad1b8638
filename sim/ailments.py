"""Ailments: what is wrong with a plant, or with a bench, at this moment.

Whoever has them puts itself together anew from its drawing and from them whenever one begins or ends. So several on one place
may end in any order, and what has healed leaves nothing behind but what it has done meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


class Ailment(NamedTuple):
    """A fault that is there, and since when, in seconds after the world began."""

    fault: str
    places: tuple[str, ...]
    value: float | None
    since: float

    @property
    def size(self) -> float:
        """Its value; 0 where it has none."""
        return self.value or 0.0


@dataclass(slots=True)
class Ailments:
    """In the order in which they began."""

    _now: list[Ailment] = field(default_factory=list)

    def begin(self, fault: str, places: tuple[str, ...], value: float | None, since: float = 0.0) -> None:
        """One more."""
        self._now.append(Ailment(fault, places, value, since))

    def end(self, fault: str, places: tuple[str, ...], value: float | None) -> None:
        """One less: the oldest of those that are alike. Raises KeyError where there is none."""
        for at, each in enumerate(self._now):
            if each[:3] == (fault, places, value):
                del self._now[at]
                return
        raise KeyError(fault)

    def __iter__(self) -> Iterator[Ailment]:
        return iter(tuple(self._now))
