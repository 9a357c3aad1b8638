"""Readings made of several: their uncertainties combine in quadrature, their instruments are named together."""

import math

from drivers.reading import Reading, State


def together(value: float, unit: str, uncertainty: float, *parts: Reading) -> Reading:
    """A value that was worked out from `parts`; it is no number unless all of them are."""
    by = "+".join(dict.fromkeys(name for part in parts for name in part.by.split("+")))
    at = min(part.at for part in parts)
    odd = next((part for part in parts if not part.is_number or part.state is not State.OK), None)
    if odd is not None or not math.isfinite(value):
        state = odd.state if odd is not None and odd.state not in {State.OK, State.AT_LEAST} else State.NO_READING
        return Reading(math.nan, unit, math.nan, at, by, state)
    return Reading(value, unit, uncertainty, at, by)


def less(one: Reading, other: Reading, unit: str) -> Reading:
    """One minus another, in `unit`."""
    return together(one.value - other.value, unit, math.hypot(one.uncertainty, other.uncertainty), one, other)


def times(one: Reading, other: Reading, unit: str) -> Reading:
    """One times another."""
    spread = math.hypot(one.uncertainty * other.value, one.value * other.uncertainty)
    return together(one.value * other.value, unit, spread, one, other)


def percent(one: Reading, other: Reading) -> Reading:
    """One in percent of another."""
    if not other.value:
        return together(math.nan, "%", math.nan, one, other)
    ratio = one.value / other.value
    spread = math.hypot(one.uncertainty, ratio * other.uncertainty) / abs(other.value)
    return together(100.0 * ratio, "%", 100.0 * spread, one, other)


def error(said: Reading, true: Reading) -> Reading:
    """By how many percent of the true one a reading is off."""
    ratio = percent(said, true)
    return together(ratio.value - 100.0, "%", ratio.uncertainty, said, true)


def share(one: Reading, of: float) -> Reading:
    """A reading in percent of a number that is known exactly."""
    return together(100.0 * one.value / of, "%", 100.0 * one.uncertainty / abs(of), one)
