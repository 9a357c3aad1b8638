"""The air of the hall: close to 23 degrees Celsius, wandering slowly."""

import math
from dataclasses import dataclass
from functools import lru_cache

from sim.noise import uniform

MEAN = 23.0
_SWINGS = ((0.45, 3600.0), (0.20, 1290.0), (0.08, 410.0))  # kelvin, and the seconds of one period


@dataclass(frozen=True, slots=True)
class Ambient:
    """Air temperature as a function of time; never further than 0.73 K from 23 degrees Celsius."""

    phases: tuple[float, ...]

    @classmethod
    def seeded(cls, seed: int) -> "Ambient":
        """The air of one hall."""
        return cls(tuple(2.0 * math.pi * uniform(seed, "ambient", period) for _, period in _SWINGS))

    def at(self, seconds: float) -> float:
        """Degrees Celsius at `seconds` since the world started."""
        celsius = MEAN
        for (swing, period), phase in zip(_SWINGS, self.phases, strict=True):
            celsius += swing * math.sin(2.0 * math.pi * seconds / period + phase)
        return celsius

    def followed(self, since: float, until: float, lag: float) -> float:
        """What the air has added, in kelvins, to a body that followed it with a time constant of `lag` from `since` to `until`:
        the body has that, and what is left of what it had.
        """
        return self.behind(until, lag) - self.behind(since, lag) * math.exp(-(until - since) / lag)

    def behind(self, seconds: float, lag: float) -> float:
        """Degrees Celsius of a body that follows the air with a time constant of `lag` seconds, and always has."""
        celsius = MEAN
        for (swing, turns, late), phase in zip(_behind(lag), self.phases, strict=True):
            celsius += swing * math.sin(turns * seconds + phase - late)
        return celsius


@lru_cache
def _behind(lag: float) -> tuple[tuple[float, float, float], ...]:
    """Each swing of a body that follows the air: kelvin, radians per second, and the radians by which it is late."""
    turns = [2.0 * math.pi / period for _, period in _SWINGS]
    lates = [math.atan(each * lag) for each in turns]
    return tuple(
        (swing * math.cos(late), each, late) for (swing, _), each, late in zip(_SWINGS, turns, lates, strict=True)
    )
