"""Strips: all readings of one measurement as dots over their limits, so that a thousand are seen at a glance.

A strip is as wide as its page: everything is placed in percent, only the dots' sizes and the letters are in pixels.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from station.report.axes import Axis, judged
from station.report.judged import Judged
from station.report.quantities import brief
from station.report.svg import at, join, tag
from station.report.words import say

WIDE = 900.0
"""Units across, for the dots."""
EDGE = 0.02
"""The share of the width that is kept free at both ends, for what lies off the scale."""
LOW_ROOM, HIGH_ROOM = 64.0, 132.0
MOST_CROSSES = 60
_SIGNS = {0: "M-5-5L5 5M5-5L-5 5", 1: "M-6-5l5 5l-5 5M1-5l5 5l-5 5", -1: "M6-5l-5 5l5 5M-1-5l-5 5l5 5"}
"""A reading that did not pass: a cross, or arrowheads towards the side on which it lies off the scale."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A reading: where it is drawn, whether it passed, and on which side it lies off the scale (0: on it)."""

    x: float
    y: float
    good: bool
    side: int = 0


def strip(points: Sequence[Judged]) -> Markup:
    """The strip of a measurement's points, as an SVG element; readings that are no numbers are counted in its title."""
    shown = [each for each in points if each.value is not None]
    same = len({(each.low, each.high, each.unit) for each in points}) == 1
    placed = shown if same else [each for each in map(_shared, shown) if each.value is not None]
    if not placed:
        return Markup()
    first = _strictest(placed)
    axis = judged(first.low, first.high, [each.value for each in placed if each.value is not None])
    size = 9.0 if len(placed) <= 40 else 6.0 if len(placed) <= 200 else 3.4
    room = LOW_ROOM if len(placed) <= 200 else HIGH_ROOM
    dots = _dots(placed, axis, size, room)
    high = min(room, max(26.0, 2 * max(abs(dot.y) for dot in dots) + 2 * size))
    parts = [*_zones(axis, first, high), _points(dots, high, size), *_ends(axis, first, high, same=same)]
    title = tag("title", _spoken(points, shown))
    return tag("svg", title, *parts, class_="strip", width="100%", height=high + 28, role="img")


def _shared(each: Judged) -> Judged:
    """The reading as a share of its own limits: 0 at the lower one (or at zero), 1 at the upper one."""
    low, high = each.limits
    floor, full = (low, high - low) if low is not None and high is not None else (0.0, high if low is None else low)

    def share(value: float | None) -> float | None:
        return None if value is None or not full else (value - floor) / full

    return replace(
        each,
        value=share(each.value),
        uncertainty=None,
        low=share(low),
        high=share(high),
        accept_low=share(each.accept_low),
        accept_high=share(each.accept_high),
    )


def _strictest(placed: Sequence[Judged]) -> Judged:
    """The first reading with the narrowest acceptance of those that passed, for the zones behind the dots."""
    judges = [each for each in placed if each.good] or placed
    lows = [each.accept_low for each in judges if each.accept_low is not None]
    highs = [each.accept_high for each in judges if each.accept_high is not None]
    return replace(placed[0], accept_low=max(lows, default=None), accept_high=min(highs, default=None))


def _share(axis: Axis, value: float) -> float:
    return EDGE + (1 - 2 * EDGE) * min(max(axis.at(value), 0.0), 1.0)


def _percent(share: float) -> str:
    return f"{100 * share:.2f}%"


def _zones(axis: Axis, first: Judged, high: float) -> list[Markup]:
    ends = {"tolerated": first.limits, "accepted": (first.accept_low, first.accept_high)}
    parts = [tag("rect", class_="track", y=6, width="100%", height=high, rx=4)]
    for kind, (low, top) in ends.items():
        left, right = 0.0 if low is None else _share(axis, low), 1.0 if top is None else _share(axis, top)
        if (low is not None or top is not None) and right > left:
            parts.append(tag("rect", class_=kind, x=_percent(left), y=6, width=_percent(right - left), height=high))
    return parts


def _dots(placed: Sequence[Judged], axis: Axis, size: float, room: float) -> list[Dot]:
    """The dots of all readings, y from the middle; equal ones are stacked outward."""
    heaps: dict[int, int] = {}
    found = []
    width = size + 0.6
    for each in placed:
        if each.value is None:
            continue
        slot = round(_share(axis, each.value) * WIDE / width)
        rank = heaps[slot] = heaps.get(slot, 0) + 1
        away = math.floor(rank / 2) * (1 if rank % 2 else -1) * width
        place = axis.at(each.value)
        found.append(Dot(slot * width, away, each.good, (place > 1) - (place < 0)))
    tallest = max((abs(dot.y) for dot in found), default=0.0)
    squeeze = min(1.0, (room / 2 - size) / tallest) if tallest else 1.0
    return [replace(dot, y=dot.y * squeeze) for dot in found]


def _points(dots: list[Dot], high: float, size: float) -> Markup:
    middle = 6 + high / 2
    bad = [dot for dot in dots if not dot.good]
    crosses = bad if len(bad) <= MOST_CROSSES else []
    good = _dotted([dot for dot in dots if dot.good], middle, "dots", size)
    loud = _dotted(bad, middle, "dots bad", size + 2) if bad and not crosses else Markup()
    field = tag(
        "svg",
        good,
        loud,
        viewBox=f"0 0 {WIDE:g} {high + 12:.1f}",
        width="100%",
        height=high + 12,
        preserveAspectRatio="none",
    )
    marks = [
        tag("svg", tag("path", class_="crosses", d=_SIGNS[dot.side]), x=_percent(dot.x / WIDE), y=dot.y + middle)
        for dot in crosses
    ]
    return join(field, *marks)


def _dotted(dots: list[Dot], middle: float, kind: str, size: float) -> Markup:
    return tag("path", class_=kind, d="".join(f"M{at(dot.x, dot.y + middle)}h.01" for dot in dots), stroke_width=size)


def _ends(axis: Axis, first: Judged, high: float, *, same: bool) -> list[Markup]:
    parts = []
    for end, key in ((first.low, "lower_limit"), (first.high, "upper_limit")):
        if end is None:
            continue
        share = _share(axis, end)
        text = brief(end, first.unit, 4) if same else say(key)
        toward = "end" if (key == "lower_limit" and share > 0.2) or share > 0.8 else None
        place = _percent(share)
        parts.append(tag("line", class_="limit", x1=place, y1=2, x2=place, y2=high + 11))
        parts.append(tag("text", text, class_="scale", x=place, y=high + 24, text_anchor=toward))
    if axis.log:
        low = all(end is None or _share(axis, end) < 0.5 for end in first.limits)
        place, toward = ("100%", "end") if low else ("0", None)
        parts.append(tag("text", say("by_decades"), class_="scale", x=place, y=high + 24, text_anchor=toward))
    return parts


def _spoken(points: Sequence[Judged], shown: Sequence[Judged]) -> str:
    values = [each.value for each in shown if each.value is not None]
    unit = points[0].unit
    return say(
        "strip",
        name=points[0].name,
        count=f"{len(points):,}",
        good=f"{sum(each.good for each in points):,}",
        low=brief(min(values), unit, 4),
        high=brief(max(values), unit, 4),
        none=f"{len(points) - len(shown):,}",
    )
