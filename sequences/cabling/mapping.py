"""Mapping: what the pins that are not as drawn are really joined to, and what that means."""

from collections.abc import Iterable, Sequence

from sequences.cabling.breaks import Stubs, open_wire
from sequences.cabling.crossing import explain
from sequences.cabling.netlist import Net, Wire
from sequences.cabling.panel import CablePanel
from sequences.cabling.pieces import Pieces
from sequences.finding import Finding


async def map_nets(panel: CablePanel, nets: Sequence[Net]) -> list[frozenset[str]]:
    """The groups in which the pins of `nets` hang together; a net that one of them touches is mapped with them."""
    netlist = panel.netlist
    left = [pin for net in nets for pin in net.pins]
    others = [pin for pin in netlist.pins if pin not in set(left)]
    if others and not await panel.joined(left, others):
        others = []  # one question spares one for each pin
    groups: list[frozenset[str]] = []
    while left:
        pin = left.pop(0)
        found = [*await panel.partners(pin, left), *await panel.partners(pin, others)]
        groups.append(frozenset((pin, *found)))
        touched = {netlist.net_of[each] for each in found if each in others}
        left = [each for each in left if each not in found]
        left += [each for each in others if netlist.net_of[each] in touched and each not in found]
        others = [each for each in others if netlist.net_of[each] not in touched]
    return groups


async def diagnose(panel: CablePanel, nets: Sequence[Net]) -> list[Finding]:
    """Findings for nets of which a path does not conduct: wrong wiring first, then what is simply open."""
    groups = await map_nets(panel, nets)
    wrong = explain(panel.netlist, groups)
    panel.crossed |= wrong.crossed
    panel.explained |= wrong.wires
    pieces = Pieces(panel.netlist, groups)
    return [*wrong.findings, *[await _open(panel, pieces, wire) for wire in wrong.broken]]


async def _open(panel: CablePanel, pieces: Pieces, wire: Wire) -> Finding:
    return open_wire(pieces, wire, Stubs(await _stub(panel, pieces, wire.a), await _stub(panel, pieces, wire.b)))


async def _stub(panel: CablePanel, pieces: Pieces, end: str) -> float | None:
    """Farads of what still hangs on one end of an open wire, against every other net."""
    pins = [pin for pin in panel.netlist.pins if pin in pieces.piece(end)]
    if not pins:
        return None
    read = await panel.capacitance(pins, others(panel.netlist.nets, panel.netlist.net_of[pins[0]]))
    return read.value if read is not None and read.is_number else None


def others(nets: Iterable[Net], mine: int) -> list[str]:
    """The pins of every net but one."""
    return [pin for at, net in enumerate(nets) if at != mine for pin in net.pins]
