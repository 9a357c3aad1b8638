"""The ledger of a process that is killed at any moment, and of several processes at once."""

import asyncio
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from blockbuster import BlockBuster

from station.ledger import journal
from station.ledger.errors import LedgerError
from station.ledger.ledger import Ledger
from station.ledger.owners import Owner, alive
from station.trace import RunEnded, Sampled, StepStarted
from tests.station.traces import ended, name, started, step, whole

FORK = multiprocessing.get_context("fork")


class Child:
    """A process of its own that does something and then waits to be killed; what it says is kept in a file."""

    def __init__(self, blockbuster: BlockBuster, log: Path, do: Callable[["Child"], None]) -> None:
        self._blockbuster, self._log, self._do = blockbuster, log, do
        self._said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.process = FORK.Process(target=self._live)
        self.process.start()

    def say(self, *words: object) -> None:
        """In the child: a line that survives it."""
        os.write(self._said, (" ".join(map(str, words)) + "\n").encode())

    def heard(self) -> list[list[str]]:
        """In the parent: every whole line so far."""
        return [line.split() for line in self._log.read_text().split("\n")[:-1]]

    def wait_for(self, word: str) -> None:
        """In the parent: until the child has said that word first in a line."""
        for _ in range(5000):
            if any(words[0] == word for words in self.heard()):
                return
            assert self.process.is_alive(), "the child has died by itself"
            time.sleep(0.001)
        raise TimeoutError(word)

    def kill(self) -> None:
        """Kill it as nothing can be caught."""
        self.process.kill()
        self.process.join()
        os.close(self._said)
        assert -signal.SIGKILL == self.process.exitcode

    def _live(self) -> None:
        self._blockbuster.deactivate()
        self._do(self)
        signal.pause()


async def tell_for_ever(ledger: Ledger, child: Child, seed: int) -> None:
    """Run after run; says what it has told, and what it has synced."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    while True:
        run = await ledger.begin(name)
        number = 1
        ledger.append(run, started(run))
        child.say("told", run, number)
        for at in range(chance.randrange(8)):
            for event in (*step(at), Sampled(at, "conducts", "voltage", "W3", "V", (at,), (1.5,))):
                ledger.append(run, event)
                number += 1
                child.say("told", run, number)
            if chance.random() < 0.2:
                await ledger.flushed()
                child.say("flushed", run, number)
            if chance.random() < 0.1:
                await ledger.sync()
        ledger.append(run, ended())
        child.say("told", run, number + 1)
        await ledger.sync(run)
        child.say("passed", run)


@pytest.mark.parametrize("shared", [True, False], ids=["journal", "no journal"])
def test_killed_at_any_moment(
    tmp_path: Path, no_blocking_calls: BlockBuster, monkeypatch: pytest.MonkeyPatch, shared: bool
) -> None:
    """Twenty times: the ledger is sound, every verdict that was shown is there, and so is every event that was told.

    The run that was going on is INTERRUPTED. Without shared memory, what was told but not flushed may be missing.
    """
    if not shared:
        monkeypatch.setattr(journal, "SHARED", tmp_path / "nowhere")
    chance = random.Random(4)  # noqa: S311 (no secret)
    folder = tmp_path / "data"
    for number in range(20):

        def do(child: Child, seed: int = number) -> None:
            asyncio.run(tell_for_ever(Ledger.open(folder), child, seed))

        child = Child(no_blocking_calls, tmp_path / f"log{number}", do)
        child.wait_for("told")
        time.sleep(chance.uniform(0, 0.02))
        child.kill()
        kept = "told" if shared else "flushed"
        told = {run: int(events) for word, run, *rest in child.heard() if word == kept for events in rest}
        passed = [run for word, run, *_ in child.heard() if word == "passed"]
        with Ledger.open(folder) as ledger:
            asyncio.run(look(ledger, told, passed))
    assert [] == list(journal.SHARED.glob(f"*{child.process.pid}-*"))


async def look(ledger: Ledger, told: dict[str, int], passed: list[str]) -> None:
    """What must hold after a kill."""
    assert [] == await ledger.verify()
    verdicts = {row.id: row.verdict for row in await ledger.runs(limit=10**6)}
    assert {"PASSED"} >= {verdicts[run] for run in passed}
    assert {"PASSED", "INTERRUPTED"} >= set(verdicts.values())
    for run, number in told.items():
        events = await ledger.events(run)
        assert number <= len(events)
        assert isinstance(events[-1], RunEnded)
    assert len([run for run in told if verdicts[run] == "INTERRUPTED"]) <= 1


def after(tmp_path: Path, blockbuster: BlockBuster, do: Callable[[Ledger], None]) -> Ledger:
    """The ledger, opened again after a child has done something with it and was killed."""

    def act(child: Child) -> None:
        do(Ledger.open(tmp_path / "data"))
        child.say("done")

    child = Child(blockbuster, tmp_path / "log", act)
    child.wait_for("done")
    child.kill()
    return Ledger.open(tmp_path / "data")


def begin(ledger: Ledger) -> str:
    """The id of a new run."""
    return asyncio.run(ledger.begin(name))


def test_an_interrupted_run_says_where_it_was(tmp_path: Path, no_blocking_calls: BlockBuster) -> None:
    """It ends when it was last heard of, in the step that it was in."""

    def do(ledger: Ledger) -> None:
        run = begin(ledger)
        for event in (started(run), *step(0), StepStarted(1.5, "soak", 1)):
            ledger.append(run, event)

    with after(tmp_path, no_blocking_calls, do) as ledger:
        record = asyncio.run(ledger.record(name(0)))
    assert ("INTERRUPTED", 1.5, "2026-01-01T00:00:01.500000+00:00") == (
        record["verdict"],
        record["line_time_s"],
        record["ended"],
    )
    assert "the station's process ended during soak; found at the next start" == record["reason"]
    assert ["PASSED", "ERROR"] == [each["verdict"] for each in record["steps"]]


def test_a_run_that_had_come_to_its_end_keeps_its_verdict(tmp_path: Path, no_blocking_calls: BlockBuster) -> None:
    """Everything had been told; that nobody had waited for the disk changes nothing."""

    def do(ledger: Ledger) -> None:
        run = begin(ledger)
        for event in whole(run):
            ledger.append(run, event)

    with after(tmp_path, no_blocking_calls, do) as ledger:
        assert whole(name(0)) == asyncio.run(ledger.events(name(0)))


def test_an_id_under_which_nothing_was_told_is_given_back(tmp_path: Path, no_blocking_calls: BlockBuster) -> None:
    """There is no run without a trace."""

    def do(ledger: Ledger) -> None:
        begin(ledger)

    with after(tmp_path, no_blocking_calls, do) as ledger:
        assert (0, []) == (asyncio.run(ledger.count()), asyncio.run(ledger.verify()))
        assert name(0) == begin(ledger)


def test_a_journal_that_cannot_be_read_ends_where_it_can(tmp_path: Path, no_blocking_calls: BlockBuster) -> None:
    """What is behind a damaged event is not taken; the ledger opens all the same."""

    def do(ledger: Ledger) -> None:
        run = begin(ledger)
        ledger.append(run, started(run))
        asyncio.run(ledger.sync())
        assert ledger._journal is not None
        for number, body in ((2, b'{"at":0.5,"step":"a","attempt":1}'), (3, b"{"), (4, b"{}")):
            ledger._journal.write(number, 1, journal.Frame(run, number, "StepStarted", body))

    with after(tmp_path, no_blocking_calls, do) as ledger:
        told = asyncio.run(ledger.events(name(0)))
    assert ([started(name(0)), StepStarted(0.5, "a", 1)], 3) == (told[:2], len(told))


def test_a_process_that_lives_keeps_its_runs(tmp_path: Path, no_blocking_calls: BlockBuster) -> None:
    """Several processes share a ledger: opening it ends nobody's run but those of the dead. No id is given twice."""
    folder = tmp_path / "data"

    def do(child: Child) -> None:
        ledger = Ledger.open(folder)
        run = begin(ledger)
        ledger.append(run, started(run, slot="B"))
        asyncio.run(ledger.sync())
        child.say("going", run)

    child = Child(no_blocking_calls, tmp_path / "log", do)
    child.wait_for("going")
    with Ledger.open(folder) as ledger:
        ours = begin(ledger)
        assert name(1) == ours
        for event in whole(ours):
            ledger.append(ours, event)
        assert [(ours, "FAILED"), (name(0), None)] == [(row.id, row.verdict) for row in asyncio.run(ledger.runs())]
        assert [] == asyncio.run(ledger.verify())
        with pytest.raises(LedgerError, match="has not begun here"):
            ledger.append(name(0), ended())
        child.kill()
        assert [f"run {name(0)}: it has not ended, and no living process owns it"] == asyncio.run(ledger.verify())
        Ledger.open(folder).close()
        assert "INTERRUPTED" == asyncio.run(ledger.record(name(0)))["verdict"]
        assert [] == asyncio.run(ledger.verify())


def test_processes_write_side_by_side(tmp_path: Path, no_blocking_calls: BlockBuster) -> None:
    """Three at once, each with its own runs: nobody waits in vain, nothing is mixed up."""
    folder = tmp_path / "data"

    def do(child: Child) -> None:
        ledger = Ledger.open(folder)
        for _ in range(10):
            run = begin(ledger)
            for event in whole(run):
                ledger.append(run, event)
            asyncio.run(ledger.sync(run))
        ledger.close()
        child.say("done")

    children = [Child(no_blocking_calls, tmp_path / f"log{number}", do) for number in range(3)]
    for child in children:
        child.wait_for("done")
        child.kill()
    with Ledger.open(folder) as ledger:
        rows = asyncio.run(ledger.runs())
        assert (30, {"FAILED"}) == (len({row.id for row in rows}), {row.verdict for row in rows})
        assert [] == asyncio.run(ledger.verify())


def test_an_owner_lives_until_it_lets_go(tmp_path: Path) -> None:
    """Asking does not change the answer; a name nobody has is nobody's."""
    owner = Owner(tmp_path)
    assert [True, True, False] == [alive(tmp_path, owner.name), alive(tmp_path, owner.name), alive(tmp_path, "1-x")]
    owner.release(orderly=False)
    assert not alive(tmp_path, owner.name)
