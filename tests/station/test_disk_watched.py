"""A disk in trouble under a line at work: it is told, and what is told is nobody's failure."""

import asyncio
import random
import sqlite3
import time
from pathlib import Path

import pytest

from station.budget import EVERY
from station.condition import Level
from station.ledger import schema
from station.ledger.ledger import Ledger
from station.ledger.stopwatch import Stopwatch
from station.line.line import Line
from station.trace import Sampled
from station.watching import disk
from station.watching.disk import DiskWatch
from station.watching.metrics import Metrics
from station.watching.watch import watching
from tests.station.line_work import ended, on_line, whip
from tests.station.traces import ended as run_ended
from tests.station.traces import name, started


class Slow(Stopwatch):
    """A disk on which every commit takes a while."""

    def committing(self) -> None:
        """Wait."""
        super().committing()
        time.sleep(0.05)


def test_a_slow_disk_is_told_and_the_unit_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F077: commits wait outside the loop, the run is judged as ever, the condition and the metrics say how long it took."""
    monkeypatch.setattr(disk, "SLOW", 0.04)

    async def use(line: Line) -> tuple[str, Level, bytes]:
        slow = Slow()
        line.service.ledger._writer._book._disk = slow
        watch = DiskWatch(tmp_path, slow, Metrics(line))
        (ticket,) = await ended(line, await line.submit(whip(), source="api"))
        await watch.look()
        return ticket.verdict, watch.condition().level, watch.metrics.text()[0]

    verdict, level, text = on_line(tmp_path, use)
    assert ("PASSED", Level.WARNING) == (verdict, level)
    assert b'rackproof_ledger_commit_seconds_bucket{le="0.02"} 0.0' in text


class ReadOnly(Stopwatch):
    """A disk that was mounted again for reading."""

    def committing(self) -> None:
        """Refuse."""
        raise sqlite3.OperationalError("attempt to write a readonly database")


def test_a_disk_that_becomes_read_only_holds_the_line(tmp_path: Path) -> None:
    """F078: at the first write nothing begins any more; the condition says why, and mended, the unit that waited is tested."""

    async def use(line: Line) -> tuple[str, str, str]:
        book = line.service.ledger._writer._book
        well, book._disk = book._disk, ReadOnly()
        ticket = await line.submit(whip(), source="api")
        await asyncio.sleep(1)
        told, stage = line.condition().text, (await line.ticket(ticket.ticket)).stage.value
        book._disk = well
        (done,) = await ended(line, ticket)
        return told, stage, done.verdict

    told, stage, verdict = on_line(tmp_path, use)
    assert ("queued", "PASSED", True) == (stage, verdict, "readonly" in told)


async def much(ledger: Ledger) -> None:
    """A run with two megabytes of samples."""
    noise = random.Random(7)  # noqa: S311 (samples that do not compress, the same in every run)
    run = await ledger.begin(name)
    ledger.append(run, started(run))
    for at in range(300):
        values = tuple(noise.random() for _ in range(512))
        ledger.append(run, Sampled(float(at), "soak", "inlet", "", "degC", tuple(map(float, range(512))), values))
    ledger.append(run, run_ended())
    await ledger.sync()


def test_a_reader_that_holds_the_ledger_for_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F074: behind him the write-ahead log grows, and nothing is lost; without him it does not."""
    monkeypatch.setattr(disk, "WAL", 5 * 2**20)

    async def use(line: Line) -> tuple[int, Level, int, list[str]]:
        loop, ledger = asyncio.get_running_loop(), line.service.ledger
        watch = DiskWatch(tmp_path, Stopwatch(), Metrics(line))

        def read() -> sqlite3.Connection:
            reader = sqlite3.connect(tmp_path / schema.FILE, check_same_thread=False, isolation_level=None)
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM run").fetchall()
            return reader

        reader = await loop.run_in_executor(None, read)
        for _ in range(4):
            await much(ledger)
        await watch.look()
        held, level = watch.wal, watch.condition().level
        await loop.run_in_executor(None, reader.close)
        for _ in range(4):
            await much(ledger)
        await watch.look()
        return held, level, watch.wal, await ledger.verify()

    held, level, later, problems = on_line(tmp_path, use)
    assert (Level.WARNING, []) == (level, problems)
    assert later < 1.5 * held


def test_a_line_whose_budget_is_used_up_waits_and_goes_on(tmp_path: Path) -> None:
    """F071: while it is, nothing begins and the ticket waits, which the condition says; what was thinned meanwhile is sound."""

    async def use(line: Line) -> tuple[list[str], list[str], str, str, int]:
        async with watching(line, Stopwatch()) as watch:
            (first,) = await ended(line, await line.submit(whip("SN1"), source="api"))
            watch.budget.again = lambda: 1
            await asyncio.sleep(2 * EVERY)
            waits = await line.submit(whip("SN2"), source="api")
            await asyncio.sleep(60)
            told = [each.text for each in line.status().conditions if each.level is Level.ALARM]
            queued = (await line.ticket(waits.ticket)).stage.value
            watch.budget.again = lambda: 2**40
            (second,) = await ended(line, waits)
            gone = await line.service.ledger.thinned()
            return told, await line.service.ledger.verify(), queued, f"{first.verdict} {second.verdict}", gone.events

    told, problems, queued, verdicts, gone = on_line(tmp_path, use)
    assert ([], "queued", "PASSED PASSED") == (problems, queued, verdicts)
    assert any("the disk budget is used up" in each for each in told)
    assert gone > 0
