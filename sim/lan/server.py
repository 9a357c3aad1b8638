"""A server whose conversations end with it: none is left talking when the block ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Converse = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(converse: Converse, host: str) -> AsyncIterator[int]:
    """Serve on a free port, which is given, until the block ends."""
    going: dict[asyncio.Task[object], asyncio.StreamWriter] = {}

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a server's conversations are tasks
        going[task] = writer
        try:
            await converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            del going[task]
            writer.close()

    server = await asyncio.start_server(one, host, 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        tasks = tuple(going)
        for writer in tuple(going.values()):
            writer.transport.abort()
        await asyncio.gather(*tasks, return_exceptions=True)
