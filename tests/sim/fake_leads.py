# ruff: noqa: D102 - what each method means stands in sim/leads.py
"""A world of a few lines, in which each test sets what it needs."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sim.quantity import Quantity


@dataclass
class FakeLeads:
    """Quiet and exact unless told otherwise; it remembers where the relays are."""

    ohms: float = 0.1
    sense_open: bool = False
    at_channel: float = 1e5
    farads: float = 100e-12
    celsius: float = 23.0
    deviate: float = 0.0
    gain: float = 1.0
    offset: float = 0.0
    trouble: str = ""
    plugged: tuple[str, ...] = ("DAQM904A", "DAQM904A", "DAQM901A")
    plate: str = "MY123"
    label: str = "SN0001"
    closed: set[tuple[int, int, int]] = field(default_factory=set)
    scans: int = 0
    there: dict[tuple[Quantity, str], float] = field(default_factory=dict)
    """What is sensed of a quantity at a place."""
    driven: dict[tuple[Quantity, str], float] = field(default_factory=dict)
    """What was driven last."""
    watching: list[Callable[[], object]] = field(default_factory=list)

    def sense(self, device: str, quantity: Quantity, place: str = "") -> float:
        known = {
            Quantity.FOUR_WIRE: self.ohms,
            Quantity.SENSE_OPEN: float(self.sense_open),
            Quantity.TWO_WIRE: self.at_channel,
            Quantity.CAPACITANCE: self.farads,
            Quantity.TEMPERATURE: self.celsius,
        }
        return self.there.get((quantity, place), known.get(quantity, 0.0))

    def drive(self, device: str, quantity: Quantity, value: float, place: str = "") -> None:
        self.driven[quantity, place] = value
        self.stir()
        if quantity is Quantity.RELAY:
            card, row, column = map(int, place.split("."))
            (self.closed.add if value else self.closed.discard)((card, row, column))

    def watch(self, device: str, stir: Callable[[], object]) -> None:
        self.watching.append(stir)

    def stir(self) -> None:
        """Something has changed without an instrument."""
        for each in self.watching:
            each()

    def cards(self, device: str) -> tuple[str, ...]:
        return self.plugged

    def serial(self, device: str) -> str:
        return self.plate

    def scan(self, device: str) -> str:
        self.scans += 1
        return self.label

    def trait(self, device: str, what: str) -> float:
        return self.deviate

    def gauss(self, device: str, quantity: str, place: str = "") -> float:
        return self.deviate

    def offset_of(self, device: str, quantity: str) -> float:
        return self.offset

    def gain_of(self, device: str, quantity: str) -> float:
        return self.gain

    def ill(self, device: str) -> str:
        return self.trouble
