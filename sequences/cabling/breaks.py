"""Breaks: where a net is open, as far as capacitance can tell. Pure."""

from dataclasses import dataclass

from sequences.cabling.netlist import Netlist, Wire
from sequences.cabling.pieces import Pieces
from sequences.cabling.places import connector_of, spoken
from sequences.finding import Finding

AT_THE_END = 0.04
"""A break within this fraction of the length (and 3 cm) from an end is a bad contact there."""
NOTHING = 8e-12
"""Farads below which nothing hangs on either side."""


@dataclass(frozen=True, slots=True)
class Stubs:
    """The capacitances in farads of the two pieces that an open wire should join, jig taken off; None where not measured."""

    at_a: float | None
    at_b: float | None


def open_wire(pieces: Pieces, wire: Wire, stubs: Stubs) -> Finding:
    """A finding for an open wire.

    The two pieces share the net's length as they share its capacitance, so the gain error of the meter cancels. Where wires
    follow each other through joints the break may turn out to be in another one of them.
    """
    if wire.is_jumper:
        text = f"jumper {wire.name} from {_end(wire.a)} to {_end(wire.b)} is missing or open"
        return Finding("missing-jumper", wire.name, text, 0.95, (wire.name,))
    from_a = _metres_from_a(pieces, wire, stubs)
    if from_a is not None:
        wire, from_a = _walk(pieces.netlist, wire, from_a)
    cause = "shield-open" if wire.kind == "shield" else "open"
    near, far, length = _end(wire.a), _end(wire.b), wire.length
    name = f"shield {wire.name}" if wire.kind == "shield" else wire.name
    if from_a is None or not length:
        return Finding(cause, wire.name, f"{name} is open between {near} and {far}", 0.9, (wire.name,))
    margin = max(AT_THE_END * length, 0.03)
    if from_a > length - margin:
        text = f"open at {far}, {length:.1f} m from {_end_of(wire.a)}: {name} does not reach its contact"
        return Finding(cause, wire.name, text, 0.98, (wire.name, wire.b))
    if from_a < margin:
        text = f"open at {near}, {length:.1f} m from {_end_of(wire.b)}: {name} does not reach its contact"
        return Finding(cause, wire.name, text, 0.98, (wire.name, wire.a))
    text = f"{name} is open {from_a:.1f} m from {_end_of(wire.a)} (from {near} to {far}, {length:.1f} m)"
    return Finding(cause, wire.name, text, 0.98, (wire.name,))


def _metres_from_a(pieces: Pieces, wire: Wire, stubs: Stubs) -> float | None:
    """Where the break is, counted from the wire's a end; negative, or beyond its length, when it is in another wire."""
    at_a, at_b = pieces.piece(wire.a), pieces.piece(wire.b)
    own_a, own_b = pieces.metres(at_a), pieces.metres(at_b)
    if None in {stubs.at_a, stubs.at_b, own_a, own_b, wire.length}:
        return None
    a, b = max(stubs.at_a or 0.0, 0.0), max(stubs.at_b or 0.0, 0.0)
    if any(other is not wire and not {other.a, other.b}.isdisjoint(at_a | at_b) for other in pieces.failing):
        # Nobody knows how much of another broken wire hangs there: only a bare end is sure.
        return wire.length if b < NOTHING < a and not own_b else 0.0 if a < NOTHING < b and not own_a else None
    whole = (own_a or 0.0) + (own_b or 0.0) + (wire.length or 0.0)
    return a / (a + b) * whole - (own_a or 0.0) if a + b > NOTHING else None


def _walk(netlist: Netlist, wire: Wire, from_a: float) -> tuple[Wire, float]:
    """The wire in which the break is, when it is not in the first one supposed: on through joints of two wires."""
    seen = {wire.name}
    while from_a < 0 or from_a > (wire.length or 0.0):
        end = wire.a if from_a < 0 else wire.b
        beyond = [each for each in netlist.drawn_wires_at(end) if each.name not in seen]
        if "." in end or len(beyond) != 1 or beyond[0].length is None:
            return wire, min(max(from_a, 0.0), wire.length or 0.0)
        left = -from_a if from_a < 0 else from_a - (wire.length or 0.0)
        wire = beyond[0]
        seen.add(wire.name)
        from_a = left if wire.a == end else (wire.length or 0.0) - left
        if not wire.length:
            from_a = left + 1e-9 if wire.a == end else -left - 1e-9
    return wire, from_a


def _end(node: str) -> str:
    return spoken(node) if "." in node else f"splice {node}"


def _end_of(node: str) -> str:
    return connector_of(node) if "." in node else f"splice {node}"
