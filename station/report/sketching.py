"""Sketching: what of a drawing is shown singly, and what is gathered, so that a thousand wires stay readable."""

from collections.abc import Mapping, Sequence

from station.report.blame import Fault, bad_wires
from station.report.drawing import Drawing, DrawnConnector
from station.report.ribbons import ribbons_of
from station.report.sketch import Row, Sketch, SketchBox, Strand
from station.report.telling import MOST_BAD, telling
from station.report.words import say

UNUSED_RUN = 4
"""From this many on, unused pins side by side share a row."""


def sketch_of(drawing: Drawing, faults: Sequence[Fault]) -> Sketch:
    """The sketch of a drawing with what the findings say of it."""
    bad = bad_wires(faults, drawing)
    shown = telling(drawing, faults, bad)
    ribbons = ribbons_of(drawing, shown, bad)
    singles = [
        Strand(wire.a, wire.b, (wire,), fault=bad.get(wire.name, 0)) for wire in drawing.wires if wire.name in shown
    ]
    ends = {end for strand in singles for end in (strand.a, strand.b)}
    marked = {pin for fault in faults[:MOST_BAD] for pin in fault.pins[:MOST_BAD]}
    accused = {node for fault in faults for node in fault.nodes}
    rows = _ribbon_rows(ribbons)
    boxes = tuple(
        SketchBox(
            each.name,
            each.title,
            tuple(pin.place for pin in each.pins),
            (
                *rows.get(each.name, ()),
                *_pin_rows(each, ends | marked, all_pins=not ribbons, fold=each.name not in accused),
            ),
        )
        for each in drawing.connectors
    )
    return Sketch(boxes, tuple(joint for joint in drawing.joints if joint in ends), (*ribbons, *singles))


def _ribbon_rows(ribbons: Sequence[Strand]) -> Mapping[str, list[Row]]:
    rows: dict[str, dict[str, Row]] = {}
    for ribbon in ribbons:
        for key, other in ((ribbon.a, ribbon.b), (ribbon.b, ribbon.a)):
            rows.setdefault(_owner(key), {})[key] = Row(key, ribbon.label, _owner(other), quiet=True)
    return {name: list(each.values()) for name, each in rows.items()}


def _owner(key: str) -> str:
    return key.partition("~")[0]


def _pin_rows(connector: DrawnConnector, ends: set[str], *, all_pins: bool, fold: bool) -> list[Row]:
    """The pins in `ends`, and with `all_pins` the others too: folded together where many lie side by side, if `fold`."""
    rows: list[Row] = []
    unused: list[Row] = []

    def flush() -> None:
        if fold and len(unused) >= UNUSED_RUN:
            rows.append(Row("", f"{unused[0].name} … {unused[-1].name}", say("unused"), quiet=True))
        else:
            rows.extend(unused)
        unused.clear()

    for pin in connector.pins:
        if pin.place in ends:
            flush()
            rows.append(Row(pin.place, pin.name, pin.label))
        elif all_pins:
            unused.append(Row(pin.place, pin.name, pin.label, quiet=True))
    flush()
    return rows
