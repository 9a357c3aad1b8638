"""The multimeter inside a data acquisition mainframe: functions, ranges, and errors within its class of accuracy.

Accuracies of resistance are those of the public 34401A class (see the domain facts); those of capacitance and
temperature are assumed. FRES is measured as if two channels were one: the world has no four-wire multiplexer.
"""

import math
from typing import NamedTuple

from sim.leads import Leads
from sim.quantity import Quantity

OVERLOAD = 9.9e37
_FULL = 1.2  # a range measures to 120 % of its name


class Range(NamedTuple):
    """A range by its name, the error of reading as a fraction, and the noise (one sigma) in the unit."""

    full: float
    of_reading: float
    noise: float


class Function(NamedTuple):
    """What can be measured: the world's quantity, the unit as the instrument says it, seconds at 1 PLC, the ranges."""

    quantity: str
    unit: str
    seconds: float
    ranges: tuple[Range, ...]


_OHMS = (
    Range(100.0, 10e-5, 1e-3),
    *(Range(full, 10e-5, full * 0.25e-5) for full in (1e3, 1e4, 1e5, 1e6)),
    Range(1e7, 40e-5, 1e7 * 0.25e-5),
    Range(1e8, 800e-5, 1e8 * 2.5e-5),
)
_FARADS = tuple(Range(full, 4e-3, max(0.2e-12, full * 2e-5)) for full in (1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4))

FUNCTIONS = {
    "VOLT": Function(
        "voltage", "VDC", 0.020, tuple(Range(full, 35e-6, full * 1e-6) for full in (0.1, 1, 10, 100, 300))
    ),
    "RES": Function("resistance", "OHM", 0.020, _OHMS),
    "FRES": Function("resistance", "OHM", 0.020, _OHMS),
    "CAP": Function("capacitance", "F", 0.040, _FARADS),
    "TEMP": Function("temperature", "C", 0.020, (Range(1e4, 0.0, 0.02),)),
}


class Setup(NamedTuple):
    """How one channel is measured; a range of 0 is chosen by the instrument."""

    function: str = "VOLT"
    full: float = 0.0
    cycles: float = 1.0
    delay: float = 0.0

    @property
    def seconds(self) -> float:
        """How long one reading takes, at 50 Hz."""
        return self.delay + FUNCTIONS[self.function].seconds * self.cycles


class Multimeter:
    """The multimeter of one instrument."""

    def __init__(self, device: str, leads: Leads) -> None:
        self.device = device
        self.leads = leads
        self.skew = max(-1.5, min(1.5, leads.gauss(device, "gain"))) / 2
        """How much of its class of accuracy this one's gain uses up, from -0.75 to 0.75."""

    def measure(self, setup: Setup, channel: int) -> float:
        """One reading in the function's unit, or OVERLOAD."""
        device, leads, function = self.device, self.leads, FUNCTIONS[setup.function]
        truth = self._truth(function.quantity, channel)
        if not math.isfinite(truth):
            return OVERLOAD
        wanted = setup.full or abs(truth) / _FULL
        scale = next((each for each in function.ranges if wanted <= each.full), None)
        if scale is None or abs(truth) > _FULL * scale.full:
            return OVERLOAD
        value = truth * (1 + self.skew * scale.of_reading) * leads.gain_of(device, function.quantity)
        value += leads.offset_of(device, function.quantity)
        return value + leads.gauss(device, function.quantity) * scale.noise

    def _truth(self, quantity: str, channel: int) -> float:
        match quantity:
            case "resistance":
                return self.leads.sense(self.device, Quantity.TWO_WIRE, str(channel))
            case "capacitance":
                return self.leads.sense(self.device, Quantity.CAPACITANCE, str(channel))
            case "temperature":
                return self.leads.sense(self.device, Quantity.TEMPERATURE, str(channel))
        return 0.0  # nothing in this world puts a voltage on a channel
