"""The campaign of system faults: what it draws, what came of it, and that it notices a product that breaks a promise."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest
from blockbuster import BlockBuster

from drivers.errors import InstrumentError
from drivers.ohmmeters.hioki_rm3545 import HiokiRm3545
from drivers.reading import Reading
from sequences.limits import Limit
from sequences.measurement import Point
from sequences.sequence import Pause
from sequences.verdict import Verdict
from station import engine
from station.ledger import journal
from station.ledger.ledger import Ledger
from station.ledger.writer import Writer
from station.ordeal.campaign import campaign, single, span, tried
from station.ordeal.disturbance import KILLS, Disturbance, Kind
from station.ordeal.line import WEIGHTS
from station.ordeal.ordeal import Ordeal, drawn
from station.ordeal.promises import broken
from station.ordeal.telling import command, of_case, of_outcome
from station.safety import SafePlan, make_safe
from station.service import Service
from station.taking import Taking
from station.trace import Event, MadeSafe, RunEnded
from station.turns import Turns

SEED = 1
QUICK = 19
"""A campaign that begins with forty quick ones."""
MOST = 300
"""Ordeals in which a product that breaks a promise must be noticed."""
Patch = pytest.MonkeyPatch


@pytest.fixture(autouse=True)
def the_loop_may_wait(no_blocking_calls: BlockBuster) -> None:
    """The loop of an ordeal waits for its ledger on purpose."""
    no_blocking_calls.deactivate()


@pytest.fixture(autouse=True)
def quick_ones_only(monkeypatch: Patch) -> None:
    """The other products have their turn in `make ordeal`."""
    for name in WEIGHTS.keys() - {"PWR-WHIP-8"}:
        monkeypatch.setitem(WEIGHTS, name, 0.0)


def ordeals(*kinds: Kind, seed: int = SEED) -> Iterator[Ordeal]:
    """The ordeals of a campaign with any of these disturbances (none: every ordeal), in order."""
    several = (drawn(seed, number, span) for number in range(100_000))
    return (each for each in several if not kinds or each.kinds.intersection(kinds))


def noticed(*kinds: Kind, holding: str = "") -> list[str]:
    """The first promises that are broken among MOST ordeals, of which those with certain disturbances are tried."""
    for each in islice(ordeals(), MOST):
        if (kinds and not each.kinds.intersection(kinds)) or holding not in str(each):
            continue
        if found := broken(single(SEED, each.number)):
            return found
    return []


@pytest.mark.timeout(180)  # three processes that load the whole product each
def test_every_promise_is_kept_however_many_jobs_there_are(monkeypatch: Patch) -> None:
    """Two processes say the same, byte for byte, as this one; progress comes in order; the product keeps its promises."""
    monkeypatch.undo()  # what is changed here does not hold in another process
    told: list[int] = []
    one = campaign(QUICK, 24, 1, lambda over, _: told.append(over))
    assert ((), 24, [20, 24]) == (one.broken, sum(one.verdicts.values()), told)
    assert one.holds
    assert "every promise was kept in every run" in list(of_outcome(one, 1.0, 1))
    assert one == campaign(QUICK, 24, 2)


def test_an_ordeal_is_its_seed_and_its_number() -> None:
    """Drawn again it is the same; another seed draws others; every kind comes, and every other one is good."""
    first, again, other = ([str(each) for each in islice(ordeals(seed=seed), 300)] for seed in (1, 1, 2))
    assert first == again
    assert 300 == len(set(first))
    assert not set(first) & set(other)
    several = list(islice(ordeals(), 2000))
    assert set(Kind) == {kind for each in several for kind in each.kinds}
    assert 0.3 < sum(not each.fault for each in several) / len(several) < 0.8
    assert {0, 1, 2, 3} <= {len(each.disturbances) for each in several}


def test_one_ordeal_is_told_with_the_command_that_repeats_it() -> None:
    """What was put in, what struck, what was shown and kept; and of a broken one, how to see it again."""
    case = single(SEED, next(ordeals(Kind.ABORTED)).number)
    lines = list(of_case(case))
    assert f"put in: {case.ordeal}" == lines[0]
    assert "every promise was kept" == lines[-1]
    assert any(line.startswith("kept: ") and "ABORTED" in line for line in lines)
    assert "station prove --system --seed 7 --only 12" == command(7, 12)


@pytest.mark.parametrize("kind", sorted(KILLS))
def test_a_process_that_is_killed_leaves_a_sound_ledger(kind: Kind) -> None:
    """It is a real process that is really killed."""
    case = next(case for each in ordeals(kind) if (case := single(SEED, each.number)).killed)
    assert [] == broken(case)
    assert case.kept.verdict in {"", "INTERRUPTED", "PASSED", "FAILED", "ERROR", "ABORTED"}


def lose_readings(patch: Patch) -> None:
    """Every fortieth reading is lost on the way, and nobody misses it."""
    take, count = Taking.__call__, iter(range(10**9))

    def lossy(self: Taking, point: Point, reading: Reading) -> Verdict:
        return Verdict.PASSED if next(count) % 40 == 39 else take(self, point, reading)

    def close(self: Taking) -> None:
        self.verdict = max(self.verdict, Verdict.PASSED)

    patch.setattr(Taking, "__call__", lossy)
    patch.setattr(Taking, "close", close)


def forget_an_instrument(patch: Patch) -> None:
    """Making safe leaves out the first mainframe."""

    async def forgetful(plan: SafePlan, instruments: Any, *rest: Any) -> tuple[str, ...]:
        stages = [stage for stage in plan.stages if not isinstance(stage, Pause)]
        first = next(name for stage in stages for name in stage if name.startswith("mux"))
        return await make_safe(plan.among(set(instruments) - {first}), instruments, *rest)

    patch.setattr(engine, "make_safe", forgetful)


def tell_twice(patch: Patch) -> None:
    """That the bench was made safe is told twice."""
    told = engine.Run._told

    def twice(self: engine.Run, event: Event) -> str:
        return (told(self, event) if isinstance(event, MadeSafe) else "") or told(self, event)

    patch.setattr(engine.Run, "_told", twice)


def drop_the_end(patch: Patch) -> None:
    """The ledger forgets the last event of each run."""
    append = Ledger.append

    def forgetful(self: Ledger, run: str, event: Event) -> None:
        if not isinstance(event, RunEnded):
            append(self, run, event)

    patch.setattr(Ledger, "append", forgetful)


def show_too_early(patch: Patch) -> None:
    """A verdict is shown before the disk has it."""

    async def sync(self: Ledger, run: str | None = None) -> None:
        pass

    patch.setattr(Ledger, "sync", sync)


def never_recant(patch: Patch) -> None:
    """What could not be kept is not taken back."""
    patch.setattr(Writer, "recant", lambda *_: None)


def compare_the_wrong_way(patch: Patch) -> None:
    """A reading passes unless it is below or above: one that is no number is neither."""

    def judge(self: Limit, reading: Reading) -> tuple[Verdict, str]:
        below = self.low is not None and reading.value < self.low
        beyond = below or (self.high is not None and reading.value > self.high)
        return (Verdict.FAILED if beyond else Verdict.PASSED), ""

    patch.setattr(Limit, "judge", judge)


def call_errors_failures(patch: Patch) -> None:
    """What the station could not judge is called the unit's fault."""
    patch.setattr(Taking, "fail", lambda self, _: setattr(self, "verdict", Verdict.FAILED))


def deaf_to_aborts(patch: Patch) -> None:
    """Nobody hears an abort."""
    patch.setattr(Service, "abort", lambda *_: None)


def lose_the_journal(patch: Patch) -> None:
    """What a dead process has told is not looked for."""
    patch.setattr(journal, "left_by", lambda _: [])


def keep_hold(patch: Patch) -> None:
    """An instrument that was taken is never given back."""
    patch.setattr(Turns, "give_back", lambda *_: None)


def measure_time_twice(patch: Patch) -> None:
    """A second of the loop is two in the record."""
    at = engine.Run._at
    patch.setattr(engine.Run, "_at", lambda self: 2.0 * at(self))


def remember_readings(patch: Patch) -> None:
    """An ohmmeter that does not answer any more has its last reading said again, as if it were a new one."""
    resistance, prepare, last = HiokiRm3545.resistance, HiokiRm3545.prepare, list[Reading]()

    async def hopeful(self: HiokiRm3545, highest: float) -> None:
        with suppress(InstrumentError):
            await prepare(self, highest)

    async def remembered(self: HiokiRm3545) -> Reading:
        try:
            last.append(await resistance(self))
        except InstrumentError:
            return replace(last[-1], at=self.link.now())
        return last[-1]

    patch.setattr(HiokiRm3545, "prepare", hopeful)
    patch.setattr(HiokiRm3545, "resistance", remembered)


MUTANTS: dict[Callable[[Patch], None], tuple[tuple[Kind, ...], str, str]] = {
    lose_readings: ((), "", "whole: PASSED without"),
    forget_an_instrument: ((Kind.ABORTED, Kind.CANCELLED), "", "off: mux_a1 is on in the end and nobody says so"),
    tell_twice: ((), "", "safe: it was made safe 2 times"),
    drop_the_end: ((), "", "kept: it has ended, and the ledger calls it INTERRUPTED"),
    show_too_early: ((Kind.POWER_CUT,), "", "survives: "),
    never_recant: ((Kind.DISK_FULL, Kind.FSYNC_FAILS), "a good unit; ", "kept: ERROR was shown, PASSED is kept"),
    compare_the_wrong_way: ((Kind.TROUBLE,), "nan:", "judged: "),
    call_errors_failures: ((Kind.TROUBLE,), "a good unit; ", "verdict: a good unit is FAILED"),
    lose_the_journal: ((Kind.KILLED,), "", "kept: was shown and is not kept"),
    keep_hold: ((), "a good unit", "left: ohms is still held"),
    measure_time_twice: ((), "", "timed: "),
    remember_readings: ((Kind.TROUBLE,), "(silent:ohms", "read: "),
    deaf_to_aborts: ((Kind.ABORTED,), "a good unit; aborted", "verdict: PASSED, though it was given up"),
}
"""Products that break a promise: among which ordeals it is tried, and what is said of it."""


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: str(each.__name__))
def test_a_product_that_breaks_a_promise_is_noticed(mutant: Callable[[Patch], None], monkeypatch: Patch) -> None:
    """Among MOST ordeals, by the promise that it breaks."""
    kinds, holding, said = MUTANTS[mutant]
    span("PWR-WHIP-8")
    mutant(monkeypatch)
    found = noticed(*kinds, holding=holding)
    assert any(each.startswith(said) for each in found), found


def test_a_unit_that_is_bad_by_itself_is_failed_rightly(monkeypatch: Patch) -> None:
    """One of thousands is drawn that lies outside its tolerance; one that only a disturbance fails breaks a promise."""
    lemon = Ordeal(0, 0, "PWR-WHIP-8", 2009175667, "", (Disturbance(Kind.CLOCK_BACK, 2.867),), 1)
    case = tried(lemon)
    assert (case.kept.verdict, case.bad_by_itself, broken(case)) == ("FAILED", True, [])
    good = tried(replace(lemon, seed=5))
    assert (good.kept.verdict, broken(good)) == ("PASSED", [])
    failed = replace(good, kept=case.kept)
    assert any(each.startswith("verdict: a good unit is FAILED") for each in broken(failed))
