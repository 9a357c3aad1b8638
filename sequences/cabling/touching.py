"""Touching: which nets are joined that should not be, found by halving, and where along them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from sequences.cabling.netlist import Net, Wire
from sequences.cabling.panel import JOINED, TOP_RANGE, CablePanel
from sequences.cabling.places import connector_of, spoken
from sequences.finding import Finding

AT_A_PIN = 0.02
"""Ohms between two pins below which the short sits at the pins themselves."""
LOOKED_AT = 64
"""The most pairs of pins that are measured to locate one short."""


@dataclass(frozen=True, slots=True)
class Touch:
    """Two nets (by index, the lower first) and the ohms between them, leads taken off."""

    nets: tuple[int, int]
    ohms: float


async def touching(panel: CablePanel, left: Sequence[int], right: Sequence[int], least: float) -> list[Touch]:
    """Every pair of nets, one of each side, with less than `least` ohms between them."""
    if not left or not right:
        return []
    nets = panel.netlist.nets
    read = await panel.between([p for at in left for p in nets[at].pins], [p for at in right for p in nets[at].pins])
    if read.value - read.uncertainty >= least:
        return []
    if len(left) == len(right) == 1:
        return [Touch((min(left[0], right[0]), max(left[0], right[0])), read.value)]
    if len(left) >= len(right):
        half = len(left) // 2
        return [*await touching(panel, left[:half], right, least), *await touching(panel, left[half:], right, least)]
    half = len(right) // 2
    return [*await touching(panel, left, right[:half], least), *await touching(panel, left, right[half:], least)]


async def locate(panel: CablePanel, touch: Touch) -> Finding:
    """Where two nets touch: the resistances between their pins fall towards the place."""
    one, other = (panel.netlist.nets[at] for at in touch.nets)
    if touch.ohms >= JOINED:
        return _leak(panel, one, other, touch.ohms)
    distances = await _distances(panel, one, other)
    if not distances:
        names = f"{one.name}+{other.name}"
        return Finding("short", names, f"{one.name} and {other.name} are joined by {touch.ohms:.3g} ohm", 0.8)
    (pin, stranger), nearest = min(distances.items(), key=lambda each: each[1])
    mine, theirs = _wire_near(panel, pin, distances, side=0), _wire_near(panel, stranger, distances, side=1)
    if mine is None or theirs is None or (nearest < AT_A_PIN and connector_of(pin) == connector_of(stranger)):
        return _at_pins(panel, pin, stranger, nearest)
    return _along(panel, mine, theirs, distances, nearest)


async def _distances(panel: CablePanel, one: Net, other: Net) -> dict[tuple[str, str], float]:
    """Ohms at 20 degrees between the pins of two nets, where the micro-ohmmeter can read them."""
    found: dict[tuple[str, str], float] = {}
    pairs = [pair for pair in product(one.pins, other.pins) if connector_of(pair[0]) == connector_of(pair[1])]
    for pin, stranger in (pairs or list(product(one.pins, other.pins)))[:LOOKED_AT]:
        read = panel.to_20_degrees(await panel.four_wire(pin, stranger, TOP_RANGE))
        if read.is_number:
            found[pin, stranger] = read.value
    return found


def _wire_near(panel: CablePanel, pin: str, distances: dict[tuple[str, str], float], *, side: int) -> Wire | None:
    """The wire on which the place lies: the one from the nearest pin towards the second nearest of its net."""
    ranked: dict[str, float] = {}
    for pair, ohms in distances.items():
        ranked[pair[side]] = min(ohms, ranked.get(pair[side], ohms))
    wires = panel.netlist.drawn_wires_at(pin)
    for candidate in sorted(ranked, key=lambda each: ranked[each]):
        for wire in wires:
            if candidate != pin and candidate in (wire.a, wire.b):
                return wire
    return wires[0] if wires else None


def _at_pins(panel: CablePanel, pin: str, stranger: str, ohms: float) -> Finding:
    order = panel.netlist.pins.index
    first, second = sorted((pin, stranger), key=order)
    text = f"{spoken(first)} and {spoken(second)} are joined at the connector ({ohms * 1e3:.0f} mohm): an extra jumper"
    return Finding("extra-jumper", f"{first}+{second}", text, 0.95, (first, second))


def _along(
    panel: CablePanel, mine: Wire, theirs: Wire, distances: dict[tuple[str, str], float], nearest: float
) -> Finding:
    """A short between two wires, with its distance where both lie side by side from connector to connector."""
    order = list(panel.netlist.wires).index
    mine, theirs = sorted((mine, theirs), key=lambda wire: order(wire.name))
    shield = "shield" in {mine.kind, theirs.kind}
    cause = "shield-short" if shield else "short"
    where = f"{mine.name}+{theirs.name}"
    if shield and theirs.kind == "shield":
        where = f"{theirs.name}+{mine.name}"
    place, ohms = _place(mine, theirs, distances)
    text = f"{mine.name} and {theirs.name} touch"
    if place is not None:
        text += f" {place:.1f} m from {connector_of(mine.a)}, {max(ohms, 0.0):.2g} ohm between them"
    else:
        text += f", {nearest:.2g} ohm between them"
    return Finding(cause, where, text, 0.95, (mine.name, theirs.name))


def _place(mine: Wire, theirs: Wire, distances: dict[tuple[str, str], float]) -> tuple[float | None, float]:
    """Metres from the a end of `mine`, and the ohms of the short itself, from the loops seen from both ends.

    Seen from the a ends the loop is x (r1 + r2) + R, from the b ends (L1 - x) r1 + (L2 - x) r2 + R.
    """
    if connector_of(mine.a) != connector_of(theirs.a):
        theirs = Wire(theirs.name, theirs.b, theirs.a, theirs.gauge, theirs.length, theirs.kind)
    seen = {frozenset(pair): ohms for pair, ohms in distances.items()}
    at_a, at_b = seen.get(frozenset((mine.a, theirs.a))), seen.get(frozenset((mine.b, theirs.b)))
    if at_a is None or at_b is None or not mine.ohms or not theirs.ohms or not mine.length or not theirs.length:
        return None, 0.0
    per_metre = mine.ohms / mine.length + theirs.ohms / theirs.length
    whole = mine.ohms + theirs.ohms
    place = (at_a - at_b + whole) / (2 * per_metre)
    return min(max(place, 0.0), mine.length), (at_a + at_b - whole) / 2


def _leak(panel: CablePanel, one: Net, other: Net, ohms: float) -> Finding:
    names = [net.wires[0] if net.wires else net.pins[0] for net in (one, other)]
    shield = [name for name in names if name in panel.netlist.wires and panel.netlist.wires[name].kind == "shield"]
    if shield:
        names = [*shield, *(name for name in names if name not in shield)]
    text = f"{one.name} and {other.name} leak: {_ohms(ohms)} between them, by contamination or damaged insulation"
    return Finding("leak", "+".join(names), text, 0.9, tuple(names))


def _ohms(value: float) -> str:
    for size, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g} {prefix}ohm"
    return f"{value:.3g} ohm"
