"""Decision rules: how far inside its tolerance a reading must lie before a unit is accepted on it.

A rule makes a guard band w of the reading's expanded uncertainty U (k = 2): the tolerance is drawn in by w at each end, and
what lies inside is accepted. ISO/IEC 17025:2017 (7.1.3, 7.8.6) asks that the rule be agreed and stated, so a product names it
limit by limit, and every verdict says it.
"""

from enum import StrEnum
from math import isfinite

from sequences.arithmetic import exp, log

Ends = tuple[float | None, float | None]
"""The lower and the upper end of a tolerance, or of what is accepted; one that is None is open."""


class Rule(StrEnum):
    """A decision rule, as product files and records name it."""

    SIMPLE = "simple"
    """w = 0: producer and customer share the risk, which is 50 % at the limit (ILAC-G8:09/2019, 4.2.1)."""
    U = "u"
    """w = U: at the acceptance limit one reading in 44 is of a bad unit (ILAC-G8:09/2019, 4.2.2)."""
    ISO_14253 = "iso-14253"
    """w = 0.83 U: one in 20, for limits whose uncertainty reaches over one end only (ISO 14253-1:2017)."""
    METHOD_6 = "method-6"
    """w = U (1.04 - exp(0.38 ln TUR - 0.54)), not below 0: over all units at most 2 % are bad and accepted, whatever part of
    them is good (Dobbert; ANSI/NCSL Z540.3 handbook, method 6). From a TUR of 4.6 on that is w = 0.
    """


def half_width(low: float | None, high: float | None) -> float:
    """Half of a tolerance's width, which a test uncertainty ratio (TUR) divides by U.

    The width of a limit with one end is counted from zero, so a limit of zero has none.
    """
    if low is not None and high is not None:
        return (high - low) / 2
    return abs(high if high is not None else low or 0.0) / 2


def guard_band(rule: Rule, low: float | None, high: float | None, uncertainty: float) -> float:
    """The w of a rule, in the unit of the limit; never below 0. Raises ValueError for what is no uncertainty."""
    if not (isfinite(uncertainty) and uncertainty >= 0):
        raise ValueError(f"an uncertainty is a finite number, 0 or more, not {uncertainty:g}")
    match rule:
        case Rule.SIMPLE:
            return 0.0
        case Rule.U:
            return uncertainty
        case Rule.ISO_14253:
            return 0.83 * uncertainty
        case Rule.METHOD_6:
            return uncertainty * max(0.0, _multiplier(half_width(low, high), uncertainty))


def acceptance(rule: Rule, low: float | None, high: float | None, uncertainty: float) -> Ends:
    """The acceptance limits: the tolerance, drawn in by the guard band. Where nothing is accepted, low is above high."""
    width = guard_band(rule, low, high, uncertainty)
    return None if low is None else low + width, None if high is None else high - width


def _multiplier(half: float, uncertainty: float) -> float:
    """Dobbert's M of a TUR. A sure reading (TUR infinite) needs no guard band, a limit of no width (TUR 0) the widest."""
    if uncertainty == 0.0:
        return 0.0
    # The logarithms are taken apart, for a quotient of small numbers may be too great for a number.
    return 1.04 - exp(0.38 * (log(half) - log(uncertainty)) - 0.54) if half > 0.0 else 1.04
