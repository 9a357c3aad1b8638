"""A backoff: how long to wait before trying the same peer again; bounded, growing, and not in step with the others."""

import math
import random


class Backoff:
    """Doubles from `first` to `most` seconds, each shortened by up to a half.

    How much is drawn from `name`, of who waits: two names wait differently, one name alike in every run.
    """

    __slots__ = ("_failures", "_first", "_jitter", "_most", "_not_before")

    def __init__(self, name: str, first: float = 0.1, most: float = 5.0) -> None:
        self._jitter = random.Random(name)  # noqa: S311 - no secret: it spreads attempts
        self._first, self._most = first, most
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
