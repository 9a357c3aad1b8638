"""What an emulator's leads, relays and triggers reach in the world: the contract between emulators and plants."""

from collections.abc import Callable
from typing import Protocol

from sim.quantity import Quantity


class Leads(Protocol):
    """The world as one instrument sees it; `device` is that instrument's name on the bench.

    Values are the physical truth at this moment, noise of the quantity included, before the instrument's own errors.
    """

    def sense(self, device: str, quantity: Quantity, place: str = "") -> float:
        """The truth at one of the instrument's leads."""
        ...

    def drive(self, device: str, quantity: Quantity, value: float, place: str = "") -> None:
        """Act on the world: move a relay (it may be welded or dead: the plant knows), put a voltage out, open a valve."""
        ...

    def watch(self, device: str, stir: Callable[[], object]) -> None:
        """Call `stir` whenever what the instrument's leads reach may have changed otherwise than by itself in time.

        That is: an instrument (itself too) has acted on it, a unit was connected or taken off, a fault has struck.
        """
        ...

    def cards(self, device: str) -> tuple[str, ...]:
        """The models of the cards that are plugged into a mainframe, slot 1 first."""
        ...

    def serial(self, device: str) -> str:
        """The serial number on the instrument's plate."""
        ...

    def scan(self, device: str) -> str:
        """The operator hears the scanner being triggered: mates the unit, and scans its label or the CONTINUE card."""
        ...

    def trait(self, device: str, what: str) -> float:
        """A standard normal deviate that was settled when the instrument was made: always the same one, however often it is
        switched off, opened again, or asked.
        """
        ...

    def gauss(self, device: str, quantity: str, place: str = "") -> float:
        """The next standard normal deviate of what the instrument says of a quantity at a place, for the slots that it has
        sensed last: another slot's readings take none of them.
        """
        ...

    def offset_of(self, device: str, quantity: str) -> float:
        """A fault's additive error of the instrument, 0 when healthy (`gain_of` is its factor)."""
        ...

    def gain_of(self, device: str, quantity: str) -> float:
        """A fault's gain error of the instrument as a factor, 1 when healthy."""
        ...

    def ill(self, device: str) -> str:
        """The trouble on the instrument's wire now: "" for none, or one of `sim.port.TROUBLES`."""
        ...
