"""A drop: a folder into which anybody may put files, and the folders in it where they go from there.

`.accepting` are those that are being handed in at this moment, `taken` those whose tickets go on, `done` and `refused` the
rest. Everything is done by descriptors of the folders, so nobody can put a link in the way of a name. Calls may block.
"""

import hashlib
import os
import re
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from station.intake.job_file import MOST_BYTES

ACCEPTING, TAKEN, DONE, REFUSED = ".accepting", "taken", "done", "refused"
SUFFIXES = (".toml", ".json")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ +@=-]{0,119}\.(?:toml|json)")
SPOKEN = "letters, digits, '.', '_', '+', '@', '=', '-' and blanks, a letter or digit first, at most 120 before .toml or .json"
LOOKED_AT = 5000
"""Entries of the folder that are looked at in one turn."""
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC

Sight = tuple[int, int, int, int]
"""A file's inode, size and times."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A file that is being handed in, and in which folder it lies. `why` says why it cannot even be read as one."""

    name: str
    place: str
    raw: bytes
    why: str = ""

    @property
    def key(self) -> str:
        """Its own name for the line: the same file again is the same job."""
        return hashlib.blake2b(os.fsencode(self.name) + b"\0" + self.raw, digest_size=16).hexdigest()


@dataclass
class Drop:
    """The folder. `strange` are the things in it that are no job files, at the last look; they are left alone."""

    folder: Path
    strange: list[str] = field(default_factory=list)
    _seen: dict[str, Sight] = field(default_factory=dict)

    def claim(self, most: int) -> list[Claimed]:
        """Files to hand in: those that were being handed in when something broke, then the oldest that are complete.

        Complete is what has not changed since the last call. Raises OSError when the folder is not to be had.
        """
        with self._open() as at:
            ready = self._ready(at[""])
            left = [_read(name, ACCEPTING, at) for name in _listed(at[ACCEPTING])[:most]]
            names = {each.name for each in left}
            for name in ready[: most - len(left)]:
                plain = name if NAME.fullmatch(name) else _plain(name)
                if plain in names:
                    continue  # its turn comes when the one before it has been handed in
                with suppress(FileNotFoundError):  # whoever put it there has taken it back
                    os.rename(name, plain, src_dir_fd=at[""], dst_dir_fd=at[ACCEPTING])
                    left.append(_read(plain, ACCEPTING, at, name))
                    self._seen.pop(name, None)
            return left

    def going(self, known: Collection[str], most: int) -> list[Claimed]:
        """Files whose tickets went on when this process began, but for the `known` ones."""
        with self._open() as at:
            names = (name for name in _listed(at[TAKEN]) if name not in known)
            return [_read(name, TAKEN, at) for name in islice(names, most)]

    def take(self, claimed: Claimed) -> None:
        """It has a ticket."""
        if claimed.place != TAKEN:
            with self._open() as at:
                _move(claimed.name, at[claimed.place], at[TAKEN])

    def refuse(self, claimed: Claimed, why: str) -> None:
        """It has none, and `why` is put beside it."""
        with self._open() as at:
            _write(f"{claimed.name}.why.txt", why.encode(errors="backslashreplace") + b"\n", at[REFUSED])
            _move(claimed.name, at[claimed.place], at[REFUSED])

    def finish(self, name: str, result: bytes) -> None:
        """Its ticket has ended, and `result` is put beside it."""
        with self._open() as at:
            _write(f"{name}.result.json", result, at[DONE])
            _move(name, at[TAKEN], at[DONE])

    def _ready(self, folder: int) -> list[str]:
        """The files that are complete, the oldest first; what else there is."""
        now: dict[str, Sight] = {}
        strange: list[str] = []
        with os.scandir(folder) as entries:
            for entry in islice(entries, LOOKED_AT):
                name = entry.name
                if name in {TAKEN, DONE, REFUSED} or name.startswith(".") or name.endswith((".part", ".tmp", "~")):
                    continue
                with suppress(FileNotFoundError):
                    found = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(found.st_mode) and name.lower().endswith(SUFFIXES):
                        now[name] = (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
                    else:
                        strange.append(ascii(name)[1:-1][:80])
        before, self._seen, self.strange = self._seen, now, sorted(strange)
        ready = [name for name, sight in now.items() if before.get(name) == sight]
        return sorted(ready, key=lambda name: (now[name][2], name))

    @contextmanager
    def _open(self) -> Iterator[dict[str, int]]:
        """Descriptors of the folder (by "") and of those in it, which are made where they are not there."""
        opened: dict[str, int] = {}
        try:
            opened[""] = os.open(self.folder, _FOLDER)
            for name in (ACCEPTING, TAKEN, DONE, REFUSED):
                with suppress(FileExistsError):
                    os.mkdir(name, 0o770, dir_fd=opened[""])
                opened[name] = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=opened[""])
            yield opened
        finally:
            for each in opened.values():
                os.close(each)


def _listed(folder: int) -> list[str]:
    """The names in a folder of ours, but for what is being written."""
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if not entry.name.startswith("."))


def _plain(name: str) -> str:
    """A name of ours for a file whose own may stand nowhere else; it is none of a job file either."""
    return f"_odd-{hashlib.blake2b(os.fsencode(name), digest_size=8).hexdigest()}{name[-5:].lower()}"


def _read(name: str, place: str, at: Mapping[str, int], came_as: str = "") -> Claimed:
    """What is in a file, if it is one; a little more than the most that a job file has."""
    if not NAME.fullmatch(name):
        return Claimed(name, place, b"", f"found the name {ascii(came_as or name)[:120]}; allowed: {SPOKEN}")
    try:
        file = os.open(name, _OPEN, dir_fd=at[place])
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                return Claimed(name, place, b"", "is no plain file")
            with os.fdopen(file, "rb", closefd=False) as opened:
                return Claimed(name, place, opened.read(MOST_BYTES + 1))
        finally:
            os.close(file)
    except OSError as odd:
        return Claimed(name, place, b"", f"cannot be read: {odd.strerror}")


def _move(name: str, source: int, target: int) -> None:
    """Idempotent: what was moved already, or taken away by somebody, is not there to be moved."""
    with suppress(FileNotFoundError):
        os.rename(name, name, src_dir_fd=source, dst_dir_fd=target)


def _write(name: str, raw: bytes, folder: int) -> None:
    """Whole or not at all, and on the disk."""
    temporary = f".{name}.new"
    with suppress(FileNotFoundError):
        os.unlink(temporary, dir_fd=folder)
    file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o660, dir_fd=folder)
    with os.fdopen(file, "wb") as opened:
        opened.write(raw)
        opened.flush()
        os.fsync(file)
    os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
