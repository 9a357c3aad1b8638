"""Instruments that can be off: ones that obey, and one whose driver has called into C and does not come back."""

import asyncio
import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from drivers.roles import Identity


@dataclass
class Output:
    """An output that takes a moment to switch off; `off` is the loop's time at which it was."""

    name: str
    takes: float = 0.001
    off: float = math.inf

    async def identify(self) -> Identity:
        """Who it is."""
        return Identity("", self.name, "", "")

    async def make_safe(self) -> None:
        """Switch off."""
        await asyncio.sleep(self.takes)
        self.off = asyncio.get_running_loop().time()

    async def self_check(self) -> None:
        """It is well."""


class Blocked:
    """An instrument of a blocking library: one private thread, which is in a read(2) until `free`."""

    def __init__(self) -> None:
        self._source, self._sink = os.pipe()
        self._thread = ThreadPoolExecutor(1, "blocked")
        self._thread.submit(os.read, self._source, 1)

    async def identify(self) -> Identity:
        """Nobody answers while the thread is blocked."""
        await self._next()
        return Identity("", "blocked", "", "")

    async def make_safe(self) -> None:
        """Wait for the thread, like everybody else."""
        await self._next()

    async def self_check(self) -> None:
        """Wait for the thread, like everybody else."""
        await self._next()

    def free(self) -> None:
        """Let the call return at last."""
        os.write(self._sink, b"x")
        self._thread.shutdown()
        os.close(self._source)
        os.close(self._sink)

    async def _next(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, int)
