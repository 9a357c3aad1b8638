"""Phasors of a three-phase star: phase to neutral voltages 120 degrees apart, and currents that lag them."""

import cmath
import math
from collections.abc import Iterable

NAMES = ("L1", "L2", "L3")


def phasor(volts: float, phase: int) -> complex:
    """The voltage of phase 1 to 3 to neutral."""
    return cmath.rect(volts, -2.0 * math.pi / 3.0 * (phase - 1))


def lagging(volts: complex, amps: float, power_factor: float) -> complex:
    """The current that a load draws: `power_factor` positive lags, negative leads."""
    angle = math.acos(min(1.0, abs(power_factor)))
    return cmath.rect(amps, cmath.phase(volts) - math.copysign(angle, power_factor))


def neutral(currents: Iterable[complex]) -> float:
    """Amperes rms in the neutral: the sum of all phasors."""
    return abs(sum(currents))


def unbalance(amps: tuple[float, float, float]) -> float:
    """The largest departure from the mean, as a fraction of the mean."""
    mean = sum(amps) / 3.0
    return max(abs(each - mean) for each in amps) / mean if mean else 0.0
