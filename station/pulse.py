"""The pulse: whether the engine gets on. It feeds the guardian and the system's watchdog, not merely that the loop turns.

Each run says by when it will be heard of next. One that is overdue means that the engine, which ends every step in its own
time, does not work any more, whatever else still does.
"""

import asyncio
import time
from collections.abc import Callable

TICK = 0.25
"""Seconds between two looks at the clocks."""
SLACK = 2.0
"""Seconds that a run may be late: a loop that has much to do ends its steps a little later."""


def asleep() -> float:
    """Seconds that this machine has slept since it was started."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)


class Pulse:
    """When each run will be heard of next, in the loop's time."""

    def __init__(self, asleep: Callable[[], float] = asleep) -> None:
        self._asleep = asleep
        self._due: dict[str, float] = {}

    def expect(self, who: str, by: float) -> None:
        """`who` will be heard of by then; `math.inf`: nobody knows when, and nothing depends on it."""
        self._due[who] = by

    def over(self, who: str) -> None:
        """Nothing more is heard of `who`."""
        self._due.pop(who, None)

    def overdue(self, now: float) -> list[str]:
        """Those that should have been heard of."""
        return [who for who, by in self._due.items() if now > by + SLACK]

    def alive(self, now: float) -> bool:
        """Whether everything gets on."""
        return not self.overdue(now)

    async def watch(self, lost: Callable[[str], None]) -> None:
        """Tell each time this machine has slept: nobody has watched meanwhile. Never returns."""
        before = self._asleep()
        while True:
            await asyncio.sleep(TICK)
            slept, before = self._asleep() - before, self._asleep()
            if slept > TICK:
                lost(f"this machine slept for {slept:.1f} s, and nobody watched")
