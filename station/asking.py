"""Asking: a daemon's API from the other end, for commands that people type. It blocks."""

import http.client
import json
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 120.0
"""Seconds for an answer: a slot that is released is made safe first, and measured."""
QUIET = 60.0
"""Seconds of silence after which a stream is believed to be dead; the daemon says something every 15."""


class NoDaemonError(Exception):
    """Nobody answers there, or somebody else does."""


class DeniedError(Exception):
    """The daemon does not do it; the text says why, and what is allowed."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a stream."""

    id: str
    event: str
    body: Any


@dataclass(frozen=True, slots=True)
class Daemon:
    """A daemon at a Unix socket, or at a URL with a token; `ca` signed its certificate."""

    socket: Path | None = None
    url: str = ""
    token: str = ""
    ca: Path | None = None

    @property
    def where(self) -> str:
        """For people."""
        return self.url or str(self.socket)

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer's document. Raises NoDaemonError, DeniedError."""
        with closing(self._connection(PATIENCE)) as connection:
            answer = self._request(connection, method, path, body, {})
            try:
                raw = answer.read()
                said = json.loads(raw)
            except (OSError, http.client.HTTPException, ValueError) as odd:
                raise NoDaemonError(f"{self.where} does not answer as a daemon does: {odd}") from None
        if answer.status >= http.client.BAD_REQUEST:
            raise DeniedError(_why(said))
        if not isinstance(said, dict):
            raise NoDaemonError(f"{self.where} does not answer as a daemon does")
        return said

    def stream(self, path: str, last: str = "") -> Iterator[Told]:
        """The events of a stream after the one called `last`, until the daemon ends it. Raises as `ask`, also when it is cut off."""
        with closing(self._connection(QUIET)) as connection:
            answer = self._request(connection, "GET", path, None, {"Last-Event-ID": last} if last else {})
            try:
                if answer.status >= http.client.BAD_REQUEST:
                    raise DeniedError(_why(json.loads(answer.read())))
                yield from _events(answer)
            except (OSError, http.client.HTTPException, ValueError) as odd:
                raise NoDaemonError(f"{self.where} was cut off: {str(odd) or type(odd).__name__}") from None

    def _request(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: Mapping[str, Any] | None,
        more: Mapping[str, str],
    ) -> http.client.HTTPResponse:  # fmt: skip
        headers = {"Authorization": f"Bearer {self.token}", **more} if self.token else dict(more)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            return connection.getresponse()
        except (FileNotFoundError, ConnectionRefusedError):
            raise NoDaemonError(f"no daemon answers at {self.where}: station daemon starts one") from None
        except (OSError, http.client.HTTPException) as odd:
            raise NoDaemonError(f"no daemon answers at {self.where}: {str(odd) or type(odd).__name__}") from None

    def _connection(self, within: float) -> http.client.HTTPConnection:
        if not self.url:
            return OverSocket(self.socket or Path("station.sock"), within)
        parts = urlsplit(self.url)
        if parts.scheme != "https" or not parts.hostname:
            raise NoDaemonError(f"{self.url} is no https://HOST:PORT")
        try:
            context = ssl.create_default_context(cafile=self.ca)
        except (OSError, ssl.SSLError) as odd:
            raise NoDaemonError(f"{self.ca}: {odd}") from None
        return http.client.HTTPSConnection(parts.hostname, parts.port or 443, timeout=within, context=context)


class OverSocket(http.client.HTTPConnection):
    """HTTP over a Unix socket; `within` are the seconds for each step of it."""

    def __init__(self, path: Path, within: float) -> None:
        super().__init__("localhost", timeout=within)
        self._path = path

    def connect(self) -> None:
        """Connect."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _events(answer: http.client.HTTPResponse) -> Iterator[Told]:
    said: dict[str, str] = {}
    for raw in answer:
        line = raw.decode().rstrip("\n")
        if line:
            name, _, value = line.partition(": ")
            said[name] = value
        elif "data" in said:
            yield Told(said.get("id", ""), said.get("event", ""), json.loads(said["data"]))
            said = {}


def _why(said: object) -> str:
    if not isinstance(said, dict) or "error" not in said:
        return "the daemon does not say why"
    more = [f"{name} {said[name]}" for name in ("found", "allowed") if said.get(name)]
    return f"{said['error']}{': ' if more else ''}{'; '.join(more)}"
