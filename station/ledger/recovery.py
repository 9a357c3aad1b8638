"""Recovery: runs whose process died are ended as INTERRUPTED, once it is sure that nobody is writing them any more."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from station.ledger import bodies, journal, owners
from station.ledger.book import Book, Entry
from station.ledger.errors import LedgerError
from station.record import EARNED
from station.trace import Event, RunEnded, RunStarted

UNKEPT = "the record could not be written when the run ended; found at the next start"


def recover(folder: Path, book: Book) -> None:
    """End what the dead left open. Only under `owners.alone`.

    What a process had told before it was killed is taken from its journal first: a run that had come to its end keeps its
    verdict. An id under which nothing was told is given back.
    """
    going = book.going()
    gone = {owner for _, owner in going if not owners.alive(folder, owner)}
    for owner in sorted(gone.union(owners.dead(folder))):
        left = list(journal.left_by(owner))
        recanted = {frame.run for frame in left if frame.kind == journal.RECANTED}
        for run in sorted(recanted.union(run for run, whose in going if whose == owner)):
            told = list(_told(book, run, left))
            kept = book.kept(run)
            first = kept.folding.started or (told[0].event if told else None)
            last = told[-1].event if told else kept.last
            if first is None or last is None:
                book.drop(run)
                continue
            if not isinstance(last, RunEnded):
                end = _interrupted(first, last)
                told.append(Entry(run, kept.number + len(told) + 1, end, bodies.encode(end)))
            book.write(told, full=True)
        journal.forget(owner)
        owners.bury(folder, owner)


def _told(book: Book, run: str, left: list[journal.Frame]) -> Iterator[Entry]:
    """The events of `run` that were told and not stored, up to the first that is missing."""
    number = kept = book.kept(run).number
    with suppress(LedgerError):  # where the journal is not readable it ends
        for frame in left:
            # An end that does not hold may have reached the file all the same.
            recanted = frame.kind == journal.RECANTED and frame.number <= kept
            if frame.run == run and (frame.number == number + 1 or recanted):
                number = max(frame.number, number)
                event, body = _held(frame)
                yield Entry(run, frame.number, event, body)


def _held(frame: journal.Frame) -> tuple[Event, bytes]:
    """An event of the journal. An end that could not be kept when it was told was shown as an ERROR, and is one."""
    if frame.kind != journal.RECANTED:
        return bodies.decode(frame.kind, frame.body), frame.body
    told = bodies.decode(RunEnded.__name__, frame.body)
    if not isinstance(told, RunEnded):
        raise LedgerError(f"this is no end of a run: {told}")
    if told.verdict not in EARNED:
        return told, frame.body
    end = replace(told, verdict="ERROR", reason=f"{UNKEPT}; it was told as {told.verdict}")
    return end, bodies.encode(end)


def _interrupted(started: Event, last: Event) -> RunEnded:
    """The end of a run that had none. Its time is the last that is known of it: nobody knows when it died."""
    at = 0.0 if isinstance(last, RunStarted) else last.at
    step = getattr(last, "step", "")
    during = f" during {step}" if step else ""
    began = started.started if isinstance(started, RunStarted) else ""
    return RunEnded(
        at, _later(began, at), "INTERRUPTED", f"the station's process ended{during}; found at the next start"
    )


def _later(instant: str, seconds: float) -> str:
    """An ISO 8601 instant, so many seconds later, written as it was."""
    with suppress(ValueError, OverflowError):
        later = (datetime.fromisoformat(instant) + timedelta(seconds=seconds)).isoformat()
        return later.replace("+00:00", "Z") if instant.endswith("Z") else later
    return instant
