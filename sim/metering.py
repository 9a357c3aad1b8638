"""How an instrument errs: a share of its accuracy that is its own for ever, and noise at each reading."""

from dataclasses import dataclass
from typing import NamedTuple

from sim.leads import Leads

_MOST = 1.5  # standard deviations that an instrument's own error may have


class Class(NamedTuple):
    """An accuracy, as fractions of the reading and of the range."""

    of_reading: float
    of_range: float


@dataclass(slots=True)
class Metering:
    """What one instrument measures of one quantity. It stays within its class."""

    device: str
    leads: Leads
    quantity: str
    skew: float = 0.0
    """How much of its accuracy of reading it uses up, from -0.75 to 0.75."""

    @classmethod
    def of(cls, device: str, leads: Leads, quantity: str) -> "Metering":
        """A new meter, with an error of its own."""
        return cls(device, leads, quantity, max(-_MOST, min(_MOST, leads.trait(device, f"{quantity} gain"))) / 2)

    def show(self, truth: float, full: float, accuracy: Class, place: str = "") -> float:
        """A reading of `truth` in a range of `full`: a fault of the instrument, its own error, and noise."""
        leads, device = self.leads, self.device
        value = truth * (1 + self.skew * accuracy.of_reading) * leads.gain_of(device, self.quantity)
        value += leads.offset_of(device, self.quantity)
        noise = max(-4.0, min(4.0, leads.gauss(device, self.quantity, place)))
        return value + noise / 4 * accuracy.of_range * full
