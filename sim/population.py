"""A population: units made to one drawing, alike and yet each its own. A good one is inside every tolerance.

A parameter of a unit is normal about the middle of its range, whose ends are four standard deviations away (Cp = 4/3: a
capable process); what would be further away is drawn again. A range that spans magnitudes is drawn on its logarithm.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

from sim.noise import normal

MOST = 4.0
"""Standard deviations from the middle of a range to its ends."""

Key: TypeAlias = tuple[object, ...]
Range: TypeAlias = tuple[float, float]
"""The least and the most that a good unit may have."""


@dataclass(frozen=True, slots=True)
class Member:
    """Which unit lies in a slot. Number 0 is the unit as drawn: it varies with seed, slot and label, a little.

    `ranges` are those of its quantities; `QUANTITY PLACE` counts before `QUANTITY`. What has none varies as it usually does.
    """

    number: int = 0
    ranges: Mapping[str, Range] = field(default_factory=dict)

    def key(self, seed: int, *as_drawn: object) -> Key:
        """What names the unit's chance. In another slot, or under another label, a numbered unit is the same unit."""
        return (seed, "unit", self.number) if self.number else (seed, *as_drawn)

    def linear(self, key: Key, quantity: str, usual: float, *at: object) -> float:
        """A parameter of this unit at a place; `usual` where nobody says its range."""
        ends = self._range(quantity, at)
        if ends is None:
            return usual
        low, high = ends
        return (low + high) / 2.0 + (high - low) / 2.0 / MOST * _within(*key, quantity, *at)

    def logarithmic(self, key: Key, quantity: str, usual: float, *at: object) -> float:
        """The same for a range that is to be drawn on its logarithm."""
        ends = self._range(quantity, at)
        if ends is None:
            return usual
        low, high = map(math.log, ends)
        return math.exp((low + high) / 2.0 + (high - low) / 2.0 / MOST * _within(*key, quantity, *at))

    def _range(self, quantity: str, at: Key) -> Range | None:
        if not self.number:
            return None
        return self.ranges.get(" ".join(map(str, (quantity, *at))), self.ranges.get(quantity))


AS_DRAWN = Member()


def _within(*key: object) -> float:
    """The standard normal deviate of a key, the first that lies within MOST."""
    return next(each for attempt in count() if abs(each := normal(*key, attempt)) <= MOST)
