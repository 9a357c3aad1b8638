"""A backoff: how long to wait before trying the same peer again; bounded, growing, and not in step with the others."""

import math
import random


class Backoff:
    """Doubles from `first` to `most` seconds, each shortened by up to a half; the same `jitter` gives the same waits."""

    __slots__ = ("_failures", "_first", "_jitter", "_most", "_not_before")

    def __init__(self, jitter: random.Random, first: float = 0.1, most: float = 5.0) -> None:
        self._jitter, self._first, self._most = jitter, first, most
        self._failures, self._not_before = 0, -math.inf

    def left(self, now: float) -> float:
        """Seconds to wait before the next attempt may begin; 0 if none."""
        return max(0.0, self._not_before - now)

    def attempt(self, now: float) -> None:
        """An attempt begins. Until `succeeded`, it counts as failed."""
        wait = min(self._most, self._first * 2.0 ** min(self._failures, 60)) * self._jitter.uniform(0.5, 1.0)
        self._failures += 1
        self._not_before = now + wait

    def succeeded(self) -> None:
        """The peer is there, and is the right one."""
        self._failures = 0
