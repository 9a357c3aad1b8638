"""Slots: how long many slots in one process take for steps that only wait, with all their events in one ledger."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from benchmarks import openhtf_peer, plain
from benchmarks.figure import Beside, Figure, Say
from benchmarks.rounds import Contender, alternately
from benchmarks.slot import VOLTS, Meter, new_job, new_ledger, nothing, sequence
from sequences.sequence import Sequence
from sequences.step import Step, step
from sequences.take import Take
from sequences.verdict import Verdict
from station.engine import Run
from station.ledger.ledger import Ledger
from station.trace import Event

PAUSE = 0.010
"""Seconds of each step."""
TARGETS = {64: 0.60, 256: 0.65}
"""Seconds, by the number of slots."""
THREADS = 64
"""Slots beside which OpenHTF is run, a thread for each."""


@step(timeout=10)
async def it_waits(meter: Meter) -> None:
    """Wait."""
    del meter
    await asyncio.sleep(PAUSE)


@step(VOLTS, timeout=10)
async def it_waits_and_measures(meter: Meter, take: Take) -> None:
    """Wait, then take one reading."""
    await asyncio.sleep(PAUSE)
    take(VOLTS.whole, await meter.read())


def measure(say: Say, *, rounds: int = 5, slots: tuple[int, ...] = (64, 256), steps: int = 50) -> list[Figure]:
    """Seconds until every slot has its verdict on the disk. The last step measures, so that the verdict is earned."""
    waiting = sequence(*_named(it_waits, steps - 1), it_waits_and_measures)
    measuring = sequence(*_named(it_waits_and_measures, steps))
    with new_ledger() as ledger:
        contenders: dict[str, Contender] = {}
        for count in slots:
            contenders[f"{count} bare"] = partial(plain.sleepers, count, steps, PAUSE)
            contenders[f"{count} alone"] = _contender(ledger, count, waiting, kept=False)
            contenders[f"{count} waiting"] = _contender(ledger, count, waiting)
            contenders[f"{count} measuring"] = _contender(ledger, count, measuring)
        if openhtf_peer.is_installed() and THREADS in slots:
            contenders["OpenHTF"] = partial(openhtf_peer.sleeping_phases, THREADS, steps, PAUSE)
        found = alternately(contenders, rounds, say)
    return [figure for count in slots for figure in _figures(found, count, steps)]


def _figures(found: dict[str, float], count: int, steps: int) -> Iterator[Figure]:
    what = f"{count} slots x {steps} steps x {1000 * PAUSE:g} ms"
    bare = Beside("bare asyncio, nothing kept", found[f"{count} bare"])
    alone = Beside("the engine without a ledger", found[f"{count} alone"])
    peer = [Beside("OpenHTF", found["OpenHTF"])] if count == THREADS and "OpenHTF" in found else []
    yield Figure(what, found[f"{count} waiting"], "s", TARGETS.get(count), (*peer, alone, bare))
    yield Figure(f"{what}, each step measuring", found[f"{count} measuring"], "s", None, (bare,))


def _named(each: Step, count: int) -> list[Step]:
    return [replace(each, name=f"{each.name}_{number}") for number in range(count)]


def _contender(ledger: Ledger, count: int, test: Sequence, *, kept: bool = True) -> Contender:
    return lambda: asyncio.run(_together(ledger, count, test, kept=kept))


async def _together(ledger: Ledger, count: int, test: Sequence, *, kept: bool) -> float:
    jobs = [await new_job(ledger, test) for _ in range(count)]
    if not kept:
        told: list[Event] = []
        jobs = [replace(job, tell=told.append, settled=nothing) for job in jobs]
    runs = [Run(job) for job in jobs]
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(run.execute()) for run in runs]
    took = time.perf_counter() - began
    assert {Verdict.PASSED} == {task.result()[0] for task in tasks}
    return took
