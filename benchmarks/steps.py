"""Steps: what one step with one judged measurement costs, flushed (kill -9 loses nothing) and synced (nor does a power cut)."""

import asyncio
import time
from dataclasses import replace
from functools import partial

from benchmarks import openhtf_peer, plain
from benchmarks.figure import Beside, Figure, Say
from benchmarks.rounds import Contender, alternately
from benchmarks.slot import VOLTS, Keep, Meter, new_job, new_ledger, sequence
from sequences.step import step
from sequences.take import Take
from sequences.verdict import Verdict
from station.engine import Run
from station.ledger.ledger import Ledger

FLUSHED_MS, SYNCED_MS = 0.10, 0.35
"""The targets, per step."""


@step(VOLTS, timeout=10)
async def it_is_measured(meter: Meter, take: Take, keep: Keep) -> None:
    """Take one reading, and go on when it is kept."""
    take(VOLTS.whole, await meter.read())
    await keep()


def measure(say: Say, *, rounds: int = 11, steps: int = 1000) -> list[Figure]:
    """Milliseconds per step of a run of `steps` steps, from its first event to its verdict on the disk."""
    with new_ledger() as ledger:
        contenders: dict[str, Contender] = {
            "flushed": lambda: asyncio.run(_run(ledger, steps, ledger.flushed)),
            "synced": lambda: asyncio.run(_run(ledger, steps, ledger.sync)),
            "lines": partial(plain.lines, steps, synced=False),
            "synced lines": partial(plain.lines, steps, synced=True),
        }
        if openhtf_peer.is_installed():
            contenders["OpenHTF"] = partial(openhtf_peer.measured_phases, steps)
        found = {name: 1000 * took / steps for name, took in alternately(contenders, rounds, say).items()}
    peer = [Beside("OpenHTF, which keeps nothing until the end", found["OpenHTF"])] if "OpenHTF" in found else []
    bare = Beside("bare asyncio, a JSON line flushed", found["lines"])
    disk = Beside("bare asyncio, a JSON line with fsync: the disk", found["synced lines"])
    return [
        Figure("a step with one judged measurement, flushed", found["flushed"], "ms", FLUSHED_MS, (*peer, bare)),
        Figure("the same, with fsync", found["synced"], "ms", SYNCED_MS, (*peer, disk)),
    ]


async def _run(ledger: Ledger, steps: int, keep: Keep) -> float:
    test = sequence(*(replace(it_is_measured, name=f"step_{number}") for number in range(steps)))
    run = Run(await new_job(ledger, test, keep))
    began = time.perf_counter()
    verdict, reason = await run.execute()
    took = time.perf_counter() - began
    assert Verdict.PASSED is verdict, reason
    return took
