"""Blame: which wires and pins of the drawing the findings speak of, and how many wires are good."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sequences.cabling.places import connector_of
from station.report.drawing import Drawing
from station.report.judged import finite, text

Shape = Literal["break", "bridge", "cross", "bead", "plain"]

_SHAPES: tuple[tuple[str, Shape], ...] = (
    ("short", "bridge"),
    ("extra", "bridge"),
    ("insulation", "bridge"),
    ("leak", "bridge"),
    ("swap", "cross"),
    ("miswire", "cross"),
    ("reversed", "cross"),
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
    """Every bad wire and the number of the first finding on it.

    These are the wires that a finding names; where it names none, those at the pins that it names, or else those at the
    connectors and joints that it names.
    """
    ends: dict[str, list[str]] = {}
    for wire in drawing.wires:
        for end in (wire.a, wire.b):
            for place in {end, connector_of(end)}:
                ends.setdefault(place, []).append(wire.name)
    bad: dict[str, int] = {}
    for fault in faults:
        for name in fault.wires or [wire for place in fault.pins or fault.nodes for wire in ends.get(place, [])]:
            bad.setdefault(name, fault.number)
    return bad


def health_of(record: Mapping[str, Any], faults: Sequence[Fault], drawing: Drawing) -> Health:
    """Counts wires and shields. A wire is good when it was measured, in every kind of measurement that names it some
    reading passed, and no finding speaks of it; only a step's last attempt counts.
    """
    names = {wire.name for wire in drawing.wires if wire.kind != "mate"}
    passed: dict[str, set[str]] = {}
    failed: dict[str, set[str]] = {}
    for step in {text(step.get("name")): step for step in record.get("steps") or ()}.values():
        for each in step.get("measurements") or ():
            kind = passed if each.get("verdict") == "PASSED" else failed
            kind.setdefault(text(each.get("name")), set()).update(text(each.get("point")).split("+"))
    doubted = {name for kind, points in failed.items() for name in points - passed.get(kind, set())}
    proven = names if record.get("verdict") == "PASSED" else names & {name for each in passed.values() for name in each}
    bad = bad_wires(faults, drawing).keys() & names
    return Health(len(names), len(proven - doubted - bad), len(bad))
