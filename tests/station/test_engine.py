"""The engine: a verdict is earned, cleanup runs, the bench is made safe exactly once on every path."""

import asyncio
import math
from collections.abc import Callable

import pytest

from drivers.errors import LinkTimeout
from drivers.reading import Reading, State
from sequences.finding import Finding
from sequences.limits import at_most
from sequences.measurement import Measurement
from sequences.sequence import Loop, Sequence
from sequences.soak import soak
from sequences.step import Retry, step
from sequences.take import Take
from sequences.verdict import Verdict
from sim import clock
from station.engine import Run
from station.trace import Found, MadeSafe, Measured, RunEnded, Sampled, StepEnded
from station.turns import Turns
from tests.station.fakes import FakeMeter, Recorder, job, sequence

VOLTS = Measurement("volts", "V", "a voltage")
SPREAD = Measurement("spread", "V", "a voltage at places", over=lambda _: ("a", "b", "c"))


@step(VOLTS, timeout=1)
async def it_is_measured(meter: FakeMeter, take: Take) -> None:
    """Take it."""
    take(VOLTS.whole, await meter.read())


@step(timeout=1)
async def it_is_cleaned(meter: FakeMeter) -> None:
    """Cleanup."""
    meter.log.append("cleaned")


def run(test: Sequence, *meters: FakeMeter) -> tuple[Verdict, str, Recorder]:
    """Run a sequence in virtual time."""
    recorder, named = Recorder(), {each.name: each for each in meters or (FakeMeter(),)}
    verdict, reason = clock.run(Run(job(test, recorder, named)).execute())
    assert [verdict.name] == [event.verdict for event in recorder.of(RunEnded)]
    return verdict, reason, recorder


def test_a_good_unit_passes_and_the_bench_is_safe_once() -> None:
    """PASSED is earned by a measurement inside its limit, and nothing else is needed."""
    meter = FakeMeter()
    verdict, reason, recorder = run(sequence(it_is_measured, cleanup=(it_is_cleaned,)), meter)
    assert (verdict, reason, meter.safe) == (Verdict.PASSED, "", 1)
    assert meter.log == ["cleaned", "meter"]
    assert [event.verdict for event in recorder.of(MadeSafe)] == ["PASSED"]


def test_outside_the_limit_fails_and_names_the_place() -> None:
    """A failure that nobody explains still says which measurement was where."""
    verdict, _, recorder = run(sequence(it_is_measured), FakeMeter(value=5.0))
    assert (verdict, [event.cause for event in recorder.of(Found)]) == (Verdict.FAILED, ["volts"])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_a_number_is_an_error(value: float) -> None:
    """Silence passes nobody and fails nobody."""
    verdict, _, recorder = run(sequence(it_is_measured), FakeMeter(value=value))
    assert (verdict, [event.value for event in recorder.of(Measured)]) == (Verdict.ERROR, [None])


@step(VOLTS, timeout=1)
async def it_forgets(take: Take) -> None:
    """Take nothing."""


@step(SPREAD, timeout=1)
async def it_forgets_one(meter: FakeMeter, take: Take) -> None:
    """Take two of three."""
    for where in ("a", "c"):
        take(SPREAD.of(where), await meter.read())


@step(VOLTS, timeout=1)
async def it_is_stale(meter: FakeMeter, take: Take) -> None:
    """Take a reading from before the step."""
    read = await meter.read()
    take(VOLTS.whole, Reading(read.value, "V", 0.0, read.at - 10, "meter"))


@step(VOLTS, timeout=1)
async def it_is_foreign(meter: FakeMeter, take: Take) -> None:
    """Take a reading of an instrument that is not on the slot."""
    read = await meter.read()
    take(VOLTS.whole, Reading(read.value, "V", 0.0, read.at, "other"))


@step(VOLTS, timeout=1)
async def it_is_in_another_unit(meter: FakeMeter, take: Take) -> None:
    """Take amperes for volts."""
    read = await meter.read()
    take(VOLTS.whole, Reading(read.value, "A", 0.0, read.at, "meter"))


@step(VOLTS, timeout=1)
async def it_is_over_range(meter: FakeMeter, take: Take) -> None:
    """Take an over-range."""
    read = await meter.read()
    take(VOLTS.whole, Reading(math.nan, "V", math.nan, read.at, "meter", State.OVER_RANGE))


@step(timeout=1)
async def it_takes_what_it_did_not_declare(meter: FakeMeter, take: Take) -> None:
    """Take without declaring."""
    take(VOLTS.whole, await meter.read())


@step(VOLTS, timeout=1)
async def it_takes_twice(meter: FakeMeter, take: Take) -> None:
    """Take until it passes."""
    take(VOLTS.whole, await meter.read())
    take(VOLTS.whole, await meter.read())


@step(VOLTS, timeout=1)
async def it_crashes(take: Take) -> None:
    """Crash."""
    raise ZeroDivisionError("oops")


@step(VOLTS, timeout=1)
async def its_link_is_dead(take: Take) -> None:
    """Lose the link."""
    raise LinkTimeout("meter", "no answer within 2 s")


@step(VOLTS, timeout=1)
async def it_hangs(take: Take) -> None:
    """Never come back."""
    await asyncio.sleep(3600)


@step(VOLTS, timeout=1)
async def it_cancels_itself(take: Take) -> None:
    """Raise what only the engine may raise."""
    raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (it_forgets, "never taken: volts"),
        (it_forgets_one, "never taken: spread[b]"),
        (it_is_stale, "stale"),
        (it_is_foreign, "not on this slot"),
        (it_is_in_another_unit, "reads A"),
        (it_is_over_range, "over-range"),
        (it_takes_what_it_did_not_declare, "was not declared"),
        (it_takes_twice, "taken twice"),
        (it_crashes, "ZeroDivisionError: oops"),
        (its_link_is_dead, "no answer"),
        (it_hangs, "timed out after 1 s"),
        (it_cancels_itself, "cancelled itself"),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_whatever_breaks_is_an_error(wrong: object, why: str) -> None:
    """A broken step never passes a unit and never fails one; it says why; cleanup runs and the bench is safe once."""
    meter = FakeMeter()
    verdict, reason, recorder = run(sequence(wrong, cleanup=(it_is_cleaned,)), meter)
    assert Verdict.ERROR is verdict
    assert why in reason
    assert (meter.safe, "cleaned" in meter.log) == (1, True)
    assert recorder.of(Found) == []


def test_nothing_measured_is_no_pass() -> None:
    """A sequence that measures nothing has proven nothing."""
    assert run(sequence(it_is_cleaned))[:2] == (Verdict.ERROR, "nothing was measured")


def test_a_failed_step_does_not_stop_main_but_an_error_does() -> None:
    """The repair person wants all findings; a broken station should not go on."""
    bad = FakeMeter(value=5.0)
    _, _, recorder = run(sequence(it_is_measured, it_forgets_one), bad)
    assert [event.verdict for event in recorder.of(StepEnded)] == ["FAILED", "ERROR"]
    _, _, recorder = run(sequence(it_crashes, it_is_measured))
    assert [event.verdict for event in recorder.of(StepEnded)] == ["ERROR", "SKIPPED"]


def test_cleanup_runs_though_setup_failed_and_every_cleanup_step_is_tried() -> None:
    """One cleanup step that errs does not stop the next."""
    meter = FakeMeter()
    verdict, _, recorder = run(
        sequence(it_is_measured, setup=(it_crashes,), cleanup=(its_link_is_dead, it_is_cleaned)), meter
    )
    assert [event.verdict for event in recorder.of(StepEnded)] == ["ERROR", "SKIPPED", "ERROR", "PASSED"]
    assert (verdict, meter.safe) == (Verdict.ERROR, 1)


def test_an_error_in_cleanup_spoils_a_pass() -> None:
    """A station that could not clean up could not judge."""
    assert Verdict.ERROR is run(sequence(it_is_measured, cleanup=(it_crashes,)))[0]


def test_a_finding_cannot_pass() -> None:
    """Who finds a fault has failed the unit, whatever the limits say."""

    @step(VOLTS, timeout=1)
    async def it_finds(meter: FakeMeter, take: Take) -> None:
        """Find."""
        take(VOLTS.whole, await meter.read())
        take.found(Finding("open", "W3", "open at W3"))

    assert Verdict.FAILED is run(sequence(it_finds))[0]


def test_what_depends_on_a_step_that_did_not_pass_is_skipped() -> None:
    """A dependent step is not tried, and the run does not pass."""

    @step(SPREAD, timeout=1, needs=(it_is_measured,))
    async def it_depends(take: Take) -> None:
        """Never runs."""

    verdict, _, recorder = run(sequence(it_is_measured, it_depends), FakeMeter(value=5.0))
    assert (verdict, [event.verdict for event in recorder.of(StepEnded)]) == (Verdict.FAILED, ["FAILED", "SKIPPED"])


def _flaky(good_from: int, retry: Retry) -> Sequence:
    attempts = []

    @step(VOLTS, timeout=1, retry=retry)
    async def it_is_flaky(meter: FakeMeter, take: Take) -> None:
        """Err until the given attempt."""
        attempts.append(1)
        if len(attempts) < good_from:
            raise LinkTimeout("meter", "late")
        take(VOLTS.whole, await meter.read())

    return sequence(it_is_flaky)


def test_a_retry_is_declared_and_every_attempt_is_recorded() -> None:
    """Retrying is policy, never silence."""
    verdict, _, recorder = run(_flaky(3, Retry(3)))
    assert (verdict, [e.verdict for e in recorder.of(StepEnded)]) == (Verdict.PASSED, ["ERROR", "ERROR", "PASSED"])
    assert Verdict.ERROR is run(_flaky(4, Retry(3)))[0]
    assert Verdict.ERROR is run(_flaky(2, Retry(1)))[0]


def test_a_failed_unit_is_not_retried_until_it_passes() -> None:
    """Only what the policy names is tried again; by default that is ERROR."""
    _, _, recorder = run(_flaky(1, Retry(5)), FakeMeter(value=5.0))
    assert [event.verdict for event in recorder.of(StepEnded)] == ["FAILED"]


def test_a_loop_runs_its_steps_for_each_item() -> None:
    """Each turn has a name of its own, and its own point."""

    @step(SPREAD, timeout=1)
    async def it_is_measured_there(meter: FakeMeter, take: Take, item: str) -> None:
        """Take at one place."""
        take(SPREAD.of(item), await meter.read())

    verdict, _, recorder = run(sequence(Loop((it_is_measured_there,), over=lambda _: ("a", "b", "c"))))
    assert Verdict.PASSED is verdict
    assert [event.step for event in recorder.of(StepEnded)] == [
        "it_is_measured_there[a]",
        "it_is_measured_there[b]",
        "it_is_measured_there[c]",
    ]


def test_a_step_that_a_later_turn_skips_has_not_passed() -> None:
    """What needs it is not tried, although it passed in an earlier turn."""

    @step(SPREAD, timeout=1)
    async def it_is_measured_there(meter: FakeMeter, take: Take, item: str) -> None:
        """Bad at b."""
        meter.value = 5.0 if item == "b" else 1.0
        take(SPREAD.of(item), await meter.read())

    @step(timeout=1, needs=(it_is_measured_there,))
    async def it_follows(meter: FakeMeter) -> None:
        """Where that was good."""

    @step(timeout=1, needs=(it_follows,))
    async def it_comes_last(meter: FakeMeter) -> None:
        """Where everything was."""

    loop = Loop((it_is_measured_there, it_follows), over=lambda _: ("a", "b"))
    verdict, _, recorder = run(sequence(loop, it_comes_last))
    ended = {event.step: event.verdict for event in recorder.of(StepEnded)}
    assert ("PASSED", "SKIPPED", "SKIPPED") == (ended["it_follows[a]"], ended["it_follows[b]"], ended["it_comes_last"])
    assert Verdict.FAILED is verdict


def test_a_soak_keeps_its_cadence_without_drift_and_keeps_its_worst_sample() -> None:
    """Ten hours at one sample a second end exactly then; the worst sample is the measurement."""
    times: list[float] = []

    @step(VOLTS, timeout=40_000)
    async def it_soaks(meter: FakeMeter, take: Take) -> None:
        """Sample each second."""
        async for tick in soak(take, every=1.0, lasting=36_000):
            times.append(tick.due)
            meter.value = 1.9 if tick.number == 777 else 1.0
            take.sample(VOLTS.whole, await meter.read())

    verdict, _, recorder = run(sequence(it_soaks))
    assert (verdict, len(times), times[-1] - times[0]) == (Verdict.PASSED, 36_001, 36_000.0)
    assert [event.value for event in recorder.of(Measured)] == [1.9]
    assert sum(len(event.times) for event in recorder.of(Sampled)) == 36_001


def test_one_bad_sample_of_a_soak_fails_the_unit() -> None:
    """It is judged while it runs."""

    @step(VOLTS, timeout=400)
    async def it_soaks(meter: FakeMeter, take: Take) -> None:
        """Stop at the first bad one."""
        async for tick in soak(take, every=1.0, lasting=300):
            meter.value = 9.0 if tick.number == 100 else 1.0
            if take.sample(VOLTS.whole, await meter.read()) is not Verdict.PASSED:
                break

    verdict, _, recorder = run(sequence(it_soaks))
    assert (verdict, sum(len(event.times) for event in recorder.of(Sampled))) == (Verdict.FAILED, 101)


async def _abort_later(running: Run, seconds: float) -> None:
    await asyncio.sleep(seconds)
    running.abort("the operator pressed stop")


def _execute(
    test: Sequence, meters: dict[str, FakeMeter], then: Callable[[Run], object] | None = None, **more: object
) -> tuple[Verdict, str, Recorder, float]:
    recorder = Recorder()

    async def main() -> tuple[Verdict, str, float]:
        running = Run(job(test, recorder, meters, **more))  # type: ignore[arg-type]  # the keywords of `job`
        loop = asyncio.get_running_loop()
        if then is not None:
            loop.call_later(0.5, then, running)
        verdict, reason = await running.execute()
        return verdict, reason, loop.time()

    verdict, reason, took = clock.run(main())
    return verdict, reason, recorder, took


def test_an_abort_makes_safe_at_once_and_skips_cleanup() -> None:
    """Within 50 ms of the abort every cooperative instrument has been told; once."""
    meter = FakeMeter()
    verdict, reason, recorder, took = _execute(
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

    verdict, reason, recorder, _ = _execute(sequence(it_hangs), {"meter": meter}, twice)
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
    verdict, reason, recorder, _ = _execute(
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
    verdict, reason, recorder, _ = _execute(
        sequence(_measured_by(meters["valve"])),
        meters,
        stages=(("heater",), ("pump",), ("valve",)),
        deadlines={"heater": 0.2},
    )
    assert (verdict, log, meters["valve"].safe) == (Verdict.ERROR, ["heater", "pump", "valve"], 1)
    assert "heater was not confirmed safe within 0.2 s" in reason
    assert "pump was not confirmed safe: valve stuck" in reason
    assert [round(event.seconds, 3) for event in recorder.of(MadeSafe)] == [0.2]


def _measured_by(meter: FakeMeter) -> object:
    @step(VOLTS, timeout=1)
    async def it_is_measured_by_another(take: Take) -> None:
        """Take with a given meter."""
        take(VOLTS.whole, await meter.read())

    return it_is_measured_by_another


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


def test_slots_that_share_an_instrument_take_turns() -> None:
    """Two users are never at one instrument at once, everyone gets his turn, and all runs pass."""
    users: list[int] = []
    crowd: list[int] = []

    @step(VOLTS, timeout=100)
    async def it_is_measured_alone(meter: FakeMeter, take: Take) -> None:
        """Count who is there."""
        users.append(1)
        crowd.append(len(users))
        take(VOLTS.whole, await meter.read())
        users.pop()

    async def main() -> list[Verdict]:
        meter, turns = FakeMeter(), Turns()
        runs = [Run(job(sequence(it_is_measured_alone), Recorder(), {"meter": meter}, turns=turns)) for _ in range(64)]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each.execute()) for each in runs]
        return [task.result()[0] for task in tasks]

    assert clock.run(main()) == [Verdict.PASSED] * 64
    assert crowd == [1] * 64


def test_a_soak_lets_others_at_the_shared_instrument_between_its_turns() -> None:
    """An hour's soak in one slot does not keep the next slot waiting for an hour."""
    ends: list[float] = []

    @step(VOLTS, timeout=4000)
    async def it_soaks(meter: FakeMeter, take: Take) -> None:
        """Sample for an hour."""
        async for _ in soak(take, every=10.0, lasting=3600):
            take.sample(VOLTS.whole, await meter.read())

    async def main() -> None:
        meter, turns = FakeMeter(), Turns()
        tests = (sequence(it_soaks), sequence(it_is_measured))

        async def one(test: Sequence) -> None:
            await Run(job(test, Recorder(), {"meter": meter}, turns=turns)).execute()
            ends.append(asyncio.get_running_loop().time())

        async with asyncio.TaskGroup() as group:
            for test in tests:
                group.create_task(one(test))

    clock.run(main())
    assert ends[0] < 1
    assert ends[1] >= 3600


def test_a_guard_band_of_the_whole_uncertainty_is_taken_off_the_limit() -> None:
    """A reading within the tolerance but nearer to the limit than its uncertainty is not accepted."""
    limit = at_most(2.0, "V")
    read = Reading(1.95, "V", 0.1, 0.0, "meter")
    assert limit.judge(read) == (Verdict.FAILED, "")
    assert limit.acceptance(0.1) == (None, 1.9)


def test_a_shared_instrument_is_let_go_before_another_slot_may_have_it() -> None:
    """A step that has used what others share leaves it at rest; one whose instruments are its own does not bother."""
    meter, own = FakeMeter(), FakeMeter()
    _execute(sequence(it_is_measured), {"meter": meter}, shared=frozenset({"meter"}))
    _execute(sequence(it_is_measured), {"meter": own})
    assert (["rest", "meter"], ["meter"]) == (meter.log, own.log)


def test_what_a_broken_step_held_is_nobody_elses_until_the_bench_is_safe() -> None:
    """After an ERROR the shared instrument may still be connected to this slot's unit."""
    order: list[str] = []

    @step(VOLTS, timeout=5)
    async def it_breaks(take: Take, meter: FakeMeter) -> None:
        """Break while connected."""
        await asyncio.sleep(1)
        raise LinkTimeout("meter", "gone")

    @step(VOLTS, timeout=50)
    async def it_waits_its_turn(meter: FakeMeter, take: Take) -> None:
        """Note when it may."""
        order.append("next")
        take(VOLTS.whole, await meter.read())

    @step(timeout=5)
    async def it_cleans_slowly() -> None:
        """Cleanup takes a while."""
        await asyncio.sleep(1)
        order.append("cleaned")

    async def main() -> None:
        meter, turns = FakeMeter(), Turns()
        tests = (sequence(it_breaks, cleanup=(it_cleans_slowly,)), sequence(it_waits_its_turn))
        async with asyncio.TaskGroup() as group:
            for test in tests:
                group.create_task(Run(job(test, Recorder(), {"meter": meter}, turns=turns)).execute())

    clock.run(main())
    assert ["cleaned", "next"] == order


def test_an_abort_while_waiting_for_an_instrument_still_says_what_was_skipped() -> None:
    """Who waits for a turn can be aborted; nothing was begun, and what would have cleaned up is SKIPPED."""

    async def main() -> tuple[Recorder, Verdict]:
        meter, turns, recorder = FakeMeter(), Turns(), Recorder()
        await turns.take(frozenset({"meter"}), "another slot")
        running = Run(job(sequence(it_is_measured, cleanup=(it_is_cleaned,)), recorder, {"meter": meter}, turns=turns))
        asyncio.get_running_loop().call_later(0.5, running.abort, "stop!")
        verdict, _ = await running.execute()
        return recorder, verdict

    recorder, verdict = clock.run(main())
    assert (Verdict.ABORTED, ["SKIPPED"]) == (verdict, [event.verdict for event in recorder.of(StepEnded)])


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


def test_a_soak_that_is_aborted_between_its_turns_keeps_nothing() -> None:
    """While another slot is at the shared instrument the soak stops at once, and does not want it back."""

    @step(VOLTS, timeout=4000)
    async def it_soaks(meter: FakeMeter, take: Take) -> None:
        """Sample now and then."""
        async for _ in soak(take, every=100.0, lasting=3600):
            take.sample(VOLTS.whole, await meter.read())

    @step(VOLTS, timeout=50)
    async def it_takes_long(meter: FakeMeter, take: Take) -> None:
        """Be at the instrument for ten seconds."""
        await asyncio.sleep(10)
        take(VOLTS.whole, await meter.read())

    async def main() -> tuple[float, object]:
        meter, turns, loop = FakeMeter(), Turns(), asyncio.get_running_loop()
        soaking = Run(job(sequence(it_soaks), Recorder(), {"meter": meter}, turns=turns))
        other = Run(job(sequence(it_takes_long), Recorder(), {"meter": meter}, turns=turns))
        loop.call_later(0.5, soaking.abort, "stop!")
        async with asyncio.TaskGroup() as group:
            group.create_task(soaking.execute()).add_done_callback(lambda _: ends.append(loop.time()))
            await asyncio.sleep(0.1)
            group.create_task(other.execute())
        return ends[0], turns.holder("meter")

    ends: list[float] = []
    assert (0.5, None) == clock.run(main())


def test_slots_that_broke_with_what_the_other_needs_do_not_wait_for_ever() -> None:
    """Each holds a shared instrument after an ERROR, and its cleanup wants the other's: both end, and are made safe."""

    async def main() -> list[Verdict]:
        turns, meter, pump = Turns(), FakeMeter(), FakeMeter("pump")
        runs = []
        for mine, other in ((meter, pump), (pump, meter)):
            test = sequence(its_link_is_dead, cleanup=(it_is_cleaned,))
            run_ = Run(job(test, Recorder(), {mine.name: mine, other.name: other}, turns=turns))
            await turns.take(frozenset({other.name}), run_)
            runs.append(run_)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each.execute()) for each in runs]
        return [task.result()[0] for task in tasks]

    assert [Verdict.ERROR] * 2 == clock.run(main())
