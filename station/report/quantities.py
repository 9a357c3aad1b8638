"""Quantities as people read them: engineering prefixes, uncertainty to two digits, and honest words for no number."""

import math
from decimal import ROUND_HALF_EVEN, Decimal

from station.report.words import say

PREFIXES = {-15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T"}
GLYPHS = {"ohm": "Ω", "celsius": "°C", "degC": "°C", "C": "°C", "percent": "%", "kelvin": "K", "1": ""}
SCALED = {"ohm", "V", "A", "W", "VA", "var", "Wh", "F", "H", "s", "Hz", "Pa", "S", "J", "m", "g", "N", "C/s"}
"""Units that take a prefix; any other is written as it came."""
SPACE = "\u00a0"
MOST_DIGITS = 9


def unit_of(unit: str) -> str:
    """The unit's symbol: Ω for ohm."""
    return GLYPHS.get(unit, unit)


def exact(value: float, unit: str, uncertainty: float | None = None) -> str:
    """`85.32 ± 0.41 mΩ`: the uncertainty to two significant digits, the value to the same place."""
    if not uncertainty or not math.isfinite(uncertainty) or uncertainty < abs(value) * 10.0**-MOST_DIGITS:
        return brief(value, unit, 5 if uncertainty is None else MOST_DIGITS - 2)
    spread = _rounded(uncertainty, 2)
    place = Decimal(1).scaleb(int(spread.as_tuple().exponent))
    kept = Decimal(repr(value)).quantize(place, ROUND_HALF_EVEN)
    power = _power(max(abs(kept), spread), unit)
    return _said(f"{_plain(kept, power)} ± {_plain(spread, power)}", power, unit)


def brief(value: float, unit: str, digits: int = 3) -> str:
    """`120 mΩ`: the value to a few significant digits, without the zeros that end it."""
    kept = _rounded(value, digits)
    power = _power(abs(kept), unit)
    text = _plain(kept, power)
    return _said(text.rstrip("0").rstrip(".") if "." in text and power is not None else text, power, unit)


def reading(value: float | None, unit: str, uncertainty: float | None, state: str) -> str:
    """A reading with its state: `≥ 1 GΩ` for a bound, `no reading (over-range)` for none."""
    if value is None or not math.isfinite(value):
        return say("no_reading_because", state=state) if state not in {"", "ok", "no-reading"} else say("no_reading")
    if state == "at-least":
        return f"≥{SPACE}{brief(value, unit, 4)}"
    return exact(value, unit, uncertainty)


def span(low: float | None, high: float | None, unit: str, digits: int = 4) -> str:
    """A limit in words: `at most 120 mΩ`, `80 mΩ to 120 mΩ`."""
    if low is not None and high is not None:
        return say("between", low=brief(low, unit, digits), high=brief(high, unit, digits))
    if high is not None:
        return say("at_most", high=brief(high, unit, digits))
    return say("at_least", low=brief(low, unit, digits)) if low is not None else say("no_limit")


def seconds(value: float) -> str:
    """A duration: `3.2 ms`, `41.2 s`, `12 min 05 s`, `71 h 59 min`."""
    if value < 1:
        return brief(value, "s")
    if value < 120:
        return f"{value:.1f}{SPACE}s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 120:
        return f"{minutes}{SPACE}min {rest:02d}{SPACE}s"
    return f"{minutes // 60}{SPACE}h {minutes % 60:02d}{SPACE}min"


def _rounded(value: float, digits: int) -> Decimal:
    return Decimal(f"{value:.{digits - 1}e}")


def _power(size: Decimal, unit: str) -> int | None:
    """The power of ten of the prefix; None where the number is written with an exponent of its own."""
    if not size:
        return 0
    exponent = size.adjusted()
    if unit in SCALED:
        power = 3 * (exponent // 3)
        return power if power in PREFIXES else None
    return 0 if -4 <= exponent <= 6 else None


def _plain(value: Decimal, power: int | None) -> str:
    text = f"{value:.3E}" if power is None else f"{value.scaleb(-power):f}"
    return text.replace("-", "−")  # noqa: RUF001 (a minus sign is what people read)


def _said(text: str, power: int | None, unit: str) -> str:
    symbol = PREFIXES[power or 0] + unit_of(unit)
    return f"{text}{SPACE}{symbol}" if symbol else text
