"""Axes: where a value lies on a line, evenly or by decades."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

DECADES = 30.0
"""From this ratio on, values are shown by decades."""


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`, both finite, low < high; with `log` both are above 0."""

    low: float
    high: float
    log: bool = False

    def at(self, value: float) -> float:
        """Where the value lies: 0 at `low`, 1 at `high`, beyond outside."""
        value = _tame(value)
        if not self.log:
            return (value - self.low) / (self.high - self.low)
        return math.log(value / self.low) / math.log(self.high / self.low) if value > 0 else -1.0

    def ticks(self, most: int) -> tuple[float, ...]:
        """Round values inside, at most about `most`."""
        if self.log:
            first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
            return tuple(10.0**power for power in range(first, last + 1, max(1, math.ceil((last - first + 1) / most))))
        step = _round_up((self.high - self.low) / most)
        return tuple(
            at * step for at in range(math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9) + 1)
        )


def judged(low: float | None, high: float | None, values: Iterable[float]) -> Axis:
    """An axis that shows the limits well, and the values as far as that goes: those far outside lie beyond its ends."""
    values = [_tame(value) for value in values if math.isfinite(value)]
    low, high = (None if end is None else _tame(end) for end in (low, high))
    if low is not None and high is not None:
        return _around(low, high, values)
    edge = high if high is not None else low
    shown = [*values, edge] if edge is not None else values
    if not shown:
        return Axis(0.0, 1.0)
    least, most = min(shown), max(shown)
    if least > 0 and most / least > DECADES:
        return Axis(least / 2, most * 2, log=True)
    if edge is not None and edge > 0 and least >= 0:
        return Axis(0.0, max(most * 1.12, edge * 1.3))
    room = (most - least) * 0.15 or abs(most) * 0.1 or 1.0
    return Axis(least - room, most + room)


def covering(values: Iterable[float]) -> Axis:
    """An axis from the least to the greatest value, with a little room."""
    values = [_tame(value) for value in values if math.isfinite(value)]
    if not values:
        return Axis(0.0, 1.0)
    least, most = min(values), max(values)
    room = (most - least) * 0.06 or abs(most) * 0.05 or 1.0
    return Axis(least - room, most + room)


def _tame(value: float) -> float:
    """The value kept where sums and quotients of such values stay finite."""
    return math.copysign(min(abs(value), 1e150), value) if abs(value) > 1e-150 else 0.0


def _around(low: float, high: float, values: list[float]) -> Axis:
    if low > 0 and high / low > DECADES:
        return Axis(low / 3, high * 3, log=True)
    width = (high - low) or abs(high) * 0.1 or 1.0
    near = [value for value in values if low - 2 * width <= value <= high + 2 * width]
    return Axis(
        min([low - 0.45 * width, *(value - 0.15 * width for value in near)]),
        max([high + 0.45 * width, *(value + 0.15 * width for value in near)]),
    )


def _round_up(step: float) -> float:
    power: float = 10.0 ** math.floor(math.log10(step))
    return next(power * each for each in (1, 2, 5, 10) if power * each >= step * (1 - 1e-9))
