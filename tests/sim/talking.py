"""A client of a few lines for an emulator in memory, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sim import clock
from sim.makers import emulator_for
from sim.wires import MemoryWire
from tests.sim.fake_leads import FakeLeads

T = TypeVar("T")


class Client:
    """Says lines, hears lines."""

    def __init__(self, wire: MemoryWire, ending: bytes, emulator: Any = None) -> None:
        self.wire = wire
        self.emulator = emulator
        self._ending = ending
        self._reply_ending: bytes = getattr(emulator, "reply_ends", ending)

    async def write(self, line: str) -> None:
        """Send a line."""
        await self.wire.send(line.encode() + self._ending)

    async def ask(self, line: str) -> str:
        """Send a line, and hear one."""
        await self.write(line)
        heard = await self.wire.receive()
        assert heard.endswith(self._reply_ending)
        return heard.removesuffix(self._reply_ending).decode()

    @staticmethod
    def now() -> float:
        """The running loop's time."""
        return asyncio.get_running_loop().time()


def talk_to(model: str, leads: FakeLeads, talk: Callable[[Client], Awaitable[T]]) -> T:
    """What a talk to an emulator comes to."""

    async def main() -> T:
        emulator = emulator_for(model, "it", leads)
        wire = MemoryWire(emulator)
        await wire.open()
        try:
            return await talk(Client(wire, b"\r\n" if emulator.line_ends == b"\r\n" else emulator.line_ends, emulator))
        finally:
            wire.close()

    return clock.run(main())
