"""Telling: which wires of a big cable are worth a line of their own."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from station.report.blame import Fault
from station.report.drawing import Drawing

SINGLY = 80
"""Up to this many wires, every one is shown."""
MOST_BAD = 48
"""Bad wires that are shown singly; the wires of a finding that would exceed it go into a ribbon, marked bad."""


def telling(drawing: Drawing, faults: Sequence[Fault], bad: Mapping[str, int]) -> set[str]:
    """The bad wires, those beside them in a connector or a pair, and all that hangs at a joint with a bad one."""
    if len(drawing.wires) <= SINGLY:
        return {wire.name for wire in drawing.wires}
    told = _told(faults, bad)
    wires = {wire.name: wire for wire in drawing.wires}
    ends = {end for name in told for end in (wires[name].a, wires[name].b)}
    ends |= {pin for fault in faults[:MOST_BAD] for pin in fault.pins if len(fault.pins) <= MOST_BAD}
    near = _beside(drawing, ends)
    joints, pairs = set(drawing.joints), {wires[name].pair for name in told} - {""}
    return _with_joints(drawing, told, joints) | {
        wire.name
        for wire in drawing.wires
        if wire.name not in bad and not {wire.a, wire.b} & joints and (wire.pair in pairs or {wire.a, wire.b} & near)
    }


def _told(faults: Sequence[Fault], bad: Mapping[str, int]) -> set[str]:
    own: dict[int, set[str]] = {}
    for name, number in bad.items():
        own.setdefault(number, set()).add(name)
    told = set[str]()
    for fault in faults:
        if len(told) + len(own.get(fault.number, ())) <= MOST_BAD:
            told |= own.get(fault.number, set())
    return told


def _beside(drawing: Drawing, ends: set[str]) -> set[str]:
    """The pins, and their neighbours in the same connector."""
    near = set(ends)
    for connector in drawing.connectors:
        for one, two in pairwise(pin.place for pin in connector.pins):
            if one in ends or two in ends:
                near |= {one, two}
    return near


def _with_joints(drawing: Drawing, told: set[str], joints: set[str]) -> set[str]:
    """The wires, and every wire that shares a joint with them: else the joint would hang in the air."""
    found = set(told)
    while True:
        met = {end for wire in drawing.wires if wire.name in found for end in (wire.a, wire.b)} & joints
        more = {wire.name for wire in drawing.wires if {wire.a, wire.b} & met} - found
        if not more:
            return found
        found |= more
