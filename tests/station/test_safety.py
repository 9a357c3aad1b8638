"""Making safe: in order, everyone tried, each within its deadline, and never another slot's instrument."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequences.sequence import Pause
from sim import clock
from station.safety import DEADLINE, SafePlan, make_safe, see_through
from tests.station.fakes import FakeMeter


def made_safe(
    meters: list[FakeMeter], *stages: tuple[str, ...] | Pause, deadlines: dict[str, float] | None = None, busy: str = ""
) -> tuple[tuple[str, ...], float]:
    """The refusals, and the seconds that it took."""
    plan = SafePlan(stages or tuple((each.name,) for each in meters), deadlines or {})

    async def main() -> tuple[tuple[str, ...], float]:
        refusals = await make_safe(plan, {each.name: each for each in meters}, lambda name: name == busy)
        return refusals, asyncio.get_running_loop().time()

    return clock.run(main())


def test_stage_after_stage_and_together_within_one() -> None:
    """The heater is off before the pump stops; two of one stage take no longer than the slower."""
    log: list[str] = []
    meters = [FakeMeter(name, safe_takes=0.1, log=log) for name in ("heater", "fan", "pump")]
    refusals, seconds = made_safe(meters, ("heater", "fan"), ("pump",))
    assert ((), ["heater", "fan", "pump"]) == (refusals, log)
    assert pytest.approx(0.2) == seconds
    assert [1, 1, 1] == [each.safe for each in meters]


def test_one_that_refuses_is_named_and_stops_nobody() -> None:
    """All who refused are named; all others are safe."""
    meters = [FakeMeter("one", refuses="valve stuck"), FakeMeter("two"), FakeMeter("three", refuses="no power")]
    refusals, _ = made_safe(meters)
    assert ("one was not confirmed safe: valve stuck", "three was not confirmed safe: no power") == refusals
    assert 1 == meters[1].safe


def test_one_that_hangs_has_its_deadline() -> None:
    """One that never answers, and one that swallows its cancellation, cost their deadline and no more."""
    meters = [FakeMeter("deaf", deaf=True), FakeMeter("slow", safe_takes=60.0), FakeMeter("good")]
    refusals, seconds = made_safe(meters, deadlines={"slow": 0.5})
    assert (
        f"deaf was not confirmed safe within {DEADLINE:g} s",
        "slow was not confirmed safe within 0.5 s",
    ) == refusals
    assert pytest.approx(DEADLINE + 0.5) == seconds
    assert 1 == meters[2].safe


def test_one_whose_driver_cancels_itself_is_named() -> None:
    """A driver's own cancellation is not taken for ours."""

    class Odd(FakeMeter):
        async def make_safe(self) -> None:
            raise asyncio.CancelledError

    good = FakeMeter("good")
    refusals, _ = made_safe([Odd("odd"), good])
    assert (("odd was not confirmed safe: its driver cancelled itself",), 1) == (refusals, good.safe)


LOOP = (("heater",), Pause(90.0, needs=("heater",)), ("pump",), ("valve",))


def test_what_was_heated_cools_before_the_pump_stops() -> None:
    """The pause lies between the stages, and nothing is made safe twice."""
    meters = [FakeMeter(name) for name in ("heater", "pump", "valve")]
    refusals, seconds = made_safe(meters, *LOOP)
    assert ((), 90.0, [1, 1, 1]) == (refusals, seconds, [each.safe for each in meters])


def test_pumps_run_on_while_the_heater_is_not_confirmed_off() -> None:
    """A pump that runs is the safe state of a loop whose heater may be on; the heater is tried once more."""
    heater, pump, valve = FakeMeter("heater", refuses="no answer"), FakeMeter("pump"), FakeMeter("valve")
    refusals, _ = made_safe([heater, pump, valve], *LOOP)
    assert (
        "heater was not confirmed safe: no answer",
        "pump is left as it is: heater is not confirmed safe",
        "valve is left as it is: heater is not confirmed safe",
    ) == refusals
    assert ([0, 0, 0], 2) == ([heater.safe, pump.safe, valve.safe], heater.log.count("heater"))


def test_a_heater_that_is_confirmed_at_the_second_try_lets_the_pumps_stop() -> None:
    """A link that was lost for a moment costs nothing but the time."""

    class Late(FakeMeter):
        async def make_safe(self) -> None:
            self.refuses = "" if self.log else "no answer"
            await super().make_safe()

    heater, pump, valve = Late("heater"), FakeMeter("pump"), FakeMeter("valve")
    assert ((), [1, 1, 1]) == (made_safe([heater, pump, valve], *LOOP)[0], [heater.safe, pump.safe, valve.safe])


def test_a_heater_that_was_never_reached_leaves_the_pumps_as_they_are() -> None:
    """Nobody knows what it does."""
    pump, valve = FakeMeter("pump"), FakeMeter("valve")
    refusals, _ = made_safe([pump, valve], *SafePlan(LOOP, {}).among({"pump", "valve"}).stages)
    assert [
        "pump is left as it is: heater is not confirmed safe",
        "valve is left as it is: heater is not confirmed safe",
    ] == [*refusals]
    assert [0, 0] == [pump.safe, valve.safe]


def test_what_another_slot_holds_is_left_alone() -> None:
    """It is that slot's to make safe."""
    shared, own = FakeMeter("shared"), FakeMeter("own")
    assert ((), 0, 1) == (made_safe([shared, own], busy="shared")[0], shared.safe, own.safe)


@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.01, 1.0), st.booleans()), max_size=6), st.integers(1, 3))
def test_it_never_takes_longer_than_the_plan_says(meters: list[tuple[float, float, bool]], size: int) -> None:
    """However slow or unwilling they are: the sum of each stage's longest deadline, and each is tried exactly once."""
    log: list[str] = []
    fakes = [
        FakeMeter(f"m{n}", safe_takes=takes, refuses="no" if refuses else "", log=log)
        for n, (takes, _, refuses) in enumerate(meters)
    ]
    deadlines = {f"m{n}": within for n, (_, within, _) in enumerate(meters)}
    names = [each.name for each in fakes]
    stages = tuple(tuple(names[at : at + size]) for at in range(0, len(names), size))
    refusals, seconds = made_safe(fakes, *stages, deadlines=deadlines)
    assert seconds <= SafePlan(stages, deadlines).longest + 1e-9
    assert names == log
    late = {each.name for each in fakes if each.safe_takes > deadlines[each.name]}
    assert {each.name for each in fakes if each.safe == 0} == {text.split()[0] for text in refusals}
    assert late <= {text.split()[0] for text in refusals}


def test_work_is_seen_through_however_often_its_caller_is_cancelled() -> None:
    """Making safe goes on to its end; the caller learns that somebody wanted it to stop."""

    async def main() -> tuple[str, bool]:
        async def work() -> str:
            await asyncio.sleep(1)
            return "done"

        me = asyncio.current_task()
        assert me is not None
        for later in (0.1, 0.2, 0.9):
            asyncio.get_running_loop().call_later(later, me.cancel)
        result = await see_through(work())
        while me.cancelling():
            me.uncancel()
        return result

    assert ("done", True) == clock.run(main())


def test_what_goes_wrong_in_it_is_raised() -> None:
    """Seeing through hides nothing."""

    async def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        clock.run(see_through(broken()))
