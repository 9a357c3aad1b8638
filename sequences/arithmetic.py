"""Arithmetic whose last bit no machine chooses.

IEEE 754 fixes the result of + - * / and of a square root to the last bit; of `exp`, `log`, `sin` and of powers each
machine's own library may give the one or the other neighbour. What a sequence computes stands in the record with all its
digits, so it is computed by what is fixed (docs/decisions/0020).
"""

from decimal import Decimal
from typing import Final

_HALVINGS: Final = 8
_TERMS: Final = tuple(range(14, 0, -1))


def square(value: float) -> float:
    """`value` times itself; a power is the library's."""
    return value * value


def exp(value: float) -> float:
    """E to a power between -100 and 100, right to 13 digits: a series of a small part of it, then squared."""
    part = value / 2**_HALVINGS
    result = 1.0
    for term in _TERMS:
        result = 1.0 + result * part / term
    for _ in range(_HALVINGS):
        result *= result
    return result


def power(positive: int, exponent: Decimal) -> float:
    """A whole number to a fraction, as decimals compute it: exactly, and slowly."""
    return float(Decimal(positive) ** exponent)
