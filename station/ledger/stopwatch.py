"""A stopwatch at the disk: how long the ledger's commits wait for it. A disk that is slow is told, and fails no run."""

from collections import deque
from time import perf_counter  # the ledger's thread has no loop, and waits for the real disk in simulated time too

from station.ledger.disk import Disk

KEPT = 10_000
"""Commits that are kept until somebody takes them."""


class Stopwatch(Disk):
    """The disk that is there, timed. `committing` and `committed` are the ledger's thread's; the rest is for anyone."""

    def __init__(self) -> None:
        self._took: deque[float] = deque(maxlen=KEPT)
        self._since: float | None = None

    def committing(self) -> None:
        """A commit begins."""
        self._since = perf_counter()

    def committed(self) -> None:
        """It is done."""
        if self._since is not None:
            self._took.append(perf_counter() - self._since)
        self._since = None

    def take(self) -> list[float]:
        """The seconds of every commit since this was last asked."""
        return [self._took.popleft() for _ in range(len(self._took))]

    @property
    def waiting(self) -> float:
        """Seconds for which the commit that goes on has waited; 0.0 when none does."""
        since = self._since
        return 0.0 if since is None else perf_counter() - since
