"""The engine when it is stopped, from outside or by what refuses to go on: the bench is made safe, in order and in time."""

import asyncio

from sequences.step import Retry, step
from sequences.take import Take
from sequences.verdict import Verdict
from sim import clock
from station.engine import Run
from station.trace import MadeSafe, Measured, RunEnded, StepEnded
from tests.station.engine_runs import (
    VOLTS,
    executed,
    it_hangs,
    it_is_cleaned,
    it_is_measured,
    measured_by,
    run,
)
from tests.station.fakes import FakeMeter, Recorder, job, sequence


def test_an_abort_makes_safe_at_once_and_skips_cleanup() -> None:
    """Within 50 ms of the abort every cooperative instrument has been told; once."""
    meter = FakeMeter()
    verdict, reason, recorder, took = executed(
        sequence(it_hangs, cleanup=(it_is_cleaned,)), {"meter": meter}, lambda r: r.abort("stop!")
    )
    assert (verdict, reason, meter.safe, meter.log) == (Verdict.ABORTED, "stop!", 1, ["meter"])
    assert [event.verdict for event in recorder.of(StepEnded)] == ["ABORTED", "SKIPPED"]
    assert took <= 0.55


def test_aborting_again_changes_nothing() -> None:
    """The second stop request neither cancels making safe nor does it twice."""
    meter = FakeMeter(safe_takes=0.1)

    def twice(running: Run) -> None:
        running.abort("one")
        for later in (0.02, 0.05, 0.08):
            asyncio.get_running_loop().call_later(later, running.abort, "two")

    verdict, reason, recorder, _ = executed(sequence(it_hangs), {"meter": meter}, twice)
    assert (verdict, reason, meter.safe) == (Verdict.ABORTED, "one", 1)
    assert len(recorder.of(MadeSafe)) == 1


def test_stop_after_step_lets_the_step_end_and_cleans_up() -> None:
    """An orderly stop is not an abort."""

    @step(VOLTS, timeout=5)
    async def it_takes_a_second(meter: FakeMeter, take: Take) -> None:
        """Slow."""
        await asyncio.sleep(1)
        take(VOLTS.whole, await meter.read())

    meter = FakeMeter()
    verdict, reason, recorder, _ = executed(
        sequence(it_takes_a_second, it_hangs, cleanup=(it_is_cleaned,)),
        {"meter": meter},
        lambda r: r.stop("shift ends"),
    )
    assert (verdict, reason) == (Verdict.ABORTED, "shift ends")
    assert [event.verdict for event in recorder.of(StepEnded)] == ["PASSED", "SKIPPED", "PASSED"]


def test_cancelled_from_outside_the_bench_is_safe_before_the_cancellation_goes_on() -> None:
    """Whoever cancels the task, even again and again, gets his CancelledError after the bench is safe."""
    meter, recorder = FakeMeter(safe_takes=0.1), Recorder()

    async def main() -> None:
        task = asyncio.get_running_loop().create_task(
            Run(job(sequence(it_hangs), recorder, {"meter": meter})).execute()
        )
        for pause in (0.5, 0.01, 0.01):
            await asyncio.sleep(pause)
            task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()

    clock.run(main())
    assert (meter.safe, [event.verdict for event in recorder.of(RunEnded)]) == (1, ["ABORTED"])


def test_one_that_refuses_or_hangs_does_not_keep_the_next_from_being_made_safe() -> None:
    """Every instrument is tried in the declared order, each within its deadline, and all who refused are named."""
    log: list[str] = []
    meters = {
        "heater": FakeMeter("heater", log=log, deaf=True),
        "pump": FakeMeter("pump", log=log, refuses="valve stuck"),
        "valve": FakeMeter("valve", log=log),
    }
    verdict, reason, recorder, _ = executed(
        sequence(measured_by(meters["valve"])),
        meters,
        stages=(("heater",), ("pump",), ("valve",)),
        deadlines={"heater": 0.2},
    )
    assert (verdict, log, meters["valve"].safe) == (Verdict.ERROR, ["heater", "pump", "valve"], 1)
    assert "heater was not confirmed safe within 0.2 s" in reason
    assert "pump was not confirmed safe: valve stuck" in reason
    assert [round(event.seconds, 3) for event in recorder.of(MadeSafe)] == [0.2]


def test_a_step_that_does_not_stop_when_told_is_abandoned_and_muted() -> None:
    """50 ms after its deadline a step that swallows its cancellation is given up."""

    @step(VOLTS, timeout=1)
    async def it_swallows_cancellation(take: Take) -> None:
        """Refuse to stop for a while."""
        end = asyncio.get_running_loop().time() + 30
        while asyncio.get_running_loop().time() < end:
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                continue

    meter, recorder = FakeMeter(), Recorder()

    async def main() -> tuple[Verdict, str, float]:
        verdict, reason = await Run(job(sequence(it_swallows_cancellation), recorder, {"meter": meter})).execute()
        took = asyncio.get_running_loop().time()
        await asyncio.sleep(60)
        return verdict, reason, took

    verdict, reason, took = clock.run(main())
    assert (verdict, meter.safe) == (Verdict.ERROR, 1)
    assert "abandoned" in reason
    assert took <= 1.0501


def test_a_ledger_that_refuses_makes_an_error_and_a_safe_bench() -> None:
    """A record that cannot be kept is no verdict."""
    meter = FakeMeter()
    given = job(sequence(it_is_measured), Recorder(), {"meter": meter})

    def full(event: object) -> None:
        if isinstance(event, Measured | RunEnded):
            raise OSError("no space left on device")

    given = type(given)(**{**{name: getattr(given, name) for name in given.__slots__}, "tell": full})
    verdict, reason = clock.run(Run(given).execute())
    assert (verdict, meter.safe) == (Verdict.ERROR, 1)
    assert "no space left" in reason


def test_a_step_that_cancels_its_own_task_harms_no_other_step() -> None:
    """Though it returns before the cancellation reaches it: that one is an ERROR, the next step is carried out."""

    @step(VOLTS, timeout=1)
    async def it_cancels_its_task(meter: FakeMeter, take: Take) -> None:
        """Cancel, and return."""
        take(VOLTS.whole, await meter.read())
        task = asyncio.current_task()
        assert task is not None
        task.cancel()

    verdict, reason, recorder = run(sequence(it_cancels_its_task, cleanup=(it_is_cleaned,)))
    assert ["ERROR", "PASSED"] == [event.verdict for event in recorder.of(StepEnded)]
    assert (Verdict.ERROR, True) == (verdict, "cancelled itself" in reason)


def test_an_abandoned_step_is_tried_again_and_cleaned_up_behind() -> None:
    """What does not stop is left behind; retry and cleanup do not wait for it, and its late end changes nothing."""
    attempts = list[int]()

    @step(VOLTS, timeout=1, retry=Retry(2))
    async def it_is_deaf_once(meter: FakeMeter, take: Take) -> None:
        """Swallow every cancellation until 1.5 s, the first time."""
        attempts.append(1)
        first = len(attempts) == 1
        while first and asyncio.get_running_loop().time() < 1.5:
            try:
                await asyncio.sleep(0.5)
            except asyncio.CancelledError:
                continue
        await asyncio.sleep(0.2 if first else 0.9)
        take(VOLTS.whole, await meter.read())

    meter, recorder = FakeMeter(), Recorder()
    test = sequence(it_is_deaf_once, cleanup=(it_is_cleaned,))
    verdict, _ = clock.run(Run(job(test, recorder, {"meter": meter})).execute())
    ended = [(event.step, event.verdict) for event in recorder.of(StepEnded)]
    assert [("it_is_deaf_once", "ERROR"), ("it_is_deaf_once", "PASSED"), ("it_is_cleaned", "PASSED")] == ended
    assert (Verdict.PASSED, ["cleaned", "meter"]) == (verdict, meter.log)
    assert 1 == len(recorder.of(Measured))
