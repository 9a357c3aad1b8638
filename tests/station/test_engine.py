"""The engine: a verdict is earned, cleanup runs, the bench is made safe exactly once on every path."""

import asyncio
import math
from dataclasses import replace

import pytest

from drivers.errors import LinkTimeout
from drivers.reading import Reading, State
from sequences.finding import Finding
from sequences.limits import at_most
from sequences.sequence import Loop, Sequence
from sequences.soak import soak
from sequences.step import Retry, step
from sequences.take import Take
from sequences.verdict import Verdict
from station.trace import Found, MadeSafe, Measured, Sampled, StepEnded
from tests.station.engine_runs import (
    SPREAD,
    VOLTS,
    it_hangs,
    it_is_cleaned,
    it_is_measured,
    its_link_is_dead,
    run,
)
from tests.station.fakes import FakeMeter, sequence


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


def test_a_guard_band_of_the_whole_uncertainty_is_taken_off_the_limit() -> None:
    """A reading within the tolerance but nearer to the limit than its uncertainty is not accepted."""
    limit = at_most(2.0, "V")
    read = Reading(1.95, "V", 0.1, 0.0, "meter")
    assert limit.judge(read) == (Verdict.FAILED, "")
    assert limit.acceptance(0.1) == (None, 1.9)


def test_a_failure_that_nobody_explains_is_told_with_what_was_allowed_and_accepted() -> None:
    """1.95 V is below 2 V: only the guard band says why the unit is bad, and the record names its rule."""

    @step(VOLTS, timeout=1)
    async def it_reads(meter: FakeMeter, take: Take) -> None:
        take(VOLTS.whole, replace(await meter.read(), value=1.95, uncertainty=0.1))

    verdict, _, recorder = run(sequence(it_reads))
    (found,), (judged,) = recorder.of(Found), recorder.of(Measured)
    assert Verdict.FAILED is verdict
    assert "volts at the unit is 1.95 V, allowed at most 2, accepted at most 1.9 by rule u" == found.text
    assert ("u", 2.0, 1.9) == (judged.rule, judged.high, judged.accept_high)


def test_the_acceptance_limits_of_a_bound_are_those_it_was_judged_by() -> None:
    """Its uncertainty is off already, whatever it still says of one."""

    @step(VOLTS, timeout=1)
    async def it_reads(meter: FakeMeter, take: Take) -> None:
        take(VOLTS.whole, replace(await meter.read(), value=2.05, uncertainty=0.1, state=State.AT_LEAST))

    _, _, recorder = run(sequence(it_reads))
    (judged,) = recorder.of(Measured)
    assert ("FAILED", 2.0, 2.0) == (judged.verdict, judged.high, judged.accept_high)
