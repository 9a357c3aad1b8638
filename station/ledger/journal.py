"""The journal: what was told and is not in the ledger's file yet, in memory that outlives its process.

A store into shared memory is all it costs to survive kill -9: no call that could block, no thread to wait for. It does not
survive the machine; for that there is `Ledger.sync`. Each process writes its own journal and whoever finds it dead reads it.
"""

import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self

SHARED = Path("/dev/shm")  # noqa: S108 (names in it are unguessable, made exclusively, and for this user only)
SIZE = 2**20
"""Bytes of a journal: some three thousand events, when the ledger writes a few hundred at a time."""

_LENGTH = struct.Struct("<I")
_FRAME = struct.Struct("<26sI16s")
_NOTHING = _LENGTH.pack(0)


class Frame(NamedTuple):
    """One event as it was told; `body` is all of it, samples too."""

    run: str
    number: int
    kind: str
    body: bytes


def _path(owner: str) -> Path:
    return SHARED / f"rackproof-{owner}"


class Journal:
    """The journal of this process. `missed` is set once an event did not fit, until everything is in the ledger."""

    def __init__(self, path: Path, memory: mmap.mmap) -> None:
        self._path, self._memory, self._at = path, memory, 0
        self.missed = False

    @classmethod
    def create(cls, owner: str) -> Self | None:
        """An empty journal, or None where there is no shared memory to spare."""
        path = _path(owner)
        try:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(fd, 0, SIZE)  # all of it now: memory that is missing later would kill the process
                return cls(path, mmap.mmap(fd, SIZE))
            finally:
                os.close(fd)
        except OSError:
            path.unlink(missing_ok=True)
            return None

    def write(self, run: str, number: int, kind: str, body: bytes) -> None:
        """Keep one event. Whoever is killed in the middle of this has not told it: the length, written last, counts."""
        payload = _FRAME.pack(run.encode(), number, kind.encode()) + body
        first = self._at + _LENGTH.size
        last = first + len(payload)
        if self.missed or last + _LENGTH.size > SIZE:
            self.missed = True
            return
        memory = self._memory
        memory[last : last + _LENGTH.size] = _NOTHING
        memory[first:last] = payload
        _LENGTH.pack_into(memory, self._at, len(payload))
        self._at = last

    def rewind(self) -> None:
        """Begin again: everything that was told is in the ledger."""
        self._memory[: _LENGTH.size] = _NOTHING
        self._at, self.missed = 0, False

    def void(self) -> None:
        """Nothing in here holds any more, until it is rewound. May be called while another thread writes."""
        self.missed = True
        self._memory[: _LENGTH.size] = _NOTHING

    def close(self) -> None:
        """Leave no trace: the ledger has it all."""
        self._memory.close()
        self._path.unlink(missing_ok=True)


def left_by(owner: str) -> Iterator[Frame]:
    """What a dead process told last, in order; nothing when it left no journal."""
    with suppress(FileNotFoundError, PermissionError):
        memory = _path(owner).read_bytes()
        at = 0
        while at + _LENGTH.size <= len(memory) and (length := _LENGTH.unpack_from(memory, at)[0]):
            at += _LENGTH.size
            run, number, kind = _FRAME.unpack_from(memory, at)
            body = memory[at + _FRAME.size : at + length]
            yield Frame(run.decode(), number, kind.rstrip(b"\0").decode(), body)
            at += length


def forget(owner: str) -> None:
    """Remove what a dead process left."""
    with suppress(PermissionError):
        _path(owner).unlink(missing_ok=True)
