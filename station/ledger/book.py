"""The book: the one connection that writes, and what it must remember of each run to write on. One thread at a time."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import chain, count
from pathlib import Path
from typing import Any, NamedTuple

from station.ledger import bodies, rows, schema, thinning, waveform
from station.ledger.disk import DISK, Disk
from station.record import Folding, does_not_hold
from station.trace import Event, RunEnded, RunStarted, Sampled

_BLOCKS = (256, 32, 4, 1)
"""Rows per statement. In one statement Python's lock changes hands once, however busy the event loop is."""


class Entry(NamedTuple):
    """An event on its way into the ledger: the `number`th of its run, and the JSON of all of it."""

    run: str
    number: int
    event: Event
    body: bytes


@dataclass(slots=True)
class Kept:
    """What is kept of a run: how many events, the digest of the last one, its record so far, and the last but for samples."""

    number: int
    digest: bytes
    folding: Folding = field(default_factory=Folding)
    last: Event | None = None

    def take(self, event: Event) -> None:
        """An event that is not of samples."""
        self.folding.take(event)
        self.last = event


def link(before: bytes, kind: bytes, body: bytes, chunk: bytes) -> bytes:
    """The digest of an event that comes after the one with the digest `before`."""
    return blake2b(b"\0".join((before, kind, body, chunk)), digest_size=16).digest()


def first_link(run: str) -> bytes:
    """What a run's first digest builds on."""
    return blake2b(run.encode(), digest_size=16).digest()


class Book:
    """Writes for `owner`. After any error it lets go of its connection, and takes a new one when it is asked again."""

    def __init__(self, path: Path, owner: str, connection: sqlite3.Connection, disk: Disk = DISK) -> None:
        self._path, self._owner, self._disk = path, owner, disk
        self._connection: sqlite3.Connection | None = connection
        self._file = _identity(path)
        self._kept: dict[str, Kept] = {}
        self._full: bool | None = None

    def begin(self, name: Callable[[int], str]) -> str:
        """Reserve the id of a new run: `name(n)`, n being how many came before it, or the next n that is still free."""
        with self._transaction(full=False) as connection:
            (before,) = connection.execute(
                "SELECT ifnull(max(n), 0) + (SELECT count(*) FROM going WHERE run NOT IN (SELECT id FROM run)) FROM run"
            ).fetchone()
            taken = "SELECT 1 FROM run WHERE id = ?1 UNION SELECT 1 FROM going WHERE run = ?1"
            run = next(
                each for each in map(name, count(before)) if connection.execute(taken, (each,)).fetchone() is None
            )
            connection.execute("INSERT INTO going (run, owner) VALUES (?, ?)", (run, self._owner))
        return run

    def write(self, entries: Sequence[Entry], *, full: bool) -> None:
        """Commit these, all or none; with `full` they and all before them are on the disk when this returns."""
        with self._transaction(full=full) as connection:
            for at in range(0, len(entries), _BLOCKS[0]):  # between blocks the event loop gets its turn
                self._store(connection, entries[at : at + _BLOCKS[0]])
            if not entries:  # a commit needs something to commit before it reaches the disk
                connection.execute(f"PRAGMA user_version = {schema.VERSION}")

    def drop(self, run: str) -> None:
        """Give back an id under which nothing was ever told."""
        with self._transaction(full=False) as connection:
            connection.execute("DELETE FROM going WHERE run = ?", (run,))

    def adopt(self, run: str) -> None:
        """A run that a dead process began is this owner's from now on."""
        with self._transaction(full=True) as connection:
            connection.execute("UPDATE going SET owner = ? WHERE run = ?", (self._owner, run))

    def going(self) -> list[tuple[str, str]]:
        """Runs that have an id and no end, and their owners."""
        return self.connection().execute("SELECT run, owner FROM going").fetchall()

    def kept(self, run: str) -> Kept:
        """What is kept of a run; read from the file the first time."""
        if run not in self._kept:
            found = Kept(0, first_link(run))
            for number, kind, body, digest in self.connection().execute(
                "SELECT number, kind, body, digest FROM event WHERE run = ? ORDER BY number", (run,)
            ):
                found.number, found.digest = number, digest
                if kind != Sampled.__name__:
                    found.take(bodies.decode(kind, body))
            self._kept[run] = found
        return self._kept[run]

    def thin(self, run: str, part: str, at: str) -> int:
        """Give up a piece of a part of a run that has ended; how many events went."""
        with self._transaction(full=False) as connection:
            return thinning.thin(connection, run, part, at)

    def close(self) -> None:
        """Let go of the file and of everything remembered; what was not committed is rolled back."""
        self._kept.clear()
        self._full = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def connection(self) -> sqlite3.Connection:
        """The connection. A new one after an error first carries everything over from the WAL into the file, synced."""
        if _identity(self._path) != self._file:
            raise OSError(f"{self._path} was moved, deleted or replaced while it was in use")
        if self._connection is None:
            self._connection = schema.connect(self._path, write=True)
            (busy, *_) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                raise OSError(f"{self._path} is being read by another process: cannot be sure of it after an error")
        return self._connection

    @contextmanager
    def _transaction(self, *, full: bool) -> Iterator[sqlite3.Connection]:
        """All or nothing; with `full` the commit waits for the disk."""
        try:
            connection = self.connection()
            if self._full is not full:
                connection.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
                self._full = full
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            self._disk.committing()
            connection.execute("COMMIT")
            self._disk.committed()
        except BaseException:
            self.close()
            raise

    def _store(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> None:
        events: list[rows.Row] = []
        chunks: list[rows.Row] = []
        ended: list[str] = []
        for run, told, event, body in entries:
            kept, number = self.kept(run), told
            if number <= kept.number:
                # It is there already: a commit that was reported as failed had reached the file.
                end = kept.folding.ended
                if not (end is not None and isinstance(event, RunEnded) and does_not_hold(end, event)):
                    continue  # nor has what is there been shown as an ERROR since
                number = kept.number + 1
            kind, chunk, text = type(event).__name__, b"", body
            if isinstance(event, Sampled):
                chunk, text = waveform.encode(event.times, event.values), bodies.stem(event)
                named = (event.step, event.name, event.point, event.unit)
                chunks.append((run, number, *named, len(event.times), chunk))
            else:
                kept.take(event)
            kept.number, kept.digest = number, link(kept.digest, kind.encode(), text, chunk)
            events.append((run, number, kind, text.decode(), kept.digest))
            if isinstance(event, RunStarted):
                insert(connection, "run", rows.RUN, [rows.run(event)])
                owner = "INSERT INTO going (run, owner) VALUES (?, ?) ON CONFLICT DO NOTHING"
                connection.execute(owner, (run, self._owner))
            elif isinstance(event, RunEnded):
                ended.append(run)
        insert(connection, "event", "run, number, kind, body, digest", events)
        insert(connection, "waveform", "run, number, step, name, point, unit, samples, chunk", chunks)
        for run in ended:
            self._end(connection, run)

    def _end(self, connection: sqlite3.Connection, run: str) -> None:
        """Fold a run that has ended into the typed tables."""
        record = self._kept.pop(run).folding.record()
        for table in reversed(rows.FOLDED):  # of an end that did not hold there may be rows
            connection.execute(f"DELETE FROM {table} WHERE run = ?", (run,))  # noqa: S608 (our own names)
        end = f"UPDATE run SET ({rows.END}) = (?, ?, ?, ?) WHERE id = ?"  # noqa: S608 (our own names)
        connection.execute(end, (*rows.end(record), run))
        for table, (columns, given) in rows.FOLDED.items():
            insert(connection, table, columns, given(record))
        connection.execute("DELETE FROM going WHERE run = ?", (run,))


def insert(connection: sqlite3.Connection, table: str, columns: str, these: Sequence[Iterable[Any]]) -> None:
    """Insert rows, many in each statement."""
    places = f"({', '.join('?' * (columns.count(',') + 1))})"
    at = 0
    for block in _BLOCKS:
        statement = f"INSERT INTO {table} ({columns}) VALUES {', '.join([places] * block)}"  # noqa: S608 (our own names)
        while len(these) - at >= block:
            connection.execute(statement, tuple(chain.from_iterable(these[at : at + block])))
            at += block


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino
