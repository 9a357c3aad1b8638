"""Serving the API: its connections, and no patience with those that dawdle."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import Any, Final

import h11
import orjson
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
"""Connections at each doorway at a time, so that no stranger can use up the files that this process may open."""


@asynccontextmanager
async def served(
    line: Line,
    ledger: Ledger,
    ways: Iterable[Doorway],
    metrics: Metrics | None = None,
    erred: Callable[[str, str], None] = lambda *_: None,
) -> AsyncIterator[App]:
    """The API of a line at some doorways, until the block ends; `erred` is told of answers that went wrong."""
    app = App(Answers(line, ledger, metrics), erred)
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

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 (as uvicorn has it)
        super().__init__(*given, **named)
        self.gone = asyncio.Event()

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

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is refused as everything else is."""
        if self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            self.transport.close()
            return
        problem = orjson.dumps({"error": msg, "field": "", "found": "", "allowed": "HTTP/1.1"})
        headers = [
            ("content-type", "application/json"),
            ("content-length", str(len(problem))),
            ("x-content-type-options", "nosniff"),
            ("connection", "close"),
        ]
        for each in (h11.Response(status_code=400, headers=headers), h11.Data(data=problem), h11.EndOfMessage()):
            self.transport.write(self.conn.send(each) or b"")
        self.transport.close()

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
        self.gone.set()
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
    """Leaves signals to the daemon, does not wake up for nothing, and takes in only so many connections: more wait outside."""

    def __init__(self, config: uvicorn.Config, way: Doorway) -> None:
        super().__init__(config)
        self.over = asyncio.Event()
        self._way = way
        self._room = asyncio.Semaphore(MOST_CONNECTIONS)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """They are not ours."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """The socket listens already."""
        del sockets
        self.servers = []
        self.started = True

    async def main_loop(self) -> None:
        """Until told to end."""
        async with asyncio.TaskGroup() as group:
            accepting = group.create_task(self._accept(), name="api door")
            await self.over.wait()
            accepting.cancel()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            while True:
                await self._room.acquire()
                try:
                    came, _ = await loop.sock_accept(self._way.at)
                except OSError:  # it hung up already, or there are too many files
                    self._room.release()
                    await asyncio.sleep(0.1)
                    continue
                group.create_task(self._greet(came), name="api connection")

    async def _greet(self, came: socket.socket) -> None:
        made = partial(_Protocol, config=self.config, server_state=self.server_state, app_state={})
        try:
            _, protocol = await asyncio.get_running_loop().connect_accepted_socket(
                made, came, ssl=self._way.context, ssl_handshake_timeout=HEAD_WITHIN if self._way.context else None
            )
            await protocol.gone.wait()
        except OSError:  # it speaks no TLS that is good enough, or dawdles
            came.close()
        finally:
            self._room.release()


@asynccontextmanager
async def _serving(way: Doorway, app: App) -> AsyncIterator[None]:
    config = uvicorn.Config(
        app.through(way.door), http=_Protocol, ws="none", lifespan="off", loop="none", log_config=None, log_level="error", access_log=False,
        server_header=False, date_header=False, proxy_headers=False, timeout_keep_alive=30,
        h11_max_incomplete_event_size=16 * 1024, timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = _Server(config, way)
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
