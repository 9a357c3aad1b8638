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

from station.trace import RunEnded

SHARED = Path("/dev/shm")  # noqa: S108 (names in it are unguessable, made exclusively, and for this user only)
HALF = 2**21
"""Bytes of half a journal: some seven thousand events, when the ledger writes a few hundred at a time."""

_LENGTH = struct.Struct("<I")
_FRAME = struct.Struct("<26sI16s")
_KIND = struct.calcsize("<26sI")
_NOTHING = _LENGTH.pack(0)
_ENDED = RunEnded.__name__
RECANTED = "XunEnded"
"""The kind of an end that does not hold: one byte away from RunEnded's, so that a single store makes it so."""


class Frame(NamedTuple):
    """One event as it was told; `body` is all of it, samples too."""

    run: str
    number: int
    kind: str
    body: bytes


def _path(owner: str) -> Path:
    return SHARED / f"rackproof-{owner}"


class Journal:
    """The journal of this process: two halves, written in turn. A half is written anew once the ledger has all of it.

    Events are counted as they are told; who writes says how many were `told`, this one included, and how many of them the
    ledger has `stored`. `missed` is the count of the last one that did not fit: until it is stored it is not safe.
    """

    def __init__(self, path: Path, memory: mmap.mmap) -> None:
        self._path, self._memory = path, memory
        self._half = self._at = 0
        self._last = [0, 0]
        self._ends: dict[str, int] = {}
        self.missed = 0

    @classmethod
    def create(cls, owner: str) -> Self | None:
        """An empty journal, or None where there is no shared memory to spare."""
        path = _path(owner)
        try:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError:
            return None
        try:
            # All of it now: memory that turns out to be missing later kills the process that writes to it.
            os.posix_fallocate(fd, 0, 2 * HALF)
            return cls(path, mmap.mmap(fd, 2 * HALF))
        except OSError:
            path.unlink()
            return None
        finally:
            os.close(fd)

    def write(self, told: int, stored: int, frame: Frame) -> None:
        """Keep one event. Whoever is killed in the middle of this has not told it: the length, written last, counts."""
        payload = _FRAME.pack(frame.run.encode(), frame.number, frame.kind.encode()) + frame.body
        if stored >= self._last[self._half]:
            self._begin(self._half)
        elif self._at + len(payload) + 2 * _LENGTH.size > HALF and stored >= self._last[1 - self._half]:
            self._begin(1 - self._half)
        first = self._half * HALF + self._at + _LENGTH.size
        last = first + len(payload)
        if last + _LENGTH.size > (self._half + 1) * HALF:
            self.missed = told
            return
        memory = self._memory
        memory[last : last + _LENGTH.size] = _NOTHING
        memory[first:last] = payload
        _LENGTH.pack_into(memory, first - _LENGTH.size, len(payload))
        self._at += _LENGTH.size + len(payload)
        self._last[self._half] = told
        if frame.kind == _ENDED:
            self._ends[frame.run] = first + _KIND

    def recant(self, run: str | None) -> None:
        """The end of `run` (None: of every run) in here does not hold any more; all that came before it does."""
        for each in [run] if run is not None else list(self._ends):
            if (at := self._ends.pop(each, None)) is not None:
                self._memory[at : at + 1] = RECANTED[:1].encode()

    def _begin(self, half: int) -> None:
        self._memory[half * HALF : half * HALF + _LENGTH.size] = _NOTHING
        self._half, self._at = half, 0
        here = range(half * HALF, (half + 1) * HALF)
        self._ends = {run: at for run, at in self._ends.items() if at not in here}

    def close(self, *, orderly: bool) -> None:
        """Orderly: leave no trace, the ledger has it all. Else what is in here waits for the next one who opens it."""
        self._memory.close()
        if orderly:
            self._path.unlink(missing_ok=True)


def left_by(owner: str) -> list[Frame]:
    """What a dead process told last, in the order of each run; nothing when it left no journal."""
    try:
        memory = _path(owner).read_bytes()
    except (FileNotFoundError, PermissionError):
        return []
    halves = (memory[:HALF], memory[HALF:])
    return sorted((frame for half in halves for frame in _frames(half)), key=lambda frame: frame.number)


def _frames(half: bytes) -> Iterator[Frame]:
    at = 0
    while at + _LENGTH.size <= len(half) and (length := _LENGTH.unpack_from(half, at)[0]):
        at += _LENGTH.size
        run, number, kind = _FRAME.unpack_from(half, at)
        body = half[at + _FRAME.size : at + length]
        yield Frame(run.decode(), number, kind.rstrip(b"\0").decode(), body)
        at += length


def forget(owner: str) -> None:
    """Remove what a dead process left."""
    with suppress(PermissionError):
        _path(owner).unlink(missing_ok=True)
