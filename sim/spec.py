"""What a simulated bench is made of, as plain data: whoever builds a world fills these in.

What each kind of slot is made of stands beside its plant: `sim.cable.spec`, and so on.
"""

from dataclasses import dataclass
from typing import Protocol


class Slot(Protocol):
    """One place for one unit, with its own plant."""

    @property
    def name(self) -> str:
        """The slot's name on the bench."""
        ...


@dataclass(frozen=True, slots=True)
class Device:
    """One instrument of the bench: its name there, its model, its serial number, the cards of a mainframe, and the document
    of a map of registers.
    """

    name: str
    model: str
    serial: str = "SIM0001"
    cards: tuple[str, ...] = ()
    map_file: str = ""


@dataclass(frozen=True, slots=True)
class WorldSpec:
    """A whole simulated bench. `faults` are written NAME[:WHERE][=VALUE][@FROM[-UNTIL[/EVERY]]]."""

    devices: tuple[Device, ...]
    slots: tuple[Slot, ...]
    seed: int = 0
    faults: tuple[str, ...] = ()
