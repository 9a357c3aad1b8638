"""A trend: the slope of a straight line through samples, and how sure it is."""

import math
from collections.abc import Sequence
from itertools import pairwise

from sequences.arithmetic import square


def slope(times: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """The slope per second, and its expanded uncertainty (k = 2), by least squares.

    The scatter s about the line gives s / sqrt(sum (t - mean)^2); neighbours that are alike (lag-1 autocorrelation r) widen it
    by sqrt((1 + r) / (1 - r)). Raises ValueError for fewer than four samples, or for samples all of one moment.
    """
    count = len(times)
    if count < 4 or count != len(values):
        raise ValueError(f"a trend needs four samples, not {count}")
    middle, mean = sum(times) / count, sum(values) / count
    spread = sum(square(t - middle) for t in times)
    if not spread:
        raise ValueError("a trend needs samples of different moments")
    gradient = sum((t - middle) * (v - mean) for t, v in zip(times, values, strict=True)) / spread
    left = [v - mean - gradient * (t - middle) for t, v in zip(times, values, strict=True)]
    squares = sum(each * each for each in left)
    scatter = math.sqrt(squares / (count - 2) / spread)
    alike = sum(a * b for a, b in pairwise(left)) / squares if squares else 0.0
    alike = min(0.95, max(0.0, alike))
    return gradient, 2.0 * scatter * math.sqrt((1.0 + alike) / (1.0 - alike))
