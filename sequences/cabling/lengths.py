"""Lengths: how long a net is by its capacitance, for which gauge and contacts do not matter."""

from sequences.cabling.mapping import others
from sequences.cabling.netlist import Netlist, Path
from sequences.cabling.panel import CablePanel

LONG_ENOUGH = 0.5
"""Metres of a wire below which its capacitance says too little."""


async def extra_metres(panel: CablePanel, path: Path, good: list[Path]) -> float | None:
    """Metres by which the path's net is longer than drawn, against a good wire of its kind; None where nothing tells.

    Both are read on one range, so the meter's gain and offset cancel.
    """
    drawn, net = _drawn_metres(panel.netlist, path), panel.netlist.net_of[path.a]
    reference = next((each for each in good if _alike(panel.netlist, each, path)), None)
    if drawn is None or reference is None:
        return None
    known = _drawn_metres(panel.netlist, reference) or 0.0
    mine, theirs = await _farads(panel, net), await _farads(panel, panel.netlist.net_of[reference.a])
    return None if mine is None or not theirs else mine / theirs * known - drawn


async def _farads(panel: CablePanel, net: int) -> float | None:
    nets = panel.netlist.nets
    read = await panel.capacitance(nets[net].pins, others(nets, net))
    return read.value if read is not None and read.is_number else None


def _drawn_metres(netlist: Netlist, path: Path) -> float | None:
    lengths = [netlist.wires[name].length for name in netlist.nets[netlist.net_of[path.a]].wires]
    return None if any(length is None for length in lengths) else sum(length or 0.0 for length in lengths)


def _alike(netlist: Netlist, good: Path, path: Path) -> bool:
    """Whether a good path is one wire, long enough, and twisted just when the other is."""
    paired = {wire for pair in netlist.pairs.values() for wire in pair}
    length = _drawn_metres(netlist, good)
    single = len(netlist.nets[netlist.net_of[good.a]].wires) == 1
    return bool(single and length and length >= LONG_ENOUGH and (good.wires[0] in paired) == (path.wires[0] in paired))
