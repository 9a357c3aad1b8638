"""Ribbons: wires that are not shown singly, gathered by the connectors that they join."""

from collections.abc import Collection, Mapping, Sequence

from sequences.cabling.places import connector_of
from station.report.drawing import Drawing, DrawnWire
from station.report.sketch import Strand
from station.report.words import say

SPLICED = -1

Bundle = tuple[str, str, int]
"""Two connectors, and the finding on the wires between them (0 for none)."""


def ribbons_of(drawing: Drawing, shown: Collection[str], bad: Mapping[str, int]) -> list[Strand]:
    """One ribbon for each two connectors; bad wires are never in the same one as good wires."""
    place = {connector.name: at for at, connector in enumerate(drawing.connectors)}
    joints = set(drawing.joints)
    rest = [wire for wire in drawing.wires if wire.name not in shown]
    bundles: dict[Bundle, list[DrawnWire]] = {}
    for wire in rest:
        if not {wire.a, wire.b} & joints:
            one, two = sorted((connector_of(wire.a), connector_of(wire.b)), key=place.__getitem__)
            bundles.setdefault((one, two, bad.get(wire.name, 0)), []).append(wire)
    for wires in _nets([wire for wire in rest if {wire.a, wire.b} & joints], joints):
        ends = {connector_of(end) for wire in wires for end in (wire.a, wire.b) if end not in joints}
        first, *others = sorted(ends, key=place.__getitem__) or [""]
        fault = next((bad[wire.name] for wire in wires if wire.name in bad), SPLICED)
        for other in others or [first] * bool(first):
            bundles.setdefault((first, other, fault), []).extend(wires)
    return [_ribbon(bundle, wires) for bundle, wires in bundles.items()]


def _nets(wires: Sequence[DrawnWire], joints: set[str]) -> list[list[DrawnWire]]:
    """The wires that hang together through joints."""
    nets: list[tuple[set[str], list[DrawnWire]]] = []
    for wire in wires:
        met = {wire.a, wire.b} & joints
        near = [net for net in nets if net[0] & met]
        nets = [net for net in nets if not net[0] & met]
        nets.append((met.union(*(net[0] for net in near)), [*(each for net in near for each in net[1]), wire]))
    return [net for _, net in nets]


def _ribbon(bundle: Bundle, wires: list[DrawnWire]) -> Strand:
    one, two, fault = bundle
    word = (
        "ribbon_spliced" if fault == SPLICED else "ribbon_bad" if fault else "ribbon_loop" if one == two else "ribbon"
    )
    label = say(word, count=f"{len(wires):,}")
    return Strand(f"{one}~{two}~{fault}", f"{two}~{one}~{fault}", tuple(wires), label, max(fault, 0))
