"""Rates: what a count of k in n says of the rate behind it."""

import math
from typing import Final

_TERMS: Final = 100_000
_TINY: Final = 1e-300


def interval(k: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The exact two-sided confidence interval of a rate (Clopper and Pearson 1934), for k events in n independent trials.

    It holds the true rate at least as often as `confidence` says, whatever the rate is; each side misses it by half of the
    rest at most. Without trials nothing is known: 0 to 1. Raises ValueError for a count that cannot be.
    """
    if not 0 <= k <= n:
        raise ValueError(f"{k} events cannot come from {n} trials")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"a confidence lies between 0 and 1, not at {confidence:g}")
    miss = (1.0 - confidence) / 2
    low = 0.0 if k == 0 else _quantile(miss, k, n - k + 1)
    high = 1.0 if k == n else 1.0 - _quantile(miss, n - k, k + 1)
    return low, high


def _quantile(chance: float, a: int, b: int) -> float:
    """The rate p at which `a` or more of a + b - 1 trials succeed with that chance: the quantile of a beta distribution."""
    low, high = 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        if _at_least(middle, a, b) < chance:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _at_least(p: float, a: int, b: int) -> float:
    """The chance that `a` or more of a + b - 1 trials succeed at the rate p: the incomplete beta function I_p(a, b)."""
    if p > (a + 1) / (a + b + 2):  # the fraction converges quickly on this side of the mean only
        return 1.0 - _at_least_below(1.0 - p, b, a)
    return _at_least_below(p, a, b)


def _at_least_below(p: float, a: int, b: int) -> float:
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(p) + b * math.log1p(-p)
    return math.exp(front) * _fraction(p, a, b) / a


def _fraction(p: float, a: int, b: int) -> float:
    """The continued fraction of I_p(a, b) (DLMF 8.17.22), by Lentz's method."""
    found, above, below = 1.0, 1.0, 0.0
    for term in range(1, _TERMS):
        half, odd = divmod(term, 2)
        if odd:
            part = -(a + half) * (a + b + half) * p / ((a + 2 * half) * (a + 2 * half + 1))
        else:
            part = half * (b - half) * p / ((a + 2 * half - 1) * (a + 2 * half))
        below = 1.0 / _not_zero(1.0 + part * below)
        above = _not_zero(1.0 + part / above)
        found *= above * below
        if abs(above * below - 1.0) < 1e-15:
            return 1.0 / found
    raise ArithmeticError(f"the incomplete beta function of {p:g}, {a}, {b} does not converge")


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
