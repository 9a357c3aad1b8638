"""A sketch: what of a drawing is shown singly, and what is gathered, so that a thousand wires stay readable."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sequences.cabling.places import connector_of
from station.faces.report.blame import Fault, bad_wires
from station.faces.report.drawing import DrawnConnector, Drawing, DrawnWire
from station.faces.report.words import say

SINGLY = 80
"""Up to this many wires, every one is shown."""
MOST_BAD = 48
"""Bad wires that are shown singly; more of one finding go into a ribbon too."""
UNUSED_RUN = 4
"""From this many on, unused pins side by side share a row."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line in a connector's box: a pin, or what stands for several. `key` is the pin's place, or the ribbon's name."""

    key: str
    name: str
    label: str = ""
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class SketchBox:
    """A connector's box."""

    name: str
    title: str
    pins: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Strand:
    """What runs between two rows or joints: one wire, or a ribbon of them. `fault` is the finding on it, 0 for none."""

    a: str
    b: str
    wires: tuple[DrawnWire, ...]
    label: str = ""
    fault: int = 0

    @property
    def is_ribbon(self) -> bool:
        """Whether it stands for many."""
        return bool(self.label)


@dataclass(frozen=True, slots=True)
class Sketch:
    """Boxes, joints and strands."""

    boxes: tuple[SketchBox, ...]
    joints: tuple[str, ...]
    strands: tuple[Strand, ...]


def sketch_of(drawing: Drawing, faults: Sequence[Fault]) -> Sketch:
    """The sketch of a drawing with what the findings say of it."""
    bad = bad_wires(faults, drawing)
    shown = {wire.name for wire in drawing.wires} if len(drawing.wires) <= SINGLY else _telling(drawing, faults, bad)
    ribbons = _ribbons(drawing, shown, bad)
    marked = {pin for fault in faults[:MOST_BAD] for pin in fault.pins[:MOST_BAD]}
    singles = [
        Strand(wire.a, wire.b, (wire,), fault=bad.get(wire.name, 0)) for wire in drawing.wires if wire.name in shown
    ]
    ends = {end for strand in singles for end in (strand.a, strand.b)} | marked
    whole = len(shown) == len(drawing.wires)
    rows: dict[str, list[Row]] = {connector.name: [] for connector in drawing.connectors}
    for ribbon in ribbons:
        for key, other in ((ribbon.a, ribbon.b), (ribbon.b, ribbon.a)):
            if key not in {row.key for row in rows[_owner(key)]}:
                rows[_owner(key)].append(Row(key, ribbon.label, f"{_owner(other)}", quiet=True))
    boxes = tuple(
        SketchBox(
            each.name,
            each.title,
            len(each.pins),
            (*rows[each.name], *_pin_rows(each, ends, everything=whole)),
        )
        for each in drawing.connectors
    )
    joints = tuple(joint for joint in drawing.joints if joint in ends)
    return Sketch(boxes, joints, (*ribbons, *singles))


def _telling(drawing: Drawing, faults: Sequence[Fault], bad: dict[str, int]) -> set[str]:
    """The bad wires, those beside them, and everything that shares a joint with them."""
    told: dict[str, None] = {}
    for fault in faults:
        own = [wire.name for wire in drawing.wires if bad.get(wire.name) == fault.number]
        if len(told) + len(own) <= MOST_BAD:
            told |= dict.fromkeys(own)
    beside: dict[str, set[str]] = {}
    for connector in drawing.connectors:
        for one, two in pairwise(pin.place for pin in connector.pins):
            beside.setdefault(one, set()).add(two)
            beside.setdefault(two, set()).add(one)
    wires = {wire.name: wire for wire in drawing.wires}
    ends = {end for name in told for end in (wires[name].a, wires[name].b)}
    ends |= {pin for fault in faults for pin in fault.pins if len(fault.pins) <= MOST_BAD}
    near = ends.union(*(beside.get(end, set()) for end in ends)) if ends else ends
    joints = set(drawing.joints)
    pairs = {wires[name].pair for name in told} - {""}
    found = {
        wire.name
        for wire in drawing.wires
        if wire.pair in pairs or (wire.name not in bad and ({wire.a, wire.b} & near)) or wire.name in told
    }
    while True:  # what hangs at a shown joint is shown too, else the joint would hang in the air
        open_joints = {end for name in found for end in (wires[name].a, wires[name].b)} & joints
        more = {wire.name for wire in drawing.wires if {wire.a, wire.b} & open_joints} - found
        if not more:
            return found
        found |= more


def _ribbons(drawing: Drawing, shown: set[str], bad: dict[str, int]) -> list[Strand]:
    """What is not shown singly, gathered by the connectors that it joins; wires at joints count by the net they form."""
    place = {connector.name: at for at, connector in enumerate(drawing.connectors)}
    joints = set(drawing.joints)
    gathered: dict[tuple[str, str, int], list[DrawnWire]] = {}
    spliced: dict[str, list[DrawnWire]] = {}
    root: dict[str, str] = {}

    def top(joint: str) -> str:
        while (above := root.setdefault(joint, joint)) != joint:
            joint = above
        return joint

    for wire in drawing.wires:
        if wire.name in shown:
            continue
        inner = [end for end in (wire.a, wire.b) if end in joints]
        if inner:
            for end in inner:
                root[top(end)] = top(inner[0])
            continue
        one, two = sorted((connector_of(wire.a), connector_of(wire.b)), key=place.__getitem__)
        gathered.setdefault((one, two, bad.get(wire.name, 0)), []).append(wire)
    for wire in drawing.wires:
        if wire.name not in shown and (inner := [end for end in (wire.a, wire.b) if end in joints]):
            spliced.setdefault(top(inner[0]), []).append(wire)
    for wires in spliced.values():
        nodes = sorted(
            {connector_of(end) for wire in wires for end in (wire.a, wire.b) if end not in joints},
            key=place.__getitem__,
        )
        for other in nodes[1:] or nodes:
            gathered.setdefault((nodes[0], other, -1), []).extend(wires)
    return [_ribbon(one, two, fault, wires) for (one, two, fault), wires in gathered.items()]


def _ribbon(one: str, two: str, fault: int, wires: list[DrawnWire]) -> Strand:
    word = "ribbon_spliced" if fault < 0 else "ribbon_bad" if fault else "ribbon_loop" if one == two else "ribbon"
    kind = {-1: "s", 0: ""}.get(fault, f"f{fault}")
    count = len({wire.name for wire in wires})
    return Strand(
        f"{one}~{two}~{kind}", f"{two}~{one}~{kind}", tuple(wires), say(word, count=f"{count:,}"), max(fault, 0)
    )


def _owner(key: str) -> str:
    return key.partition("~")[0]


def _pin_rows(connector: DrawnConnector, ends: set[str], *, everything: bool) -> list[Row]:
    rows: list[Row] = []
    unused: list[Row] = []

    def flush() -> None:
        if len(unused) >= UNUSED_RUN:
            rows.append(Row("", f"{unused[0].name} … {unused[-1].name}", say("unused"), quiet=True))
        else:
            rows.extend(unused)
        unused.clear()

    for pin in connector.pins:
        if pin.place in ends:
            flush()
            rows.append(Row(pin.place, pin.name, pin.label))
        elif everything:
            unused.append(Row(pin.place, pin.name, pin.label, quiet=True))
    flush()
    return rows
