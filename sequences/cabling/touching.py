"""Touching: which nets are joined that should not be, found by halving, and where along them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from drivers.reading import Reading
from sequences.cabling import amounts
from sequences.cabling.clusters import Clusters
from sequences.cabling.netlist import Net
from sequences.cabling.panel import JOINED, TOP_RANGE, CablePanel
from sequences.cabling.places import connector_of, spoken
from sequences.cabling.taps import Tap, tap
from sequences.finding import Finding
from sequences.limits import Limit

LOOKED_AT = 24
"""The most pins of one net from which a touch is located."""


@dataclass(frozen=True, slots=True)
class Touch:
    """Two nets (by index, the lower first) and the ohms between them, leads taken off."""

    nets: tuple[int, int]
    ohms: float


def halves(nets: Iterable[int], bit: int, clusters: Clusters | None = None) -> tuple[list[int], list[int]]:
    """Nets whose number has a bit, and those whose number has not; a cluster counts as its first net.

    So a cluster goes to one side whole, and what is known hides nothing else: any two nets that are not in one cluster
    are on different sides for some bit.
    """
    sides: tuple[list[int], list[int]] = ([], [])
    for net in nets:
        sides[(clusters.first(net) if clusters else net) >> bit & 1].append(net)
    return sides[1], sides[0]


async def across(panel: CablePanel, left: Sequence[int], right: Sequence[int]) -> Reading:
    """Insulation in ohms between two groups of nets, every pin of theirs connected."""
    nets = panel.netlist.nets
    return await panel.between([p for at in left for p in nets[at].pins], [p for at in right for p in nets[at].pins])


async def touching(panel: CablePanel, left: Sequence[int], right: Sequence[int], limit: Limit) -> list[Touch]:
    """Every pair of nets, one of each side, with less ohms between them than the limit accepts at its lower end."""
    if not left or not right:
        return []
    read = await across(panel, left, right)
    if read.is_number and (least := limit.acceptance(read.uncertainty)[0]) is not None and read.value >= least:
        return []
    if len(left) == len(right) == 1:
        return [Touch((min(left[0], right[0]), max(left[0], right[0])), read.value)]
    if len(left) >= len(right):
        half = len(left) // 2
        return [*await touching(panel, left[:half], right, limit), *await touching(panel, left[half:], right, limit)]
    half = len(right) // 2
    return [*await touching(panel, left, right[:half], limit), *await touching(panel, left, right[half:], limit)]


async def locate(panel: CablePanel, touch: Touch) -> Finding:
    """Where two nets touch: seen from each net's pins, the copper up to the place tells it."""
    one, other = (panel.netlist.nets[at] for at in touch.nets)
    if touch.ohms >= JOINED:
        return _leak(panel, one, other, touch.ohms)
    here = tap(panel.netlist, one, seen := await _seen(panel, one, other.pins[0]), panel.measured)
    there = tap(panel.netlist, other, await _seen(panel, other, one.pins[0]), panel.measured)
    if not seen:
        here, there = _beside(here, one, there), _beside(there, other, here)
    if here.pin and there.pin and connector_of(here.pin) == connector_of(there.pin):
        return _at_pins(panel, here.pin, there.pin, min(seen.values(), default=touch.ohms))
    return _along(panel, one, other, (here, there), touch.ohms)


async def _seen(panel: CablePanel, net: Net, beyond: str) -> dict[str, float]:
    """Ohms at 20 degrees from each pin of a net to a pin beyond the touch, where the micro-ohmmeter can read them."""
    found: dict[str, float] = {}
    for pin in net.pins[:LOOKED_AT]:
        read = panel.to_20_degrees(await panel.four_wire(pin, beyond, TOP_RANGE))
        if read.is_number:
            found[pin] = read.value
    return found


def _beside(place: Tap, net: Net, stranger: Tap) -> Tap:
    """A tap of which copper tells nothing: only one pin of its net may be where the stranger is an empty cavity."""
    near = [pin for pin in net.pins if stranger.pin and connector_of(pin) == connector_of(stranger.pin)]
    return replace(place, pin=near[0]) if len(near) == 1 else place


def _at_pins(panel: CablePanel, pin: str, stranger: str, ohms: float) -> Finding:
    first, second = sorted((pin, stranger), key=panel.netlist.pins.index)
    text = f"{spoken(first)} and {spoken(second)} are joined at the connector ({amounts.ohms(ohms)}): an extra jumper"
    return Finding("extra-jumper", f"{first}+{second}", text, 0.95, (first, second))


def _along(panel: CablePanel, one: Net, other: Net, taps: tuple[Tap, Tap], ohms: float) -> Finding:
    """A touch between two wires, or a wire and a pin, with its distance where the copper tells it."""
    wires = panel.netlist.wires
    names = [
        each.wire.name if each.wire else (net.wires or net.pins)[0]
        for each, net in zip(taps, (one, other), strict=True)
    ]
    shields = [name for name in names if name in wires and wires[name].kind == "shield"]
    where = "+".join([*shields, *(name for name in names if name not in shields)])
    text = f"{names[0]} and {names[1]} touch"
    place = next((each for each in taps if each.wire is not None and each.metres is not None), None)
    if place is not None and place.wire is not None:
        end = place.wire.a
        text += f" {place.metres:.1f} m from {connector_of(end) if '.' in end else f'splice {end}'}"
    cause = "shield-short" if shields else "short"
    return Finding(cause, where, f"{text} ({amounts.ohms(ohms)} between them)", 0.95, tuple(names))


def _leak(panel: CablePanel, one: Net, other: Net, ohms: float) -> Finding:
    wires = panel.netlist.wires
    names = [net.wires[0] if net.wires else net.pins[0] for net in (one, other)]
    shields = [name for name in names if name in wires and wires[name].kind == "shield"]
    names = [*shields, *(name for name in names if name not in shields)]
    text = (
        f"{one.name} and {other.name} leak: {amounts.ohms(ohms)} between them, by contamination or damaged insulation"
    )
    return Finding("leak", "+".join(names), text, 0.9, tuple(names))
