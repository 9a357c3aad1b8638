"""Aborts: how long after an abort every output is off, and how late a step's timeout is acted on. In real time."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median

from benchmarks.figure import Beside, Figure, Say
from benchmarks.instruments import Blocked, Output
from benchmarks.slot import Meter, new_job, new_ledger, sequence
from drivers.roles import Instrument
from sequences.step import Step, step
from sequences.verdict import Verdict
from station.engine import Run
from station.ledger.ledger import Ledger
from station.safety import SafePlan
from station.trace import Event, StepEnded, StepStarted

COOPERATIVE_MS, BLOCKED_MS, TIMEOUT_MS = 50.0, 250.0, 50.0
"""The targets."""
OUTPUTS = 8
DEADLINE = 0.2
"""Seconds that each instrument has to be made safe."""
TIMEOUT = 0.02
"""Seconds that the steps here have."""
UNDER_WAY = 0.01
"""Seconds after which a run is aborted."""


@step(timeout=3600)
async def it_waits(meter: Meter) -> None:
    """Wait to be cancelled."""
    del meter
    await asyncio.sleep(3600)


@step(timeout=TIMEOUT)
async def it_waits_too_long(meter: Meter) -> None:
    """Wait to be timed out."""
    del meter
    await asyncio.sleep(3600)


def measure(say: Say, *, rounds: int = 20) -> list[Figure]:
    """Milliseconds, the worst of `rounds`, with the median beside it."""
    obeyed, stuck, late, given_up = list[float](), list[float](), list[float](), list[float]()
    with new_ledger() as ledger:
        for turn in range(rounds):
            obeyed.append(asyncio.run(_abort(ledger, {})))
            stuck.append(asyncio.run(_abort_beside_a_blocked_one(ledger)))
            late.append(asyncio.run(_time_out(ledger, it_waits_too_long)))
            given_up.append(asyncio.run(_time_out_a_deaf_one(ledger)))
            say(f"round {turn + 1} of {rounds}")
    every = f"abort to {OUTPUTS} outputs off"
    return [
        _worst(f"{every}, cooperative drivers", obeyed, COOPERATIVE_MS),
        _worst(f"{every}, one driver blocked in a C call", stuck, BLOCKED_MS),
        _worst("timeout to the step's end", late, TIMEOUT_MS),
        _worst("timeout to giving up a step that does not stop", given_up, None),
    ]


def _worst(name: str, seconds: list[float], at_most: float | None) -> Figure:
    return Figure(name, 1000 * max(seconds), "ms", at_most, (Beside("the median", 1000 * median(seconds)),))


async def _abort(ledger: Ledger, first: dict[str, Instrument]) -> float:
    """Seconds from the abort until the last output is off. What is in `first` is made safe before them."""
    outputs = {f"output {number}": Output(f"output {number}") for number in range(OUTPUTS)}
    stages = (tuple(first), tuple(outputs))
    plan = SafePlan(tuple(stage for stage in stages if stage), dict.fromkeys((*first, *outputs), DEADLINE))
    run = Run(await new_job(ledger, sequence(it_waits), outputs={**first, **outputs}, plan=plan))
    loop = asyncio.get_running_loop()
    aborted = math.inf

    def abort() -> None:
        nonlocal aborted
        aborted = loop.time()
        run.abort("the operator pressed stop")

    loop.call_later(UNDER_WAY, abort)
    verdict, _ = await run.execute()
    assert verdict in {Verdict.ABORTED, Verdict.ERROR}
    return max(each.off for each in outputs.values()) - aborted


async def _abort_beside_a_blocked_one(ledger: Ledger) -> float:
    blocked = Blocked()
    try:
        return await _abort(ledger, {"blocked": blocked})
    finally:
        blocked.free()


async def _time_out(ledger: Ledger, waits: Step) -> float:
    """Seconds from a step's deadline until the trace says that it has ended."""
    times: dict[type, float] = {}

    def listen(event: Event) -> None:
        if isinstance(event, StepStarted | StepEnded):
            times[type(event)] = event.at

    verdict, reason = await Run(await new_job(ledger, sequence(waits), listener=listen)).execute()
    assert (verdict, "timed out" in reason) == (Verdict.ERROR, True)
    return times[StepEnded] - times[StepStarted] - waits.timeout


async def _time_out_a_deaf_one(ledger: Ledger) -> float:
    async with _deaf() as waits:
        return await _time_out(ledger, waits)


@asynccontextmanager
async def _deaf() -> AsyncIterator[Step]:
    """A step that swallows its cancellation until the block is left."""
    free, gone = asyncio.Event(), asyncio.Event()

    @step(timeout=TIMEOUT)
    async def it_does_not_stop(meter: Meter) -> None:
        """Refuse to stop."""
        del meter
        while not free.is_set():
            try:
                await free.wait()
            except asyncio.CancelledError:
                continue
        gone.set()

    try:
        yield it_does_not_stop
    finally:
        free.set()
        await gone.wait()
