"""Twist: the two wires of a pair, wound round each other between their ends."""

import math

from station.faces.report.curves import Curve, Point
from station.faces.report.svg import at

TURN = 17.0
"""Pixels of half a turn."""
WIDE = 4.2
"""Pixels from the middle of the pair to a wire."""
OPENS = 0.2
"""The share of the way over which the wires come together."""


def twisted(one: Curve, two: Curve) -> tuple[str, str]:
    """The paths of both wires. They must lead the same way; where they do not, they are drawn as they are."""
    if (one.d[0] - one.a[0]) * (two.d[0] - two.a[0]) <= 0:
        return one.path, two.path
    starts, ends = (one.a[1] - two.a[1]) / 2, (one.d[1] - two.d[1]) / 2
    length = math.dist(_middle(one.a, two.a), _middle(one.d, two.d))
    turns = max(2, round(length / TURN))
    if (turns % 2 == 0) != (starts * ends > 0):
        turns += 1
    return _wound(one, two, turns, starts, ends, 1), _wound(two, one, turns, -starts, -ends, -1)


def _wound(own: Curve, other: Curve, turns: int, starts: float, ends: float, sign: int) -> str:
    side = math.copysign(1, starts or sign)
    points = []
    for turn in range(turns + 1):
        part = turn / turns
        x, y = _middle(own.at(part), other.at(part))
        away = WIDE + _opening(part, abs(starts)) + _opening(1 - part, abs(ends))
        points.append((x, y + side * away))
        side = -side
    points[0], points[-1] = own.a, own.d
    return _smooth(points, [_slope(own, other, turn / turns) for turn in range(turns + 1)])


def _smooth(points: list[Point], slopes: list[float]) -> str:
    path = f"M{at(*points[0])}"
    for (x1, y1), (x2, y2), before, after in zip(points, points[1:], slopes, slopes[1:], strict=False):
        reach = (x2 - x1) * 0.42
        path += f"C{at(x1 + reach, y1 + reach * before, x2 - reach, y2 - reach * after, x2, y2)}"
    return path


def _opening(part: float, half: float) -> float:
    return (half - WIDE) * max(0.0, 1 - part / OPENS) ** 2


def _slope(one: Curve, two: Curve, part: float) -> float:
    (x1, y1), (x2, y2) = one.way(part), two.way(part)
    return max(-3.0, min(3.0, (y1 + y2) / ((x1 + x2) or 1.0)))


def _middle(one: Point, two: Point) -> Point:
    return (one[0] + two[0]) / 2, (one[1] + two[1]) / 2
