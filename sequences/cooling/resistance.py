"""Resistance to flow: a pressure drop is a x flow^2 + b x flow, turbulent and laminar."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from sequences.arithmetic import square


class Curve(NamedTuple):
    """A drop in whatever unit, flows in l/min."""

    a: float
    b: float

    def drop(self, flow: float) -> float:
        """The drop at a flow."""
        return self.a * flow * flow + self.b * flow

    def flow(self, drop: float) -> float:
        """The flow at a drop; NaN where the curve is none."""
        under = self.b * self.b + 4.0 * self.a * drop
        if self.a <= 0.0 or under < 0.0:
            return drop / self.b if self.b > 0.0 and self.a == 0.0 else math.nan
        return (-self.b + math.sqrt(under)) / (2.0 * self.a)


def fit(flows: Sequence[float], drops: Sequence[float]) -> Curve:
    """The curve through points, by least squares on drop / flow. Raises ValueError for fewer than two different flows."""
    if len({round(each, 6) for each in flows if each > 0.0}) < 2:
        raise ValueError("a curve needs two different flows")
    ratios = [drop / flow for flow, drop in zip(flows, drops, strict=True)]
    count = len(flows)
    x0, y0 = sum(flows) / count, sum(ratios) / count
    width = sum(square(x - x0) for x in flows)
    a = sum((x - x0) * (y - y0) for x, y in zip(flows, ratios, strict=True)) / width
    return Curve(a, y0 - a * x0)
