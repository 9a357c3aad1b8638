# ruff: noqa: D102 - what each method means stands in sim/leads.py
"""A world of a few lines, in which each test sets what it needs."""

from dataclasses import dataclass, field


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

    def four_wire(self, device: str) -> float:
        return self.ohms

    def sense_is_open(self, device: str) -> bool:
        return self.sense_open

    def two_wire(self, device: str, channel: int) -> float:
        return self.at_channel

    def capacitance(self, device: str, channel: int) -> float:
        return self.farads

    def temperature(self, device: str, channel: int) -> float:
        return self.celsius

    def relay(self, device: str, card: int, row: int, column: int, *, closed: bool) -> None:
        (self.closed.add if closed else self.closed.discard)((card, row, column))

    def cards(self, device: str) -> tuple[str, ...]:
        return self.plugged

    def serial(self, device: str) -> str:
        return self.plate

    def scan(self, device: str) -> str:
        self.scans += 1
        return self.label

    def gauss(self, device: str, quantity: str) -> float:
        return self.deviate

    def offset_of(self, device: str, quantity: str) -> float:
        return self.offset

    def gain_of(self, device: str, quantity: str) -> float:
        return self.gain

    def ill(self, device: str) -> str:
        return self.trouble
