"""What a product's limits leave a good unit, measurement by measurement, whichever of its sequences is run."""

import math
from collections.abc import Mapping
from functools import cached_property

from sequences.limits import Limit
from sim.population import Range
from station.config.limits import resolve_limits
from station.config.product import Product


class Tolerances:
    """The limits of a product at all points of all sequences of its family."""

    def __init__(self, product: Product) -> None:
        self._product = product

    @cached_property
    def _limits(self) -> Mapping[str, Mapping[str, Limit]]:
        found: dict[str, dict[str, Limit]] = {}
        for sequence in self._product.family.sequences:
            limits, _ = resolve_limits(sequence, self._product.structure, self._product.limits)
            for point, limit in limits.items():
                found.setdefault(point.measurement.name, {})[point.where] = limit
        return found

    def at(self, measurement: str) -> Mapping[str, Limit]:
        """The limits of a measurement by point; none where the product says none."""
        return self._limits.get(measurement, {})

    def low(self, measurement: str) -> float:
        """The least that is allowed everywhere."""
        return max((each.low for each in self.at(measurement).values() if each.low is not None), default=-math.inf)

    def high(self, measurement: str) -> float:
        """The most that is allowed everywhere."""
        return min((each.high for each in self.at(measurement).values() if each.high is not None), default=math.inf)

    def around(self, measurement: str, nominal: float = 0.0) -> float:
        """How far a value may be from a nominal one on either side; not at all where that is no good value itself."""
        return max(0.0, min(self.high(measurement) - nominal, nominal - self.low(measurement)))


def between(**ends: Range) -> dict[str, Range]:
    """Those ranges that limits really bound."""
    return {
        name.replace("__", " "): (low, high)
        for name, (low, high) in ends.items()
        if math.isfinite(low) and math.isfinite(high) and low < high
    }


def factor(half: float) -> Range:
    """The factors that are at most `half` away from 1."""
    return 1.0 - half, 1.0 + half


def below(median: float, most: float) -> Range:
    """A range of magnitudes with that median, up to `most`."""
    return (median * median / most, most) if most > median else (median, median)
