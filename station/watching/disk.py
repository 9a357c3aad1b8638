"""The disk, watched: how long commits wait for it, what is free, and whether the ledger's log grows behind a reader."""

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path

from station.condition import Condition, Level
from station.ledger.schema import FILE
from station.ledger.stopwatch import Stopwatch
from station.watching.metrics import EVERY, Metrics

SLOW, STUCK = 1.0, 10.0
"""Seconds of a commit that are a warning, and that are an alarm."""
WAL = 64 * 2**20
"""Bytes of the ledger's write-ahead log that somebody must keep from being cut back."""
MIB = 2**20


@dataclass(eq=False)
class DiskWatch:
    """Looks at the disk of a data folder now and then, while `run` does, and tells `metrics`."""

    folder: Path
    stopwatch: Stopwatch
    metrics: Metrics
    free: int | None = None
    """Bytes."""
    wal: int = 0
    """Bytes of the ledger's write-ahead log."""
    _worst: list[float] = field(default_factory=lambda: [0.0] * 12)
    """The slowest commit of each of the last looks: a minute of them."""

    def __post_init__(self) -> None:
        self.metrics.ask("disk_free_bytes", lambda: self.free)
        self.metrics.ask("ledger_wal_bytes", lambda: self.wal)

    async def run(self) -> None:
        """Look, for ever."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Look once."""
        took = self.stopwatch.take()
        for each in took:
            self.metrics.observe("ledger_commit_seconds", each)
        self._worst = [*self._worst[1:], max(took, default=0.0)]
        self.free, self.wal = await asyncio.get_running_loop().run_in_executor(None, _weigh, self.folder)

    def condition(self) -> Condition:
        """Whether the disk does what it should."""
        worst = max(*self._worst, self.stopwatch.waiting)
        remedy = "see what else writes to this disk, and whether it is failing (smartctl -a); runs go on meanwhile"
        if worst >= SLOW:
            text = f"the disk is slow: the ledger waited {worst:.1f} s for it"
            return Condition("disk", Level.ALARM if worst >= STUCK else Level.WARNING, text, remedy)
        if self.wal >= WAL:
            text = (
                f"the ledger's log has grown to {self.wal / MIB:.0f} MiB: somebody has been reading the ledger for long"
            )
            return Condition("disk", Level.WARNING, text, "end whatever else has ledger.sqlite open")
        free = f"{self.free / MIB:.0f} MiB are free" if self.free is not None else "not looked at yet"
        return Condition("disk", Level.OK, free)


def _weigh(folder: Path) -> tuple[int | None, int]:
    wal = folder / f"{FILE}-wal"
    try:
        found = os.statvfs(folder)
        return found.f_bavail * found.f_frsize, wal.stat().st_size if wal.exists() else 0
    except OSError:
        return None, 0
