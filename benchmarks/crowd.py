"""A crowd: 64 slots of burn-in in one daemon's process, in wall time over sockets, and for a week in virtual time.

In wall time the emulators are another process at the far end of TCP sockets, and every slot looks at 24 channels each second.
What a look costs the line is how late it begins; the instrument's own 24 x 20 ms come on top, and are told beside it. Then
all runs are aborted at once. In virtual time the same line is handed units every day for a week; nothing may grow.
"""

import asyncio
import gc
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.crowd_line import PRODUCT, Crowd, Ready, it_soaks
from benchmarks.far_end import far_end
from benchmarks.figure import Beside, Figure, Say
from benchmarks.soaks import resident
from sim import clock
from station.bench import Bench
from station.ledger.ledger import Ledger
from station.ledger.schema import FILE
from station.line.line import Line
from station.line.news import News
from station.line.ticket import Ticket
from station.line.tickets import Tickets
from station.orders import Request
from station.seats import seats_of
from station.service import Service, Simulated
from station.simulating import sim_wires, world_of
from station.trace import MadeSafe, RunEnded, StepStarted
from station.walls import real_wall, simulated_wall

SLOTS, CHANNELS = 64, 24
LATE_MS, ABORT_MS = 20.0, 250.0
"""The targets."""
LASTING = 45.0
"""Seconds of looks in wall time."""
DAYS, EVERY = 7, 600.0
"""Virtual days, and the seconds between two looks then."""
DAY = 86400.0
GROWTH = {"memory": 16.0, "descriptors": 0.0, "tasks": 0.0, "threads": 0.0, "the ledger's log": 4.0}
"""By how much the last days may be above the first ones: MiB, or how many."""
_MIB = 2.0**20


@dataclass(frozen=True)
class Abort:
    """Seconds from the abort until each output was dead at its terminals, and until each slot was confirmed safe."""

    dead: list[float]
    safe: list[float]


@dataclass
class Heard(News):
    """News that notes when each run began to soak, was made safe and ended, in the loop's time."""

    at: dict[str, list[float]] = field(default_factory=lambda: {"soaks": [], "safe": [], "ended": []})

    def tell(self, kind: str, body: Mapping[str, Any]) -> None:
        """Note it, and tell everybody."""
        now = asyncio.get_running_loop().time()
        match body.get("event"):
            case StepStarted(step="it_soaks"):
                self.at["soaks"].append(now)
            case MadeSafe():
                self.at["safe"].append(now)
            case RunEnded():
                self.at["ended"].append(now)
            case _:
                pass
        super().tell(kind, body)


def measure(
    say: Say, *, slots: int = SLOTS, lasting: float = LASTING, days: int = DAYS, every: float = EVERY
) -> list[Figure]:
    """Lateness and the abort in wall time; then what a week of virtual days leaves behind."""
    figures = _crowded(slots, lasting)
    say(f"{slots} slots looked at {CHANNELS} channels each second for {lasting:g} s, and were aborted")
    figures += _a_week(say, slots, days, every)
    return figures


@contextmanager
def _data() -> Iterator[tuple[Path, Ledger, Tickets]]:
    with TemporaryDirectory(prefix="rackproof-bench-") as name, Ledger.open(Path(name)) as ledger:
        tickets = Tickets.open(Path(name))
        try:
            yield Path(name), ledger, tickets
        finally:
            tickets.close()


def _line(crowd: Crowd, service: Service, tickets: Tickets, news: News) -> Line:
    ready = Ready(service.station, crowd.one.library, lambda: (service.station, crowd.one.library))
    ready.orders = {each.slot.name: each for each in crowd.orders}
    return Line(service, ready, tickets, news)


def _crowded(slots: int, lasting: float) -> list[Figure]:
    late, done = list[float](), list[float]()

    def looked(began: float, through: float) -> None:
        late.append(began)
        done.append(through)

    crowd = Crowd.of(slots, it_soaks(1.0, 1e6, looked))
    with _data() as (_, ledger, tickets):
        abort, busy = asyncio.run(_in_wall_time(crowd, ledger, tickets, lasting))
    assert len(late) >= slots * int(lasting)
    what = f"{slots} slots x {CHANNELS} channels at 1 Hz"
    own = Beside("the instrument's own time", 1000 * CHANNELS * 0.020)
    return [
        Figure(f"{what}: lateness of a look, p99", _p99(late), "ms", LATE_MS if slots == SLOTS else None,
               (Beside("the median", 1000 * median(late)), Beside("the worst", 1000 * max(late)))),
        Figure(f"{what}: due until all 24 are taken, p99", _p99(done), "ms", None,
               (own, Beside("the median", 1000 * median(done)))),
        Figure(f"{what}: of one core", 100 * busy, "%", None, (Beside("two cores", 200.0),)),
        Figure(f"abort of {slots} slots to the last output off", 1000 * max(abort.dead), "ms", ABORT_MS,
               (Beside("the median", 1000 * median(abort.dead)),)),
        Figure(f"abort of {slots} slots to the last one confirmed safe", 1000 * max(abort.safe), "ms", None,
               (own, Beside("the median", 1000 * median(abort.safe)))),
    ]  # fmt: skip


async def _in_wall_time(crowd: Crowd, ledger: Ledger, tickets: Tickets, lasting: float) -> tuple[Abort, float]:
    """What came of the abort, and the part of a core that the looks took."""
    loop, slots = asyncio.get_running_loop(), len(crowd.orders)
    async with far_end(slots) as far:
        station = crowd.reached(far.addresses)
        service = Service(station, Bench(seats_of(station)), ledger, real_wall, Simulated(0))
        heard = Heard()
        line = _line(crowd, service, tickets, heard)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(line.run())
                await _hand_in(line, slots, 0)
                async with asyncio.timeout(60):
                    while len(heard.at["soaks"]) < slots:  # noqa: ASYNC110 (the slots count their soaks, and tell nobody when one more has begun)
                        await asyncio.sleep(0.1)
                used, began = _used(), loop.time()
                await asyncio.sleep(lasting + 1.0)
                busy = (_used() - used) / (loop.time() - began)
                aborted = loop.time()
                line.abort("the end of the benchmark")
                line.drain()
        finally:
            service.bench.close()
    assert len(heard.at["safe"]) == len(far.dead) == slots
    assert all(each > aborted for each in far.dead.values())
    return Abort([each - aborted for each in far.dead.values()], [each - aborted for each in heard.at["safe"]]), busy


async def _hand_in(line: Line, slots: int, day: int) -> list[Ticket]:
    return [await line.submit(Request(PRODUCT, f"BENCH-{day}-{number:04d}"), source="api") for number in range(slots)]


def _used() -> float:
    times = os.times()
    return times.user + times.system


def _p99(seconds: list[float]) -> float:
    return 1000 * quantiles(seconds, n=100)[98]


def _a_week(say: Say, slots: int, days: int, every: float) -> list[Figure]:
    crowd = Crowd.of(slots, it_soaks(every, 0.9 * DAY))
    with _data() as (folder, ledger, tickets):
        sizes = clock.run(_day_by_day(say, crowd, folder, ledger, tickets, days))
    half = max(1, days // 2)
    what = f"{slots} slots x {days} virtual days"
    figures = []
    for name, most in GROWTH.items():
        early = max(each[name] for each in sizes[:half])
        grown = max(each[name] for each in sizes[half:]) - early
        unit = "MiB" if name in {"memory", "the ledger's log"} else ""
        figures.append(
            Figure(f"{what}: {name} grown after day {half}", grown, unit, most, (Beside("at most before", early),))
        )
    return figures


async def _day_by_day(
    say: Say, crowd: Crowd, folder: Path, ledger: Ledger, tickets: Tickets, days: int
) -> list[dict[str, float]]:
    """What there was of everything at the end of each day, with no run going on."""
    loop, slots = asyncio.get_running_loop(), len(crowd.orders)
    station = crowd.reached(dict.fromkeys(crowd.names, "sim:"))
    world = world_of(crowd.station, crowd.whole, Simulated(0), loop.time)
    wires = sim_wires(crowd.station, world)
    service = Service(station, Bench(seats_of(station), wires), ledger, simulated_wall, Simulated(0))
    heard, sizes = Heard(), list[dict[str, float]]()
    line = _line(crowd, service, tickets, heard)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(line.run())
            for day in range(days):
                kept = await _hand_in(line, slots, day)
                await asyncio.sleep((day + 1) * DAY - loop.time())
                verdicts = {(await line.ticket(each.ticket)).verdict for each in kept}
                assert verdicts == {"PASSED"}, verdicts
                sizes.append(_sizes(folder))
                say(f"day {day + 1} of {days}: {sizes[-1]['memory']:.1f} MiB")
            line.drain()
    finally:
        service.bench.close()
    return sizes


def _sizes(folder: Path) -> dict[str, float]:
    gc.collect()
    return {
        "memory": resident(),
        "descriptors": float(len(list(Path("/proc/self/fd").iterdir()))),
        "tasks": float(len(asyncio.all_tasks())),
        "threads": float(threading.active_count()),
        "the ledger's log": (folder / f"{FILE}-wal").stat().st_size / _MIB,
    }
