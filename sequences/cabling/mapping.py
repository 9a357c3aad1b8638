"""Mapping: what the pins that are not as drawn are really joined to, and what that means."""

from collections.abc import Iterable, Sequence

from sequences.cabling.breaks import Stubs, open_wire
from sequences.cabling.crossing import explain, pieces
from sequences.cabling.netlist import Net, Wire
from sequences.cabling.panel import CablePanel
from sequences.finding import Finding


async def map_nets(panel: CablePanel, nets: Sequence[Net]) -> list[frozenset[str]]:
    """The groups in which the pins of `nets` hang together; a net that one of them touches is mapped with them."""
    netlist = panel.netlist
    left = [pin for net in nets for pin in net.pins]
    others = [pin for pin in netlist.pins if pin not in set(left)]
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
    panel.explained |= {name for pin in wrong.pins for name in panel.netlist.nets[panel.netlist.net_of[pin]].wires}
    findings = list(wrong.findings)
    for net in nets:
        if not wrong.pins.issuperset(net.pins):
            findings += [await _open(panel, wire) for wire in _opens(panel, net, groups)]
    return findings


def _opens(panel: CablePanel, net: Net, groups: Sequence[frozenset[str]]) -> list[Wire]:
    """The wires whose loss explains the pieces into which a net fell: those that join different pieces.

    Where a piece hangs on a splice the piece's own leg is named.
    """
    netlist, found = panel.netlist, pieces(groups, net)
    place = {pin: at for at, piece in enumerate(found) for pin in piece}
    wires = [netlist.wires[name] for name in net.wires]
    broken = [wire for wire in wires if wire.a in place and wire.b in place and place[wire.a] != place[wire.b]]
    for piece in found[1:]:
        if not any(wire.a in piece or wire.b in piece for wire in broken):
            legs = [wire for wire in wires if {wire.a, wire.b} & set(piece) and not {wire.a, wire.b} <= set(piece)]
            broken += legs[:1]
    return broken


async def _open(panel: CablePanel, wire: Wire) -> Finding:
    return open_wire(wire, Stubs(await _stub(panel, wire, wire.a), await _stub(panel, wire, wire.b)))


async def _stub(panel: CablePanel, wire: Wire, end: str) -> float | None:
    """Farads of what still hangs on one end of an open wire, against every other net."""
    if wire.is_jumper or end not in panel.columns:
        return None
    netlist = panel.netlist
    mine = netlist.net_of[end]
    read = await panel.capacitance([end], others(netlist.nets, mine))
    return None if read is None else read.value


def others(nets: Iterable[Net], mine: int) -> list[str]:
    """The pins of every net but one."""
    return [pin for at, net in enumerate(nets) if at != mine for pin in net.pins]
