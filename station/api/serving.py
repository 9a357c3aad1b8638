"""Serving the API: on a Unix socket whose permissions are the lock, and over TCP only with TLS and tokens."""

import asyncio
import os
import socket
import ssl
import struct
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from station.api.answers import Answers, Metrics
from station.api.app import App, Door
from station.api.tokens import TokenError, read_tokens
from station.config.unattended import TcpEntry
from station.ledger.ledger import Ledger
from station.line.line import Line
from station.service import RefusalError

HEAD_WITHIN: Final = 10.0
"""Seconds in which the head of a request must have come."""
TAKEN_WITHIN: Final = 30.0
"""Seconds in which who asked must have taken what is sent to him."""
MOST_CONNECTIONS: Final = 128
_LONGEST_PATH: Final = 107
"""Bytes of a Unix socket's path: what the kernel has room for."""


@dataclass(frozen=True, slots=True)
class Doorway:
    """A socket that listens, who may come in there, and by which TLS; without TLS it is a Unix socket."""

    at: socket.socket
    door: Door
    context: ssl.SSLContext | None = None


@contextmanager
def doorways(path: Path, tcp: TcpEntry | None, folder: Path) -> Iterator[tuple[Doorway, ...]]:
    """The Unix socket `path`, and the one over TCP where there is an entry for it; what that names lies in `folder`.

    It blocks. Raises RefusalError where they cannot be opened safely.
    """
    with ExitStack() as stack:
        ways = [Doorway(stack.enter_context(_unix(path)), Door())]
        if tcp is not None:
            ways.append(_tcp(tcp, folder))
            stack.callback(ways[-1].at.close)
        yield tuple(ways)


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

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """They are not ours."""
        yield

    async def main_loop(self) -> None:
        """Until told to end."""
        while not self.should_exit:  # noqa: ASYNC110 (uvicorn has a flag, and no event)
            await asyncio.sleep(0.25)


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
        server.should_exit = True
        await asyncio.wait({serving})


@contextmanager
def _unix(path: Path) -> Iterator[socket.socket]:
    """A socket that appears under its name with its permissions on. What was left there by a daemon that died is replaced."""
    if len(os.fsencode(path)) > _LONGEST_PATH:
        raise RefusalError(f"{path} is too long for a socket: {_LONGEST_PATH} bytes; name another with [daemon] socket")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.parent.stat().st_mode & 0o002:
            raise RefusalError(f"anybody may write to {path.parent}: a socket there would be anybody's")
        with socket.socket(socket.AF_UNIX) as made, tempfile.TemporaryDirectory(prefix=".s", dir=path.parent) as aside:
            hidden = Path(aside) / "s"
            made.bind(os.path.relpath(hidden))
            hidden.chmod(0o660)
            hidden.rename(path)
            made.setblocking(False)  # noqa: FBT003 (as the socket has it)
            yield made
    except OSError as odd:
        raise RefusalError(f"there can be no socket at {path}: {odd.strerror}") from None
    finally:
        path.unlink(missing_ok=True)


def _tcp(entry: TcpEntry, folder: Path) -> Doorway:
    """The one over TCP. Raises RefusalError."""
    host, _, port = entry.listen.rpartition(":")
    host = host.strip("[]")
    key, tokens = folder / entry.key, folder / entry.tokens
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        read_tokens(tokens)
        if key.stat().st_mode & 0o077:
            raise RefusalError(f"{key} may be read by others: chmod 600 {key.name}")
        context.load_cert_chain(folder / entry.certificate, key, password="")
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)
        at = socket.create_server(found[0][4][:2], family=found[0][0], backlog=64)
        at.setblocking(False)  # noqa: FBT003 (as the socket has it)
    except TokenError as odd:
        raise RefusalError(str(odd)) from None
    except (OSError, ValueError, OverflowError) as odd:
        raise RefusalError(f"the API cannot be served at {entry.listen}: {odd}") from None
    return Doorway(at, Door(frozenset({host.lower(), *(each.lower() for each in entry.hosts)}), tokens), context)
