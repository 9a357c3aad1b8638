"""Copper: what a gauge and a length promise.

Diameters after ASTM B258 (d = 0.127 mm * 92^((36 - n) / 39)), resistivity of annealed copper 1.7241e-8 ohm metre at 20 degrees
Celsius (IEC 60028), 2 % more for the lay of stranded wire (IEC 60228), temperature coefficient 0.003929 per kelvin (IEC 60228).
"""

import math
import re
from decimal import Decimal

from sequences.arithmetic import power, square

RESISTIVITY = 1.7241e-8
STRANDED = 1.02
ALPHA_20 = 1 / 254.5
GAUGE_STEP = power(92, Decimal(2) / 39)
"""The ratio of resistances from one AWG size to the next: 1.26."""
GAUGES = "'24 AWG', '2/0 AWG' or '0.25 mm2'"
"""How a gauge is written."""

_GAUGE = re.compile(r"(?:(?P<awg>[1-4]/0|[1-9]?[0-9]) AWG|(?P<area>[0-9]{1,3}(?:\.[0-9]{1,4})?) mm2)")


def area(gauge: str) -> float:
    """The cross-section in square metres of `24 AWG`, `2/0 AWG` or `0.25 mm2`. Raises ValueError."""
    match = _GAUGE.fullmatch(gauge)
    if match is None:
        raise ValueError(f"found {gauge!r}; allowed: {GAUGES}")
    if match["area"]:
        given = float(match["area"]) * 1e-6
        if not given:
            raise ValueError(f"found {gauge!r}; allowed: a cross-section above 0 mm2")
        return given
    size = match["awg"]
    number = 1 - int(size.removesuffix("/0")) if size.endswith("/0") else int(size)
    if number > 50:
        raise ValueError(f"found {gauge!r}; allowed: 4/0 to 50 AWG")
    return math.pi / 4 * square(0.127e-3 * power(92, Decimal(36 - number) / 39))


def ohms_per_metre(gauge: str) -> float:
    """Resistance per metre of a stranded wire at 20 degrees Celsius."""
    return RESISTIVITY * STRANDED / area(gauge)


def at_20_degrees(celsius: float) -> float:
    """The factor that takes a resistance measured at `celsius` to 20 degrees Celsius."""
    return 1 / (1 + ALPHA_20 * (celsius - 20))
