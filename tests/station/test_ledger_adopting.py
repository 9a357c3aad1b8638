"""Runs of a dead process that somebody takes over instead of ending them."""

import asyncio
from pathlib import Path

from blockbuster import BlockBuster

from station.ledger.ledger import Ledger
from station.trace import Event, MadeSafe, Resumed, StepStarted
from tests.station.test_ledger_killed import Child
from tests.station.traces import ended, name, started, step, whole

GOING: tuple[Event, ...] = (*step(0), StepStarted(1.5, "soak", 1))
ON: tuple[Event, ...] = (
    MadeSafe(1.5, "PASSED", 0.1, (), "found at the next start"),
    Resumed(60.0, "2026-01-01T00:01:00Z", "soak", 58.5, 0.0, 0, ""),
    *step(61.0, "soak", 2),
    ended(70.0),
)


def died(folder: Path, blockbuster: BlockBuster, log: Path) -> None:
    """A process that is killed: one run goes on, one has come to its end, of one nothing was told."""

    def do(child: Child) -> None:
        ledger = Ledger.open(folder)

        async def tell() -> None:
            for _ in range(3):
                await ledger.begin(name)
            for event in (started(name(0)), *GOING):
                ledger.append(name(0), event)
            for event in whole(name(1)):
                ledger.append(name(1), event)

        asyncio.run(tell())
        child.say("done")

    child = Child(blockbuster, log, do)
    child.wait_for("done")
    child.kill()


def test_what_goes_on_is_ours_and_ends_in_one_record(tmp_path: Path, no_blocking_calls: BlockBuster) -> None:
    """All that was told is there; it is told on, and the ledger is sound. What had ended keeps its verdict, nothing is nothing."""
    died(tmp_path / "data", no_blocking_calls, tmp_path / "log")

    async def go_on(ledger: Ledger) -> list[Event]:
        assert [started(name(0)), *GOING] == await ledger.events(name(0))
        assert [] == await ledger.verify()
        for event in ON:
            ledger.append(name(0), event)
        await ledger.sync(name(0))
        assert [] == await ledger.verify()
        assert {name(0): ("PASSED", 1), name(1): ("FAILED", 0)} == {
            row.id: (row.verdict, row.resumed) for row in await ledger.runs()
        }
        return await ledger.events(name(0))

    with Ledger.open(tmp_path / "data", adopting=True) as ledger:
        assert (name(0),) == ledger.interrupted
        assert [started(name(0)), *GOING, *ON] == asyncio.run(go_on(ledger))
    with Ledger.open(tmp_path / "data", adopting=True) as ledger:
        assert () == ledger.interrupted


def test_who_dies_with_it_leaves_it_to_the_next(tmp_path: Path, no_blocking_calls: BlockBuster) -> None:
    """Killed after it took it over and told more of it: the next one takes it over with all of that."""
    died(tmp_path / "data", no_blocking_calls, tmp_path / "log")

    def do(child: Child) -> None:
        ledger = Ledger.open(tmp_path / "data", adopting=True)

        async def tell() -> None:
            for event in ON[:3]:
                ledger.append(name(0), event)

        asyncio.run(tell())
        child.say("done")

    child = Child(no_blocking_calls, tmp_path / "log2", do)
    child.wait_for("done")
    with Ledger.open(tmp_path / "data") as beside:  # somebody looks while it lives: it is not his
        assert None is {row.id: row for row in asyncio.run(beside.runs())}[name(0)].verdict
    child.kill()
    with Ledger.open(tmp_path / "data", adopting=True) as ledger:
        assert (name(0),) == ledger.interrupted
        assert [started(name(0)), *GOING, *ON[:3]] == asyncio.run(ledger.events(name(0)))


def test_who_does_not_adopt_ends_it_as_before(tmp_path: Path, no_blocking_calls: BlockBuster) -> None:
    """Any other command: INTERRUPTED, and it cannot be told on."""
    died(tmp_path / "data", no_blocking_calls, tmp_path / "log")
    with Ledger.open(tmp_path / "data") as ledger:
        assert () == ledger.interrupted
        record = asyncio.run(ledger.record(name(0)))
    assert "the station's process ended during soak; found at the next start" == record["reason"]
    assert "INTERRUPTED" == record["verdict"]
