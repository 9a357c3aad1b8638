"""A network cable for tests: bytes through a socket to somebody else's, until it is pulled; plugged in, they go on."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

CHUNK = 4096


class Cable:
    """From a port of its own to `port`. While it is pulled nothing gets through, and nobody is told, as with TCP."""

    def __init__(self, port: int, jitter: float = 0.0) -> None:
        self.port = 0
        """Where to connect."""
        self._to = port
        self._jitter = jitter
        self._chance = random.Random(1)  # noqa: S311 - the same delays in every run
        self._whole = asyncio.Event()
        self._whole.set()
        self._ways: list[asyncio.Task[None]] = []

    def pull(self) -> None:
        """Nothing gets through."""
        self._whole.clear()

    def plug(self) -> None:
        """What was kept gets through, and all that follows."""
        self._whole.set()

    async def both_ways(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
        for one, other in ((reader, far_writer), (far_reader, writer)):
            self._ways.append(asyncio.get_running_loop().create_task(self._carry(one, other)))

    async def cut(self) -> None:
        """Every connection ends."""
        for way in self._ways:
            way.cancel()
        await asyncio.gather(*self._ways, return_exceptions=True)
        self._ways.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while some := await reader.read(CHUNK):
                await self._whole.wait()
                for piece in self._pieces(some):
                    if self._jitter:
                        await asyncio.sleep(self._chance.uniform(0.0, self._jitter))
                    writer.write(piece)
        except ConnectionError:
            pass
        finally:
            writer.close()

    def _pieces(self, some: bytes) -> list[bytes]:
        at = self._chance.randrange(len(some)) if self._jitter and len(some) > 1 else 0
        return [piece for piece in (some[:at], some[at:]) if piece]


@asynccontextmanager
async def cable(port: int, jitter: float = 0.0) -> AsyncIterator[Cable]:
    """A cable to a port, whole; with `jitter` each piece of what goes through takes up to that many seconds."""
    it = Cable(port, jitter)
    server = await asyncio.start_server(it.both_ways, "127.0.0.1", 0)
    it.port = server.sockets[0].getsockname()[1]
    try:
        yield it
    finally:
        it.plug()
        server.close()
        await it.cut()
        await server.wait_closed()
