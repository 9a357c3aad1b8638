"""Proposals for what a harness document does not say: the limits, and a jig of the right size."""

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sequences.cabling.cable import Cable
from sequences.cabling.copper import ohms_per_metre
from sequences.cabling.netlist import Netlist, Path, Wire

TOLERANCE = 0.04
CONTACTS = 0.0068
"""Ohms that the two contacts of a good wire may add, ..."""
JOINT = 0.0015
"""... and each splice or mated contact on the way."""
UNKNOWN = 1.0
"""Ohms that are still a connection, where the length is not known."""
THINNEST = "30 AWG"
"""The gauge that a wire of unknown gauge is at least taken to have."""
SHIELD = 0.5
ISOLATION = 5e6
MOST_OHMS = 1.0
"""The largest range of the micro-ohmmeter."""
E24 = (10, 11, 12, 13, 15, 16, 18, 20, 22, 24, 27, 30, 33, 36, 39, 43, 47, 51, 56, 62, 68, 75, 82, 91)
COLUMNS_FIRST, COLUMNS = 16, 24
"""Columns of the first mainframe, which has a multiplexer too, and of every other one."""

Entry = Mapping[str, float | str]


@dataclass(frozen=True, slots=True)
class Limits:
    """Entries for `[limits]` in order, and notes."""

    entries: dict[str, Entry]
    notes: tuple[str, ...]


def limits_for(cable: Cable) -> Limits:
    """Limits that good units keep with a margin; what most wires have stands for all, the others have their own."""
    netlist = cable.netlist
    wanted = {path.name: _conduction(netlist, path) for path in netlist.paths if not path.shield}
    entries: dict[str, Entry] = {}
    if wanted:
        (usual, _), *_ = Counter(wanted.values()).most_common(1)
        entries["conduction"] = dict(usual)
        entries |= {f"conduction[{name}]": dict(each) for name, each in wanted.items() if each != usual}
    if any(path.shield for path in netlist.paths):
        entries["shield"] = {"at_most": SHIELD, "unit": "ohm"}
    if len(netlist.nets) > 1:
        entries["isolation"] = {"at_least": ISOLATION, "unit": "ohm"}
    return Limits(entries, tuple(_notes(netlist)))


def _notes(netlist: Netlist) -> Iterator[str]:
    """What the limits cannot say."""
    nominal = {path.name: netlist.nominal(path) for path in netlist.paths}
    if unknown := [path.name for path in netlist.paths if not path.shield and nominal[path.name] is None]:
        yield (
            f"{_listed(unknown)}: without gauge and length no resistance can be expected; "
            f"the proposed limit (of {UNKNOWN:g} ohm at most) proves the connection, not the wire"
        )
    if looped := [path.name for path in netlist.paths if nominal[path.name] is None and _in_loop(netlist, path)]:
        yield f"{_listed(looped)}: more than one way, not all of known gauge and length; a break in one of them cannot be told"
    if large := [name for name, ohms in nominal.items() if (ohms or 0.0) > MOST_OHMS]:
        yield f"{_listed(large)}: more than {MOST_OHMS:g} ohm, which the micro-ohmmeter cannot measure well"


def _in_loop(netlist: Netlist, path: Path) -> bool:
    wires = netlist.carrying(path)
    return len(wires) >= len({end for wire in wires for end in (wire.a, wire.b)})


def _conduction(netlist: Netlist, path: Path) -> tuple[tuple[str, float | str], ...]:
    plus = round(CONTACTS + JOINT * (len(path.wires) - 1), 6)
    if netlist.nominal(path):
        return (("tolerance", TOLERANCE), ("plus", plus), ("unit", "ohm"))
    most = [_most(netlist.wires[name]) for name in path.wires]
    return (("at_most", math.ceil(min(sum(most) + plus, UNKNOWN) * 100) / 100), ("unit", "ohm"))


def _most(wire: Wire) -> float:
    """The most that a good wire of which not all is known may have."""
    if wire.ohms is not None:
        return wire.ohms * (1 + TOLERANCE)
    return UNKNOWN if wire.length is None else wire.length * ohms_per_metre(wire.gauge or THINNEST)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


@dataclass(frozen=True, slots=True)
class Panel:
    """A jig: where the connectors' points are, the points of its own parts, and how many mainframes carry them."""

    points: dict[str, str]
    bar: list[int]
    reference: list[int]
    identity: list[int]
    ohms: float
    more_mainframes: int
    empty_at_least: float


def panel_for(cable: Cable, name: str) -> Panel:
    """A jig for a cable: its points in order, then the bar, the reference and the identity resistor."""
    points, last = dict[str, str](), 0
    for connector, each in cable.connectors.items():
        first, last = last + 1, last + len(each.names)
        points[connector] = f"{first}-{last}" if last > first else str(first)
    number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "big")
    return Panel(
        points,
        [last + 1, last + 2],
        [last + 3, last + 4],
        [last + 5, last + 6],
        E24[number % len(E24)] * (100.0, 1000.0)[number // len(E24) % 2],
        max(0, math.ceil((last + 6 - COLUMNS_FIRST) / COLUMNS)),
        1e9 if last <= 200 else 1e8,
    )
