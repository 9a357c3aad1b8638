"""Thinning: what is given up of runs that have ended, for want of room. A result never is, nor what it builds on.

A stretch of events goes as a whole. What stays of it is one row that says so, with the digest of its last event, on which the
next event builds: so whatever was not given up is proven as before.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from station.ledger import schema

PIECE = 256
"""Events that are given up in one transaction at most, so that who writes waits for a few milliseconds."""
LOOKED_AT = 64
"""Runs that are found in one question."""


@dataclass(frozen=True, slots=True)
class Thinned:
    """What was given up: how many events of how many runs, and how many samples were in them."""

    events: int = 0
    runs: int = 0
    samples: int = 0


NOTHING: Final = Thinned()


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of the ledger's file, and how many of them are free and will be used again before it grows."""

    size: int
    free: int


class Stretch(NamedTuple):
    """Events of a run that were given up, from the first to the last number, and the digest of the last."""

    first: int
    last: int
    digest: bytes


def thinned(connection: sqlite3.Connection, run: str | None = None) -> Thinned:
    """What was given up of a run, or of all of them."""
    if not schema.knows_thinning(connection):
        return Thinned()
    asked = (
        "SELECT ifnull(sum(last - first + 1), 0), count(DISTINCT run), ifnull(sum(samples), 0) "
        "FROM thinned WHERE ?1 IS NULL OR run = ?1"
    )
    return Thinned(*connection.execute(asked, (run,)).fetchone())


def stretches(connection: sqlite3.Connection, run: str) -> Iterator[Stretch]:
    """The stretches that a run has lost, in order."""
    if schema.knows_thinning(connection):
        asked = "SELECT first, last, digest FROM thinned WHERE run = ? ORDER BY first"
        yield from (Stretch(*row) for row in connection.execute(asked, (run,)))


def room(connection: sqlite3.Connection) -> Room:
    """How big the file is, the pages that are still in its WAL included."""
    pages, free, size = (
        int(connection.execute(f"PRAGMA {asked}").fetchone()[0])
        for asked in ("page_count", "freelist_count", "page_size")
    )
    return Room(pages * size, free * size)


def oldest_with(connection: sqlite3.Connection, part: str, after: int) -> list[tuple[int, str]]:
    """The oldest runs after the `after`th that have ended and have something of a part: their places and ids."""
    kinds = schema.GIVEN_UP[part]
    asked = (
        "SELECT n, id FROM run WHERE n > ? AND ended IS NOT NULL AND id NOT IN (SELECT run FROM going) "  # noqa: S608 (all that is put in are question marks)
        f"AND EXISTS (SELECT 1 FROM event WHERE run = id AND kind IN ({_places(kinds)})) ORDER BY n LIMIT ?"
    )
    return connection.execute(asked, (after, *kinds, LOOKED_AT)).fetchall()


def ended(connection: sqlite3.Connection) -> int:
    """Up to which of them all runs have ended, counted as they began."""
    asked = (
        "SELECT ifnull((SELECT min(n) - 1 FROM run WHERE id IN (SELECT run FROM going)), ifnull(max(n), 0)) FROM run"
    )
    (number,) = connection.execute(asked).fetchone()
    return int(number)


def thin(connection: sqlite3.Connection, run: str, part: str, at: str) -> int:
    """Give up a piece of a part of a run; how many events went. Inside a transaction; `at` is the time of day."""
    kinds = schema.GIVEN_UP[part]
    asked = (
        "SELECT number, digest, ifnull(samples, 0) FROM event LEFT JOIN waveform USING (run, number) "  # noqa: S608 (all that is put in are question marks)
        f"WHERE run = ? AND kind IN ({_places(kinds)}) "
        "AND EXISTS (SELECT 1 FROM run WHERE id = event.run AND ended IS NOT NULL) "
        "AND run NOT IN (SELECT run FROM going) ORDER BY number LIMIT ?"
    )
    gone = connection.execute(asked, (run, *kinds, PIECE)).fetchall()
    for first, last, digest, samples in _stretches(gone):
        connection.execute(
            "INSERT INTO thinned (run, first, last, part, samples, at, digest) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (run, first, last, part, samples, at, digest),
        )
        for table in ("waveform", "event"):
            connection.execute(
                f"DELETE FROM {table} WHERE run = ? AND number BETWEEN ? AND ?",  # noqa: S608 (the tables are named two lines above)
                (run, first, last),
            )
    return len(gone)


def _stretches(gone: list[tuple[int, bytes, int]]) -> Iterator[tuple[int, int, bytes, int]]:
    """Numbers that follow each other, as one: the first, the last, the digest of the last, and the samples of all."""
    at = 0
    while at < len(gone):
        end = at
        while end + 1 < len(gone) and gone[end + 1][0] == gone[end][0] + 1:
            end += 1
        yield gone[at][0], gone[end][0], gone[end][1], sum(samples for _, _, samples in gone[at : end + 1])
        at = end + 1


def _places(kinds: tuple[str, ...]) -> str:
    return ", ".join("?" * len(kinds))
