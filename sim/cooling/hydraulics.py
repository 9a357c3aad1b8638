"""Pumps side by side on one loop: where their curve meets the loop's. Heads in kPa, flows in l/min."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

BACKFLOW = 0.3
"""kPa/(l/min)^2 backwards through a pump that stands, when its check valve does not shut."""


@dataclass(frozen=True, slots=True)
class Pump:
    """A pump at some speed (1 is full): it lifts `head` x speed^2 - `droop` x flow^2 (affinity laws)."""

    speed: float
    head: float
    droop: float
    leaky: bool = False
    """Its check valve is stuck open."""

    def flow(self, lift: float) -> float:
        """Litres per minute at a lift; negative where coolant runs back through it."""
        left = self.head * self.speed * self.speed - lift
        if left >= 0.0:
            return math.sqrt(left / self.droop)
        return -math.sqrt(-left / BACKFLOW) if self.leaky else 0.0


def operating_point(pumps: Sequence[Pump], a: float, b: float) -> tuple[float, float]:
    """Flow and lift at which the pumps give what the loop takes: a x flow^2 + b x flow."""
    low, high = 0.0, max((each.head * each.speed**2 for each in pumps), default=0.0)
    if high <= 0.0:
        return 0.0, 0.0
    for _ in range(40):
        lift = (low + high) / 2.0
        taken = (-b + math.sqrt(b * b + 4.0 * a * lift)) / (2.0 * a)
        if sum(each.flow(lift) for each in pumps) > taken:
            low = lift
        else:
            high = lift
    lift = (low + high) / 2.0
    return (-b + math.sqrt(b * b + 4.0 * a * lift)) / (2.0 * a), lift
