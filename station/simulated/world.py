"""The world behind some orders.

The sim imports nothing of ours; here, and in the modules beside, our words are turned into its words.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from sim import spec
from station.order import Order
from station.simulated.cabling import cable_slot
from station.simulated.cooling import loop_slot, manifold_slot
from station.simulated.made import Made
from station.simulated.power import pdu_slot, psu_slot


class Maker(Protocol):
    """What makes a simulated slot for the kind of unit that it knows."""

    def __call__(self, order: Order, label: str, number: int = 0) -> Made:
        """The slot of an order: what the unit's label says, and its number in the population (0 is as drawn)."""
        ...


MAKERS: Mapping[str, Maker] = {
    "cabling": cable_slot,
    "pdu": pdu_slot,
    "psu": psu_slot,
    "manifold": manifold_slot,
    "loop": loop_slot,
}
"""What makes the simulated slot of an order, by the product's family."""


class Plugged(NamedTuple):
    """An instrument of the bench: the serial number expected there, if any, and the document of its map of registers."""

    name: str
    model: str
    serial: str
    map_file: str = ""


def world_spec(devices: Iterable[Plugged], made: Iterable[Made], seed: int, faults: tuple[str, ...]) -> spec.WorldSpec:
    """The world of some slots."""
    slots = tuple(made)
    cards = {name: cards for each in slots for name, cards in each.cards.items()}
    plates = {name: plate for each in slots for name, plate in each.plates.items()}
    plugged = tuple(
        spec.Device(
            each.name,
            each.model,
            each.serial or plates.get(each.name) or _plate(each.name),
            cards.get(each.name, ()),
            each.map_file,
        )
        for each in devices
    )
    return spec.WorldSpec(plugged, tuple(each.slot for each in slots), seed, faults)


def _plate(name: str) -> str:
    return f"SIM-{name.upper()}"
