"""The multimeter inside a data acquisition mainframe: functions, ranges, and errors within its class of accuracy.

Accuracies of resistance and volts are those of the public 34401A class (see the domain facts); those of capacitance and
temperature are assumed, thermocouples with 1 K and their reference junction's own 0.3 K. FRES is measured as if two channels
were one: the world has no four-wire multiplexer. A thermocouple that is open, or outside its type's span (IEC 60584), is an
overload. A channel of AC volts takes a second to settle (the medium filter).
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

_THERMOCOUPLE = Range(2e3, 0.0, 0.25)

FUNCTIONS = {
    "VOLT": Function(
        "voltage", "VDC", 0.020, tuple(Range(full, 35e-6, full * 1e-6) for full in (0.1, 1, 10, 100, 300))
    ),
    "VOLT:AC": Function(
        "voltage", "VAC", 1.0, tuple(Range(full, 6e-4, full * 0.75e-4) for full in (0.1, 1, 10, 100, 300))
    ),
    "RES": Function("resistance", "OHM", 0.020, _OHMS),
    "FRES": Function("resistance", "OHM", 0.020, _OHMS),
    "CAP": Function("capacitance", "F", 0.040, _FARADS),
    "TEMP": Function("temperature", "C", 0.020, (Range(1e4, 0.0, 0.02),)),
    "TC": Function("temperature", "C", 0.020, (_THERMOCOUPLE,)),
}
THERMOCOUPLES = {
    "B": (60, 1820),
    "E": (-150, 1000),
    "J": (-150, 1200),
    "K": (-100, 1370),
    "N": (-100, 1300),
    "R": (-50, 1760),
    "S": (-50, 1760),
    "T": (-100, 400),
}
"""The span of each type in degrees Celsius."""


class Setup(NamedTuple):
    """How one channel is measured; a range of 0 is chosen by the instrument."""

    function: str = "VOLT"
    full: float = 0.0
    cycles: float = 1.0
    delay: float = 0.0
    kind: str = ""
    """Of a thermocouple."""

    @property
    def seconds(self) -> float:
        """How long one reading takes, at 50 Hz."""
        return self.delay + FUNCTIONS[self.function].seconds * self.cycles


class Multimeter:
    """The multimeter of one instrument."""

    def __init__(self, device: str, leads: Leads) -> None:
        self.device = device
        self.leads = leads
        self.junction = max(-1.5, min(1.5, leads.trait(device, "junction"))) * 0.2
        """Kelvin by which its reference junction errs."""
        self.skew = max(-1.5, min(1.5, leads.trait(device, "gain"))) / 2
        """How much of its class of accuracy this one's gain uses up, from -0.75 to 0.75."""

    def measure(self, setup: Setup, channel: int) -> float:
        """One reading in the function's unit, or OVERLOAD."""
        device, leads, function = self.device, self.leads, FUNCTIONS[setup.function]
        truth = self._truth(setup.function, channel)
        if setup.kind:
            least, most = THERMOCOUPLES[setup.kind]
            truth = truth + self.junction if least <= truth <= most else math.nan
        if not math.isfinite(truth):
            return OVERLOAD
        wanted = setup.full or abs(truth) / _FULL
        scale = next((each for each in function.ranges if wanted <= each.full), None)
        if scale is None or abs(truth) > _FULL * scale.full:
            return OVERLOAD
        value = truth * (1 + self.skew * scale.of_reading) * leads.gain_of(device, function.quantity)
        value += leads.offset_of(device, function.quantity)
        return value + leads.gauss(device, function.quantity, str(channel)) * scale.noise

    def _truth(self, function: str, channel: int) -> float:
        quantity = {
            "VOLT": Quantity.DC_VOLTS,
            "VOLT:AC": Quantity.AC_VOLTS,
            "CAP": Quantity.CAPACITANCE,
            "TEMP": Quantity.TEMPERATURE,
            "TC": Quantity.TEMPERATURE,
        }.get(function, Quantity.TWO_WIRE)
        return self.leads.sense(self.device, quantity, str(channel))
