"""Burn-ins of the simulated line whose process died: what the next one finds, makes safe, and goes on with."""

import asyncio
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sim import clock
from station.bench import Bench
from station.ledger.history import History
from station.ledger.ledger import Ledger
from station.opening import Prepared, prepare, run_virtually, service_of
from station.ordeal.witness import Witness
from station.orders import Request, order_again
from station.record import SCHEMA
from station.recovering import recover
from station.report.page import render_html
from station.resuming import last_known
from station.seats import seats_of
from station.service import Service, Simulated
from station.simulating import sim_wires, world_of
from station.trace import (
    Event,
    MadeSafe,
    Measured,
    Observed,
    Resumed,
    RunStarted,
    Sampled,
    Soaked,
    StepEnded,
    StepStarted,
)
from station.walls import iso
from tests.station.interrupted_lines import (
    GAP,
    Outcome,
    began,
    cut,
    gone_on,
    good,
    hot_loop,
    leave,
    pdu,
    started_again,
)
from tests.station.lines import HARNESS, SERIAL, carried_out

HOURS = "it_holds_for_hours"
SET = "the_contacts_stay_cool[outlet3+outlet4]"
"""The second set's turn."""


def soaked(events: list[Event], step: str) -> list[float]:
    """How long each attempt of a step has soaked, as its samples show it."""
    spans: list[list[float]] = []
    for event in events:
        if isinstance(event, StepStarted) and event.step == step:
            spans.append([])
        elif isinstance(event, Sampled) and event.step == step:
            spans[-1].extend(event.times)
    return [max(times) - min(times) if times else 0.0 for times in spans]


def must_have_passed(outcome: Outcome) -> None:
    """It passed in one record, which is sound, and every step passed in the end."""
    assert ("PASSED", "", []) == (*outcome.said, outcome.problems)
    assert {} == outcome.recovered.locked
    last = {each["name"]: each["verdict"] for each in outcome.record["steps"]}
    assert {"PASSED"} == set(last.values())
    at = [0.0 if isinstance(each, RunStarted) else each.at for each in outcome.events]
    assert sorted(at) == at


@pytest.mark.parametrize("share", [0.02, 0.2, 0.4, 0.6, 0.8, 0.95])
def test_a_hot_loop_goes_on_with_the_hours_that_it_has_earned(tmp_path: Path, share: float) -> None:
    """Cut anywhere: it cools, is looked at cold, becomes hot again, and stays hot for what is missing."""
    whole = good(hot_loop)
    left = cut(whole, share * last_known(whole))
    outcome = gone_on(tmp_path / "data", hot_loop(tmp_path), left)
    must_have_passed(outcome)
    parts = soaked(outcome.events, HOURS)
    kept = [each.seconds for each in left if isinstance(each, Soaked)]
    earned = max(0.0, max(kept, default=0.0) - 600.0)
    assert earned == outcome.record["resumed"][0]["earned_s"]
    assert 3600.0 - earned == pytest.approx(parts[-1], abs=1.0)
    assert 3600.0 - 1.0 <= parts[-1] + sum(max(0.0, each - 600.0) for each in parts[:-1]) + 300.0
    assert outcome.record["resumed"][0]["gap_s"] == pytest.approx(GAP + 91.0, abs=3.0), "making safe is in the gap"


@pytest.mark.parametrize("step", ["every_outlet_is_earthed", SET, "the_contacts_settle[outlet3+outlet4]"])
def test_a_pdu_goes_on_with_the_turn_that_was_cut_off(tmp_path: Path, step: str) -> None:
    """Sets whose turn had passed are left alone; of the turn that was cut off the hours count that were warm."""
    whole = good(pdu)
    left = cut(whole, began(whole, step) + 4000.0 * ("[" in step))
    outcome = gone_on(tmp_path / "data", pdu(tmp_path), left)
    must_have_passed(outcome)
    (entry,) = outcome.record["resumed"]
    names = [each["name"] for each in outcome.record["steps"]]
    first = "the_contacts_stay_cool[outlet1+outlet2]"
    if step == "every_outlet_is_earthed":
        assert (0, 0.0, 1) == (entry["turns"], entry["earned_s"], names.count(first))
        return
    assert (1, 1, 2) == (entry["turns"], names.count(first), names.count(SET))
    parts = soaked(outcome.events, SET)
    was = max(each.seconds for each in left if isinstance(each, Soaked) and each.step == SET)
    assert was - 1800.0 + 7200.0 == entry["earned_s"], (
        "the first set's whole turn, and the second's as far as it was warm"
    )
    assert 7200.0 - (was - 1800.0) == pytest.approx(parts[-1], abs=150.0)


def test_meters_are_compared_with_what_they_showed_before_it_all(tmp_path: Path) -> None:
    """A meter that was warm when the process died is warm when the next one starts: cold it was in the first part."""
    whole = good(pdu)
    left = cut(whole, began(whole, SET) + 4000.0)
    outcome = gone_on(tmp_path / "data", pdu(tmp_path), left)
    shares = [each for each in outcome.events if isinstance(each, Observed) and each.step == SET]
    assert 4 == len(shares)
    assert [each.value for each in shares[:2]] == [each.value for each in shares[2:]]


@pytest.mark.parametrize(
    ("make", "cut_at", "fault", "step", "cause"),
    [
        (hot_loop, HOURS, "filter-clogging=20@45m", HOURS, "filter-clogging"),
        (hot_loop, HOURS, "pump-failed:pump2@60m", HOURS, "pump-failed"),
        (hot_loop, HOURS, "drip:internal@60m", HOURS, "drip"),
        (pdu, SET, "contact-worn:outlet4@20m", SET, "contact-worn"),
        (pdu, SET, "pe-open:outlet3", "every_outlet_is_earthed", "pe-open"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_fault_that_appears_after_it_went_on_is_caught_and_located(
    tmp_path: Path, make: Callable[[Path], Prepared], cut_at: str, fault: str, step: str, cause: str
) -> None:
    """What the first process has seen to be good is looked at again as far as it can have changed."""
    whole = good(make)
    left = cut(whole, began(whole, cut_at) + 1500.0)
    outcome = gone_on(tmp_path / "data", make(tmp_path), left, faults=(fault,))
    assert "FAILED" == outcome.record["verdict"], outcome.said
    assert cause in {each["cause"] for each in outcome.record["findings"]}
    assert fault.split("@", maxsplit=1)[0].rsplit(":", maxsplit=1)[-1].split("=", maxsplit=1)[0] in cause + "".join(
        each["where"] for each in outcome.record["findings"]
    )
    assert [] == outcome.problems


def test_what_had_clogged_before_counts_after(tmp_path: Path) -> None:
    """A filter that filled up in the first part, and in the second no more, has filled up; though each look of it had passed."""
    prepared, trace = hot_loop(tmp_path), list[Event]()
    bad = replace(prepared, setup=replace(prepared.setup, simulated=Simulated(0, ("filter-clogging=20",))))
    with Ledger.open(tmp_path / "first") as ledger:
        run_virtually(bad, ledger, [trace.append])
    left = cut(trace, began(trace, HOURS) + 3200.0)
    outcome = gone_on(tmp_path / "data", prepared, left)
    assert ("FAILED", ["filter-clogging"]) == (
        outcome.record["verdict"],
        [each["cause"] for each in outcome.record["findings"]],
    )
    (value,) = [each.value for each in outcome.events if isinstance(each, Measured) and each.name == "clogging"]
    assert value is not None
    assert value > 0.1


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (StepEnded(9e3, HOURS, 1, "FAILED", "outlet"), "it_holds_for_hours had not passed: FAILED"),
        (Sampled(9e3, HOURS, "flow", "", "l/min", (1.0,), (1.0,), "FAILED"), "had a sample outside its limits: flow"),
        (MadeSafe(9e3, "PASSED", 0.1, ()), "it had begun to make safe"),
    ],
)  # fmt: skip
def test_a_unit_that_was_bad_is_not_gone_on_with(tmp_path: Path, event: Event, said: str) -> None:
    """INTERRUPTED, never PASSED; and made safe and measured all the same."""
    whole = good(hot_loop)
    left = [*cut(whole, began(whole, HOURS) + 2000.0), event]
    outcome = gone_on(tmp_path / "data", hot_loop(tmp_path), left)
    verdict, reason = outcome.said
    assert ("INTERRUPTED", True, ()) == (verdict, said in reason, outcome.recovered.resumable)
    assert "PASSED" == outcome.record["made_safe"]["verdict"]
    assert not [each for each in outcome.events if isinstance(each, Resumed)]
    assert ([], {}) == (outcome.problems, outcome.recovered.locked)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"product_digest": "before"}, "its limits may have changed"),
        ({"sequence_digest": "before"}, "the sequence's source"),
        ({"program": "0.0.1"}, "the program's version"),
        ({"station": "other"}, "the station is not"),
        ({"instruments": "firmware"}, "heater was"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_what_is_not_as_it_was_is_not_gone_on_with(tmp_path: Path, change: dict[str, str], said: str) -> None:
    """Changed limits, another source, another program, other firmware: INTERRUPTED, and the reason names it."""
    whole = good(hot_loop)
    started, *rest = cut(whole, began(whole, HOURS) + 2000.0)
    assert isinstance(started, RunStarted)
    if "instruments" in change:
        name = next(iter(started.instruments))
        started = replace(started, instruments=started.instruments | {name: "SOMEBODY ELSE 1 fw 9"})
        said = f"{name} was SOMEBODY ELSE"
    else:
        started = replace(started, **change)  # type: ignore[arg-type]  # texts all of them
    outcome = gone_on(tmp_path / "data", hot_loop(tmp_path), [started, *rest])
    verdict, reason = outcome.said
    assert ("INTERRUPTED", True) == (verdict, said in reason), reason
    assert reason.startswith(
        "the station's process ended during it_holds_for_hours; found at the next start; not resumed: "
    )
    assert ([], {}) == (outcome.problems, outcome.recovered.locked)


@pytest.mark.parametrize(
    ("gap", "said"),
    [(-3600.0, "the clock was set back"), (86_400.0, "nobody looked for 24.0 h"), (4 * 3600.0 + 60.0, "nobody looked for 4.0 h")],
)  # fmt: skip
def test_a_gap_that_is_not_plausible_ends_it(tmp_path: Path, gap: float, said: str) -> None:
    """F082, F083: the wall went back by an hour, or forward by a day, while nobody ran."""
    whole = good(hot_loop)
    outcome = gone_on(tmp_path / "data", hot_loop(tmp_path), cut(whole, began(whole, HOURS) + 2000.0), gap=gap)
    assert ("INTERRUPTED", True) == (outcome.record["verdict"], said in outcome.record["reason"]), outcome.said


def test_what_cannot_be_resumed_is_made_safe_and_measured(tmp_path: Path) -> None:
    """A cable's check is not gone on with; its record says so, and that its bench was made safe at the next start."""
    trace: list[Event] = []
    prepared = prepare(replace(hot_loop(tmp_path).setup, station=None), [Request(HARNESS, SERIAL)])

    async def main(ledger: Ledger) -> None:
        await service_of(prepared, ledger).run(prepared.orders[0], trace.append)

    with Ledger.open(tmp_path / "first") as ledger:
        clock.run(main(ledger))
    outcome = gone_on(tmp_path / "data", prepared, trace[: len(trace) // 2], deeds={trace[0].run: "the guardian made it safe 0.31 s after"})  # type: ignore[union-attr]  # fmt: skip
    verdict, reason = outcome.said
    assert ("INTERRUPTED", True) == (verdict, reason.endswith("not resumed: cable-continuity does not allow it")), (
        reason
    )
    assert "; the guardian made it safe 0.31 s after; " in reason
    (safe,) = [each for each in outcome.events if isinstance(each, MadeSafe)]
    assert ("PASSED", (), "found at the next start") == (safe.verdict, safe.refusals, safe.why)


@pytest.mark.parametrize("fault", ["silent:io1", "silent:cdu", "heater-welded"])
def test_what_is_not_confirmed_safe_locks_its_slot(tmp_path: Path, fault: str) -> None:
    """An instrument that does not answer, a heater that stays on: nobody goes on, and the slot is told with the reason."""
    whole = good(hot_loop)
    left = cut(whole, began(whole, HOURS) + 2000.0)
    outcome = gone_on(tmp_path / "data", hot_loop(tmp_path), left, faults=(fault,))
    assert "INTERRUPTED" == outcome.record["verdict"]
    assert ["L"] == list(outcome.recovered.locked)
    assert "ERROR" == outcome.record["made_safe"]["verdict"]
    assert outcome.recovered.locked["L"] in outcome.record["reason"]
    flows_on = "cdu is left as it is: nobody has measured that the heater takes no power"
    assert (flows_on in outcome.recovered.locked["L"]) is (fault == "heater-welded")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("silent:dmm", "dmm"),
        ("stuck:dmm", "it proves nothing, keep the cover closed"),
        ("drifted:dmm=1.2", "it proves nothing, keep the cover closed"),
        ("silent:load_p", "load_p"),
        ("wrong-instrument:source_p", "source_p"),
    ],
)
def test_a_bay_that_was_not_measured_keeps_its_lamp_lit(tmp_path: Path, fault: str, said: str) -> None:
    """A voltmeter that proves nothing, an instrument that does not answer or is another: it counts as charged, and is locked."""
    whole = good(pdu)
    outcome = gone_on(tmp_path / "data", pdu(tmp_path), cut(whole, began(whole, SET) + 100.0), faults=(fault,))
    assert "INTERRUPTED" == outcome.record["verdict"]
    assert said in outcome.recovered.locked["P"]
    assert "io_p keeps its lamp lit" in outcome.recovered.locked["P"]


def test_a_slot_whose_making_safe_breaks_is_locked(tmp_path: Path) -> None:
    """Whatever its fixture or its files raise: INTERRUPTED, locked, and the line starts for all other slots."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a fixture of somebody")

    def change(service: Service) -> None:
        service.bench.reach = broken  # type: ignore[assignment, method-assign]  # whatever raises

    whole = good(hot_loop)
    outcome = gone_on(tmp_path / "data", hot_loop(tmp_path), cut(whole, began(whole, HOURS) + 2000.0), change=change)
    assert {"L": "L is not confirmed safe: ZeroDivisionError: a fixture of somebody"} == outcome.recovered.locked
    assert ("INTERRUPTED", []) == (outcome.record["verdict"], outcome.problems)


def test_a_slot_that_is_not_there_any_more_is_told(tmp_path: Path) -> None:
    """Its product or its slot is gone: nobody knows how to make it safe, so it counts as not safe."""
    whole = good(hot_loop)
    started, *rest = cut(whole, began(whole, HOURS) + 2000.0)
    assert isinstance(started, RunStarted)
    outcome = gone_on(tmp_path / "data", hot_loop(tmp_path), [replace(started, slot="Z"), *rest])
    assert ["Z"] == list(outcome.recovered.locked)
    assert "nobody knows how to make slot Z safe: no slot 'Z'" in outcome.record["reason"]


def test_killed_at_every_point_of_recovery_the_next_one_finds_it_again(tmp_path: Path) -> None:
    """Killed after the ledger was opened, after it was made safe, and after it had gone on: it passes in the end, in one record."""
    whole, prepared, folder = good(hot_loop), hot_loop(tmp_path), tmp_path / "data"
    left = cut(whole, began(whole, HOURS) + 2000.0)
    leave(folder, left)
    for _ in range(2):
        Ledger.open(folder, adopting=True).close()
    kept: list[Event] = list(left)
    for seconds in (
        1.0,
        100.0,
        4000.0,
    ):  # while it makes safe; when it cools or is looked at cold; when it is hot again
        kept = interrupted_again(folder, prepared, kept, seconds)
    assert 2 == sum(isinstance(each, Resumed) for each in kept)
    outcome = started_again(folder, prepared, kept)
    must_have_passed(outcome)
    assert 3 == len(outcome.record["resumed"])
    assert 1 == sum(isinstance(each, MadeSafe) and not each.why for each in outcome.events)


def interrupted_again(folder: Path, prepared: Prepared, left: list[Event], seconds: float) -> list[Event]:
    """The next process, which dies after so many seconds; the trace that it leaves."""
    started = left[0]
    assert isinstance(started, RunStarted)
    now = datetime.fromisoformat(started.started) + timedelta(seconds=last_known(left) + GAP)

    async def main(ledger: Ledger) -> None:
        loop, service = asyncio.get_running_loop(), service_of(prepared, ledger)
        service.wall = lambda: now + timedelta(seconds=loop.time())

        async def work() -> None:
            found = await recover(service, partial(order_again, service.station, prepared.library))
            for each in found.resumable:
                await service.resume(each)

        async with asyncio.TaskGroup() as group:
            task = group.create_task(work())
            await asyncio.sleep(seconds)
            await killed(ledger, task)
        service.bench.close()

    ledger = Ledger.open(folder, adopting=True)
    try:
        clock.run(main(ledger))
    finally:
        ledger.close()
    with closing(History(folder)) as history:
        return history.events(started.run)


async def killed(ledger: Ledger, task: "asyncio.Task[Any]") -> None:
    """From now on nothing of this process reaches the ledger."""
    await ledger.flushed()
    ledger.append = lambda *_: None  # type: ignore[method-assign]  # what a dead process tells, nobody hears
    task.cancel()
    await asyncio.wait({task})


@pytest.mark.parametrize("make", [hot_loop, pdu], ids=["loop", "pdu"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_in_the_same_world_what_was_on_is_off_before_anything_else(
    tmp_path: Path, make: Callable[[Path], Prepared], share: float
) -> None:
    """The process dies with heater, pumps, source and load on, and they stay on: the next one switches them off, measures
    that they are, and only then goes on.
    """
    prepared, folder, seconds = make(tmp_path), tmp_path / "data", share * last_known(good(make))
    order = prepared.orders[0]

    async def main(first: Ledger) -> tuple[dict[str, Any], list[str]]:
        loop = asyncio.get_running_loop()
        witness = Witness(world_of(prepared.station, prepared.orders, Simulated(0), loop.time))

        def process(ledger: Ledger, wires: Any) -> Service:
            return Service(prepared.station, Bench(seats_of(prepared.station), wires), ledger, wall, Simulated(0))

        def wall() -> datetime:
            return datetime(2026, 5, 1, tzinfo=UTC) + timedelta(seconds=loop.time())

        wires = cache(sim_wires(prepared.station, witness))
        dead = process(first, wires)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(dead.run(order))
            await asyncio.sleep(seconds)
            await first.flushed()
            dead.bench.close()  # its wires go first: it cannot make safe what it leaves
            for instrument in dead.bench.links.values():
                instrument.close()
            on = witness.energised()
            await killed(first, task)
        assert on, "nothing was on"
        assert on == witness.energised(), "the dead have switched something off"
        await loop.run_in_executor(None, first.close)
        second = await loop.run_in_executor(None, partial(Ledger.open, folder, adopting=True))
        service = process(second, wires)
        await asyncio.sleep(GAP)
        found = await recover(service, partial(order_again, prepared.station, prepared.library))
        assert {} == found.locked
        assert {} == witness.energised()
        (left,) = found.resumable
        record = await service.resume(left)
        problems = await second.verify()
        service.bench.close()
        await loop.run_in_executor(None, second.close)
        return record, problems

    record, problems = clock.run(main(Ledger.open(folder)))
    assert "" == record["reason"]
    assert ("PASSED", []) == (record["verdict"], problems)


def test_the_same_clock_says_all_it_can(tmp_path: Path) -> None:
    """F087: two runs of one moment have two ids, and the ledger keeps them in the order in which they began."""
    first, second = (carried_out(tmp_path, HARNESS, seed=seed) for seed in (0, 1))
    assert first["started"] == second["started"]
    assert first["run"] != second["run"]
    with closing(History(tmp_path)) as history:
        assert [second["run"], first["run"]] == [row.id for row in history.runs()]


@pytest.mark.parametrize(
    ("day", "refused"), [(datetime(1970, 1, 1, tzinfo=UTC), True), (datetime(2026, 6, 1, tzinfo=UTC), False)]
)
def test_a_machine_whose_clock_is_not_set_energises_nothing(tmp_path: Path, day: datetime, *, refused: bool) -> None:
    """F085: on a real bench, with a wall clock that is earlier than this program: REFUSED, and the record says what it says."""
    prepared = prepare(replace(hot_loop(tmp_path).setup, station=None), [Request(HARNESS, SERIAL)])

    async def main(ledger: Ledger) -> dict[str, Any]:
        service, loop = service_of(prepared, ledger), asyncio.get_running_loop()
        service.simulated, service.wall = None, lambda: day + timedelta(seconds=loop.time())
        record = await service.run(prepared.orders[0])
        service.bench.close()
        return record

    with Ledger.open(tmp_path / "data") as ledger:
        record = clock.run(main(ledger))
    assert refused is (record["verdict"] == "REFUSED")
    assert refused is ("the clock of this machine is not set: it says 1970-01-01" in record["reason"])
    assert record["started"][:19] == iso(day)[:19]


@pytest.mark.parametrize("jump", [-3600.0, 86_400.0], ids=["back", "forward"])
def test_a_clock_that_jumps_in_a_burn_in_changes_no_hour_of_it(tmp_path: Path, jump: float) -> None:
    """F082, F083: set back by an hour, or forward by a day, in the middle of it: it stays hot for as long as declared."""
    prepared = hot_loop(tmp_path)
    trace: list[Event] = []

    async def main(ledger: Ledger) -> dict[str, Any]:
        service, loop = service_of(prepared, ledger), asyncio.get_running_loop()
        start = datetime(2026, 5, 1, 12, tzinfo=UTC)
        jumps = 0.5 * last_known(good(hot_loop))
        service.wall = lambda: start + timedelta(seconds=loop.time() + (jump if loop.time() > jumps else 0.0))
        record = await service.run(prepared.orders[0], trace.append)
        service.bench.close()
        return record

    with Ledger.open(tmp_path / "data") as ledger:
        record = clock.run(main(ledger))
    assert "PASSED" == record["verdict"]
    assert [3600.0] == pytest.approx(soaked(trace, HOURS), abs=1.0)
    assert record["line_time_s"] == pytest.approx(last_known(good(hot_loop)), abs=1.0)
    assert record["started"].endswith("Z"), "UTC"


def test_its_record_and_its_page_say_that_it_was_resumed(tmp_path: Path) -> None:
    """By the record's schema; and nobody who reads the page takes it for a run that went through."""
    whole = good(hot_loop)
    outcome = gone_on(tmp_path / "data", hot_loop(tmp_path), cut(whole, began(whole, HOURS) + 2000.0))
    checked = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
    checked.validate(json.loads(json.dumps(outcome.record)))
    page = render_html(outcome.record, outcome.events, None).replace("\u00a0", " ")
    for text in ("Resumed", "after a gap of", "of soak from before count", "found at the next start"):
        assert text in page
    with closing(History(tmp_path / "data")) as history:
        assert [1] == [row.resumed for row in history.runs()]
