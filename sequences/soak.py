"""Soak: a cadence without drift, judged while it runs."""

import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass

from sequences.take import Take

KEPT = 300.0
"""Seconds after which what has been soaked is recorded: should the process die, no more of a soak of days is lost."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One turn of a soak: its number from 0, when it was due, and how late it began, in seconds.

    What is soaked up to a turn that is `kept` counts from then on, whatever happens: evidence that is needed of it, and is no
    sample, must be observed now.
    """

    number: int
    due: float
    late: float
    kept: bool = False


async def soak(take: Take, *, every: float, lasting: float) -> AsyncIterator[Tick]:
    """Yield a Tick each `every` seconds for `lasting` seconds, the first at once.

    Due times are start + n * every, so lateness never accumulates; a turn that is late by whole periods is not made up
    for: its number is skipped, and the gap stands in the numbers. Between turns the shared instruments are free.

    After an interruption it lasts only what is missing: `lasting`, less what the step has earned, and never less than that.
    """
    if not (every > 0 and lasting >= 0):
        raise ValueError(f"a soak needs every > 0 and lasting >= 0, not {every} and {lasting}")
    loop = asyncio.get_running_loop()
    turns = int(lasting / every + 1e-9)
    start, number, last = loop.time(), 0, max(0, math.ceil(turns - take.earned / every - 1e-9))
    told = 0.0
    while number <= last:
        due, soaked = start + number * every, number * every
        await take.until(due)
        kept = soaked - told >= KEPT or number == last
        yield Tick(number, due, max(0.0, loop.time() - due), kept)
        if kept:
            take.soaked(soaked)
            told = soaked
        number = max(number + 1, int((loop.time() - start) / every))
