"""A simulated bench: what the station file, the jigs and the drawings say, as the sim's own plain data.

The sim imports nothing of ours; here, and only here, our words are turned into its words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sequences.cabling.cable import Cable
from sequences.cabling.copper import ohms_per_metre
from sequences.cabling.netlist import Wire
from sequences.cabling.wiring import CableWiring
from sequences.cabling.wiring import Column as PanelColumn
from sim import spec

UNKNOWN_LENGTH = 1.0
"""Metres of a simulated wire whose drawing gives no length."""
UNKNOWN_OHMS_PER_METRE = ohms_per_metre("0.25 mm2")
"""Of a simulated wire whose drawing gives no gauge."""
SHIELD_OHMS_PER_METRE = 0.02
"""Of a simulated braid."""


@dataclass(frozen=True, slots=True)
class SimSlot:
    """One slot to simulate: its jig and what will be put on it. `label` is what the unit's label says; empty: none."""

    name: str
    jig: str
    wiring: CableWiring
    cable: Cable
    roles: Mapping[str, tuple[str, ...]]
    label: str
    learned: Mapping[str, float]
    """Ohms of wires whose drawing says nothing, where the limits do: a netlist that was learned."""


def world_spec(
    devices: Iterable[tuple[str, str, str]], slots: Iterable[SimSlot], seed: int, faults: tuple[str, ...]
) -> spec.WorldSpec:
    """The world of some slots. `devices` are (name, model, serial expected there)."""
    places = tuple(slots)
    cards = {
        name: cards for slot in places for name, cards in zip(slot.roles["matrix"], slot.wiring.cards, strict=True)
    }
    made = tuple(
        spec.Device(name, model, serial or _plate(name), cards.get(name, ())) for name, model, serial in devices
    )
    return spec.WorldSpec(made, tuple(_slot(slot) for slot in places), seed, faults)


def _slot(slot: SimSlot) -> spec.Slot:
    cable, wiring, frames = slot.cable, slot.wiring, slot.roles["matrix"]
    connectors = {name: each.names for name, each in cable.connectors.items()}
    netlist = cable.netlist
    meter = slot.roles["multimeter"][0]
    return spec.Slot(
        slot.name,
        spec.Jig(
            slot.jig,
            {pin: _column(frames, at) for pin, at in wiring.at(connectors).items()},
            (
                _part("bar", wiring, frames, wiring.bar, 0.0002),
                _part("reference", wiring, frames, wiring.reference.points, wiring.reference.ohms),
                _part("identity", wiring, frames, wiring.identity.points, wiring.identity.ohms),
            ),
            slot.roles["ohmmeter"][0],
            (meter, wiring.isolation_channel),
            (meter, wiring.ambient_channel),
            slot.roles["operator"][0],
        ),
        spec.Unit(
            connectors,
            tuple(_strand(wire, slot.learned.get(wire.name)) for wire in netlist.drawn),
            dict(netlist.pairs),
            slot.label,
        ),
    )


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


def _plate(name: str) -> str:
    return f"SIM-{name.upper()}"
