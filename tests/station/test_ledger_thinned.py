"""Thinning gives up what no result builds on, says so, and leaves the rest as well proven as it was."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from station.ledger import schema
from station.ledger.errors import LedgerError
from station.ledger.history import History
from station.ledger.ledger import Ledger
from station.ledger.thinning import PIECE, Thinned
from station.ledger.verify import problems
from station.report.page import render_html
from station.trace import Sampled
from tests.station.traces import ended, name, started, whole

AT = "2026-01-02T00:00:00Z"


async def keep(ledger: Ledger, *runs: int) -> list[str]:
    """Whole runs, which have ended."""
    ids = []
    for _ in runs:
        ids.append(run := await ledger.begin(name))
        for event in whole(run):
            ledger.append(run, event)
    await ledger.sync()
    return ids


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A new ledger."""
    with Ledger.open(tmp_path) as opened:
        yield opened


async def test_what_is_given_up_leaves_the_result_and_a_sound_ledger(ledger: Ledger) -> None:
    """Part by part: the record stays the same to the letter, the chain holds, the other run keeps everything."""
    one, other = await keep(ledger, 0, 1)
    record, told = await ledger.record(one), await ledger.events(one)
    for part, gone in (("telemetry", 2), ("events", 1), ("audit", 2)):
        assert gone == await ledger.thin(one, part, AT)
        assert 0 == await ledger.thin(one, part, AT)
        assert ([], record) == (await ledger.verify(), await ledger.record(one))
    left = {type(each).__name__ for each in await ledger.events(one)}
    assert left.isdisjoint({"Sampled", "Observed", "Prompted", "Answered"})
    assert (len(told) - 5, len(told)) == (len(await ledger.events(one)), len(await ledger.events(other)))
    assert Thinned(5, 1, 4) == await ledger.thinned()
    assert () == (await ledger.waveform(one, "voltage", "W3")).times
    assert 4 == len((await ledger.waveform(other, "voltage", "W3")).times)


def test_the_report_says_what_is_missing(ledger: Ledger) -> None:
    """A page that shows less than there was says so; one that shows all of it does not."""
    (run,) = asyncio.run(keep(ledger, 0))
    asyncio.run(ledger.thin(run, "telemetry", AT))
    with closing(History(ledger.folder)) as history:
        record, events, given_up = history.record(run), history.events(run), history.thinned(run)
    page = render_html(record, events, None, given_up)
    assert "Given up for want of room: 2 events of this run, with 4 samples." in page
    assert "Given up" not in render_html(record, events, None)


async def test_a_run_that_goes_on_is_not_touched(ledger: Ledger) -> None:
    """Nor is an id that nobody has told anything of."""
    run = await ledger.begin(name)
    for event in whole(run)[:-1]:
        ledger.append(run, event)
    assert [] == await ledger.oldest_with("telemetry", 0)
    assert 0 == await ledger.thin(run, "telemetry", AT)
    ledger.append(run, ended())
    await ledger.sync()
    assert [(1, run)] == await ledger.oldest_with("telemetry", 0)
    assert [] == await ledger.oldest_with("telemetry", 1)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM event WHERE kind = 'Sampled'",
        "DELETE FROM waveform",
        "INSERT INTO thinned VALUES (RUN, 1, 99, 'telemetry', 0, '', x'00'); DELETE FROM event WHERE kind = 'Measured'",
        "INSERT INTO thinned VALUES (RUN, 11, 11, 'telemetry', 0, '', x'00'); DELETE FROM waveform WHERE number = 12",
    ],
)
def test_nothing_else_can_be_deleted(ledger: Ledger, change: str) -> None:
    """Neither what was not named before, nor, whatever was named, what a result builds on."""
    (run,) = asyncio.run(keep(ledger, 0))
    with closing(sqlite3.connect(ledger.folder / schema.FILE)) as connection:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.executescript("BEGIN;" + change.replace("RUN", f"'{run}'"))
        connection.rollback()
    assert [] == asyncio.run(ledger.verify())


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE thinned SET last = last - 1 WHERE first = 11", "event 12 is missing"),
        ("UPDATE thinned SET digest = x'00' WHERE first = 11", "event 13 is not what was told"),
        ("DELETE FROM thinned WHERE first = 11", "event 11 is missing"),
        ("UPDATE event SET body = replace(body, '0.0123', '0.0124') WHERE number = 8", "event 8 is not what was told"),
        ("DELETE FROM event WHERE number = 14", "event 14 is missing"),
        ("INSERT INTO thinned VALUES (RUN, 99, 99, 'telemetry', 0, '', x'00')", "event 99 was given up and is there"),
        (
            "DELETE FROM event WHERE number >= 13 AND number < 15; UPDATE thinned SET last = 14 WHERE first = 11",
            "event 15 is not what",
        ),
    ],
)
def test_tampering_with_the_rest_is_still_found(tmp_path: Path, change: str, found: str) -> None:
    """Of the events that are left, and of what is said of those that are not."""
    with Ledger.open(tmp_path) as ledger:
        run, _ = asyncio.run(keep(ledger, 0, 1))
        asyncio.run(ledger.thin(run, "telemetry", AT))
    unlock = "".join(f"DROP TRIGGER {table}_{verb};" for table in ("event", "thinned") for verb in ("update", "delete"))
    with closing(sqlite3.connect(tmp_path / schema.FILE)) as connection:
        connection.executescript(
            unlock + change.replace("RUN", f"'{run}'").replace("WHERE", f"WHERE run = '{run}' AND")
        )
    with closing(schema.connect(tmp_path / schema.FILE, write=False)) as connection:
        said = problems(connection, tmp_path, lambda *_: None)
    assert any(each.startswith(f"run {run}: {found}") for each in said), said


async def test_a_long_run_is_given_up_piece_by_piece(ledger: Ledger) -> None:
    """Each piece is small, so that who writes events waits for a moment only; between pieces all is sound."""
    run = await ledger.begin(name)
    ledger.append(run, started(run))
    for at in range(2 * PIECE + 1):
        ledger.append(run, Sampled(float(at), "soak", "inlet", "", "degC", (float(at),), (21.5,)))
    ledger.append(run, ended())
    await ledger.sync()
    assert [PIECE, PIECE, 1, 0] == [await ledger.thin(run, "telemetry", AT) for _ in range(4)]
    assert [] == await ledger.verify()


async def test_the_file_stops_growing(ledger: Ledger) -> None:
    """What was given up makes room for what comes: with the same load and thinning, the file stays as big as it was."""

    async def load() -> None:
        run = await ledger.begin(name)
        ledger.append(run, started(run))
        for at in range(200):
            times = tuple(at + each / 60 for each in range(60))
            values = tuple((each * 7919 * (at + 1) % 10007) / 3 for each in range(60))
            ledger.append(run, Sampled(float(at), "soak", "inlet", "", "degC", times, values))
        ledger.append(run, ended())
        await ledger.sync()

    sizes = []
    for _ in range(12):
        await load()
        for _, run in (await ledger.oldest_with("telemetry", 0))[:-2]:
            while await ledger.thin(run, "telemetry", AT):
                pass
        sizes.append((await ledger.room()).size)
    assert max(sizes[6:]) <= 1.05 * sizes[5], sizes
    assert [] == await ledger.verify()


def as_version_1(file: Path) -> None:
    """Make a ledger into what the program wrote before anything was given up."""
    append_only = "".join(
        f"DROP TRIGGER {table}_{verb.lower()}; CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;"
        for table in ("event", "waveform")
        for verb in ("UPDATE", "DELETE")
    )
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(f"DROP TABLE thinned; {append_only} PRAGMA user_version = 1")


def test_an_older_ledger_is_brought_up_to_date(tmp_path: Path) -> None:
    """Its runs are there, it is sound, and it can be thinned; until it is opened to be written, it can be read as it is."""
    with Ledger.open(tmp_path) as ledger:
        (run,) = asyncio.run(keep(ledger, 0))
    as_version_1(tmp_path / schema.FILE)
    with closing(History(tmp_path)) as history:
        assert (1, Thinned()) == (len(history.runs()), history.thinned(run))
    for _ in range(2):
        with Ledger.open(tmp_path) as ledger:
            assert [] == asyncio.run(ledger.verify())
            asyncio.run(ledger.thin(run, "telemetry", AT))
            assert 2 == asyncio.run(ledger.thinned()).events


async def test_a_ledger_that_is_used_up_takes_no_more_runs(ledger: Ledger) -> None:
    """The one who asks is told why; what goes on can be kept."""
    ledger.used_up = "the disk budget is used up"
    with pytest.raises(LedgerError, match="the disk budget is used up"):
        await ledger.admit()
    await keep(ledger, 0)
