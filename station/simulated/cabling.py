"""A simulated slot for cables: what the jig and the drawing say, as the sim's own plain data."""

from sequences.cabling.cable import Cable
from sequences.cabling.copper import ohms_per_metre
from sequences.cabling.netlist import Wire
from sequences.cabling.quantities import CONDUCTION
from sequences.cabling.resistances import CONTACTS
from sequences.cabling.wiring import CableWiring
from sequences.cabling.wiring import Column as PanelColumn
from sim.cable import spec
from sim.population import AS_DRAWN, Member
from station.order import Order
from station.simulated.cable_population import cable_ranges
from station.simulated.made import Made
from station.simulated.tolerances import Tolerances

UNKNOWN_LENGTH = 1.0
"""Metres of a simulated wire whose drawing gives no length."""
UNKNOWN_OHMS_PER_METRE = ohms_per_metre("0.25 mm2")
"""Of a simulated wire whose drawing gives no gauge."""
SHIELD_OHMS_PER_METRE = 0.02
"""Of a simulated braid."""


def cable_slot(order: Order, label: str, number: int = 0) -> Made:
    """The slot of an order for a cable, that of the population with this number.

    `label` is what the unit's label says; empty: it has none.
    """
    product = order.golden or order.product
    cable, wiring, frames = product.structure, order.jig.wiring, order.slot.roles["matrix"]
    if not (isinstance(cable, Cable) and isinstance(wiring, CableWiring)):
        raise TypeError(f"{order.product.name} is no cable")
    connectors = {name: each.names for name, each in cable.connectors.items()}
    netlist, roles, learned = cable.netlist, order.slot.roles, _learned(order)
    meter = roles["multimeter"][0]
    strands = {wire.name: _strand(wire, learned.get(wire.name)) for wire in netlist.drawn}
    member = Member(number, cable_ranges(Tolerances(product), netlist, strands)) if number else AS_DRAWN
    slot = spec.CableSlot(
        order.slot.name,
        spec.Jig(
            order.jig.name,
            {pin: _column(frames, at) for pin, at in wiring.at(connectors).items()},
            (
                _part("bar", wiring, frames, wiring.bar, 0.0002),
                _part("reference", wiring, frames, wiring.reference.points, wiring.reference.ohms),
                _part("identity", wiring, frames, wiring.identity.points, wiring.identity.ohms),
            ),
            roles["ohmmeter"][0],
            (meter, wiring.isolation_channel),
            (meter, wiring.ambient_channel),
            roles["operator"][0],
        ),
        spec.Unit(
            connectors,
            tuple(strands.values()),
            dict(netlist.pairs),
            label,
            member,
        ),
    )
    return Made(slot, dict(zip(frames, wiring.cards, strict=True)))


def _learned(order: Order) -> dict[str, float]:
    """The ohms that the limits say of single wires: what is in the middle between them, less two contacts."""
    return {
        point.where: max((limit.low + limit.high) / 2 - CONTACTS, 1e-4)
        for point, limit in order.limits.items()
        if point.measurement is CONDUCTION and limit.low is not None and limit.high is not None
    }


def _strand(wire: Wire, learned: float | None) -> spec.Strand:
    if wire.kind == "mate":
        return spec.Strand(wire.name, wire.a, wire.b, 0.0, 0.0)
    shield = wire.kind == "shield"
    length = wire.length if wire.length is not None else UNKNOWN_LENGTH
    unknown = SHIELD_OHMS_PER_METRE if shield else UNKNOWN_OHMS_PER_METRE
    if learned is not None and length:
        unknown = learned / length
    ohms = ohms_per_metre(wire.gauge) if wire.gauge else unknown
    return spec.Strand(wire.name, wire.a, wire.b, length, ohms, shield=shield)


def _column(frames: tuple[str, ...], at: PanelColumn) -> spec.Column:
    return spec.Column(frames[at.mainframe], at.card, at.column)


def _part(name: str, wiring: CableWiring, frames: tuple[str, ...], points: list[int], ohms: float) -> spec.Part:
    return spec.Part(name, _column(frames, wiring.column(points[0])), _column(frames, wiring.column(points[1])), ohms)
