"""Wall clocks: the one place where the time of day is read, and where a simulated one comes in."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from sim import clock

WallClock = Callable[[], datetime]


def real_wall() -> datetime:
    """The time of day, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 (the door through which the wall clock comes in)


def simulated_wall() -> datetime:
    """The simulated time of day: a fixed epoch plus the loop's time."""
    return clock.wall(asyncio.get_running_loop())


def iso(when: datetime) -> str:
    """ISO 8601 with milliseconds and zone."""
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
