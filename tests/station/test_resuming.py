"""What counts of an interrupted run, and what speaks against going on with it: by traces, and by small runs of the engine."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequences.measurement import Measurement
from sequences.sequence import Loop, Sequence
from sequences.soak import soak
from sequences.step import Earns, Step, step
from sequences.take import Take
from sequences.verdict import Verdict
from sim import clock
from station.engine import Run
from station.record import fold
from station.resuming import LONGEST_GAP, MOST, changed, credit, last_known, objection, since
from station.trace import (
    Event,
    Found,
    MadeSafe,
    Observed,
    Resumed,
    RunEnded,
    RunStarted,
    Sampled,
    Soaked,
    StepEnded,
    StepStarted,
)
from tests.station.engine_runs import VOLTS, it_is_cleaned, it_is_measured
from tests.station.fakes import STARTED, FakeMeter, Recorder, job, sequence
from tests.station.traces import judged

WARMS, LASTING, TURN = 600.0, 7200.0, 1800.0
"""Seconds: to be warm again, of the soak that no turn contains, and of the soak in each turn."""
HELD = Measurement("held", "V", "a voltage that is held")
TURNED = Measurement("turned", "V", "one that is held in a turn", over=lambda _: ("0", "1", "2"))
AFTER = 60.0
WHY = "found at the next start"


@step(HELD, timeout=1e6, earns=Earns(WARMS))
async def it_holds(meter: FakeMeter, take: Take) -> None:
    """Sample, look back."""
    async for tick in soak(take, every=50.0, lasting=LASTING):
        take.sample(HELD.whole, await meter.read())
        if tick.kept:
            take.observe("until now", await meter.read())


@step(TURNED, timeout=1e6, earns=Earns(0.0))
async def it_turns(meter: FakeMeter, take: Take, item: str) -> None:
    """Sample in a turn."""
    async for _ in soak(take, every=50.0, lasting=TURN):
        take.sample(TURNED.of(item), await meter.read())


@step(timeout=60, needs=(it_turns,))
async def it_rests(take: Take) -> None:
    """Nothing more."""
    await take.until(asyncio.get_running_loop().time() + 30.0)


TEST = sequence(
    it_holds, Loop((it_turns, it_rests), times=3, resumes=True), setup=(it_is_measured,), cleanup=(it_is_cleaned,)
)


def ran(test: Sequence, left: list[Event], meter: FakeMeter | None = None, gap: float = AFTER) -> list[Event]:
    """The whole trace of a run that was left so, and went on."""
    recorder = Recorder()
    credited = credit(left, test, None, last_known(left) + gap) if left else None
    told = job(test, recorder, {"meter": meter or FakeMeter()})
    clock.run(Run(replace(told, credit=credited, why=WHY)).execute())
    safe = [MadeSafe(last_known(left), "PASSED", 0.1, (), WHY)] if left else []
    return [*left, *safe, *recorder.events]


GOOD = ran(TEST, [])


def soaked(events: list[Event], warms: float) -> dict[str, float]:
    """Seconds of each step's soak in all, as its samples themselves show it; what it took to be warm again is none."""
    spans: dict[tuple[str, int], list[float]] = {}
    attempt: dict[str, int] = {}
    for event in events:
        if isinstance(event, StepStarted):
            attempt[event.step] = event.attempt
        elif isinstance(event, Sampled):
            spans.setdefault((event.step, attempt[event.step]), []).extend(event.times)
    found: dict[str, float] = {}
    for (name, _), times in spans.items():
        lost = warms if name == it_holds.name else 0.0
        found[name] = found.get(name, 0.0) + max(0.0, times[-1] - times[0] - lost)
    return found


def must_be_whole(events: list[Event]) -> None:
    """A run that has passed has soaked as long as declared, warm, and every step has passed in its last attempt."""
    record = fold(events)
    assert ("PASSED", "") == (record["verdict"], record["reason"])
    lasted = soaked(events, WARMS)
    assert lasted.pop(it_holds.name) >= LASTING - WARMS - 0.01
    assert 3 == len(lasted)
    assert min(lasted.values()) >= TURN - 0.01
    last = {each["name"]: each["verdict"] for each in record["steps"]}
    names = [f"{name}[{turn}]" for turn in range(3) for name in ("it_turns", "it_rests")]
    assert dict.fromkeys(["it_is_measured", "it_holds", *names, "it_is_cleaned"], "PASSED").items() == last.items()
    numbers: dict[str, list[int]] = {}
    for each in record["steps"]:
        numbers.setdefault(each["name"], []).append(each["attempt"])
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values()), "attempts are counted on"
    told = [0.0 if isinstance(each, RunStarted) else each.at for each in events]
    assert sorted(told) == told, "no time goes back"


CUTS = st.integers(1, next(number for number, event in enumerate(GOOD) if isinstance(event, MadeSafe)))


@given(CUTS, st.floats(1.0, LONGEST_GAP - 1.0))
def test_cut_anywhere_a_good_burn_in_passes_only_when_all_of_it_was_soaked(cut: int, gap: float) -> None:
    """Whatever of a good trace was kept: nothing speaks against it, and it passes with the whole soak and every step."""
    left = GOOD[:cut]
    assert "" == objection(left, TEST, last_known(left) + gap)
    must_be_whole(ran(TEST, left, gap=gap))


@given(CUTS, st.data())
def test_cut_again_and_again_it_still_earns_no_second_twice(cut: int, data: st.DataObject) -> None:
    """Interrupted twice: also while the resumed run goes on."""
    once = ran(TEST, GOOD[:cut])
    own = next(number for number, event in enumerate(once) if isinstance(event, MadeSafe) and not event.why)
    again = data.draw(st.integers(cut, own), "cut again")
    must_be_whole(ran(TEST, once[:again]))


@given(st.floats(0.0, 14_000.0), st.floats(0.0, 3000.0), st.floats(0.0, 14_000.0))
def test_what_was_bad_is_never_credited(bad: float, lasting: float, died: float) -> None:
    """The meter reads too much for a while. Whenever the process dies: nothing of that while counts, or nobody goes on."""

    class Meter(FakeMeter):
        async def read(self):  # type: ignore[no-untyped-def]  # noqa: ANN202 (as the one that it stands for)
            now = asyncio.get_running_loop().time()
            self.value = 9.0 if bad <= now < bad + lasting else 1.0
            return await super().read()

    whole = ran(TEST, [], Meter())
    left = [each for each in whole if isinstance(each, RunStarted) or each.at <= died]
    odd = [
        (time, each.step)
        for each in whole
        if isinstance(each, Sampled)
        for time, value in zip(each.times, each.values, strict=True)
        if value == 9.0
    ]
    for part in (each for each in left if isinstance(each, Soaked)):
        assert not [time for time, name in odd if name == part.step and time < part.at], "it was not soaked well"
    objected = objection(left, TEST, last_known(left) + AFTER)
    if any(time <= died for time, _ in odd):
        assert objected, "a sample outside its limits was forgotten"
    if not objected:
        events = ran(TEST, left)
        if "PASSED" == fold(events)["verdict"]:
            must_be_whole(events)


@pytest.mark.parametrize(("parts", "lasts"), [([], 3000.0), ([2000.0], 2000.0), ([2000.0, 1000.0], 2000.0), ([3000.0], 1000.0)])  # fmt: skip
def test_what_is_missing_is_rounded_up_to_whole_turns(parts: list[float], lasts: float) -> None:
    """What it takes to be warm is no multiple of the cadence: in parts it is soaked for a little longer, never for less."""
    wave = Measurement("wave", "V", "a voltage that is looked at seldom")

    @step(wave, timeout=1e6, earns=Earns(WARMS))
    async def it_holds(meter: FakeMeter, take: Take) -> None:
        """Look now and then."""
        async for _ in soak(take, every=1000.0, lasting=3000.0):
            take.sample(wave.whole, await meter.read())

    test, left = sequence(it_holds), list[Event]()
    for number, part in enumerate(parts, 1):
        at = last_known(left)
        left += [StepStarted(at, "it_holds", number), Soaked(at + part, "it_holds", part)]
    events = ran(test, [STARTED, *left] if left else [])
    assert lasts == soaked(events, 0.0)["it_holds"]


@pytest.mark.parametrize(
    ("seconds", "parts"), [(0.0, [600.0]), (0.0, [300.0, 599.0]), (1.0, [601.0]), (5400.0, [3600.0, 3000.0])]
)
def test_what_it_takes_to_be_warm_counts_once(seconds: float, parts: list[float]) -> None:
    """Each part of a soak begins cold."""
    assert seconds == Earns(WARMS).of(parts)


def told(*events: Event) -> list[Event]:
    """A trace that has come so far."""
    return [STARTED, StepStarted(0.0, "it_holds", 1), *events]


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (StepEnded(1.0, "it_holds", 1, "FAILED", ""), "it_holds had not passed: FAILED"),
        (StepEnded(1.0, "it_holds", 1, "ERROR", ""), "it_holds had not passed: ERROR"),
        (StepEnded(1.0, "it_holds", 1, "SKIPPED", ""), "it_holds had been skipped"),
        (Found(1.0, "it_holds", "open", "W3", "", 1.0, ()), "it_holds had found something: open W3"),
        (judged(1.0, "it_holds", "W3", 1.0), "it_holds had a measurement outside its limits: conduction"),
        (judged(1.0, "it_holds", "W3", None, "no-reading"), "it_holds had a measurement outside its limits: conduction"),
        (Sampled(1.0, "it_holds", "held", "", "V", (1.0,), (9.0,), "FAILED"), "it_holds had a sample outside its limits: held"),
        (
            Sampled(1.0, "it_holds", "held", "", "V", (1.0,), (1.0,)),
            "it_holds had samples of which nobody knows whether they passed: held",
        ),
        (MadeSafe(1.0, "PASSED", 0.1, ()), "it had begun to make safe"),
        (RunEnded(1.0, "", "PASSED", ""), "it has ended"),
    ],
    ids=lambda each: type(each).__name__ if not isinstance(each, str) else each.split()[-1],
)  # fmt: skip
def test_whatever_was_not_well_speaks_against_going_on(event: Event, said: str) -> None:
    """One such event anywhere is enough."""
    assert said == objection(told(event), TEST, 60.0)
    assert said == objection(told(event, StepStarted(2.0, "it_holds", 2)), TEST, 60.0)


def test_a_sequence_must_allow_it() -> None:
    """Without a step that earns, or turns that stand on their own, nothing is gone on with."""
    assert "test does not allow it" == objection(told(), sequence(it_is_measured), 60.0)
    assert "" == objection(told(), TEST, 60.0)


TURNS = Loop((it_turns,), times=3, resumes=True)


@pytest.mark.parametrize(
    ("test", "name"),
    [
        (sequence(it_holds, it_holds), "it_holds"),
        (sequence(TURNS, TURNS), "it_turns"),
        (sequence(TURNS, it_turns), "it_turns"),
    ],
)
def test_what_is_done_twice_is_not_credited(test: Sequence, name: str) -> None:
    """By its name nobody can tell which of the two it was: the second could pass by what the first had done."""
    assert f"test has {name} more than once: nobody can tell which of them counts" == objection(told(), test, 60.0)


def test_what_is_never_credited_may_be_done_twice() -> None:
    """A check before and after the soak is carried out again, both times."""
    assert "" == objection(told(), sequence(it_is_measured, it_holds, it_is_measured), 60.0)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (-1.0, "the clock says that it has not begun yet"),
        (99.0, "the clock was set back: its last event lies 1 s ahead"),
        (100.0, ""),
        (100.0 + LONGEST_GAP, ""),
        (101.0 + LONGEST_GAP, "nobody looked for 4.0 h, 4 are allowed"),
        (86_500.0, "nobody looked for 24.0 h, 4 are allowed"),
    ],
)  # fmt: skip
def test_the_gap_must_be_plausible(at: float, said: str) -> None:
    """F082, F083: a clock that was set back, or forward by a day, while nobody looked."""
    assert said == objection(told(Observed(100.0, "it_holds", "x", 1.0, "V", 0.0, "ok", "m")), TEST, at)


def test_it_is_not_resumed_for_ever() -> None:
    """Who dies again and again in the same run stops energising it."""
    again = [Resumed(float(number), "", "it_holds", 1.0, 0.0, 0, "") for number in range(MOST)]
    assert "" == objection(told(*again[1:]), TEST, 60.0)
    assert f"it was resumed {MOST} times already" == objection(told(*again), TEST, 60.0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"serial": "SN2"}, "the unit is not what it was"),
        ({"revision": "B"}, "the revision is not what it was"),
        ({"product_digest": "other"}, "the product's file (its limits may have changed) is not what it was"),
        ({"sequence_digest": "other"}, "the sequence's source is not what it was"),
        ({"program": "2"}, "the program's version is not what it was"),
        ({"station": "other"}, "the station is not what it was"),
        ({"slot": "B"}, "the slot is not what it was"),
        ({"simulated": {"seed": 0, "faults": []}}, "what was simulated is real now, or the other way round"),
        ({"instruments": {"meter": "FAKE 1 fw 2"}}, "meter was FAKE 1 fw 1 and is FAKE 1 fw 2 now"),
        ({"documents": {"jigs/x.toml": "other"}}, "jigs/x.toml is not what it was"),
        ({"documents": {"jigs/z.toml": "same", "stations/y.toml": "same"}}, "jigs/x.toml is not used any more"),
        ({"documents": {"jigs/x.toml": "same", "stations/y.toml": "other", "jigs/z.toml": "new"}}, ""),
        ({"instruments": {}}, "meter was FAKE 1 fw 1 and is not there now"),
        ({"run": "other", "started": "later"}, ""),
    ],
)
def test_nothing_may_have_changed(changes: dict[str, object], said: str) -> None:
    """Unit, product, sequence, program, station, slot, and every instrument down to its firmware."""
    files = {"jigs/x.toml": "same", "stations/y.toml": "same"}
    before = replace(STARTED, instruments={"meter": "FAKE 1 fw 1"}, documents=files)
    assert said == changed(before, replace(before, **changes))  # type: ignore[arg-type]  # the fields of each case


def test_time_since_a_run_began_is_the_walls_in_any_zone() -> None:
    """F086: the wall is UTC in records; whatever zone a clock is read in, seconds are seconds. What is no instant is none."""
    began = replace(STARTED, started="2026-03-29T00:59:59.000Z")
    later = datetime(2026, 3, 29, 3, 0, 0, tzinfo=UTC).astimezone(UTC) + timedelta(seconds=1)
    assert 7202.0 == since(began, later)
    assert -1.0 == since(replace(began, started=""), later)


@pytest.mark.parametrize("declared", [it_holds, it_turns], ids=lambda each: each.name)
def test_a_step_is_told_what_it_has_earned_and_what_it_saw(declared: Step) -> None:
    """`take.earned` and `take.recall` are nothing in a run that was not interrupted."""
    seen: list[tuple[float, int]] = []

    @step(VOLTS, timeout=10, earns=declared.earns)
    async def it_holds(meter: FakeMeter, take: Take) -> None:
        """Look at what is given."""
        seen.append((take.earned, len(take.recall("until now"))))
        take(VOLTS.whole, await meter.read())

    test = sequence(it_holds)
    evidence: list[Event] = [
        Observed(900.0, "it_holds", "until now", 1.0, "V", 0.1, "ok", "meter"),
        Soaked(900.0, "it_holds", 900.0),
    ]
    ran(test, [])
    ran(test, told(*evidence))
    assert [(0.0, 0), (300.0 if declared.name == "it_holds" else 900.0, 1)] == seen


@pytest.mark.parametrize("second", [200.0, 3600.0, 7200.0])
def test_a_step_that_earns_soaks_once(second: float) -> None:
    """What was earned in the first soak would shorten the second, which nobody has begun: ERROR, interrupted or not."""

    @step(HELD, timeout=1e6, earns=Earns(0.0))
    async def it_holds(meter: FakeMeter, take: Take) -> None:
        """Soak, and soak again."""
        for lasting in (3600.0, second):
            async for _ in soak(take, every=50.0, lasting=lasting):
                take.sample(HELD.whole, await meter.read())

    record = fold(ran(sequence(it_holds), []))
    assert ("ERROR", True) == (record["verdict"], "it soaks twice" in record["reason"])


def test_it_begins_with_its_cleanup() -> None:
    """What was hot is cool again, and what was charged is measured not to be, before anything of it is done again."""
    events = ran(TEST, GOOD[:20])
    resumed = next(number for number, each in enumerate(events) if isinstance(each, Resumed))
    names = [each.step for each in events[resumed:] if isinstance(each, StepStarted)]
    assert ["it_is_cleaned", "it_is_measured", "it_holds"] == names[:3]
    assert "it_is_cleaned" == names[-1]


def test_a_cleanup_that_goes_wrong_ends_it() -> None:
    """Nothing is energised where the end of the last part was not confirmed."""

    @step(timeout=1)
    async def it_is_not_clean() -> None:
        """Refuse."""
        raise RuntimeError("stuck")

    test = sequence(it_holds, cleanup=(it_is_not_clean,))
    record = fold(ran(test, told(Soaked(900.0, "it_holds", 900.0))))
    assert ("ERROR", "it is not clean: RuntimeError: stuck") == (record["verdict"], record["reason"])
    assert ["it_holds", "it_is_not_clean"] == [each["name"] for each in record["steps"]]


def test_the_record_says_how_it_went_on() -> None:
    """When, after what gap, with what; and the step that was cut off is an attempt of its own."""
    left = [each for each in GOOD if isinstance(each, RunStarted) or each.at <= 4000.0]
    record = fold(ran(TEST, left, gap=100.0))
    (entry,) = record["resumed"]
    assert {"gap_s": 100.0, "turns": 0, "step": "it_holds", "reason": WHY}.items() <= entry.items()
    assert 3900.0 - WARMS == entry["earned_s"]
    first, second = (each for each in record["steps"] if each["name"] == "it_holds")
    assert ("ERROR", 1, "PASSED", 2) == (first["verdict"], first["attempt"], second["verdict"], second["attempt"])
    assert "process ended" in first["reason"]
    assert [] == record["findings"]
    assert Verdict.PASSED.name == record["verdict"]
