"""A line that starts over what a dead process left: it is made safe and measured before anything else, whatever breaks."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from drivers.roles import Instrument
from sequences.cooling.loop_bench import LoopBench
from sim import clock
from station import rest, safety
from station.bench import Bench
from station.ledger.history import History
from station.ledger.ledger import Ledger
from station.opening import Prepared, prepare, service_of
from station.ordeal.witness import Witness
from station.orders import Request, order_again
from station.recovering import recover
from station.resuming import last_known
from station.safety import SafePlan
from station.seats import seats_of
from station.service import Service, Simulated
from station.simulating import sim_wires, world_of
from station.trace import Event, MadeSafe, Resumed, RunStarted
from tests.station.interrupted_lines import (
    GAP,
    HOLDS,
    SET,
    began,
    cut,
    gone_on,
    good,
    hot_loop,
    leave,
    must_have_passed,
    pdu,
    started_again,
)
from tests.station.lines import HARNESS, SERIAL


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
    left = cut(whole, began(whole, HOLDS) + 2000.0)
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
    outcome = gone_on(tmp_path / "data", hot_loop(tmp_path), cut(whole, began(whole, HOLDS) + 2000.0), change=change)
    assert {"L": "L is not confirmed safe: ZeroDivisionError: a fixture of somebody"} == outcome.recovered.locked
    assert ("INTERRUPTED", []) == (outcome.record["verdict"], outcome.problems)


def test_a_fixture_that_breaks_keeps_nothing_switched_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot say what must stay as it is, or measure: all of its slot is made safe, and locked."""
    safe: list[str] = []

    def broken(_: object) -> None:
        raise ZeroDivisionError("a fixture of somebody")

    async def make_safe(plan: SafePlan, instruments: Mapping[str, Instrument]) -> tuple[str, ...]:
        safe.extend(name for stage in plan.stages if isinstance(stage, tuple) for name in stage)
        return await safety.make_safe(plan, instruments)

    whole, prepared = good(hot_loop), hot_loop(tmp_path)
    monkeypatch.setattr(LoopBench, "doubt", broken)
    monkeypatch.setattr(rest, "make_safe", make_safe)
    outcome = gone_on(tmp_path / "data", prepared, cut(whole, began(whole, HOLDS) + 2000.0))
    assert set(prepared.orders[0].instruments) == set(safe) | {"scanner"}
    assert "L was not measured to be at rest: ZeroDivisionError" in outcome.recovered.locked["L"]
    assert ("INTERRUPTED", []) == (outcome.record["verdict"], outcome.problems)


def test_a_slot_that_is_not_there_any_more_is_told(tmp_path: Path) -> None:
    """Its product or its slot is gone: nobody knows how to make it safe, so it counts as not safe."""
    whole = good(hot_loop)
    started, *rest = cut(whole, began(whole, HOLDS) + 2000.0)
    assert isinstance(started, RunStarted)
    outcome = gone_on(tmp_path / "data", hot_loop(tmp_path), [replace(started, slot="Z"), *rest])
    assert ["Z"] == list(outcome.recovered.locked)
    assert "nobody knows how to make slot Z safe: no slot 'Z'" in outcome.record["reason"]


def test_killed_at_every_point_of_recovery_the_next_one_finds_it_again(tmp_path: Path) -> None:
    """Killed after the ledger was opened, after it was made safe, and after it had gone on: it passes in the end, in one record."""
    whole, prepared, folder = good(hot_loop), hot_loop(tmp_path), tmp_path / "data"
    left = cut(whole, began(whole, HOLDS) + 2000.0)
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
