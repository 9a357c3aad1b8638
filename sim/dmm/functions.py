"""The functions of a 34461A: ranges, accuracies, and the seconds that one reading takes.

Full scales, and the sums of both parts of each accuracy, are the one-year service limits of the 34401A, which is of the
same class (service guide page 69): 100 mV 8.5 uV, 1 V 47 uV, 10 V 400 uV, 100 V 5.1 mV, 100 ohm 14 mohm, 1 kohm 110 mohm,
10 kohm 1.1 ohm; two wires without null add 200 mohm. Ranges above those, and AC volts, are data-sheet knowledge.
"""

from typing import NamedTuple

from sim.metering import Class
from sim.quantity import Quantity

CYCLES = (0.02, 0.2, 1.0, 10.0, 100.0)
"""Power line cycles for which a 34461A can integrate."""
BANDS = {3.0: 2.5, 20.0: 0.625, 200.0: 0.025}
"""Seconds that a reading of AC volts takes, by the lowest frequency in hertz that it shall hold."""
_OVER = 1.2  # a range measures to 120 % of its name, except where more would kill it


class Range(NamedTuple):
    """A range by its name, and its accuracy."""

    full: float
    accuracy: Class
    most: float

    @classmethod
    def of(cls, full: float, of_reading: float, of_range: float, over: float = _OVER) -> "Range":
        """Percents, as manuals write them."""
        return cls(full, Class(of_reading / 100, of_range / 100), full * over)


_OHMS = (
    Range.of(100.0, 0.010, 0.004),
    *(Range.of(full, 0.010, 0.001) for full in (1e3, 1e4, 1e5, 1e6)),
    Range.of(1e7, 0.040, 0.001),
    Range.of(1e8, 0.800, 0.010),
)


class Function(NamedTuple):
    """How the manual writes a function, what it senses, its ranges, and the bit of its overload."""

    header: str
    quantity: Quantity
    ranges: tuple[Range, ...]
    overload: int
    extra: float = 0.0
    """Ohms that two wires add."""

    def range_for(self, wanted: float) -> Range | None:
        """The smallest range whose name holds a value."""
        return next((each for each in self.ranges if wanted <= each.full), None)

    def range_of(self, truth: float) -> Range:
        """The smallest range that measures a value; the largest for what none does."""
        return next((each for each in self.ranges if abs(truth) <= each.most), self.ranges[-1])


FUNCTIONS = {
    "VOLT": Function(
        "VOLTage[:DC]",
        Quantity.DC_VOLTS,
        (
            Range.of(0.1, 0.0050, 0.0035),
            Range.of(1.0, 0.0040, 0.0007),
            Range.of(10.0, 0.0035, 0.0005),
            Range.of(100.0, 0.0045, 0.0006),
            Range.of(1000.0, 0.0045, 0.0010, over=1.0),
        ),
        1,
    ),
    "VOLT:AC": Function(
        "VOLTage:AC",
        Quantity.AC_VOLTS,
        (*(Range.of(full, 0.06, 0.03) for full in (0.1, 1.0, 10.0, 100.0)), Range.of(750.0, 0.06, 0.03, over=1.0)),
        1,
    ),
    "RES": Function("RESistance", Quantity.TWO_WIRE, _OHMS, 512, extra=0.2),
    "FRES": Function("FRESistance", Quantity.FOUR_WIRE, _OHMS, 512),
}
"""By the name that `SENS:FUNC?` says."""
