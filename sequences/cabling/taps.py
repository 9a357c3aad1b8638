"""Taps: where along a net something else touches it, from the resistances between its pins and the stranger. Pure.

From each pin of a net to the stranger the current runs along the net to the tap, and from there on the same way for all.
So the readings differ by the lengths of copper alone: of the tree of wires each wire is tried, the place on it is a straight
line's fit, and the wire with the smallest misfit is the one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sequences.arithmetic import square
from sequences.cabling.netlist import Net, Netlist, Wire

AT_A_PIN = 0.002
"""Ohms of copper between a tap and a pin that are no more than the spread of contacts: the tap is at the pin."""


@dataclass(frozen=True, slots=True)
class Tap:
    """A place on a net: on `wire`, `metres` from its a end; at its pin `pin`. None where not known, or at none."""

    wire: Wire | None
    metres: float | None
    pin: str | None


def tap(netlist: Netlist, net: Net, seen: Mapping[str, float], measured: Mapping[str, float]) -> Tap:
    """Where a stranger touches `net`; `seen` are ohms at 20 degrees from its pins to one and the same place beyond.

    `measured` are the ohms of wires that were measured alone; the others have what the drawing says.
    """
    if not net.wires:
        return Tap(None, None, net.pins[0])
    wires = [netlist.wires[name] for name in net.wires]
    ohms = {wire.name: measured.get(wire.name, wire.ohms) for wire in wires}
    known = {name: each for name, each in ohms.items() if each is not None}
    if not seen:
        return Tap(None, None, net.pins[0] if len(net.pins) == 1 else None)
    nearest = min(seen, key=lambda pin: seen[pin])
    near = next((wire for wire in wires if nearest in (wire.a, wire.b)), wires[0])
    if len(seen) < min(2, len(net.pins)):
        return Tap(near, None, None)
    if len(seen) < 2 or len(known) < len(wires) or not _is_tree(wires):
        return Tap(near, None, nearest)
    fits = [(*_fit(wires, wire, seen, known), wire) for wire in wires if known[wire.name]]
    if not fits:
        return Tap(None, None, nearest)
    _, share, wire = min(fits, key=lambda each: each[0])
    whole, length = known[wire.name], wire.length or 0.0
    for end, away in ((wire.a, share * whole), (wire.b, (1 - share) * whole)):
        beyond = _ways(wires, end, wire, known)
        for pin in net.pins:
            if pin in beyond and away + beyond[pin] < max(AT_A_PIN, 0.03 * whole):
                return Tap(wire, share * length, pin)
    return Tap(wire, share * length, None)


def _fit(wires: list[Wire], wire: Wire, seen: Mapping[str, float], known: Mapping[str, float]) -> tuple[float, float]:
    """How badly a tap on `wire` explains the readings at best, and at which share of its length from its a end.

    With the tap at share x, a pin on the a side reads k + x R + c, one on the b side k + (1 - x) R + c, k being its way to
    that end and c the way beyond, the same for all.
    """
    ohms = known[wire.name]
    to_a, to_b = _ways(wires, wire.a, wire, known), _ways(wires, wire.b, wire, known)
    signs = [(1.0, seen[pin] - to_a[pin]) if pin in to_a else (-1.0, seen[pin] - to_b[pin] - ohms) for pin in seen]
    ahead = [reading for sign, reading in signs if sign > 0]
    behind = [reading for sign, reading in signs if sign < 0]
    if ahead and behind:
        share = (sum(ahead) / len(ahead) - sum(behind) / len(behind)) / (2 * ohms)
        share = min(max(share, 0.0), 1.0)
    else:
        share = 0.0 if ahead else 1.0
    beyond = sum(reading - sign * share * ohms for sign, reading in signs) / len(signs)
    return sum(square(reading - sign * share * ohms - beyond) for sign, reading in signs), share


def _ways(wires: list[Wire], start: str, without: Wire, known: Mapping[str, float]) -> dict[str, float]:
    """Ohms from `start` to every node that can be reached without going through one wire."""
    found, todo = {start: 0.0}, [start]
    while todo:
        at = todo.pop()
        for wire in wires:
            if wire is not without and at in (wire.a, wire.b):
                other = wire.b if wire.a == at else wire.a
                if other not in found:
                    found[other] = found[at] + known[wire.name]
                    todo.append(other)
    return found


def _is_tree(wires: list[Wire]) -> bool:
    return len(wires) == len({end for wire in wires for end in (wire.a, wire.b)}) - 1
