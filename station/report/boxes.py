"""Boxes: connectors as they are drawn, with their pins."""

from collections.abc import Collection

from markupsafe import Markup

from station.report.placed import HEAD, Placed, height_of
from station.report.plain import shortened
from station.report.sketch import Row
from station.report.svg import join, tag
from station.report.words import say

LABEL, TITLE = 18, 26


def box(placed: Placed, bad_pins: Collection[str], *, bad: bool) -> Markup:
    """One connector. `bad_pins` are marked, and so is the whole of it when it is `bad`."""
    frame = tag(
        "rect",
        class_="box hit" if bad else "box",
        x=placed.x,
        y=placed.y,
        width=placed.width,
        height=placed.height,
        rx=7,
    )
    name = tag("text", placed.box.name, class_="name", x=placed.x + 10, y=placed.y + 16)
    count = say("pins", count=f"{len(placed.box.pins):,}")
    size = tag("text", count, class_="soft", x=placed.edge(1) - 10, y=placed.y + 16, text_anchor="end")
    title = tag("text", shortened(placed.box.title, TITLE), class_="soft", x=placed.x + 10, y=placed.y + 28)
    rows, y = [], placed.y + HEAD
    for each in placed.box.rows:
        rows.append(_row(placed, each, y + height_of(each) / 2, bad=each.key in bad_pins))
        y += height_of(each)
    whole = tag("title", f"{placed.box.name} {placed.box.title}".strip())
    return tag("g", whole, frame, name, size, title if placed.box.title else Markup(), *rows)


def _row(placed: Placed, row: Row, y: float, *, bad: bool) -> Markup:
    first = placed.outer < 0
    pin_x, label_x = (placed.edge(1) - 9, placed.x + 10) if first else (placed.x + 9, placed.edge(1) - 10)
    parts = []
    if bad:
        high = height_of(row) - 2
        parts.append(
            tag("rect", class_="hit-row", x=placed.x + 2, y=y - high / 2, width=placed.width - 4, height=high, rx=3)
        )
    anchors = ("end", None) if first else (None, "end")
    kind = "soft" if row.quiet else "pin"
    parts.append(tag("text", row.name, class_=kind, x=pin_x, y=y + 4, text_anchor=anchors[0]))
    if row.label:
        label = shortened(row.label, LABEL)
        parts.append(
            tag("text", label, class_="soft" if row.quiet else "label", x=label_x, y=y + 4, text_anchor=anchors[1])
        )
    return join(*parts)
