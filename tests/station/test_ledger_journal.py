"""The journal: memory that outlives its process."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.ledger import journal
from station.ledger.journal import HALF, RECANTED, Frame, Journal, forget, left_by

OWNER = f"test-{os.getpid()}"


def frame(number: int, body: bytes = b"{}", run: str = "0" * 26) -> Frame:
    """One event, told."""
    return Frame(run, number, "StepStarted", body)


@pytest.fixture
def kept() -> Iterator[Journal]:
    """A journal, whose process dies at the end."""
    made = Journal.create(OWNER)
    assert made is not None
    yield made
    made.close(orderly=True)


def test_what_was_told_is_left(kept: Journal) -> None:
    """In the order of each run, all of it, while its owner lives and after."""
    frames = [frame(1, b"a"), frame(1, b"b", "1" * 26), frame(2, b""), frame(3, b"x" * 1000)]
    for told, each in enumerate(frames, 1):
        kept.write(told, 0, each)
    assert (frames, 0) == (left_by(OWNER), kept.missed)


def test_what_is_stored_makes_room(kept: Journal) -> None:
    """A half is written anew when the ledger has all of it, so a journal never fills up for good."""
    body = b"x" * 1000
    many = 10 * HALF // len(body)
    for told in range(1, many):
        kept.write(told, max(0, told - 100), frame(told, body))
        assert kept.missed == 0
    left = [each.number for each in left_by(OWNER)]
    assert list(range(many - 100, many)) == left[-100:]


def test_what_does_not_fit_is_known(kept: Journal) -> None:
    """An event that found no room is not safe before the ledger has it; the next ones are not either."""
    kept.write(1, 0, frame(1))
    kept.write(2, 0, frame(2, b"x" * HALF))
    assert ([frame(1)], 2) == (left_by(OWNER), kept.missed)
    kept.write(3, 2, frame(3))
    assert (frame(3), 2) == (left_by(OWNER)[-1], kept.missed)


def test_both_halves_can_be_full(kept: Journal) -> None:
    """Nothing that is not stored is ever written over."""
    body = b"x" * (HALF // 10)
    for told in range(1, 40):
        kept.write(told, 0, frame(told, body))
    fitting = len(left_by(OWNER))
    assert list(range(1, fitting + 1)) == [each.number for each in left_by(OWNER)]
    assert (18, 39) == (fitting, kept.missed)


def test_an_end_that_does_not_hold_is_known_and_all_before_it_holds(kept: Journal) -> None:
    """One run's end is taken back, or every run's; told again after it was stored, it is not found any more."""
    runs = ["0" * 26, "1" * 26, "2" * 26]
    for told, run in enumerate(runs):
        kept.write(2 * told + 1, 0, frame(1, run=run))
        kept.write(2 * told + 2, 0, Frame(run, 2, "RunEnded", b"{}"))
    kept.recant(runs[1])
    kept.recant("3" * 26)
    assert ["RunEnded", RECANTED, "RunEnded"] == [each.kind for each in left_by(OWNER) if each.number == 2]
    kept.recant(None)
    assert [RECANTED] * 3 == [each.kind for each in left_by(OWNER) if each.number == 2]
    assert [frame(1, run=run) for run in runs] == [each for each in left_by(OWNER) if each.number == 1]
    kept.write(7, 6, frame(1))
    kept.recant(None)
    assert [frame(1)] == left_by(OWNER)


@pytest.mark.parametrize("survived", [0, 1])
def test_an_event_that_was_half_told_was_not_told(kept: Journal, survived: int) -> None:
    """Killed between any two stores, the journal ends with the last whole event."""
    kept.write(1, 0, frame(1))
    memory = kept._memory
    stores: list[slice] = []

    class Dying:
        def __setitem__(self, where: slice, what: bytes) -> None:
            stores.append(where)
            half = len(what) if len(stores) <= survived else len(what) // 2
            memory[where.start : where.start + half] = what[:half]
            if len(stores) > survived:
                raise SystemExit

    kept._memory = Dying()  # type: ignore[assignment] # all of an mmap that is used
    with pytest.raises(SystemExit):
        kept.write(2, 0, frame(2, b"half of this"))
    kept._memory = memory
    assert ([frame(1)], survived + 1) == (left_by(OWNER), len(stores))


def test_no_shared_memory_is_no_journal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where there is none, or none to spare, there is no journal; nothing is left lying about."""
    monkeypatch.setattr(journal, "SHARED", tmp_path / "nowhere")
    assert Journal.create(OWNER) is None
    monkeypatch.setattr(journal, "SHARED", tmp_path)

    def full(*_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    assert Journal.create(OWNER) is None
    assert ([], []) == (list(tmp_path.iterdir()), left_by(OWNER))
    forget(OWNER)


def test_a_journal_is_for_its_user_alone(kept: Journal) -> None:
    """Serial numbers are nobody else's business; and nobody's file is taken for ours."""
    (path,) = journal.SHARED.glob(f"*{OWNER}")
    assert path.stat().st_mode & 0o777 == 0o600
    assert Journal.create(OWNER) is None
    assert path.exists()
