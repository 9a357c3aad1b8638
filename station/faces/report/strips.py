"""Strips: all readings of one measurement as dots over their limits, so that a thousand are seen at a glance."""

import math
from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from station.faces.report.axes import Axis, judged
from station.faces.report.bars import EDGE, x_of, zones
from station.faces.report.judged import Judged
from station.faces.report.quantities import brief
from station.faces.report.svg import at, join, tag
from station.faces.report.words import say

WIDE = 720.0
TALLEST, TALL = 64.0, 132.0


def strip(points: Sequence[Judged]) -> Markup:
    """The strip of a measurement's points, as an SVG element; readings that are no numbers are counted in its title."""
    shown = [each for each in points if each.value is not None]
    same = len({(each.low, each.high, each.unit) for each in points}) == 1
    placed = shown if same else [_shared(each) for each in shown]
    if not placed:
        return Markup()
    first = _strictest(placed)
    axis = judged(first.low, first.high, [each.value for each in placed if each.value is not None])
    radius = 4.5 if len(placed) <= 40 else 3.0 if len(placed) <= 200 else 1.6
    tallest = TALLEST if len(placed) <= 200 else TALL
    dots = _dots(placed, axis, radius, tallest)
    high = min(tallest, max(26.0, 2 * max(abs(y) for _, y, _ in dots) + 4 * radius))
    middle = 6 + high / 2
    parts = [
        zones(axis, first, WIDE, 6.0, high),
        _points(dots, middle, radius),
        *_ends(axis, first, high, same=same),
    ]
    return tag(
        "svg",
        tag("title", _spoken(points, shown)),
        *parts,
        class_="strip",
        viewBox=f"0 0 {WIDE:g} {high + 26:.0f}",
        role="img",
    )


def _shared(each: Judged) -> Judged:
    """The reading as a share of its own limits: 0 at the lower one (or at zero), 1 at the upper one."""
    low, high = each.limits
    if each.value is None or (low is None and high is None):
        return replace(each, value=None)

    def share(value: float | None) -> float | None:
        if value is None:
            return None
        if low is not None and high is not None:
            return (value - low) / ((high - low) or 1.0)
        return value / ((high if high is not None else low) or 1.0)

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
    """The first reading with the narrowest acceptance of all, for the zones behind the dots."""
    lows = [each.accept_low for each in placed if each.accept_low is not None]
    highs = [each.accept_high for each in placed if each.accept_high is not None]
    return replace(placed[0], accept_low=max(lows, default=None), accept_high=min(highs, default=None))


def _dots(placed: Sequence[Judged], axis: Axis, radius: float, room: float) -> list[tuple[float, float, bool]]:
    """Each reading's x, its y from the middle, and whether it passed; equal ones are stacked outward."""
    heaps: dict[int, int] = {}
    found = []
    width = 2 * radius + 0.4
    for each in placed:
        if each.value is None:
            continue
        slot = round(x_of(axis, each.value, WIDE) / width)
        rank = heaps[slot] = heaps.get(slot, 0) + 1
        found.append((slot * width, math.floor(rank / 2) * (1 if rank % 2 else -1) * width, each.good))
    tallest = max((abs(y) for _, y, _ in found), default=0.0)
    squeeze = min(1.0, (room / 2 - 2 * radius) / tallest) if tallest else 1.0
    return [(x, y * squeeze, good) for x, y, good in found]


def _points(dots: list[tuple[float, float, bool]], middle: float, radius: float) -> Markup:
    good = "".join(f"M{at(x, middle + y)}h.01" for x, y, fine in dots if fine)
    size = max(radius, 3.2)
    bad = "".join(
        f"M{at(x - size, middle + y - size)}l{at(2 * size, 2 * size)}m{at(-2 * size, 0)}l{at(2 * size, -2 * size)}"
        for x, y, fine in dots
        if not fine
    )
    return join(
        tag("path", class_="dots", d=good, stroke_width=2 * radius) if good else Markup(),
        tag("path", class_="crosses", d=bad) if bad else Markup(),
    )


def _ends(axis: Axis, first: Judged, high: float, *, same: bool) -> list[Markup]:
    parts = []
    for end, key in ((first.low, "lower_limit"), (first.high, "upper_limit")):
        if end is None:
            continue
        x = x_of(axis, end, WIDE)
        text = brief(end, first.unit, 4) if same else say(key)
        toward = "end" if (key == "lower_limit" and x > 90) or x > WIDE - 90 else None
        parts.append(tag("line", class_="limit", x1=x, y1=2, x2=x, y2=high + 11))
        parts.append(tag("text", text, class_="scale", x=x + (3 if toward else -3), y=high + 22, text_anchor=toward))
    if axis.log:
        parts.append(tag("text", say("by_decades"), class_="scale", x=WIDE - EDGE, y=high + 22, text_anchor="end"))
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
