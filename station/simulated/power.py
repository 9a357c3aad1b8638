"""Simulated bays for rack PDUs and for power supplies: what jig and drawing say, as the sim's own plain data."""

from collections.abc import Mapping, Sequence

from drivers.roles import Crosspoint
from sequences.power.numbers import numbers
from sequences.power.pdu_wiring import PduWiring
from sequences.power.psu_wiring import PsuWiring
from sequences.power.rack_pdu import PHASES, Pdu
from sequences.power.supply import Psu
from sim.population import AS_DRAWN, Member
from sim.power import spec
from station.order import Order
from station.simulated.made import Made
from station.simulated.power_population import pdu_ranges, psu_ranges
from station.simulated.tolerances import Tolerances


def pdu_slot(order: Order, label: str, number: int = 0) -> Made:
    """The slot of an order for a rack PDU, that of the population with this number.

    `label` is what the unit's label says; empty: it has none.
    """
    pdu, wiring, roles = order.product.structure, order.jig.wiring, _roles(order)
    if not (isinstance(pdu, Pdu) and isinstance(wiring, PduWiring)):
        raise TypeError(f"{order.product.name} is no rack PDU")
    named = {name: wiring.named(name) for name in wiring.contactors}
    named |= {f"pe{number}": wiring.earth(number) for number in pdu.outlets}
    named |= {f"load{number}": wiring.load(number) for number in pdu.outlets}
    slot = spec.PduSlot(
        order.slot.name,
        _bay(order, wiring, named),
        spec.PduUnit(
            tuple(spec.Outlet(number, pdu.phase(number), branch.outlets) for number, branch in pdu.branch_of.items()),
            pdu.hertz,
            label,
            pdu.corners,
            member=Member(number, pdu_ranges(Tolerances(order.product), pdu, spec.FARADS)) if number else AS_DRAWN,
        ),
        roles["pdu"],
        roles["sensors"],
        _channels(wiring.volts, pdu.outlets),
        _channels(wiring.contacts, pdu.outlets),
        dict(zip(map(str, numbers(wiring.inlets)), range(1, len(PHASES) + 1), strict=True)),
        str(wiring.ambient),
    )
    cards = {roles["contactors"]: tuple(wiring.cards), roles["sensors"]: tuple(wiring.sensor_cards)}
    return Made(slot, cards, {roles["pdu"]: order.serial})


def psu_slot(order: Order, label: str, number: int = 0) -> Made:
    """The slot of an order for a power supply, likewise."""
    psu, wiring, roles = order.product.structure, order.jig.wiring, _roles(order)
    if not (isinstance(psu, Psu) and isinstance(wiring, PsuWiring)):
        raise TypeError(f"{order.product.name} is no power supply")
    named = {name: wiring.named(name) for name in wiring.contactors}
    alarms = {f"alarms_{name}": register for name, register in psu.alarms.items()}
    firmware = [("firmware", name) for name in psu.identity if "_FW_" in name.upper()]
    slot = spec.PsuSlot(
        order.slot.name,
        _bay(order, wiring, named),
        spec.PsuUnit(
            psu.output_volts,
            psu.rated_amps,
            psu.rpm,
            {**psu.registers, **alarms, **dict(firmware)},
            label,
            Member(number, psu_ranges(Tolerances(order.product), psu)) if number else AS_DRAWN,
        ),
        roles["psu"],
    )
    return Made(slot, {roles["contactors"]: tuple(wiring.cards)}, {roles["psu"]: order.serial})


def _roles(order: Order) -> dict[str, str]:
    return {role: names[0] for role, names in order.slot.roles.items()}


def _bay(order: Order, wiring: PduWiring | PsuWiring, named: Mapping[str, Crosspoint]) -> spec.Bay:
    roles = _roles(order)
    return spec.Bay(
        order.jig.name,
        roles["safety"],
        roles["source"],
        roles["load"],
        roles["reference"],
        roles["voltmeter"],
        roles["contactors"],
        roles["io"],
        roles["operator"],
        {name: ".".join(map(str, at)) for name, at in named.items()},
        wiring.bond_reference.ohms,
        wiring.hv_reference.ohms,
        wiring.cover,
        wiring.lamp,
        wiring.release,
        wiring.proving.volts,
        *((wiring.shunt.ohms,) if isinstance(wiring, PsuWiring) else ()),
    )


def _channels(text: str, outlets: Sequence[int]) -> dict[str, int]:
    """The outlet at each channel: outlet n at the n-th."""
    return {str(channel): number for number, channel in enumerate(numbers(text), start=1) if number in outlets}
