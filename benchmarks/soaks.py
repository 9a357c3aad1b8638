"""Soaks: what 72 hours of burn-in take in virtual time, and that they leave memory as it was."""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import burn_in
from benchmarks.figure import Beside, Figure, Say
from benchmarks.slot import new_ledger
from sim import clock
from station.ledger.schema import FILE
from station.trace import Event, Sampled

HOURS = 72.0
TARGETS = {(1, 1.0): 20.0, (48, 10.0): 90.0}
"""Real seconds, by the number of slots and the seconds between two samples of each."""
GROWTH, LOG = 24.0, 16.0
"""MiB by which memory may grow after the first tenth of the hours, and that the ledger's log may have."""
SETTLED = 0.1
"""The part of the hours after which everything has the size that it keeps."""
_MIB = 2.0**20


@dataclass
class Sizes:
    """Memory and the ledger's log, looked at with every chunk of samples."""

    folder: Path
    until: float
    resident: float = 0.0
    """MiB once everything has settled."""
    most: float = 0.0
    """MiB at most after that."""
    log: float = 0.0
    samples: int = 0

    def look(self, event: Event) -> None:
        """Look, if samples have just been told."""
        if isinstance(event, Sampled) and event.name == burn_in.HELD.name:
            self.samples += len(event.times)
            self.log = max(self.log, (self.folder / f"{FILE}-wal").stat().st_size / _MIB)
            if event.at > self.until:
                now = resident()
                self.resident = self.resident or now
                self.most = max(self.most, now)


def measure(say: Say, *, hours: float = HOURS, kinds: tuple[tuple[int, float], ...] = tuple(TARGETS)) -> list[Figure]:
    """Real seconds of each kind of soak, given as slots and seconds between samples; then what its memory did."""
    figures: list[Figure] = []
    for slots, every in kinds:
        figures += _soak(slots, every, hours)
        say(f"{slots} slots x {hours:g} h through")
    return figures


def resident() -> float:
    """MiB of this process that are in memory now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MIB


def _soak(slots: int, every: float, hours: float) -> list[Figure]:
    lasting = 3600.0 * hours
    bays = burn_in.prepared(burn_in.it_holds_its_voltage(every, lasting), slots)
    begun = resident()
    bare = _timed(lambda: clock.run(_sleeping(slots, every, lasting)))
    with new_ledger() as ledger:
        sizes = Sizes(ledger.folder, SETTLED * lasting)
        took = _timed(lambda: burn_in.run(bays, ledger, [sizes.look] * slots))
    what = f"{slots} slot{'s' if slots > 1 else ''} x {hours:g} h, a sample each {every:g} s"
    limit = TARGETS.get((slots, every)) if hours == HOURS else None
    virtual = Beside("the line time that it simulates", lasting)
    sleeping = Beside("the same sleeps in the bare loop", bare)
    rate = sizes.samples / took
    return [
        Figure(what, took, "s", limit, (sleeping, virtual)),
        Figure(f"{what}: samples", rate, "/s", None, (Beside("turns of the bare loop", sizes.samples / bare),)),
        Figure(
            f"{what}: memory grown since {SETTLED * hours:g} h", sizes.most - sizes.resident, "MiB", GROWTH,
            (Beside("in memory then", sizes.resident), Beside("in memory before", begun)),
        ),
        Figure(f"{what}: the ledger's log at most", sizes.log, "MiB", LOG, (Beside("memory", sizes.most),)),
    ]  # fmt: skip


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


async def _sleeping(slots: int, every: float, lasting: float) -> None:
    """What nobody can be faster than: as many tasks that sleep as often, and nothing else."""

    async def sleeper() -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(1, int(lasting / every) + 1):
            await asyncio.sleep(began + number * every - loop.time())

    async with asyncio.TaskGroup() as group:
        for _ in range(slots):
            group.create_task(sleeper())
