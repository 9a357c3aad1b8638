"""Pumps side by side on one loop: where their curve meets the loop's. Heads in kPa, flows in l/min."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

CLOSE = 1e-10
"""kPa, and l/min, that make no difference."""
MOST = 100
"""Steps towards the point: about eight are needed."""
BACKFLOW = 0.3
"""kPa/(l/min)^2 backwards through a pump that stands, when its check valve does not shut."""


@dataclass(frozen=True, slots=True)
class Pump:
    """A pump at some speed (1 is full): it lifts `head` x speed^2 - `droop` x flow^2 (affinity laws).

    Above what it lifts nothing flows, or where its check valve does not shut, coolant runs back through it.
    """

    speed: float
    head: float
    droop: float
    leaky: bool = False
    """Its check valve is stuck open."""


def operating_point(pumps: Sequence[Pump], a: float, b: float) -> tuple[float, float]:
    """Flow and lift at which the pumps give what the loop takes: a x flow^2 + b x flow."""
    low, high = 0.0, max((each.head * each.speed**2 for each in pumps), default=0.0)
    if high <= 0.0:
        return 0.0, 0.0

    given = [(each.head * each.speed * each.speed, each.droop, each.leaky) for each in pumps]
    linear, four, two = b * b, 4.0 * a, 2.0 * a

    def taken(lift: float) -> float:
        return (-b + math.sqrt(linear + four * lift)) / two

    def left(lift: float) -> float:
        return _given(given, lift) - taken(lift)

    # False position (Illinois): the end that stays counts half the next time, so both ends close in.
    above, below, lift, side = left(low), left(high), high, 0
    for _ in range(MOST):
        if high - low < CLOSE or not above > 0.0 > below:
            break
        lift = (low * below - high * above) / (below - above)
        found = left(lift)
        if abs(found) < CLOSE:
            break
        if found > 0.0:
            low, above, below, side = lift, found, below / 2.0 if side > 0 else below, 1
        else:
            high, below, above, side = lift, found, above / 2.0 if side < 0 else above, -1
    return taken(lift), lift


def _given(pumps: Sequence[tuple[float, float, bool]], lift: float) -> float:
    """Flow at a lift of pumps with that much lift without flow, droop, and a leaky check valve or not."""
    flow = 0.0
    for most, droop, leaky in pumps:
        if lift <= most:
            flow += math.sqrt((most - lift) / droop)
        elif leaky:
            flow -= math.sqrt((lift - most) / BACKFLOW)
    return flow
