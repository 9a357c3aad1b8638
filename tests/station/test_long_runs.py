"""Runs that last for weeks: nothing grows with them, and their beat does not drift."""

import asyncio
import gc
import math
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.burn_in import FOR_EVER, HELD, prepared
from benchmarks.slot import new_ledger
from benchmarks.soaks import resident
from drivers.roles import Voltmeter
from sequences.power.psu_bench import TOP_VOLTS
from sequences.soak import soak
from sequences.step import step
from sequences.take import Take
from sim import clock
from station.ledger.ledger import Ledger
from station.ledger.schema import FILE
from station.opening import Prepared, service_of
from station.taking import CHUNK
from station.trace import Event, Sampled
from tests.station.traces import name, started

DAY = 86_400.0
DAYS = 30
BEAT = 60.0
"""Seconds between two samples."""
PAGE, PAGES = 4096, 1000
"""Bytes of one page, and the pages after which SQLite carries its log over."""
EARLY, LATE = 9, 83
"""Chunks of samples after which the run is looked at, and half a chunk more: on the fourth and on the thirtieth day."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a run has in use."""

    blocks: int
    """Of the interpreter's memory: each object is at least one."""
    resident: float
    """MiB."""
    tasks: int
    timers: int
    threads: int
    descriptors: int
    kept: int
    """Bytes of the ledger, its log included, which does grow."""


@dataclass(slots=True)
class Beats:
    """What came of the soak's beat."""

    count: int = 0
    worst: float = 0.0
    """Seconds by which a sample was off n times the period, at most."""


def test_thirty_days_leave_memory_as_it_was_and_the_beat_exact() -> None:
    """A unit is burnt in for thirty virtual days, looked at every minute, through the real driver, engine and ledger.

    Between the fourth and the thirtieth day nothing grows but the ledger. Sample n is taken at the beginning plus n periods, exactly: not a rounding error is gained.
    """
    beats, chunks = Beats(), list[tuple[float, ...]]()
    lasting = DAYS * DAY

    @step(HELD, timeout=FOR_EVER)
    async def it_holds_for_weeks(voltmeter: Voltmeter, take: Take) -> None:
        """Sample the output's volts, and see whether it was time."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        async for tick in soak(take, every=BEAT, lasting=lasting):
            beats.worst = max(beats.worst, abs(loop.time() - (began + beats.count * BEAT)), tick.late)
            beats.count += 1
            take.sample(HELD.whole, await voltmeter.dc_volts(TOP_VOLTS))

    def listen(event: Event) -> None:
        if isinstance(event, Sampled) and event.name == HELD.name:
            chunks[1:] = [event.times]  # the first and the last one are kept
            if len(chunks) == 1:
                chunks.append(event.times)

    with new_ledger() as ledger:
        record, early, late = clock.run(_watched(prepared(it_holds_for_weeks), ledger, listen))

    assert ("PASSED", "") == (record["verdict"], record["reason"])
    assert (int(lasting / BEAT) + 1, 0.0) == (beats.count, beats.worst)
    assert abs(chunks[-1][-1] - chunks[0][0] - lasting) < 1e-6
    assert 1000 > late.blocks - early.blocks
    assert 4.0 > late.resident - early.resident
    assert (early.tasks, early.threads, early.descriptors) == (late.tasks, late.threads, late.descriptors)
    assert 10 > late.timers - early.timers
    assert late.kept > 3 * early.kept, "nothing was told in between"


async def _watched(bays: Prepared, ledger: Ledger, listen: Any) -> tuple[dict[str, Any], Sizes, Sizes]:
    """The record of the run, and what was in use early and late, at the same place of a chunk."""
    service, loop = service_of(bays, ledger), asyncio.get_running_loop()
    seen: list[Sizes] = []
    assert isinstance(loop, clock.VirtualLoop)
    try:
        async with asyncio.TaskGroup() as group:
            run = group.create_task(service.run(bays.orders[0], listen))
            for chunks in (EARLY, LATE):
                await asyncio.sleep((chunks + 0.5) * CHUNK * BEAT - loop.time())
                await ledger.sync()
                tasks, timers = len(asyncio.all_tasks()), len(loop._timers)
                seen.append(await asyncio.to_thread(_sizes, ledger.folder, tasks, timers))
    finally:
        service.bench.close()
    return run.result(), seen[0], seen[1]


def _sizes(folder: Path, tasks: int, timers: int) -> Sizes:
    gc.collect()
    return Sizes(
        sys.getallocatedblocks(),
        resident(),
        tasks,
        timers,
        threading.active_count(),
        sum(1 for _ in Path("/proc/self/fd").iterdir()),
        sum(each.stat().st_size for each in folder.glob(f"{FILE}*")),
    )


def test_a_month_of_samples_leaves_the_ledgers_log_short() -> None:
    """Thirty days at a sample each two seconds, in one run that never ends: what is in the log is carried over on the way."""
    chunks = int(DAYS * DAY / 2.0 / CHUNK)
    values = tuple(50.0 + 1e-3 * math.sin(number * number) for number in range(CHUNK))

    async def main(ledger: Ledger) -> int:
        run = await ledger.begin(name)
        ledger.append(run, started(run))
        log, longest = ledger.folder / f"{FILE}-wal", 0
        for number in range(chunks):
            began = 2.0 * CHUNK * number
            times = tuple(began + 2.0 * each for each in range(CHUNK))
            ledger.append(run, Sampled(began, "soak", "held", "", "V", times, values))
            if number % 20 == 0:
                await ledger.flushed()
                longest = max(longest, (await asyncio.to_thread(log.stat)).st_size)
        await ledger.sync()
        return longest

    with new_ledger() as ledger:
        longest = clock.run(main(ledger))
        kept = (ledger.folder / FILE).stat().st_size
    assert 1.5 * PAGES * PAGE > longest
    assert PAGES * PAGE < kept, "too little was told for the log to be carried over"
