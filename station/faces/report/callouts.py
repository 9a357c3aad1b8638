"""Callouts: a numbered label for each fault, near its place and not on another's."""

from collections.abc import Sequence

from markupsafe import Markup

from station.faces.report.marks import Mark
from station.faces.report.plain import shortened
from station.faces.report.stacking import spread
from station.faces.report.svg import join, tag

HIGH, LANE, ABOVE = 22.0, 190.0, 20.0
MOST = 12
"""Beyond this many, a callout is its number alone."""


def callouts(marks: Sequence[Mark], width: float, height: float) -> Markup:
    """The labels, with a line to each place."""
    placed = [(mark, mark.anchor) for mark in marks if mark.anchor]
    texts = [_text(mark) if at < MOST else "" for at, (mark, _) in enumerate(placed)]
    wides = [26.0 + 6.7 * len(text) + (8 if text else 0) for text in texts]
    lefts = [
        min(max(x - wide / 2, 3.0), max(width - wide - 3.0, 3.0))
        for (_, (x, _)), wide in zip(placed, wides, strict=True)
    ]
    lanes: dict[int, list[int]] = {}
    for at, (_, (x, _)) in enumerate(placed):
        lanes.setdefault(round(x / LANE), []).append(at)
    tops = [0.0] * len(placed)
    for members in lanes.values():
        wishes = [placed[at][1][1] - ABOVE - HIGH for at in members]
        for at, top in zip(members, spread(wishes, [HIGH] * len(members), 4.0), strict=True):
            tops[at] = min(max(top, 2.0), height - HIGH - 2.0)
    return join(
        *(
            _callout(mark, anchor, (left, top), wide, text)
            for (mark, anchor), left, top, wide, text in zip(placed, lefts, tops, wides, texts, strict=True)
        )
    )


def _text(mark: Mark) -> str:
    return shortened(f"{mark.fault.where.replace('+', ' + ')} {mark.fault.cause}", 28)


def _callout(mark: Mark, anchor: tuple[float, float], corner: tuple[float, float], wide: float, text: str) -> Markup:
    (left, top), middle = corner, corner[1] + HIGH / 2
    from_x = min(max(anchor[0], left + 8), left + wide - 8)
    parts = [
        tag("line", class_="lead", x1=from_x, y1=middle, x2=anchor[0], y2=anchor[1]),
        tag("rect", class_="call", x=left, y=top, width=wide, height=HIGH, rx=HIGH / 2),
        tag("circle", class_="badge", cx=left + HIGH / 2, cy=middle, r=8),
        tag("text", f"{mark.fault.number}", class_="badge-n", x=left + HIGH / 2, y=middle + 3.8, text_anchor="middle"),
    ]
    if text:
        parts.append(tag("text", text, class_="call-t", x=left + HIGH + 2, y=middle + 4))
    return tag("g", tag("title", mark.fault.text), *parts)
