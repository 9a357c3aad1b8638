"""Verification: whether a ledger still says what was told to it."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from station.ledger import bodies, owners, rows, schema, thinning
from station.ledger.book import first_link, link
from station.ledger.errors import LedgerError
from station.record import fold
from station.trace import Event, RunEnded, RunStarted, Sampled

Progress = Callable[[int, int], None]
"""Told after each run: how many have been looked at, and of how many."""

_EVENTS = (
    "SELECT event.number, CAST(kind AS BLOB), CAST(body AS BLOB), digest, chunk, step, name, point, unit, samples "
    "FROM event LEFT JOIN waveform USING (run, number) WHERE run = ? ORDER BY event.number"
)
_STRAYS = {
    "events have no run": "SELECT count(*) FROM event WHERE run NOT IN (SELECT id FROM run)",
    "waveforms have no event": "SELECT count(*) FROM waveform WHERE (run, number) NOT IN (SELECT run, number FROM event)",
    "events are missing": "SELECT (SELECT ifnull(max(seq), 0) - count(*) FROM event) - (SELECT ifnull(sum(last - first + 1), 0) FROM thinned)",
    "runs are missing": "SELECT ifnull(max(n), 0) - count(*) FROM run",
    "rows refer to nothing": "SELECT count(*) FROM pragma_foreign_key_check",
}


class _Unsound(Exception):
    """What is wrong with a run, so that nothing more can be said of it."""


def problems(connection: sqlite3.Connection, folder: Path, progress: Progress) -> list[str]:
    """Everything that is wrong with a ledger, as sentences; none if it is sound."""
    found: list[str] = []
    try:
        found += [f"SQLite: {said}" for (said,) in connection.execute("PRAGMA integrity_check(20)") if said != "ok"]
        if not schema.is_whole(connection):
            found.append("its tables or their locks are not as they were made")
        for what, asked in _STRAYS.items():
            ((number,),) = connection.execute(asked).fetchall()
            found += [f"{number} {what}"] if number else []
        runs = connection.execute("SELECT id FROM run ORDER BY n").fetchall()
        for number, (run,) in enumerate(runs, 1):
            found += [f"run {run}: {each}" for each in _run(connection, folder, run)]
            progress(number, len(runs))
    except sqlite3.Error as error:
        found.append(f"the ledger cannot be read to its end: {error}")
    return found


def _run(connection: sqlite3.Connection, folder: Path, run: str) -> list[str]:
    """What is wrong with one run, looked at in one moment of it, not so long that the WAL grows behind it."""
    connection.execute("BEGIN")
    try:
        trace = list(_trace(connection, run))
        if not trace or not isinstance(trace[0], RunStarted) or trace[0].run != run:
            return ["its trace does not begin with its RunStarted"]
        return [*_going(connection, folder, run, trace), *_tables(connection, run, trace[0], trace)]
    except (_Unsound, LedgerError, sqlite3.Error) as error:
        return [str(error)]
    finally:
        connection.execute("ROLLBACK")


def _trace(connection: sqlite3.Connection, run: str) -> Iterator[Event]:
    """The events of a run, each proven to be the one that was told after the one before it, or after those that were given up."""
    gone = {each.first: each for each in thinning.stretches(connection, run)}
    before, expected = first_link(run), 1
    for row in connection.execute(_EVENTS, (run,)):
        number, kind, body, digest, chunk, *named = row
        while expected < number and (stretch := gone.pop(expected, None)) is not None:
            before, expected = stretch.digest, stretch.last + 1
        if number != expected:
            raise _Unsound(
                f"event {min(number, expected)} is {'missing' if number > expected else 'there, and was given up'}"
            )
        before, expected = link(before, kind, body, chunk or b""), number + 1
        if digest != before:
            raise _Unsound(f"event {number} is not what was told: its digest does not fit")
        event = bodies.decode(kind.decode(), body, chunk)
        if isinstance(event, Sampled) and [event.step, event.name, event.point, event.unit, len(event.times)] != named:
            raise _Unsound(f"event {number} and its waveform do not fit together")
        yield event
    if gone:
        raise _Unsound(f"event {min(gone)} was given up and is there, or was never told")


def _going(connection: sqlite3.Connection, folder: Path, run: str, trace: list[Event]) -> Iterator[str]:
    ended = isinstance(trace[-1], RunEnded)
    found = connection.execute("SELECT owner FROM going WHERE run = ?", (run,)).fetchone()
    if ended and found is not None:
        yield "it has ended, and is still held as going on"
    elif not ended and (found is None or not owners.alive(folder, found[0])):
        yield "it has not ended, and no living process owns it"


def _tables(connection: sqlite3.Connection, run: str, started: RunStarted, trace: list[Event]) -> Iterator[str]:
    """The typed tables must say what a fresh fold of the trace says."""
    try:
        record = fold(trace) if isinstance(trace[-1], RunEnded) else None
    except ValueError as error:
        raise _Unsound(str(error)) from error
    asked = f"SELECT {rows.RUN} FROM run WHERE id = ?"  # noqa: S608 (our own names)
    if connection.execute(asked, (run,)).fetchall() != [rows.run(started, record)]:
        yield "its row is not what its trace says"
    for table, (columns, fold_rows) in rows.FOLDED.items():
        order = ", ".join(str(place + 1) for place in range(columns.count(",") + 1))
        asked = f"SELECT {columns} FROM {table} WHERE run = ? ORDER BY {order}"  # noqa: S608 (our own names)
        if connection.execute(asked, (run,)).fetchall() != (fold_rows(record) if record is not None else []):
            yield f"its {table} rows are not what its trace says"
