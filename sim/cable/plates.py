"""The capacitance between groups of strands.

A strand against all others has its full farads per metre. Against one other strand it has only a part of it: more when
the two are twisted together, less when they merely lie in the same cable. In between it grows evenly with the number of
strands on the other side.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

TWISTED = 50.0 / 90.0
"""The part of its full capacitance that a strand has against its twin alone."""
STRANGER = 12.0 / 90.0
"""The part that it has against any other single strand."""


class Piece(NamedTuple):
    """A part of a strand that hangs together: `share` of its length, reached at `node`."""

    strand: int
    share: float
    node: int


@dataclass(frozen=True, slots=True)
class _Side:
    """Shares of the strands that belong to one side, and with how many strands each one's own island is shared."""

    shares: dict[int, float]
    kin: dict[int, int]


class Plates:
    """The strands of one unit that have a length.

    `farads` is the full capacitance of each, `twins` the strand it is twisted with.
    """

    def __init__(
        self, farads: dict[int, float], twins: dict[int, int], pieces: Iterable[Piece], island_of: list[int]
    ) -> None:
        self._farads = farads
        self._twins = twins
        self._on: dict[int, dict[int, float]] = {}
        for strand, share, node in pieces:
            held = self._on.setdefault(island_of[node], {})
            held[strand] = held.get(strand, 0.0) + share

    def between(self, high: Collection[int], low: Collection[int]) -> float:
        """Farads between two groups of islands that share none; the same either way round."""
        left, right = self._side(high), self._side(low)
        if len(left.shares) < len(right.shares):
            return self._towards(left, right)
        if len(left.shares) > len(right.shares):
            return self._towards(right, left)
        return min(self._towards(left, right), self._towards(right, left))

    def _side(self, islands: Collection[int]) -> _Side:
        shares: dict[int, float] = {}
        kin: dict[int, int] = {}
        for island in islands:
            held = self._on.get(island, {})
            for strand, share in held.items():
                shares[strand] = shares.get(strand, 0.0) + share
                kin[strand] = len(held)
        return _Side(shares, kin)

    def _towards(self, few: _Side, many: _Side) -> float:
        total = sum(many.shares.values())
        farads = 0.0
        for strand, share in few.shares.items():
            others = total - many.shares.get(strand, 0.0)
            farads += self._farads[strand] * share * self._part(strand, share, others, few.kin[strand], many)
        return farads

    def _part(self, strand: int, share: float, others: float, kin: int, many: _Side) -> float:
        """The part of its full capacitance that one strand has against `others` strands, of which its twin may be one."""
        rest = len(self._farads) - kin - 1  # strangers, or the twin and strangers, less the one that counts alone
        twin = self._twins.get(strand)
        if twin in many.shares:
            alone, full = TWISTED * min(1.0, many.shares[twin] / share), 1.0
        elif twin is None:
            alone, full = STRANGER * min(1.0, others), 1.0
        else:
            alone, full, rest = STRANGER * min(1.0, others), 1.0 - TWISTED, rest - 1
        crowd = min(1.0, max(0.0, others - 1.0) / rest) if rest > 0 else 0.0
        return alone + (full - alone) * crowd
