"""Curves: cubic Beziers, as wires are drawn."""

from dataclasses import dataclass

from station.report.svg import at

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """From `a` to `d`, drawn towards `b` and `c`."""

    a: Point
    b: Point
    c: Point
    d: Point

    def at(self, part: float) -> Point:
        """The point at `part` of the way (of the parameter), 0 to 1."""
        rest = 1 - part
        weights = (rest**3, 3 * rest * rest * part, 3 * rest * part * part, part**3)
        points = (self.a, self.b, self.c, self.d)
        return (
            sum(weight * point[0] for weight, point in zip(weights, points, strict=True)),
            sum(weight * point[1] for weight, point in zip(weights, points, strict=True)),
        )

    def way(self, part: float) -> Point:
        """The direction there, of length 1."""
        (x1, y1), (x2, y2) = self.at(max(part - 0.01, 0)), self.at(min(part + 0.01, 1))
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 or 1.0
        return (x2 - x1) / length, (y2 - y1) / length

    @property
    def path(self) -> str:
        """The curve as a path."""
        return f"M{at(*self.a)}C{at(*self.b, *self.c, *self.d)}"


def between(a: Point, way_a: int, b: Point, way_b: int) -> Curve:
    """A wire that leaves `a` to the side `way_a` (-1 left, 1 right, 0 freely) and `b` likewise."""
    run = abs(b[0] - a[0])
    if way_a == way_b and way_a:
        reach = min(46.0, 16.0 + 0.22 * abs(b[1] - a[1])) * 4 / 3
        far = max(a[0], b[0]) + reach if way_a > 0 else min(a[0], b[0]) - reach
        return Curve(a, (far, a[1]), (far, b[1]), b)
    pull = max(run * 0.45, 12.0)
    toward = 1 if b[0] >= a[0] else -1
    return Curve(a, (a[0] + pull * (way_a or toward), a[1]), (b[0] + pull * (way_b or -toward), b[1]), b)
