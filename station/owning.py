"""Owning: one process at a time talks to an instrument. A lock for each address, machine-wide, that dies with its process.

Who is refused is told by whom. The guardian asks nobody: it takes the bench from a process that is dead.
"""

import fcntl
import hashlib
import ipaddress
import json
import os
import stat
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from drivers.links.address import (
    ModbusRtuAddress,
    ModbusTcpAddress,
    SerialAddress,
    TcpAddress,
    VisaAddress,
    parse,
)

FOLDER = "RACKPROOF_LOCKS"
"""The environment's name for another folder of locks."""
RUN_LOCK = Path("/run/lock")
MOST_NAMED = 3
"""Instruments that are named where more of them are in use."""
LONGEST = 4096
"""Bytes that are read of what another owner says of itself."""


class InUseError(Exception):
    """An instrument that another process has, or a lock that nobody can look at: who, and which."""


@dataclass(frozen=True, slots=True)
class Who:
    """What an owner says of itself."""

    command: str
    station: str
    data: str

    def line(self) -> bytes:
        """As it stands in a lock's file."""
        said = {"pid": os.getpid(), "command": self.command, "station": self.station, "data": self.data}
        return json.dumps(said).encode()[:LONGEST]


def lock_folder() -> Path:
    """The folder that all processes of this machine share: the one that is named, /run/lock/rackproof, or one beside temporary
    files. Raises InUseError where there is none.
    """
    if named := os.environ.get(FOLDER):
        return _shared(Path(named))
    with suppress(OSError, InUseError):
        return _shared(RUN_LOCK / "rackproof")
    return _shared(Path(tempfile.gettempdir()) / "rackproof-locks")


def place(link: str) -> str:
    """What a link's address is to those who want it at the same time; empty for what only this process has."""
    match parse(link):
        case TcpAddress(host, port) | ModbusTcpAddress(host, port):
            return f"tcp {_host(host)} {port}"
        case SerialAddress(device) | ModbusRtuAddress(device):
            return f"serial {os.path.realpath(device)}"
        case VisaAddress(resource):
            return f"visa {resource.upper()}"
        case _:
            return ""


@dataclass(slots=True)
class Owning:
    """The instruments that this process has, until it lets go or ends."""

    who: Who
    folder: Path | None = None
    _held: dict[str, int] = field(default_factory=dict)

    def take(self, links: Iterable[tuple[str, str]]) -> None:
        """Take instruments, each by its name and its link, all or none. Raises InUseError that names those that are in use.

        What is held already is kept.
        """
        wanted = {at: (name, link) for name, link in links if (at := place(link)) and at not in self._held}
        if not wanted:
            return
        if self.folder is None:
            self.folder = lock_folder()
        taken: dict[str, int] = {}
        refused: list[str] = []
        for at, (name, link) in wanted.items():
            try:
                taken[at] = self._lock(self.folder / f"{hashlib.blake2b(at.encode(), digest_size=16).hexdigest()}.lock")
            except InUseError as other:
                refused.append(f"{self.who.station}'s {name} at {link} {other}")
        if refused:
            _let_go(taken)
            more = [f"and {len(refused) - MOST_NAMED} more"] if len(refused) > MOST_NAMED else []
            raise InUseError("; ".join([*refused[:MOST_NAMED], *more]))
        self._held |= taken

    def release(self) -> None:
        """Let go of all. Idempotent."""
        _let_go(self._held)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _lock(self, file: Path) -> int:
        try:
            descriptor = _opened(file)
        except OSError as error:
            raise InUseError(
                f"may be in use: its lock {file} cannot be looked at ({error.strerror}); remove it"
            ) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            told = _told(descriptor)
            os.close(descriptor)
            raise InUseError(f"is in use by {told}") from None
        _sign(file, self.who.line())
        return descriptor


def _let_go(held: dict[str, int]) -> None:
    while held:
        os.close(held.popitem()[1])


def _host(name: str) -> str:
    if name.lower() == "localhost":
        return "127.0.0.1"
    with suppress(ValueError):
        return str(ipaddress.ip_address(name))
    return name.lower()


def _shared(folder: Path) -> Path:
    """A folder that everybody may put files into, and nobody may take another's away."""
    try:
        folder.mkdir()
        folder.chmod(0o1777)
    except FileExistsError:
        pass
    except OSError as error:
        raise InUseError(f"the locks of instruments cannot be kept in {folder}: {error.strerror}") from None
    if not stat.S_ISDIR(folder.lstat().st_mode) or not os.access(folder, os.W_OK | os.X_OK):
        raise InUseError(f"the locks of instruments cannot be kept in {folder}: it is no folder that may be written")
    return folder


def _opened(file: Path) -> int:
    """A lock's file, for reading: the kernel keeps others from opening another user's file here to create it."""
    safely = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    for _ in range(10):
        with suppress(FileExistsError):
            try:
                descriptor = os.open(file, os.O_RDONLY | safely)
            except FileNotFoundError:
                descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | safely, 0o666)
                os.fchmod(descriptor, 0o666)
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return descriptor
            os.close(descriptor)
            break
    raise OSError(0, "it is no file")


def _sign(file: Path, line: bytes) -> None:
    """Say who has it. What cannot be said is locked all the same."""
    with suppress(OSError):
        descriptor = os.open(file, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


def _told(descriptor: int) -> str:
    """What the owner says of itself; anybody may have written it."""
    try:
        said = json.loads(os.pread(descriptor, LONGEST, 0))
        pid, command, data = said["pid"], said["command"], said["data"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "another process"
    if not isinstance(pid, int) or not isinstance(command, str) or not isinstance(data, str):
        return "another process"
    return f"{_plain(command)}, pid {pid}" + (f", data folder {_plain(data)}" if data else "")


def _plain(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text[:200])
