"""What an emulator's leads, relays and triggers reach in the world: the contract between emulators and plants."""

from typing import Protocol


class Leads(Protocol):
    """The world as one instrument sees it; `device` is that instrument's name on the bench.

    Values are the physical truth at this moment, noise of the quantity included, before the instrument's own errors.
    """

    def four_wire(self, device: str) -> float:
        """Ohms between the Kelvin terminals; `inf` when no current can flow."""
        ...

    def sense_is_open(self, device: str) -> bool:
        """Whether a sense lead of the instrument is broken."""
        ...

    def two_wire(self, device: str, channel: int) -> float:
        """Ohms at a multiplexer channel, leads and relays included; `inf` when nothing is connected."""
        ...

    def capacitance(self, device: str, channel: int) -> float:
        """Farads at a multiplexer channel, stray included."""
        ...

    def temperature(self, device: str, channel: int) -> float:
        """Degrees Celsius of the sensor at a multiplexer channel."""
        ...

    def relay(self, device: str, card: int, row: int, column: int, *, closed: bool) -> None:
        """Move one matrix relay (it may be welded or dead: the plant knows)."""
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

    def gauss(self, device: str, quantity: str) -> float:
        """The next standard normal deviate of that instrument's quantity, seeded by (seed, device, quantity)."""
        ...

    def offset_of(self, device: str, quantity: str) -> float:
        """A fault's additive error of the instrument, 0 when healthy (`gain_of` is its factor)."""
        ...

    def gain_of(self, device: str, quantity: str) -> float:
        """A fault's gain error of the instrument as a factor, 1 when healthy."""
        ...

    def ill(self, device: str) -> str:
        """The trouble on the instrument's wire now: "", silent, late, short, garbled, nan, frozen, closed."""
        ...
