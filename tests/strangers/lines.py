"""A null modem of two ptys: what is written to one end comes out at the other, in this process."""

import asyncio
import os
import tty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def null_modem() -> AsyncIterator[tuple[str, str]]:
    """The paths of two joined serial ports."""
    pairs = [os.openpty(), os.openpty()]
    loop = asyncio.get_running_loop()
    (left, left_end), (right, right_end) = pairs
    for ours, end in pairs:
        tty.setraw(end)
        os.set_blocking(ours, False)

    def carry(here: int, there: int) -> None:
        with suppress(BlockingIOError, OSError):
            os.write(there, os.read(here, 4096))

    loop.add_reader(left, carry, left, right)
    loop.add_reader(right, carry, right, left)
    try:
        yield os.ttyname(left_end), os.ttyname(right_end)
    finally:
        for ours, end in pairs:
            loop.remove_reader(ours)
            os.close(ours)
            os.close(end)
