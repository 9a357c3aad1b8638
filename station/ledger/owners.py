"""Owners: who is writing which runs. A process that lives holds a lock on its own file; the kernel lets go when it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from station.lock import is_held

_FOLDER = "owners"


class Owner:
    """The owner of the runs that this process writes. `name` is unique among all that ever open this ledger."""

    def __init__(self, folder: Path) -> None:
        owners = folder / _FOLDER
        owners.mkdir(exist_ok=True)
        self.name = f"{os.getpid()}-{os.urandom(8).hex()}"
        self._path = owners / self.name
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._fd, fcntl.LOCK_EX)

    def release(self, *, orderly: bool) -> None:
        """Own nothing any more. Not orderly: whatever is left to do, the next one who opens the ledger must do it."""
        if orderly:
            with suppress(OSError):  # a folder that is gone or read-only: the lock goes all the same
                self._path.unlink(missing_ok=True)
        os.close(self._fd)


def alive(folder: Path, name: str) -> bool:
    """Whether the owner of that name still lives."""
    return is_held(folder / _FOLDER / name)


def dead(folder: Path) -> list[str]:
    """Those who left their file behind and do not live any more."""
    return [each.name for each in sorted((folder / _FOLDER).glob("*")) if not alive(folder, each.name)]


def bury(folder: Path, name: str) -> None:
    """Remove the file of one who is dead. Only under `alone`."""
    (folder / _FOLDER / name).unlink(missing_ok=True)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One process at a time opens the ledger in `folder`; the next one waits its turn."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
