"""A plant: the physical world of one slot, as instruments reach it, and the kinds of slots there are."""

from collections.abc import Collection
from typing import Protocol

from sim.cable.plant import CablePlant
from sim.cable.spec import CableSlot
from sim.cooling.leak_plant import ManifoldPlant
from sim.cooling.loop_plant import LoopPlant
from sim.cooling.spec import LoopSlot, ManifoldSlot
from sim.here import Here
from sim.power.pdu import PduPlant
from sim.power.psu import PsuPlant
from sim.power.spec import PduSlot, PsuSlot
from sim.quantity import Quantity
from sim.spec import Slot


class Plant(Protocol):
    """One slot with the unit that is mated with it or not. State advances when it is looked at, not by ticks."""

    @property
    def mated(self) -> bool:
        """Whether a unit is connected."""
        ...

    @property
    def devices(self) -> Collection[str]:
        """The instruments that are wired to this slot."""
        ...

    @property
    def operator(self) -> str:
        """The scanner at which this slot's operator stands."""
        ...

    def sense(self, device: str, quantity: Quantity, place: str) -> float | None:
        """The truth at an instrument's lead now; None where this slot is not connected to it at the moment."""
        ...

    def drive(self, device: str, quantity: Quantity, place: str, value: float) -> None:
        """An instrument acts on this slot."""
        ...

    def strike(self, fault: str, places: tuple[str, ...], value: float | None) -> None:
        """Let a fault of the unit, of the jig or of the operator begin."""
        ...

    def heal(self, fault: str, places: tuple[str, ...], value: float | None) -> None:
        """Let a fault end that has begun. What it has done meanwhile stays done: heat, coolant that is spilt."""
        ...

    def scan(self) -> str:
        """What the scanner reads here: the unit's label, or the CONTINUE card."""
        ...

    def mate(self) -> None:
        """The operator connects the unit."""
        ...

    def unmate(self) -> None:
        """The operator takes the unit off."""
        ...


def plant_of(slot: Slot, here: Here) -> Plant:
    """The plant of a slot. Raises TypeError for a kind of slot that nobody can play."""
    match slot:
        case CableSlot():
            return CablePlant(slot, here)
        case ManifoldSlot():
            return ManifoldPlant(slot, here)
        case LoopSlot():
            return LoopPlant(slot, here)
        case PduSlot():
            return PduPlant(slot, here)
        case PsuSlot():
            return PsuPlant(slot, here)
        case _:
            raise TypeError(f"no plant for a {type(slot).__name__}")
