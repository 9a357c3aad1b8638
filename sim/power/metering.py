"""The metering circuit of one outlet: a current transformer and a share of the voltage divider, with their errors."""

import cmath
import math
from dataclasses import dataclass

SQUELCH = 0.05
"""Amperes below which a healthy meter shows nothing."""
KNEE = 0.8
"""Of the rated current: from there a saturated transformer loses most of what is more."""


@dataclass(slots=True)
class Meter:
    """Errors of a current transformer: gain, phase in degrees, amperes of offset, its direction, saturation."""

    gain: float
    degrees: float
    rated: float
    offset: float = 0.0
    reversed: bool = False
    saturated: bool = False

    def amps(self, current: complex) -> float:
        """Amperes rms that it shows for a current."""
        seen = abs(current) * self.gain
        if self.saturated and seen > KNEE * self.rated:
            seen = KNEE * self.rated + 0.3 * (seen - KNEE * self.rated)
        if self.offset:
            return seen + self.offset
        return seen if seen >= SQUELCH else 0.0

    def watts(self, volts: complex, current: complex) -> float:
        """Active power that it shows: U I cos(phi + error), with the current as it sees it."""
        amps = self.amps(current)
        turn = cmath.phase(current * volts.conjugate()) if current and volts else 0.0
        power = abs(volts) * amps * math.cos(turn + math.radians(self.degrees))
        return -power if self.reversed else power
