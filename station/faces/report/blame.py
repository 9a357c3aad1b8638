"""Blame: which wires and pins of the drawing the findings speak of, and how many wires are good."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from station.faces.report.drawing import Drawing
from station.faces.report.judged import finite, text

Shape = Literal["break", "bridge", "cross", "bead", "plain"]

_SHAPES: tuple[tuple[str, Shape], ...] = (
    ("short", "bridge"),
    ("extra", "bridge"),
    ("insulation", "bridge"),
    ("leak", "bridge"),
    ("swap", "cross"),
    ("miswire", "cross"),
    ("cross", "cross"),
    ("resistance", "bead"),
    ("open", "break"),
    ("missing", "break"),
)
_METRES = re.compile(r"(\d+(?:\.\d+)?)\s?m from ([A-Za-z][A-Za-z0-9_]*)")
_AT = re.compile(r"\bat ([A-Za-z][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding, tied to the drawing. `number` is what the list and the picture share.

    `shape` is how it is drawn; `metres` is the distance that the finding's text gives, and the connector it counts from;
    `connector` is where it happened, when the text or the marks say so.
    """

    number: int
    cause: str
    where: str
    text: str
    confidence: float | None
    wires: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    shape: Shape = "plain"
    metres: tuple[float, str] | None = None
    connector: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """How many of the cable's wires are proven good, are bad, and could not be judged."""

    total: int
    good: int
    bad: int

    @property
    def unjudged(self) -> int:
        """Wires of which nothing was said."""
        return self.total - self.good - self.bad


def faults_of(findings: Sequence[Mapping[str, Any]], drawing: Drawing | None) -> tuple[Fault, ...]:
    """The findings in their order, numbered from 1. Marks that the drawing does not have are left to the text."""
    wires = {wire.name for wire in drawing.wires} if drawing else set[str]()
    pins = {pin.place for each in drawing.connectors for pin in each.pins} if drawing else set[str]()
    nodes = {each.name for each in drawing.connectors} | set(drawing.joints) if drawing else set[str]()
    found = []
    for at, finding in enumerate(findings, start=1):
        cause, where, said = (text(finding.get(key)) for key in ("cause", "where", "text"))
        marks = [text(mark) for mark in finding.get("marks") or where.split("+")]
        distance = _METRES.search(said)
        near = {place for place in _AT.findall(said) if place in nodes}
        found.append(
            Fault(
                at,
                cause,
                where,
                said,
                finite(finding.get("confidence")),
                tuple(dict.fromkeys(mark for mark in marks if mark in wires)),
                tuple(dict.fromkeys(mark for mark in marks if mark in pins)),
                tuple(dict.fromkeys(mark for mark in marks if mark in nodes and mark not in wires)),
                next((shape for part, shape in _SHAPES if part in cause), "plain"),
                (float(distance[1]), distance[2]) if distance and distance[2] in nodes else None,
                min(near, default=""),
            )
        )
    return tuple(found)


def bad_wires(faults: Sequence[Fault], drawing: Drawing) -> dict[str, int]:
    """Every bad wire and the number of the first finding on it: those named, and where none is named those at marked pins."""
    ends: dict[str, list[str]] = {}
    for wire in drawing.wires:
        for end in (wire.a, wire.b):
            ends.setdefault(end, []).append(wire.name)
    bad: dict[str, int] = {}
    for fault in faults:
        for name in fault.wires or [wire for pin in fault.pins for wire in ends.get(pin, [])]:
            bad.setdefault(name, fault.number)
    return bad


def health_of(record: Mapping[str, Any], faults: Sequence[Fault], drawing: Drawing) -> Health:
    """Counts wires and shields. A wire is good when it was measured, every measurement that names it passed, and no
    finding speaks of it; only a step's last attempt counts.
    """
    names = {wire.name for wire in drawing.wires if wire.kind != "mate"}
    last = {text(step.get("name")): step for step in record.get("steps") or ()}
    passed, failed = set[str](), set[str]()
    for step in last.values():
        for each in step.get("measurements") or ():
            (passed if each.get("verdict") == "PASSED" else failed).update(text(each.get("point")).split("+"))
    bad = bad_wires(faults, drawing).keys() & names
    good = ((names if record.get("verdict") == "PASSED" else passed & names) - failed) - bad
    return Health(len(names), len(good), len(bad))
