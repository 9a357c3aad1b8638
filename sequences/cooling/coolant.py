"""PG25: water with 25 % by mass of propylene glycol, between 10 and 60 degrees Celsius.

Fits to CoolProp 8.0, INCOMP::MPG[0.25] at 3 bar: the density to 0.12 kg/m3, the heat capacity to 0.5 J/(kg K), the
viscosity in the library's own form.
"""

from sequences.arithmetic import exp

REFERENCE = 25.0
"""Degrees Celsius at which resistances are drawn."""
HEAT_SPREAD = 0.005
"""Relative uncertainty (k = 2) of density times heat capacity: of the mixture, 1 % by mass either way."""


def density(celsius: float) -> float:
    """kg/m3."""
    return 1026.205 - 0.290829 * celsius - 2.89512e-3 * celsius * celsius


def heat_capacity(celsius: float) -> float:
    """J/(kg K)."""
    return 3872.66 + 2.39259 * celsius


def viscosity(celsius: float) -> float:
    """Pa s."""
    return exp(-5.20027 + celsius * (-4.72410e-2 + celsius * (3.54581e-4 - 1.29437e-6 * celsius)))


def watts(litres_per_minute: float, kelvins: float, celsius: float) -> float:
    """What a flow carries that is warmed by so many kelvins, at a mean temperature."""
    return litres_per_minute / 60_000.0 * density(celsius) * heat_capacity(celsius) * kelvins


def heaviness(celsius: float) -> float:
    """Density over that at the reference: what a turbulent drop is multiplied by."""
    return density(celsius) / density(REFERENCE)


def thickness(celsius: float) -> float:
    """Viscosity over that at the reference: what a laminar drop is multiplied by."""
    return viscosity(celsius) / viscosity(REFERENCE)
