"""Heat of a contact: one thermal resistance and one time constant; advanced analytically when it is looked at."""

import math
from dataclasses import dataclass


@dataclass(slots=True)
class Warmth:
    """Kelvin above the air. `kelvin_per_watt` and `tau` (seconds) make T = Ta + P Rth (1 - e^(-t/tau))."""

    kelvin_per_watt: float
    tau: float
    kelvin: float = 0.0
    _watts: float = 0.0
    _at: float = 0.0

    def at(self, now: float) -> float:
        """Kelvin above the air at the time `now`, in seconds."""
        end = self._watts * self.kelvin_per_watt
        self.kelvin = end + (self.kelvin - end) * math.exp(-(now - self._at) / self.tau)
        self._at = now
        return self.kelvin

    def heat(self, watts: float, now: float) -> None:
        """From now on that power heats it."""
        self.at(now)
        self._watts = watts
