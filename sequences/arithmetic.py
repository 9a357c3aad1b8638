"""Arithmetic whose last bit no machine chooses.

IEEE 754 fixes the result of + - * / and of a square root to the last bit; of `exp`, `log`, `sin` and of powers each
machine's own library may give the one or the other neighbour. What a sequence computes stands in the record with all its
digits, so it is computed by what is fixed (docs/decisions/0020).
"""

import math
from decimal import Decimal
from typing import Final

_TERMS: Final = tuple(range(14, 0, -1))
_ODD: Final = tuple(range(27, 1, -2))
_LN_2: Final = 0.6931471805599453
_LN_2_HIGH: Final = float.fromhex("0x1.62e42fee00000p-1")
"""The first 33 bits of it: a multiple by a thousand is exact."""
_LN_2_LOW: Final = 1.9082149292705877e-10


def square(value: float) -> float:
    """`value` times itself; a power is the library's."""
    return value * value


def exp(value: float) -> float:
    """The exponential, right to 14 digits: a power of two, and a series of what is left. Raises OverflowError, as math's does."""
    if not math.isfinite(value):
        return max(value, 0.0)
    twos = round(value / _LN_2)
    part = value - twos * _LN_2_HIGH - twos * _LN_2_LOW
    result = 1.0
    for term in _TERMS:
        result = 1.0 + result * part / term
    return math.ldexp(result, twos)


def log(value: float) -> float:
    """The natural logarithm, right to 14 digits: that of a power of two, and a series of what is near 1. Raises ValueError."""
    if value <= 0.0:
        raise ValueError(f"there is no logarithm of {value}")
    if not math.isfinite(value):
        return value
    near, twos = math.frexp(value)
    if near < 0.7:
        near, twos = 2.0 * near, twos - 1
    part = (near - 1.0) / (near + 1.0)
    result = 0.0
    for term in _ODD:
        result = (result + 1.0 / term) * part * part
    return twos * _LN_2 + 2.0 * part * (1.0 + result)


def power(positive: int, exponent: Decimal) -> float:
    """A whole number to a fraction, as decimals compute it: exactly, and slowly."""
    return float(Decimal(positive) ** exponent)
