"""The disk under a ledger: room enough for the runs that go on, on a filesystem whose locks can be trusted."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from station.ledger.errors import LedgerError

RESERVE = 16 * 2**20
"""Bytes that must be free before anything begins."""
BALLAST = 4 * 2**20
"""Bytes held back in a file, thrown off when the disk fills up all the same, so that the runs that go on can end."""

_MOUNTS = Path("/proc/self/mountinfo")
_SHARED_BY_MACHINES = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "fuse.sshfs"})


class Disk:
    """What the ledger asks of the disk: the door at which one that fails is put in, for a test of what then happens."""

    gather = 0.002
    """Seconds for which events are gathered before they are written together, when nobody waits for them."""

    def free(self, folder: Path) -> int:
        """Bytes that may still be written."""
        found = os.statvfs(folder)
        return found.f_bavail * found.f_frsize

    def committing(self) -> None:
        """A transaction is about to be committed, in the ledger's thread. Raises what SQLite would: nothing is committed then."""

    def committed(self) -> None:
        """It has been. Raises what SQLite would where the bytes are there, and the sync that should make them sure fails."""


DISK = Disk()
"""The one that is there."""


FULL, UNSYNCED = sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_FSYNC
"""SQLite's result codes where nothing more fits, and where a sync fails."""


def refusal(code: int) -> sqlite3.OperationalError:
    """The error that SQLite raises for one of these result codes."""
    error = sqlite3.OperationalError("database or disk is full" if code == FULL else "disk I/O error")
    error.sqlite_errorcode = code
    return error


def check_room(folder: Path, disk: Disk = DISK) -> None:
    """Raise LedgerError when too little is free to begin a run."""
    free = disk.free(folder)
    if free < RESERVE:
        raise LedgerError(
            f"the disk of {folder} is full: {free / 2**20:.1f} MiB are free, and no run begins with less than "
            f"{RESERVE // 2**20} MiB, so that its record can be kept to the end"
        )


def check_filesystem(folder: Path) -> None:
    """Raise LedgerError on a filesystem that several machines share: SQLite's locks and its WAL do not work there."""
    kind = _filesystem(folder.resolve(), _MOUNTS.read_text() if _MOUNTS.exists() else "")
    if kind in _SHARED_BY_MACHINES:
        raise LedgerError(
            f"{folder} lies on {kind}, where the ledger could be damaged: keep it on a disk of this machine"
        )


def _filesystem(folder: Path, mounts: str) -> str:
    """The type of the filesystem that `folder` is on, by the longest mount point above it."""
    best, kind = "", ""
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        point = left.split(" ")[4].replace("\\040", " ")
        if folder.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, right.split(" ")[0]
    return kind


class Ballast:
    """A file that only takes up room."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "ballast"

    def take_up(self) -> None:
        """Make it as heavy as it should be, if the disk allows."""
        with suppress(OSError), self._path.open("ab") as file:
            os.posix_fallocate(file.fileno(), 0, BALLAST)

    def throw_off(self) -> bool:
        """Free its room; False when there was none left to free."""
        with suppress(OSError):
            if self._path.stat().st_size:
                os.truncate(self._path, 0)
                return True
        return False
