"""Twist: the two wires of a pair, wound round each other between their ends."""

import math

from station.report.curves import Curve, Point
from station.report.svg import at

TURN = 17.0
"""Pixels of half a turn."""
WIDE = 4.2
"""Pixels from the middle of the pair to a wire."""
LEAD = 44.0
"""Pixels of the way at each end over which the wires come together, and are not wound yet."""


def twisted(one: Curve, two: Curve) -> tuple[str, str]:
    """The paths of both wires. They must lead the same way; where they do not, they are drawn as they are."""
    if (one.d[0] - one.a[0]) * (two.d[0] - two.a[0]) <= 0:
        return one.path, two.path
    starts, ends = (one.a[1] - two.a[1]) / 2, (one.d[1] - two.d[1]) / 2
    length = math.dist(_middle(one.a, two.a), _middle(one.d, two.d))
    lead = min(LEAD / (length or 1.0), 0.3)
    turns = max(2, round(length * (1 - 2 * lead) / TURN))
    if (turns % 2 == 0) != (starts * ends > 0):
        turns += 1
    parts = [lead + (1 - 2 * lead) * turn / turns for turn in range(turns + 1)]
    side = math.copysign(1, starts or 1)
    return _wound(one, two, parts, side), _wound(two, one, parts, -side)


def _wound(own: Curve, other: Curve, parts: list[float], side: float) -> str:
    points = [own.a]
    for part in parts:
        x, y = _middle(own.at(part), other.at(part))
        points.append((x, y + side * WIDE))
        side = -side
    points.append(own.d)
    slopes = [0.0, *(_slope(own, other, part) for part in parts), 0.0]
    return _smooth(points, slopes)


def _smooth(points: list[Point], slopes: list[float]) -> str:
    path = f"M{at(*points[0])}"
    for (x1, y1), (x2, y2), before, after in zip(points, points[1:], slopes, slopes[1:], strict=False):
        reach = (x2 - x1) * 0.42
        path += f"C{at(x1 + reach, y1 + reach * before, x2 - reach, y2 - reach * after, x2, y2)}"
    return path


def _slope(one: Curve, two: Curve, part: float) -> float:
    (x1, y1), (x2, y2) = one.way(part), two.way(part)
    return max(-3.0, min(3.0, (y1 + y2) / ((x1 + x2) or 1.0)))


def _middle(one: Point, two: Point) -> Point:
    return (one[0] + two[0]) / 2, (one[1] + two[1]) / 2
