"""Callouts: a numbered label for each fault, beside its place, on no box and on no other label."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from station.report.curves import Point
from station.report.marks import Mark
from station.report.placed import Placed
from station.report.plain import shortened
from station.report.stacking import spread
from station.report.svg import tag

HIGH, ABOVE, LETTER = 19.0, 11.0, 7.6
BESIDE = 64.0
"""How near to the last box a place counts as one at its loops."""
MOST = 24
"""Beyond this many, a callout is its number alone."""


@dataclass(frozen=True, slots=True)
class Callout:
    """A label with its place."""

    mark: Mark
    anchor: Point
    left: float
    top: float
    width: float
    text: str

    @property
    def right(self) -> float:
        """Its right end."""
        return self.left + self.width


def callouts_of(marks: Sequence[Mark], boxes: Iterable[Placed]) -> list[Callout]:
    """The labels of all marks that have a place."""
    boxes, found = list(boxes), list[Callout]()
    for at, mark in enumerate(marks):
        if mark.anchor is None:
            continue
        x, y = mark.anchor
        text = shortened(mark.fault.where.replace("+", " + "), 22) if at < MOST else ""
        width = HIGH + (LETTER * len(text) + 10 if text else 0)
        found.append(Callout(mark, mark.anchor, *_corner(x, y, width, boxes), width, text))
    return _apart(found)


def lead(each: Callout) -> Markup:
    """The line from the label to its place."""
    from_x = min(max(each.anchor[0], each.left + HIGH / 2), each.right - HIGH / 2)
    return tag("line", class_="lead", x1=from_x, y1=each.top + HIGH / 2, x2=each.anchor[0], y2=each.anchor[1])


def callout(each: Callout) -> Markup:
    """The label itself; all lines are drawn before all labels."""
    middle, x = each.top + HIGH / 2, each.left + HIGH / 2
    parts = [
        tag("rect", class_="call", x=each.left, y=each.top, width=each.width, height=HIGH, rx=HIGH / 2),
        tag("circle", class_="badge", cx=x, cy=middle, r=7.6),
        tag("text", f"{each.mark.fault.number}", class_="badge-n", x=x, y=middle + 3.8, text_anchor="middle"),
    ]
    if each.text:
        parts.append(tag("text", each.text, class_="call-t", x=each.left + HIGH + 1, y=middle + 4))
    return tag("g", tag("title", each.mark.fault.text), *parts)


def _corner(x: float, y: float, width: float, boxes: Sequence[Placed]) -> Point:
    """Where a label begins: above its place, between the boxes left and right of it; beside a loop at the edge."""
    above = y - ABOVE - HIGH
    near = [box for box in boxes if box.y - 2 < y < box.y + box.height + HIGH]
    before = [box.edge(1) for box in near if box.edge(1) <= x]
    after = [box.x for box in near if box.x >= x]
    if before and after:
        return max(min(x - width / 2, min(after) - width - 4), max(before) + 4), above
    if before and x - max(before) < BESIDE:
        return x + ABOVE, y - HIGH / 2
    if after and min(after) - x < BESIDE:
        return x - ABOVE - width, y - HIGH / 2
    return x - width / 2, above


def _apart(found: list[Callout]) -> list[Callout]:
    """The same labels, moved up or down where they would lie on each other."""
    lanes: list[list[Callout]] = []
    for each in sorted(found, key=lambda one: one.left):
        if lanes and each.left < max(other.right for other in lanes[-1]) + 3:
            lanes[-1].append(each)
        else:
            lanes.append([each])
    moved = []
    for lane in lanes:
        tops = spread([each.top for each in lane], [HIGH] * len(lane), 3.0)
        moved += [
            Callout(each.mark, each.anchor, each.left, top, each.width, each.text)
            for each, top in zip(lane, tops, strict=True)
        ]
    return sorted(moved, key=lambda each: each.mark.fault.number)
