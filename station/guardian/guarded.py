"""Guarded: what a daemon opens to have its bench guarded for as long as it lives."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from station.bench import Bench
from station.guardian.guarding import Guarding
from station.guardian.watch import relieve
from station.pulse import Pulse


@asynccontextmanager
async def guarded(data: Path, bench: Bench, pulse: Pulse, lost: Callable[[str], None]) -> AsyncIterator[Guarding]:
    """A guardian until the block ends, once an earlier one of this data folder is through.

    `lost` is told why all runs must be aborted: no guardian can be had, or this machine slept. Raises OSError where the data
    folder cannot be used.
    """
    await relieve(data)
    guarding, loop = Guarding(data, bench, pulse, lost), asyncio.get_running_loop()

    def broken(task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            lost(f"nobody stands guard: {type(error).__name__}: {error}")

    tasks = {loop.create_task(guarding.run(), name="guarding"), loop.create_task(pulse.watch(lost), name="pulse")}
    for each in tasks:
        each.add_done_callback(broken)
    try:
        yield guarding
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.wait(tasks)
