"""Curves of a proof: against the severity of a fault, how many were caught, how many put where they are, how many escaped."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from station.report.axes import DECADES, Axis
from station.report.svg import at, join, tag

WIDE, HIGH, LEFT, FOOT = 320.0, 150.0, 44.0, 34.0
LINES = (("caught", "caught"), ("exact", "located"), ("escaped", "escaped"), ("blamed", "blamed"))
"""What is drawn, and the class of its line: under `located` only what one finding says exactly."""


def curves(kind: Mapping[str, Any]) -> Markup | None:
    """The curves of a kind of fault; None where it was tried at fewer than two severities."""
    rows = [each for each in kind["severities"] if each["value"] is not None and each["tried"]]
    if len(rows) < 2:
        return None
    axis = _axis([each["value"] for each in rows])
    drawn = [_claimed(axis, rows), _grid(axis, kind["unit"])]
    drawn += [_interval(axis, each) for each in rows]
    drawn += [_line(axis, rows, key, name) for key, name in LINES if kind["of_unit"] or key != "exact"]
    said = "; ".join(
        f"{each['value']:g} {kind['unit']}: {each['caught']['count']} of {each['tried']} caught" for each in rows
    )
    return tag(
        "svg",
        tag("title", f"{kind['name']}: {said}"),
        *drawn,
        class_="curves",
        viewBox=f"0 0 {WIDE + LEFT + 10:g} {HIGH + FOOT + 8:g}",
        role="img",
    )


def _axis(values: Sequence[float]) -> Axis:
    least, most = min(values), max(values)
    if least > 0 and most / least > DECADES / 3:
        return Axis(least / 1.15, most * 1.15, log=True)
    room = 0.04 * (most - least)
    return Axis(least - room, most + room)


def _x(axis: Axis, value: float) -> float:
    return LEFT + WIDE * axis.at(value)


def _y(share: float) -> float:
    return 8.0 + HIGH * (1.0 - share)


def _share(each: Mapping[str, Any], key: str) -> float:
    count = each[key]["count"] if key == "caught" else each[key]
    return float(count) / float(each["tried"])


def _line(axis: Axis, rows: Sequence[Mapping[str, Any]], key: str, name: str) -> Markup:
    points = [(_x(axis, each["value"]), _y(_share(each, key))) for each in rows]
    path = "L".join(at(*point) for point in points)
    dots = [tag("circle", class_=f"dot {name}", cx=x, cy=y, r=2.6) for x, y in points]
    return join(tag("path", class_=f"curve {name}", d=f"M{path}"), *dots)


def _interval(axis: Axis, each: Mapping[str, Any]) -> Markup:
    """The 95 % interval of the share that was caught."""
    x = _x(axis, each["value"])
    return tag("line", class_="interval", x1=x, x2=x, y1=_y(each["caught"]["low"]), y2=_y(each["caught"]["high"]))


def _claimed(axis: Axis, rows: Sequence[Mapping[str, Any]]) -> Markup:
    """What is claimed, as ground, from half way to the severity beside."""
    return join(
        *(
            tag("rect", class_="claimed", x=low, y=_y(1.0), width=high - low, height=HIGH)
            for each, (low, high) in zip(rows, _widths(axis, rows), strict=True)
            if each["claimed"]
        )
    )


def _widths(axis: Axis, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[float, float]]:
    places = [_x(axis, each["value"]) for each in rows]
    edges = [LEFT, *((low + high) / 2 for low, high in pairwise(places)), LEFT + WIDE]
    yield from pairwise(edges)


def _grid(axis: Axis, unit: str) -> Markup:
    parts = []
    for share in (0.0, 0.5, 1.0):
        parts.append(tag("line", class_="grid", x1=LEFT, x2=LEFT + WIDE, y1=_y(share), y2=_y(share)))
        parts.append(
            tag("text", f"{100 * share:.0f} %", class_="scale", x=LEFT - 4, y=_y(share) + 4, text_anchor="end")
        )
    for value in axis.ticks(5):
        x = _x(axis, value)
        parts.append(tag("line", class_="grid", x1=x, x2=x, y1=_y(1.0), y2=_y(0.0) + 4))
        parts.append(tag("text", _short(value), class_="scale", x=x, y=_y(0.0) + 16, text_anchor="middle"))
    parts.append(tag("text", unit or "value", class_="scale", x=LEFT + WIDE, y=_y(0.0) + 30, text_anchor="end"))
    return join(*parts)


def _short(value: float) -> str:
    if value and not 1e-3 <= abs(value) < 1e5:
        return f"{value:.0e}".replace("e+0", "e").replace("e-0", "e-")
    return f"{value:g}"
