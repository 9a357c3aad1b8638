"""What leaks between islands that no copper joins."""

from collections.abc import Collection, Iterable
from typing import NamedTuple


class Film(NamedTuple):
    """A leakage between two nodes that lie side by side."""

    a: int
    b: int
    siemens: float


class Insulation:
    """Leakages, summed up between neighbouring islands."""

    def __init__(self, films: Iterable[Film], island_of: list[int]) -> None:
        self._beside: dict[int, dict[int, float]] = {}
        for a, b, siemens in films:
            one, other = island_of[a], island_of[b]
            if one != other:
                for here, there in ((one, other), (other, one)):
                    beside = self._beside.setdefault(here, {})
                    beside[there] = beside.get(there, 0.0) + siemens

    def between(self, high: Collection[int], low: Collection[int]) -> float:
        """Siemens between two groups of islands; islands in both groups do not count. Costs as much as the smaller."""
        few, many = (high, low) if len(high) <= len(low) else (low, high)
        siemens = 0.0
        for island in few:
            if island not in many:
                for other, leak in self._beside.get(island, {}).items():
                    if other in many and other not in few:
                        siemens += leak
        return siemens
