"""Watching without ticks: an instrument that keeps an eye on its leads looks again only when something there has changed."""

import asyncio
import math


class Stirred:
    """Beats each `every` seconds from the moment it is made, and leaves out those before which nothing has stirred."""

    def __init__(self, every: float) -> None:
        self._every, self._began = every, asyncio.get_running_loop().time()
        self._event = asyncio.Event()
        self._event.set()

    def stir(self) -> None:
        """Something has changed: the next beat counts."""
        self._event.set()

    async def beat(self) -> None:
        """Wait until something stirs, and then until the next beat."""
        await self._event.wait()
        loop = asyncio.get_running_loop()
        turns = math.floor((loop.time() - self._began) / self._every) + 1
        await asyncio.sleep(max(0.0, self._began + turns * self._every - loop.time()))
        self._event.clear()  # only now: whatever stirred in the meantime is seen at this beat
