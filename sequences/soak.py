"""Soak: a cadence without drift, judged while it runs."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from sequences.take import Take


@dataclass(frozen=True, slots=True)
class Tick:
    """One turn of a soak: its number from 0, when it was due, and how late it began, in seconds."""

    number: int
    due: float
    late: float


async def soak(take: Take, *, every: float, lasting: float) -> AsyncIterator[Tick]:
    """Yield a Tick each `every` seconds for `lasting` seconds, the first at once.

    Due times are start + n * every, so lateness never accumulates; a turn that is late by whole periods is not made up
    for: its number is skipped, and the gap stands in the numbers. Between turns the shared instruments are free.
    """
    if not (every > 0 and lasting >= 0):
        raise ValueError(f"a soak needs every > 0 and lasting >= 0, not {every} and {lasting}")
    loop = asyncio.get_running_loop()
    start, number, last = loop.time(), 0, int(lasting / every + 1e-9)
    while number <= last:
        due = start + number * every
        await take.until(due)
        yield Tick(number, due, max(0.0, loop.time() - due))
        number = max(number + 1, int((loop.time() - start) / every))
