"""Insulation between live conductors and earth: its resistance, its capacitance, and where it breaks down."""

import math
from dataclasses import dataclass

MAINS = 50.0
"""Hertz of an AC withstand test."""
ARC_OHMS = 20e3
"""Ohms of an arc."""


@dataclass(slots=True)
class Insulation:
    """`breakdown` in volts rms."""

    ohms: float
    farads: float
    breakdown: float = 4000.0

    def breaks(self, volts: float) -> bool:
        """Whether it breaks down at volts rms."""
        return volts > self.breakdown

    def amps(self, ac: float, dc: float) -> float:
        """Amperes rms at an AC voltage (I = 2 pi f C U beside U / R), or of direct current at a DC one."""
        if self.breaks(max(ac, dc / math.sqrt(2))):
            return max(ac, dc) / ARC_OHMS
        capacitive = 2.0 * math.pi * MAINS * self.farads * ac
        return math.hypot(capacitive, ac / self.ohms) + dc / self.ohms
