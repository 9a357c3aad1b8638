"""Bars: one reading on the line of its limits, with the guard band and the reading's own uncertainty."""

from markupsafe import Markup

from station.report.axes import Axis, judged
from station.report.judged import Judged
from station.report.quantities import brief, exact, reading, span
from station.report.svg import at, join, tag
from station.report.words import say

WIDE, HIGH, LINE = 340.0, 36.0, 12.0
TOP, TALL = 4.0, 16.0
EDGE = 14.0
"""Room at both ends, for what lies off the scale."""


def bar(each: Judged) -> Markup:
    """The bar of a reading, as an SVG element."""
    return tag(
        "svg",
        tag("title", say("bar", limit=span(each.low, each.high, each.unit))),
        bar_inside(each),
        class_="bar",
        viewBox=f"0 0 {WIDE:g} {HIGH:g}",
        role="img",
    )


def bar_inside(each: Judged) -> Markup:
    """The bar's parts."""
    values = [] if each.value is None else [each.value]
    axis = judged(each.low, each.high, values)
    return join(_zones(axis, each), _limits(axis, each), _value(axis, each))


def x_of(axis: Axis, value: float, wide: float) -> float:
    """The place of a value; what lies beyond an end is kept at that end."""
    return EDGE + (wide - 2 * EDGE) * min(max(axis.at(value), 0.0), 1.0)


def _zones(axis: Axis, each: Judged) -> Markup:
    """What is tolerated, and inside it what is accepted; the difference is the guard band."""
    parts = [tag("rect", class_="track", y=TOP, width=WIDE, height=TALL, rx=3)]
    if each.low is not None or each.high is not None:
        low, high = each.accepted
        parts.append(_zone("tolerated", axis, each.low, each.high))
        if low is None or high is None or low <= high:
            parts.append(_zone("accepted", axis, low, high))
    return join(*parts)


def _zone(kind: str, axis: Axis, low: float | None, high: float | None) -> Markup:
    left = 0.0 if low is None else x_of(axis, low, WIDE)
    right = WIDE if high is None else x_of(axis, high, WIDE)
    return tag("rect", class_=kind, x=left, y=TOP, width=max(right - left, 1.5), height=TALL)


def _limits(axis: Axis, each: Judged) -> Markup:
    ends = [end for end in each.limits if end is not None]
    parts = []
    for end in ends:
        x = x_of(axis, end, WIDE)
        lower = end == each.low and len(ends) == 2
        toward = "end" if (lower and x > 60) or (not lower and x > WIDE - 60) else None
        shift = 3 if toward else -3
        parts.append(tag("text", brief(end, each.unit, 4), class_="scale", x=x + shift, y=33, text_anchor=toward))
    lines = "".join(f"M{at(x_of(axis, end, WIDE), 1)}v22" for end in ends)
    return tag("path", class_="limit", d=lines) + join(*parts) if ends else Markup()


def _value(axis: Axis, each: Judged) -> Markup:
    if each.value is None:
        text = reading(None, each.unit, None, each.state)
        return tag("text", text, class_="none", x=WIDE / 2, y=LINE + 4, text_anchor="middle")
    kind, place = "good" if each.good else "bad", axis.at(each.value)
    x = x_of(axis, each.value, WIDE)
    if not 0 <= place <= 1:
        return _beyond(x, -1 if place < 0 else 1, kind)
    if each.state == "at-least":
        line = tag("path", class_=f"whisker {kind}", d=f"M{at(x, LINE - 5)}v10M{at(x, LINE)}H{at(WIDE - 5)}")
        return line + tag("path", class_=f"dot {kind}", d=f"M{at(WIDE - 11, LINE - 6)}l{at(9, 6)}l{at(-9, 6)}z")
    return _whisker(axis, each, kind) + _dot(x, kind)


def _whisker(axis: Axis, each: Judged, kind: str) -> Markup:
    if each.value is None or not each.uncertainty:
        return Markup()
    left, right = x_of(axis, each.value - each.uncertainty, WIDE), x_of(axis, each.value + each.uncertainty, WIDE)
    if right - left < 3:
        return Markup()
    path = f"M{at(left, LINE)}H{at(right)}M{at(left, LINE - 4)}v8M{at(right, LINE - 4)}v8"
    return tag("path", class_=f"whisker {kind}", d=path)


def _dot(x: float, kind: str) -> Markup:
    """Round where it passed, pointed where it did not."""
    if kind == "good":
        return tag("circle", class_="dot good", cx=x, cy=LINE, r=4.6)
    return tag("path", class_="dot bad", d=f"M{at(x, LINE - 7)}l{at(7, 7)}l{at(-7, 7)}l{at(-7, -7)}z")


def _beyond(x: float, side: int, kind: str) -> Markup:
    """Two arrowheads: the reading lies off the scale on this side."""
    heads = (x + side * (5 - back) for back in (0, 6))
    path = "".join(f"M{at(head, LINE - 5)}l{at(side * 5, 5)}l{at(-side * 5, 5)}" for head in heads)
    return tag("path", class_=f"whisker {kind}", d=path)


def value_text(each: Judged) -> str:
    """The reading in figures."""
    if each.value is not None and each.state != "at-least":
        return exact(each.value, each.unit, each.uncertainty)
    return reading(each.value, each.unit, each.uncertainty, each.state)
