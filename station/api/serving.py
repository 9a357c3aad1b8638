"""Serving the API: its connections, and no patience with those that dawdle."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from station.api.answers import Answers, Metrics
from station.api.app import App
from station.api.doorways import Doorway
from station.ledger.ledger import Ledger
from station.line.line import Line

HEAD_WITHIN: Final = 10.0
"""Seconds in which the head of a request must have come."""
TAKEN_WITHIN: Final = 30.0
"""Seconds in which who asked must have taken what is sent to him."""
MOST_CONNECTIONS: Final = 128


@asynccontextmanager
async def served(
    line: Line, ledger: Ledger, ways: Iterable[Doorway], metrics: Metrics | None = None
) -> AsyncIterator[App]:
    """The API of a line at some doorways, until the block ends."""
    app = App(Answers(line, ledger, metrics))
    async with AsyncExitStack() as stack:
        for each in ways:
            await stack.enter_async_context(_serving(each, app))
        try:
            yield app
        finally:
            app.over.set()


class _Protocol(H11Protocol):
    """One connection: who is at the other end of a Unix socket, and no patience with a head that does not come, nor with
    a reader who does not read.
    """

    _slow: asyncio.TimerHandle | None = None
    _stuck: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 (as uvicorn has it)
        """Begin."""
        super().connection_made(transport)
        peer: socket.socket = transport.get_extra_info("socket")
        if peer.family == socket.AF_UNIX:
            pid, uid, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
            self.client = (f"uid-{uid}", pid)
        self._slow = self.loop.call_later(HEAD_WITHIN, transport.close)

    def data_received(self, data: bytes) -> None:
        """Some of it has come; the head must come whole in time."""
        super().data_received(data)
        if _is_answering(self):
            self._hurry(over=True)
        elif self._slow is None:
            self._hurry(over=False)

    def on_response_complete(self) -> None:
        """The next request may come."""
        super().on_response_complete()
        self._hurry(over=True)

    def pause_writing(self) -> None:
        """What was sent is not taken: a reader who is that slow is cut off after a while."""
        super().pause_writing()
        self._stuck = self._stuck or self.loop.call_later(TAKEN_WITHIN, self.transport.abort)

    def resume_writing(self) -> None:
        """It has been taken."""
        self._taken()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._hurry(over=True)
        self._taken()
        super().connection_lost(exc)

    def _taken(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None

    def _hurry(self, *, over: bool) -> None:
        if self._slow is not None:
            self._slow.cancel()
            self._slow = None
        if not over:
            self._slow = self.loop.call_later(HEAD_WITHIN, self.transport.close)


def _is_answering(protocol: H11Protocol) -> bool:
    cycle: Any = protocol.cycle
    return cycle is not None and not cycle.response_complete


class _Server(uvicorn.Server):
    """Leaves signals to the daemon, and does not wake up ten times a second for nothing."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.over = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """They are not ours."""
        yield

    async def main_loop(self) -> None:
        """Until told to end."""
        await self.over.wait()


@asynccontextmanager
async def _serving(way: Doorway, app: App) -> AsyncIterator[None]:
    context = way.context
    config = uvicorn.Config(
        app.through(way.door), http=_Protocol, ws="none", lifespan="off", loop="none", log_config=None, log_level="error", access_log=False,
        server_header=False, date_header=False, proxy_headers=False, timeout_keep_alive=30,
        limit_concurrency=MOST_CONNECTIONS, h11_max_incomplete_event_size=16 * 1024, timeout_graceful_shutdown=1,
        ssl_context_factory=None if context is None else (lambda _config, _default: context),
    )  # fmt: skip
    server = _Server(config)
    serving = asyncio.get_running_loop().create_task(server.serve([way.at]), name="api")
    try:
        while not server.started:
            await asyncio.sleep(0)
            if serving.done():
                serving.result()
        yield
    finally:
        server.over.set()
        await asyncio.wait({serving})
