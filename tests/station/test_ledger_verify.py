"""Verification finds what is not as it was told: bit rot, clumsy hands, and forgers who do not know the chain."""

import asyncio
import random
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from station.ledger import schema
from station.ledger.errors import LedgerError
from station.ledger.ledger import Ledger
from station.ledger.verify import problems
from station.trace import Event
from tests.station.traces import name, started, whole

RUN = name(0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed ledger with two runs in it."""
    with Ledger.open(tmp_path / "data") as ledger:
        for number in range(2):
            run = asyncio.run(ledger.begin(name))
            for event in whole(run, serial=f"SERIAL-{number}"):
                ledger.append(run, event)
    return tmp_path / "data"


def verified(folder: Path) -> list[str]:
    """What is wrong with the ledger; or why it could not even be opened."""
    try:
        with Ledger.open(folder) as ledger:
            return asyncio.run(ledger.verify())
    except LedgerError as error:
        return [str(error)]


def test_a_sound_ledger_has_no_problems(folder: Path) -> None:
    """And verifying tells how far it is."""
    steps: list[tuple[int, int]] = []
    with Ledger.open(folder) as ledger:
        assert [] == asyncio.run(ledger.verify(lambda done, of: steps.append((done, of))))
    assert [(1, 2), (2, 2)] == steps


UNLOCK = (
    "DROP TRIGGER event_update; DROP TRIGGER event_delete; DROP TRIGGER waveform_update; DROP TRIGGER waveform_delete;"
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            "UPDATE event SET body = replace(body, '0.0123', '0.0124') WHERE run = RUN AND number = 8",
            "event 8 is not what was told",
            id="a value",
        ),
        pytest.param(
            "UPDATE event SET kind = 'Answered' WHERE run = RUN AND number = 3", "event 3 is not what", id="a kind"
        ),
        pytest.param(
            "UPDATE event SET digest = zeroblob(16) WHERE run = RUN AND number = 2", "event 2 is not", id="a digest"
        ),
        pytest.param(
            "UPDATE waveform SET chunk = zeroblob(20) WHERE run = RUN AND number = 11", "event 11 is not", id="a chunk"
        ),
        pytest.param(
            "UPDATE waveform SET point = 'W4' WHERE run = RUN AND number = 11",
            "event 11 and its waveform",
            id="a point",
        ),
        pytest.param("DELETE FROM waveform WHERE run = RUN AND number = 11", "event 11 is not", id="no chunk"),
        pytest.param("DELETE FROM event WHERE run = RUN AND number = 5", "event 5 is missing", id="an event less"),
        pytest.param("DELETE FROM event WHERE run = RUN AND number = 19", "no living process", id="its end less"),
        pytest.param("DELETE FROM event WHERE run = RUN", "trace does not begin", id="no event left"),
        pytest.param(
            "INSERT INTO event (run, number, kind, body, digest) "
            "SELECT run, 20, kind, body, digest FROM event WHERE run = RUN AND number = 18",
            "event 20 is not",
            id="an event more",
        ),
        pytest.param(
            "UPDATE event SET number = 99 WHERE run = RUN AND number = 4", "event 4 is missing", id="another order"
        ),
        pytest.param("UPDATE run SET verdict = 'PASSED' WHERE id = RUN", "its row is not", id="a verdict"),
        pytest.param("UPDATE measurement SET value = 0.1 WHERE run = RUN", "its measurement rows", id="a row"),
        pytest.param("DELETE FROM finding WHERE run = RUN", "its finding rows", id="a finding less"),
        pytest.param("INSERT INTO step VALUES (RUN, 9, 'x', 'PASSED', 1, '', 0)", "its step rows", id="a step more"),
        pytest.param("INSERT INTO going VALUES (RUN, 'x')", "is still held as going on", id="held"),
        pytest.param("DELETE FROM run WHERE id = RUN", "19 events have no run", id="a run less"),
    ],
)
def test_a_change_is_found(folder: Path, change: str, expected: str) -> None:
    """Whoever unlocks the tables and changes one of them is found out, and the other run is not blamed."""
    file = folder / "ledger.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(UNLOCK + change.replace("RUN", f"'{RUN}'"))
    with closing(schema.connect(file, write=False)) as connection:
        found = problems(connection, folder, lambda *_: None)
    assert any(expected in each for each in found), found
    assert "its tables or their locks are not as they were made" in found
    assert [] == [each for each in found if each.startswith(f"run {name(1)}")]


def flip(file: Path, at: int, bit: int = 0) -> None:
    """Turn one bit over."""
    content = bytearray(file.read_bytes())
    content[at] ^= 1 << bit
    file.write_bytes(content)


@pytest.mark.parametrize("text", [b"0.0123", b"shorting bar", b"SERIAL-0", b"Measured", b'"marks"'])
def test_a_flipped_bit_in_a_record_is_found(folder: Path, text: bytes) -> None:
    """Wherever the text is kept."""
    file = folder / "ledger.sqlite"
    content, at, places = file.read_bytes(), -1, 0
    while (at := content.find(text, at + 1)) >= 0:
        flip(file, at)
        assert [] != verified(folder), at
        file.write_bytes(content)
        places += 1
    assert places > 0


def test_no_flipped_bit_changes_what_is_answered(folder: Path, tmp_path: Path) -> None:
    """Any bit of the file: either it is found, or it bears on nothing that was told."""
    chance = random.Random(3)  # noqa: S311 (no secret)
    size = (folder / "ledger.sqlite").stat().st_size
    found = 0
    for number in range(60):
        copy = tmp_path / str(number)
        shutil.copytree(folder, copy)
        flip(copy / "ledger.sqlite", chance.randrange(size), chance.randrange(8))
        if verified(copy):
            found += 1
            continue
        with Ledger.open(copy) as ledger:
            told = {run: asyncio.run(ledger.events(run)) for run in (RUN, name(1))}
        assert {run: whole(run, serial=f"SERIAL-{number}") for number, run in enumerate(told)} == told
    assert found > 0


def test_a_damaged_ledger_is_not_written_to(folder: Path) -> None:
    """Opening looks for damage first: no new results into a file that loses them."""
    file = folder / "ledger.sqlite"
    content = bytearray(file.read_bytes())
    content[4096 : 4096 * 12] = bytes(4096 * 11)
    file.write_bytes(content)
    with pytest.raises(LedgerError, match=r"damaged|malformed"):
        Ledger.open(folder)
    assert content == file.read_bytes()


def test_looking_for_damage_takes_no_longer_than_it_may(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A big ledger opens all the same; what was not looked at then is for verify."""

    class Now:
        def __init__(self, _: float, ring: Callable[[], None]) -> None:
            self.start = ring
            self.cancel = self.join = lambda: None

    monkeypatch.setattr(threading, "Timer", Now)
    with Ledger.open(folder) as ledger:
        assert 2 == asyncio.run(ledger.count())


def test_a_run_that_goes_on_is_no_problem(folder: Path) -> None:
    """Verification can be run at any time."""
    with Ledger.open(folder) as ledger:
        run = asyncio.run(ledger.begin(name))
        trace: list[Event] = [started(run), *whole(run)[1:9]]
        for event in trace:
            ledger.append(run, event)
            assert [] == asyncio.run(ledger.verify())
