"""Cadence: how late samples were, out of nothing but their own times."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

MOST = 4096
"""Points whose cadence is remembered; more than that are not looked at."""


class Cadence:
    """Of each point: its period, and when its next sample is due. A soak never shifts its turns, so lateness shows."""

    def __init__(self) -> None:
        self._due: dict[tuple[str, ...], tuple[float, float]] = {}

    def late(self, point: tuple[str, ...], times: Sequence[float]) -> tuple[list[float], int]:
        """How late each of some more samples of a point was, and how often turns were left out between them."""
        if point not in self._due:
            if len(times) < 3 or len(self._due) >= MOST:
                return [], 0
            period = round(median(b - a for a, b in pairwise(times)), 3)
            if period <= 0:
                return [], 0
            # Where the turns lie is known from the sample that was least late.
            self._due[point] = (period, times[0] - max(_behind(times[0], each, period) for each in times))
        period, due = self._due[point]
        late: list[float] = []
        gaps = 0
        for time in times:
            turns = round((time - due) / period)
            gaps += turns > 1
            due += turns * period
            if turns <= 1:
                late.append(max(0.0, time - due))
            elif abs(time - due) > period / 4:
                due = time  # another cadence begins here
        self._due[point] = (period, due)
        return late, gaps

    def forget(self, run: str) -> None:
        """The run has ended; a point begins with its run."""
        for each in [point for point in self._due if point[0] == run]:
            del self._due[each]


def _behind(first: float, time: float, period: float) -> float:
    """By how much the first sample would be late if this one were not at all."""
    return first - (time - round((time - first) / period) * period)
