"""Silence: what comes is thrown away until nothing has come for a while."""

import asyncio
from collections.abc import Awaitable, Callable

from drivers.links.deadline import Deadline, ExpiredError

OPENING = 0.05
"""Seconds of silence that a fresh connection must keep."""


async def silence(
    receive: Callable[[], Awaitable[bytes]], deadline: Deadline, quiet: float, within: float, most: int
) -> int | None:
    """Wait for `quiet` seconds of silence; how many bytes were thrown away, None when the talking does not stop.

    It is given up after `most` bytes, or five times that silence and a reply of `within` seconds.
    """
    loop = asyncio.get_running_loop()
    give_up, gone = loop.time() + 5 * quiet + within, 0
    while loop.time() < give_up and gone < most:
        try:
            with deadline(quiet):
                gone += len(await receive())
        except ExpiredError:
            return gone
    return None
