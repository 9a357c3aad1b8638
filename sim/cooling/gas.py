"""Gas in a vessel: an ideal gas that is filled, heated by being filled, and leaks. Standard litres: 25 degrees, 101,325 Pa."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

ATMOSPHERE = 101_325.0
STANDARD = 298.15
ZERO = 273.15
GAMMA = 1.4
METAL_TAU = 4.0
"""Seconds in which gas in a metal vessel takes the metal's temperature (1 to 5 s)."""
CHOKED = 1.893
"""Ratio of pressures above which an orifice is choked: its flow is proportional to the pressure before it."""


def pinholes(sccms: Iterable[float], stated_at: float, before: float, after: float) -> float:
    """Standard litres per minute through pinholes that pass `sccms` at `stated_at` pascals, from `before` to `after`.

    Choked it is proportional to the pressure before them; below, it vanishes with the pressures' difference.
    """
    if before <= after:
        return 0.0
    part, lowest = 1.0, 1.0 / CHOKED
    if before / after < CHOKED:
        part = math.sqrt(max(0.0, 1.0 - ((after / before - lowest) / (1.0 - lowest)) ** 2))
    return sum([each / 1000.0 * before / stated_at * part for each in sccms], 0.0)


def crack(sccm: float, stated_at: float, before: float, after: float) -> float:
    """The same through a long narrow crack, where flow is laminar: it grows with the difference of the pressures' squares."""
    if before <= after:
        return 0.0
    return sccm / 1000.0 * (before**2 - after**2) / (stated_at**2 - ATMOSPHERE**2)


def through(a: float, b: float, pascal: float) -> float:
    """Litres per minute that `pascal` drive through a x flow^2 + b x flow."""
    if pascal <= 0.0:
        return 0.0
    return (-b + math.sqrt(b * b + 4.0 * a * pascal)) / (2.0 * a) if a else pascal / b


@dataclass(slots=True)
class Vessel:
    """Gas of one pressure. `amount` in standard litres; `excess` is what it is warmer than the metal around it."""

    amount: float
    excess: float = 0.0

    @classmethod
    def of_air(cls, litres: float, kelvin: float) -> "Vessel":
        """A vessel that is open to the air."""
        return cls(litres * STANDARD / kelvin)

    def pascal(self, litres: float, metal: float) -> float:
        """Absolute pressure; `metal` in kelvins."""
        return self.amount / litres * ATMOSPHERE * (metal + self.excess) / STANDARD

    def pass_time(self, seconds: float, inflow: float, conductance: float, litres: float, metal: float) -> None:
        """Let `inflow` standard litres per minute in, and `conductance` (per pascal above the air) out.

        Exact for what stays constant meanwhile: the pressure moves exponentially towards where both are equal.
        """
        kept = math.exp(-seconds / METAL_TAU)
        self.excess *= kept
        before = self.amount
        slope = ATMOSPHERE * (metal + self.excess) / STANDARD / litres
        rate = conductance * slope / 60.0
        air = ATMOSPHERE / slope
        if rate * seconds > 1e-12:
            goal = air + inflow / 60.0 / rate
            self.amount = goal + (before - goal) * math.exp(-rate * seconds)
        else:
            self.amount = before + (inflow / 60.0 - rate * (before - air)) * seconds
        work = (GAMMA - 1.0) * metal * math.log(self.amount / before)
        gained = work * METAL_TAU / seconds * (1.0 - kept)
        self.excess = max(-60.0, min(120.0, self.excess + gained))
