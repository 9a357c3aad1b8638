"""A bad disk: full, failing or slow, while somebody says so; and a ledger that writes to it at moments that are the same each time."""

import os
import signal
from pathlib import Path
from threading import Event as Signal
from typing import Literal

from station.ledger.disk import FULL, UNSYNCED, Disk, refusal
from station.ledger.ledger import Ledger
from station.trace import Event

SLOWLY = 0.004
"""Seconds that a commit takes on a slow disk: of the machine's time, the loop's stands still meanwhile."""
NEVER = 1e6

Ill = Literal["", "disk-full", "disk-nearly-full", "fsync-fails", "disk-slow"]


class BadDisk(Disk):
    """What ails it is set from the loop's thread and felt in the ledger's. `kill` ends this process in the next commit."""

    gather = NEVER

    def __init__(self) -> None:
        self.ill: Ill = ""
        self.room = True
        self.kill: Literal["", "before", "after"] = ""
        self.refused = 0
        self.folder = Path()
        self._nothing = Signal()

    def at(self, folder: Path) -> None:
        """Where its ballast lies."""
        self.folder = folder

    def free(self, folder: Path) -> int:
        """As it is, or nearly nothing."""
        return super().free(folder) if self.room else 3 * 2**20

    def die(self) -> None:
        """Kill this process, as nothing can be caught."""
        os.kill(os.getpid(), signal.SIGKILL)

    def committing(self) -> None:
        """Refuse, or take its time."""
        if self.kill == "before":
            self.die()
        if self.ill == "disk-slow":
            self._nothing.wait(SLOWLY)
        if self.ill == "disk-full" or (self.ill == "disk-nearly-full" and self._is_loaded()):
            self.refused += 1
            raise refusal(FULL)

    def committed(self) -> None:
        """Say that the sync failed."""
        if self.kill == "after":
            self.die()
        if self.ill == "fsync-fails":
            self.refused += 1
            raise refusal(UNSYNCED)

    def _is_loaded(self) -> bool:
        return (self.folder / "ballast").stat().st_size > 0


class SteppedLedger(Ledger):
    """A ledger whose thread writes after every so many events, and the loop waits for it: how far it has come never varies."""

    every = 1
    _appended = 0

    def append(self, run: str, event: Event) -> None:
        """As a ledger's; the event is written before this returns, or is known not to be."""
        try:
            super().append(run, event)
        finally:
            self._appended += 1
            if self._appended % self.every == 0:
                self._writer.submit(self._writer.write_behind).result()
