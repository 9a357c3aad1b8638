"""Doorways: sockets that listen, and what locks them. On a Unix socket that is its permissions, over TCP nothing less than TLS and tokens."""

import os
import socket
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from station.api.door import Door
from station.api.tokens import TokenError, read_tokens
from station.config.unattended import TcpEntry
from station.service import RefusalError

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


@contextmanager
def _unix(path: Path) -> Iterator[socket.socket]:
    """A socket that appears under its name listening, with its permissions on. What a daemon that died has left there is replaced."""
    if len(os.fsencode(path)) > _LONGEST_PATH:
        raise RefusalError(f"{path} is too long for a socket: {_LONGEST_PATH} bytes; name another with [daemon] socket")
    made = socket.socket(socket.AF_UNIX)
    try:
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        if path.parent.stat().st_mode & 0o002:
            raise RefusalError(f"anybody may write to {path.parent}: a socket there would be anybody's")
        _require_left(path)
        with tempfile.TemporaryDirectory(prefix=".s", dir=path.parent) as aside:
            hidden = Path(aside) / "s"
            _bind(made, hidden)
            hidden.chmod(0o660)
            made.listen(64)
            hidden.rename(path)
        made.settimeout(0.0)
        ours = path.lstat().st_ino
    except OSError as odd:
        made.close()
        raise RefusalError(f"there can be no socket at {path}: {odd.strerror}") from None
    except RefusalError:
        made.close()
        raise
    try:
        yield made
    finally:
        made.close()
        with suppress(OSError):
            if path.lstat().st_ino == ours:
                path.unlink()


def _require_left(path: Path) -> None:
    """Raises RefusalError where something is that nobody has left there."""
    if not path.is_socket():
        if path.is_symlink() or path.exists():
            raise RefusalError(f"{path} is no socket: it is not replaced by one")
        return
    with socket.socket(socket.AF_UNIX) as asking:
        try:
            asking.connect(os.fsencode(path))
        except ConnectionRefusedError:
            return
    raise RefusalError(f"another daemon listens at {path}")


def _bind(made: socket.socket, path: Path) -> None:
    """By way of its folder, so that its name may be as long as it must be."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        made.bind(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)


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
        at.settimeout(0.0)
    except TokenError as odd:
        raise RefusalError(str(odd)) from None
    except (OSError, ValueError, OverflowError) as odd:
        raise RefusalError(f"the API cannot be served at {entry.listen}: {odd}") from None
    return Doorway(at, Door(frozenset({host.lower(), *(each.lower() for each in entry.hosts)}), tokens), context)
