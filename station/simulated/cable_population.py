"""How good cables differ: the ranges of their strands and contacts, from the limits of the paths that they are in.

A path is copper and contacts. Copper may differ by the part that the lower limit allows, half of it by length and half by
cross-section; what the upper limit allows above that belongs to the contacts. Where it leaves them next to nothing, they get
their usual spread first, and copper what is left.
"""

import math
from collections.abc import Iterator, Mapping

from sequences.cabling.netlist import Netlist, Path
from sequences.cabling.quantities import CONDUCTION, PAIR_CAPACITANCE
from sequences.limits import Limit
from sim.cable.plates import TWISTED
from sim.cable.sketch import MATED, PIN, TOLERANCE
from sim.cable.spec import Strand
from sim.population import Range
from station.simulated.tolerances import Tolerances, factor

BAD = 2.2
"""The most times its median that a good contact has, however much its limit leaves."""
POOR = 1.3
"""Times their median that contacts need at least."""


def cable_ranges(tolerances: Tolerances, netlist: Netlist, strands: Mapping[str, Strand]) -> dict[str, Range]:
    """The ranges of a good cable's quantities, as factors, by quantity and place."""
    copper: dict[str, float] = {}
    contacts: dict[str, float] = {}
    limits = tolerances.at(CONDUCTION.name)
    for path in netlist.paths:
        limit = limits.get(path.name)
        if limit is None or (room := _room(netlist, path, limit, strands)) is None:
            continue
        part, times = room
        for name in path.wires:
            copper[name] = min(part, copper.get(name, part))
        for place in _touching(netlist, path):
            contacts[place] = min(times, contacts.get(place, times))
    ranges = {f"contact {place}": (1.0 / times, times) for place, times in contacts.items()}
    for name, part in copper.items():
        half = math.sqrt(1.0 + part) - 1.0
        ranges |= {f"length {name}": factor(half), f"ohms {name}": factor(half)}
    return ranges | dict(_farads(tolerances, netlist, strands, copper))


def _room(netlist: Netlist, path: Path, limit: Limit, strands: Mapping[str, Strand]) -> tuple[float, float] | None:
    """By which part a good path's copper may differ, and how many times their median its contacts may have."""
    nominal = netlist.nominal(path)
    if nominal is None:
        nominal = sum(strands[name].length * strands[name].ohms_per_metre for name in path.wires)
    touching = _touching(netlist, path)
    median = PIN * 2 + MATED * (len(touching) - 2)
    splices = MATED / 2 * sum(end not in netlist.net_of for name in path.wires for end in _ends(netlist, name))
    most = math.inf if limit.high is None else limit.high - splices
    part = TOLERANCE if limit.low is None or not nominal else max(0.0, 1.0 - limit.low / nominal)
    times = min(BAD, (most - nominal * (1.0 + part)) / median)
    if times < POOR and nominal:
        times = POOR
        part = (most - median * times) / nominal - 1.0
    return (part, times) if 0.0 < part < 1.0 and times > 1.0 else None


def _touching(netlist: Netlist, path: Path) -> list[str]:
    """Where contacts are in a path: its two pins, and every mated contact."""
    return [path.a, path.b, *(name for name in path.wires if netlist.wires[name].kind == "mate")]


def _ends(netlist: Netlist, name: str) -> tuple[str, str]:
    wire = netlist.wires[name]
    return wire.a, wire.b


def _farads(
    tolerances: Tolerances, netlist: Netlist, strands: Mapping[str, Strand], copper: Mapping[str, float]
) -> Iterator[tuple[str, Range]]:
    limits = tolerances.at(PAIR_CAPACITANCE.name)
    for pair, wires in netlist.pairs.items():
        limit = limits.get(pair)
        if limit is None or limit.low is None or limit.high is None:
            continue
        for name in wires:
            nominal = strands[name].length * strands[name].farads_per_metre * TWISTED
            part = min(limit.high / nominal - 1.0, 1.0 - limit.low / nominal)
            half = math.sqrt(1.0 + copper.get(name, 0.0)) - 1.0
            if part > half:
                yield f"farads {name}", factor((1.0 + part) / (1.0 + half) - 1.0)
