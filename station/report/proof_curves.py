"""Curves of a proof: against the severity of a fault, how many were caught, how many put where they are, how many escaped."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from station.report.svg import at, join, tag
from station.report.words import say

WIDE, HIGH, LEFT, FOOT = 320.0, 150.0, 44.0, 34.0
LINES = (("caught", "caught"), ("exact", "located"), ("escaped", "escaped"), ("blamed", "blamed"))
"""What is drawn, and the class of its line: under `located` only what one finding says exactly."""


def curves(kind: Mapping[str, Any]) -> Markup | None:
    """The curves of a kind of fault; None where it was tried at fewer than two severities."""
    rows = [each for each in kind["severities"] if each["value"] is not None and each["tried"]]
    if len(rows) < 2:
        return None
    places = _places(rows)
    drawn = [_claimed(places, rows), _grid(places, [each["value"] for each in rows], kind["unit"])]
    drawn += [_interval(x, each) for x, each in zip(places, rows, strict=True)]
    drawn += [_line(places, rows, key, name) for key, name in LINES if kind["of_unit"] or key != "exact"]
    said = "; ".join(
        say(
            "caught_at",
            value=f"{each['value']:g}",
            unit=kind["unit"],
            count=str(each["caught"]["count"]),
            total=str(each["tried"]),
        )
        for each in rows
    )
    return tag(
        "svg",
        tag("title", say("per_severity", name=kind["name"], said=said)),
        *drawn,
        class_="curves",
        viewBox=f"0 0 {WIDE + LEFT + 10:g} {HIGH + FOOT + 8:g}",
        role="img",
    )


def _places(rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """Where each severity stands: side by side, because some reach over many decades, and from nothing."""
    step = WIDE / len(rows)
    return [LEFT + step * (at + 0.5) for at in range(len(rows))]


def _y(share: float) -> float:
    return 8.0 + HIGH * (1.0 - share)


def _share(each: Mapping[str, Any], key: str) -> float:
    count = each[key]["count"] if key == "caught" else each[key]
    return float(count) / float(each["tried"])


def _line(places: Sequence[float], rows: Sequence[Mapping[str, Any]], key: str, name: str) -> Markup:
    points = [(x, _y(_share(each, key))) for x, each in zip(places, rows, strict=True)]
    path = "L".join(at(*point) for point in points)
    dots = [tag("circle", class_=f"dot {name}", cx=x, cy=y, r=2.6) for x, y in points]
    return join(tag("path", class_=f"curve {name}", d=f"M{path}"), *dots)


def _interval(x: float, each: Mapping[str, Any]) -> Markup:
    """The 95 % interval of the share that was caught."""
    return tag("line", class_="interval", x1=x, x2=x, y1=_y(each["caught"]["low"]), y2=_y(each["caught"]["high"]))


def _claimed(places: Sequence[float], rows: Sequence[Mapping[str, Any]]) -> Markup:
    """What is claimed, as ground."""
    width = WIDE / len(rows)
    return join(
        *(
            tag("rect", class_="claimed", x=x - width / 2, y=_y(1.0), width=width, height=HIGH)
            for x, each in zip(places, rows, strict=True)
            if each["claimed"]
        )
    )


def _grid(places: Sequence[float], values: Sequence[float], unit: str) -> Markup:
    parts = []
    for share in (0.0, 0.5, 1.0):
        parts.append(tag("line", class_="grid", x1=LEFT, x2=LEFT + WIDE, y1=_y(share), y2=_y(share)))
        parts.append(
            tag("text", f"{100 * share:.0f} %", class_="scale", x=LEFT - 4, y=_y(share) + 4, text_anchor="end")
        )
    for x, value in zip(places, values, strict=True):
        parts.append(tag("text", _short(value), class_="scale", x=x, y=_y(0.0) + 16, text_anchor="middle"))
    parts.append(tag("text", unit or say("severity"), class_="scale", x=LEFT + WIDE, y=_y(0.0) + 30, text_anchor="end"))
    return join(*parts)


def _short(value: float) -> str:
    if value and not 1e-3 <= abs(value) < 1e5:
        return f"{value:.0e}".replace("e+0", "e").replace("e-0", "e-")
    return f"{value:g}"
