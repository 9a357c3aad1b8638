"""Risk: how often a decision is wrong, of one reading and over all units.

One reading knows nothing of other units (JCGM 106:2012, a flat prior). Over all units there is a prior: how the true values
of what is made are spread. The true value is x, the reading x + e with e ~ N(0, u), u = U/2; then of all units

    PFA = P(x outside the tolerance and the reading accepted)        a bad unit is passed
    PFR = P(x inside the tolerance and the reading not accepted)     a good unit is failed

Both are unconditional, as in ANSI/NCSL Z540.3: shares of all units, not of those accepted or rejected.

The integrals are taken over the prior's own standard deviations by Gauss and Legendre, in panels that are never wider than one
of them nor than one of u, so that the small tails are as exact as the large ones.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import Final, Protocol

from numpy.polynomial.legendre import leggauss

FARTHEST: Final = 12
"""Standard deviations beyond which a normal tail (2e-33) counts as nothing."""
_NODES: Final = tuple((float(node), float(weight)) for node, weight in zip(*leggauss(16), strict=True))
_SQRT2: Final = math.sqrt(2.0)
_PEAK: Final = 1.0 / math.sqrt(2.0 * math.pi)


class Prior(Protocol):
    """How true values are spread: a rising function of a standard normal z, and its inverse."""

    def value(self, z: float) -> float:
        """The true value at z standard deviations."""
        ...

    def z(self, value: float) -> float:
        """The standard deviations of a value; an infinity where no true value is that low or high."""
        ...


@dataclass(frozen=True, slots=True)
class Normal:
    """True values about a mean; `sigma` is above 0."""

    mean: float
    sigma: float

    def value(self, z: float) -> float:
        """The true value at z standard deviations."""
        return self.mean + self.sigma * z

    def z(self, value: float) -> float:
        """The standard deviations of a value."""
        return (value - self.mean) / self.sigma


@dataclass(frozen=True, slots=True)
class LogNormal:
    """True values that are above 0 and skewed, as leaks and contact resistances are; `sigma` is of their logarithm."""

    median: float
    sigma: float

    def value(self, z: float) -> float:
        """The true value at z standard deviations."""
        return self.median * math.exp(self.sigma * z)

    def z(self, value: float) -> float:
        """The standard deviations of a value."""
        return math.log(value / self.median) / self.sigma if value > 0.0 else -math.inf


@dataclass(frozen=True, slots=True)
class Risk:
    """Parts of all units, 0 to 1: `pfa` are bad and accepted, `pfr` good and rejected."""

    pfa: float
    pfr: float


def conformity(low: float | None, high: float | None, value: float, u: float) -> float:
    """How likely the truth lies in the tolerance, of one reading with the standard uncertainty u (JCGM 106, 7.3)."""
    return _Acceptance(_end(low, -math.inf), _end(high, math.inf), _checked(u)).chance(value)


def risk(
    limit_low: float | None,
    limit_high: float | None,
    accept_low: float | None,
    accept_high: float | None,
    u: float,
    in_tolerance: float = 0.95,
    prior: Prior | None = None,
) -> Risk:
    """The global risk of a tolerance with these acceptance limits, read with the standard uncertainty `u` (half of U).

    Without a `prior` the units are those of `prior_of`, `in_tolerance` of them good. An end that is None is open. Where the
    acceptance limits have crossed nothing is accepted. Exact to about 1e-9 of each number that is more than 1e-20. Raises
    ValueError for what means nothing.
    """
    units = prior_of(limit_low, limit_high, in_tolerance) if prior is None else prior
    low, high = _end(limit_low, -math.inf), _end(limit_high, math.inf)
    accepts = _Acceptance(_end(accept_low, -math.inf), _end(accept_high, math.inf), _checked(u))
    bottom, top = units.z(low), units.z(high)
    cuts = sorted({*map(float, range(-FARTHEST, FARTHEST + 1)), bottom, top, *map(units.z, accepts.cuts())})
    bad = [*_panels(cuts, -math.inf, bottom), *_panels(cuts, top, math.inf)]
    good = _panels(cuts, bottom, top)
    return Risk(_mass(units, bad, accepts.chance), _mass(units, good, accepts.refusal))


def prior_of(low: float | None, high: float | None, in_tolerance: float = 0.95) -> Normal:
    """Units of which that part is in tolerance: normal, and about the middle of the tolerance.

    The width of a tolerance with one end is counted from zero, as for the TUR: the units lie about half of that away from
    the end, and only that end makes them bad. Raises ValueError where there is no width.
    """
    if not 0.0 < in_tolerance < 1.0:
        raise ValueError(f"the part of units in tolerance lies between 0 and 1, not at {in_tolerance:g}")
    if low is not None and high is not None:
        middle, half, part = (low + high) / 2, (high - low) / 2, 0.5 + in_tolerance / 2
    else:
        end = high if high is not None else low or 0.0
        half, part = abs(end) / 2, in_tolerance
        middle = end - half if high is not None else end + half
    if not (math.isfinite(half) and half > 0.0):
        raise ValueError("a tolerance without a width has no spread of units in it")
    if part <= 0.5:
        raise ValueError(f"with one end more than half of all units are in tolerance, not {in_tolerance:g}")
    return Normal(middle, half / NormalDist().inv_cdf(part))


@dataclass(frozen=True, slots=True)
class _Acceptance:
    """What readings are accepted; `chance` and `refusal` of a true value make 1 together, each exact where it is small."""

    low: float
    high: float
    u: float

    def chance(self, x: float) -> float:
        """That the reading of this true value is accepted."""
        if self.low > self.high or self.u == 0.0:
            return float(self.low <= x <= self.high)
        if x < self.low:  # the difference of those two tails that are small keeps its digits
            return _tail(self.low - x, self.u) - _tail(self.high - x, self.u)
        return _tail(x - self.high, self.u) - _tail(x - self.low, self.u)

    def refusal(self, x: float) -> float:
        """That it is not."""
        if self.low > self.high or self.u == 0.0:
            return float(not self.low <= x <= self.high)
        return _tail(x - self.low, self.u) + _tail(self.high - x, self.u)

    def cuts(self) -> Iterator[float]:
        """The true values at which the chance changes quickly."""
        for end in (self.low, self.high):
            if math.isfinite(end):
                yield from (end + at * self.u for at in range(-FARTHEST, FARTHEST + 1))


def _panels(cuts: list[float], low: float, high: float) -> list[tuple[float, float]]:
    """The panels between two ends, as far as there are units."""
    inside = [each for each in cuts if max(low, -FARTHEST) <= each <= min(high, FARTHEST)]
    return list(pairwise(inside))


def _mass(prior: Prior, panels: Iterable[tuple[float, float]], chance: Callable[[float], float]) -> float:
    """The units in some panels, each times its chance."""
    masses = []
    for left, right in panels:
        middle, half = (left + right) / 2, (right - left) / 2
        for node, weight in _NODES:
            z = middle + half * node
            masses.append(_PEAK * half * weight * math.exp(-z * z / 2) * chance(prior.value(z)))
    return math.fsum(masses)


def _tail(distance: float, u: float) -> float:
    """How often an error is greater than that distance."""
    return math.erfc(distance / u / _SQRT2) / 2


def _end(given: float | None, open_end: float) -> float:
    return open_end if given is None else given


def _checked(u: float) -> float:
    if not (math.isfinite(u) and u >= 0.0):
        raise ValueError(f"a standard uncertainty is a finite number, 0 or more, not {u:g}")
    return u
