"""Breaks: where a wire is open, as far as capacitance can tell. Pure."""

from dataclasses import dataclass

from sequences.cabling.netlist import Wire
from sequences.cabling.places import connector_of, spoken
from sequences.finding import Finding

AT_THE_END = 0.04
"""A break within this fraction of the length (and 3 cm) from an end is a bad contact there."""
NOTHING = 8e-12
"""Farads below which nothing hangs on a pin."""


@dataclass(frozen=True, slots=True)
class Stubs:
    """The capacitances in farads seen from the two ends of an open wire, jig taken off; None where not measured."""

    at_a: float | None
    at_b: float | None


def open_wire(wire: Wire, stubs: Stubs) -> Finding:
    """A finding for an open wire between two pins or joints.

    The stubs share the wire's length as they share its capacitance: the gain error of the meter cancels.
    """
    near, far = _end(wire.a), _end(wire.b)
    marks = (wire.name,)
    if wire.kind == "shield":
        text = f"shield {wire.name} is open between {near} and {far}{_metres(wire, stubs)}"
        return Finding("shield-open", wire.name, text, 0.95, marks)
    if wire.is_jumper:
        return Finding(
            "missing-jumper", wire.name, f"jumper {wire.name} from {near} to {far} is missing or open", 0.95, marks
        )
    share = _share(stubs)
    length = wire.length
    if share is None or length is None:
        return Finding("open", wire.name, f"{wire.name} is open between {near} and {far}", 0.9, marks)
    margin = max(AT_THE_END, 0.03 / length) if length else 1.0
    from_a = share * length
    if share > 1 - margin:
        text = f"open at {far}, {length:.1f} m from {connector_of(wire.a)}: {wire.name} does not reach its contact"
        return Finding("open", wire.name, text, 0.98, (*marks, wire.b))
    if share < margin:
        text = f"open at {near}, {length:.1f} m from {connector_of(wire.b)}: {wire.name} does not reach its contact"
        return Finding("open", wire.name, text, 0.98, (*marks, wire.a))
    text = f"{wire.name} is open {from_a:.1f} m from {connector_of(wire.a)} (from {near} to {far}, {length:.1f} m)"
    return Finding("open", wire.name, text, 0.98, marks)


def _share(stubs: Stubs) -> float | None:
    """Which part of the wire hangs on its a end, from 0 to 1."""
    if stubs.at_a is None or stubs.at_b is None:
        return None
    a, b = max(stubs.at_a, 0.0), max(stubs.at_b, 0.0)
    return a / (a + b) if a + b > NOTHING else None


def _metres(wire: Wire, stubs: Stubs) -> str:
    share = _share(stubs)
    if share is None or not wire.length:
        return ""
    return f", about {share * wire.length:.1f} m from {connector_of(wire.a)}"


def _end(node: str) -> str:
    return spoken(node) if "." in node else f"splice {node}"
