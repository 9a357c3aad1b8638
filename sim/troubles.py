"""What ails the instruments of a bench and their wires."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sim.ailments import Ailment, Ailments
from sim.spec import Device

_ON_THE_WIRE = {
    "silent": "silent",
    "late": "late",
    "short-reply": "short",
    "garbled": "garbled",
    "nan": "nan",
    "frozen": "frozen",
    "link-closed": "closed",
    "stuck": "stuck",
    "stale": "stale",
    "foreign": "foreign",
    "swapped": "swapped",
    "failing": "failing",
    "busy": "busy",
    "reset": "reset",
    "half-open": "half-open",
}
_SOUND = frozenset({"temperature", "hertz"})
"""What a meter that has lost its calibration still measures well."""
TEST_AMPS = 0.1
"""The current of an ohmmeter in the ranges that cables need."""
OUTPUT = "output"
"""What may be wrong with an instrument besides what it measures: how much it puts out."""


@dataclass(slots=True)
class Troubles:
    """The instruments' faults that are there now."""

    devices: Mapping[str, Device]
    ills: dict[str, str] = field(default_factory=dict)
    sense_open: set[str] = field(default_factory=set)
    current_open: set[str] = field(default_factory=set)
    reversed: set[str] = field(default_factory=set)
    thermal: dict[str, float] = field(default_factory=dict)
    """Volts of temperature differences in the sense leads."""
    strangers: set[str] = field(default_factory=set)
    gains: dict[str, float] = field(default_factory=dict)
    shuffled: set[str] = field(default_factory=set)
    outputs: dict[str, float] = field(default_factory=dict)
    """What really comes out of an instrument, as a multiple of what it is set to."""

    _ailments: Ailments = field(default_factory=Ailments)

    def strike(self, fault: str, device: str, value: float | None) -> None:
        """Let a fault of one instrument begin."""
        self._ailments.begin(fault, (device,), value)
        self._count()

    def heal(self, fault: str, device: str, value: float | None) -> None:
        """Let a fault of one instrument end."""
        self._ailments.end(fault, (device,), value)
        self._count()

    def _count(self) -> None:
        """Everything that is wrong now; of two on one wire the later counts, factors multiply."""
        for some in (self.sense_open, self.current_open, self.reversed, self.strangers, self.shuffled):
            some.clear()
        for each in (self.thermal, self.gains, self.outputs):
            each.clear()
        self.ills.clear()
        for ailment in self._ailments:
            self._begin(ailment)

    def _begin(self, ailment: Ailment) -> None:
        fault, (device, *_), value = ailment.fault, ailment.places, ailment.value
        begin: dict[str, Callable[[str], None]] = {
            "sense-open": self.sense_open.add,
            "current-open": self.current_open.add,
            "sense-reversed": self.reversed.add,
            "wrong-instrument": self.strangers.add,
            "card-swapped": self.shuffled.add,
        }
        if fault in _ON_THE_WIRE:
            self.ills[device] = _ON_THE_WIRE[fault]
        elif fault == "thermal-emf":
            self.thermal[device] = self.thermal.get(device, 0.0) + (value or 0.0)
        elif fault in {"drifted", "gain-drift"}:
            self.gains[device] = self.gains.get(device, 1.0) * (value or 1.0)
        elif fault == "hv-low":
            self.outputs[device] = self.outputs.get(device, 1.0) * (value or 0.0)
        else:
            begin[fault](device)

    def through(self, device: str, ohms: float) -> float:
        """What an ohmmeter's leads make of a resistance: nothing flows, or the voltage has the other sign."""
        if device in self.current_open:
            return math.inf
        return -ohms if device in self.reversed else ohms

    def offset(self, device: str, quantity: str) -> float:
        """What an instrument shows too much."""
        return self.thermal.get(device, 0.0) / TEST_AMPS if quantity == "resistance" else 0.0

    def serial(self, device: str) -> str:
        """The serial number on the plate, another one's where the instrument is another one."""
        serial = self.devices[device].serial
        return serial if device not in self.strangers else serial[:-1] + ("8" if serial.endswith("9") else "9")

    def gain(self, device: str, quantity: str) -> float:
        """The factor by which an instrument errs."""
        if quantity == OUTPUT:
            return self.outputs.get(device, 1.0)
        return self.gains.get(device, 1.0) if quantity not in _SOUND else 1.0

    def cards(self, device: str) -> tuple[str, ...]:
        """The cards in their slots; shuffled cards have all moved up by one, the last to the first slot."""
        cards = self.devices[device].cards
        return cards if device not in self.shuffled else cards[-1:] + cards[:-1]

    def home(self, device: str, card: int) -> int:
        """The slot in which the card sat, with its cables, that is now in slot `card`."""
        count = len(self.devices[device].cards)
        return card if device not in self.shuffled else (card - 2) % count + 1

    def home_place(self, device: str, place: str) -> str:
        """Where the cable really leads that a mainframe believes to be at a channel: the card's slot times 100 and more."""
        if device not in self.shuffled or not place.isdecimal():
            return place
        channel = int(place)
        return str(self.home(device, channel // 100) * 100 + channel % 100)
