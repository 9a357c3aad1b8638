"""Recovery: runs whose process died are ended as INTERRUPTED, once it is sure that nobody is writing them any more; or they
are left open for who may go on with them, and are his then.
"""

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


def recover(folder: Path, book: Book, *, adopt: bool = False) -> dict[str, int]:
    """End what the dead left open; with `adopt`, make it the book's owner's own. Only under `owners.alone`.

    Returns the runs that were adopted, and how many events each has. Whoever dies before he has dealt with them leaves them
    as he found them. What a process had told before it was killed is taken from its journal first: a run that had come to its end keeps its
    verdict. An id under which nothing was told is given back.
    """
    adopted: dict[str, int] = {}
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
            if adopt and not isinstance(last, RunEnded):
                book.write(told, full=True)
                book.adopt(run)
                adopted[run] = book.kept(run).number
                continue
            if not isinstance(last, RunEnded):
                end = _interrupted(first, last)
                told.append(Entry(run, kept.number + len(told) + 1, end, bodies.encode(end)))
            book.write(told, full=True)
        journal.forget(owner)
        owners.bury(folder, owner)
    return adopted


def interrupted(started: RunStarted, at: float, reason: str) -> RunEnded:
    """The end of a run that had none, at the last of its time that is known of it: nobody knows when its process died."""
    return RunEnded(at, _later(started.started, at), "INTERRUPTED", reason)


def died(step: str) -> str:
    """What is said of a run whose process died in a step."""
    during = f" during {step}" if step else ""
    return f"the station's process ended{during}; found at the next start"


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
    at = 0.0 if isinstance(last, RunStarted) else last.at
    reason = died(getattr(last, "step", ""))
    if isinstance(started, RunStarted):
        return interrupted(started, at, reason)
    return RunEnded(at, "", "INTERRUPTED", reason)


def _later(instant: str, seconds: float) -> str:
    """An ISO 8601 instant, so many seconds later, written as it was."""
    with suppress(ValueError, OverflowError):
        later = (datetime.fromisoformat(instant) + timedelta(seconds=seconds)).isoformat()
        return later.replace("+00:00", "Z") if instant.endswith("Z") else later
    return instant
