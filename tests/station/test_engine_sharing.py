"""The engine with several slots: who shares an instrument takes turns, and lets go only of what is safe."""

import asyncio

from drivers.errors import LinkTimeout
from sequences.sequence import Sequence
from sequences.soak import soak
from sequences.step import step
from sequences.take import Take
from sequences.verdict import Verdict
from sim import clock
from station.engine import Run
from station.trace import StepEnded
from station.turns import Turns
from tests.station.engine_runs import (
    VOLTS,
    executed,
    it_is_cleaned,
    it_is_measured,
    its_link_is_dead,
)
from tests.station.fakes import FakeMeter, Recorder, job, sequence


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


def test_a_shared_instrument_is_let_go_before_another_slot_may_have_it() -> None:
    """A step that has used what others share leaves it at rest; one whose instruments are its own does not bother."""
    meter, own = FakeMeter(), FakeMeter()
    executed(sequence(it_is_measured), {"meter": meter}, shared=frozenset({"meter"}))
    executed(sequence(it_is_measured), {"meter": own})
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
