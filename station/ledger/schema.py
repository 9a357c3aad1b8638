"""The ledger's file: its tables, how it is opened, and what keeps a stranger's or a newer file out."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Final

from station.ledger.errors import LedgerError

FILE: Final = "ledger.sqlite"
APPLICATION: Final = 0x52504C47
"""SQLite's application_id of a ledger: `RPLG`."""
VERSION: Final = 2
"""SQLite's user_version: the schema below. In 1 nothing was ever given up."""
PATIENCE: Final = 10.0
"""Seconds to wait for another process that is writing."""
CHECK: Final = 1.0
"""Seconds that opening spends on looking for damage; `verify` takes as long as it takes."""

_TABLES: Final = """
CREATE TABLE run (            -- folded: one row per run, in the order in which they began
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  started TEXT NOT NULL,
  ended TEXT,
  station TEXT NOT NULL,
  slot TEXT NOT NULL,
  serial TEXT NOT NULL,
  part_number TEXT NOT NULL,
  revision TEXT NOT NULL,
  sequence TEXT NOT NULL,
  verdict TEXT,               -- NULL while it goes on
  reason TEXT NOT NULL,
  line_time_s REAL,
  simulated INTEGER NOT NULL
) STRICT;
CREATE INDEX run_serial ON run (serial);
CREATE INDEX run_part_number ON run (part_number, revision);

CREATE TABLE event (          -- the truth
  seq INTEGER PRIMARY KEY,
  run TEXT NOT NULL REFERENCES run (id),
  number INTEGER NOT NULL,    -- 1, 2, 3... within the run
  kind TEXT NOT NULL,
  body TEXT NOT NULL,         -- JSON; the samples of a Sampled are in its waveform row
  digest BLOB NOT NULL,       -- of the previous digest of the run, the kind, the body and the chunk
  UNIQUE (run, number)
) STRICT;

CREATE TABLE waveform (       -- the truth, too
  run TEXT NOT NULL,
  number INTEGER NOT NULL,
  step TEXT NOT NULL,
  name TEXT NOT NULL,
  point TEXT NOT NULL,
  unit TEXT NOT NULL,
  samples INTEGER NOT NULL,
  chunk BLOB NOT NULL,
  PRIMARY KEY (run, number),
  FOREIGN KEY (run, number) REFERENCES event (run, number)
) STRICT;

CREATE TABLE step (           -- folded when the run ends, as are the next two
  run TEXT NOT NULL REFERENCES run (id),
  number INTEGER NOT NULL,    -- 1, 2, 3... in the order in which the attempts began
  name TEXT NOT NULL,
  verdict TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  reason TEXT NOT NULL,
  seconds REAL NOT NULL,
  PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE measurement (
  run TEXT NOT NULL,
  step INTEGER NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  point TEXT NOT NULL,
  value REAL,
  unit TEXT NOT NULL,
  uncertainty REAL,
  state TEXT NOT NULL,
  low REAL,
  high REAL,
  accept_low REAL,
  accept_high REAL,
  verdict TEXT NOT NULL,
  PRIMARY KEY (run, step, number),
  FOREIGN KEY (run, step) REFERENCES step (run, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE finding (
  run TEXT NOT NULL REFERENCES run (id),
  number INTEGER NOT NULL,
  cause TEXT NOT NULL,
  place TEXT NOT NULL,
  text TEXT NOT NULL,
  confidence REAL NOT NULL,
  PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE going (          -- runs that have an id and no end yet, and whose they are
  run TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
_THINNED: Final = """
CREATE TABLE thinned (        -- stretches of events that were given up for want of room; each row before its events go
  run TEXT NOT NULL REFERENCES run (id),
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,      -- the numbers of the first and the last of them
  part TEXT NOT NULL,         -- telemetry, events or audit
  samples INTEGER NOT NULL,
  at TEXT NOT NULL,
  digest BLOB NOT NULL,       -- of the last of them: the next event's builds on it
  PRIMARY KEY (run, first)
) STRICT, WITHOUT ROWID;
"""
GIVEN_UP: Final = {"telemetry": ("Sampled",), "events": ("Observed",), "audit": ("Prompted", "Answered")}
"""The kinds of events that may be given up, by part, in the order in which they are. None of them bears on a result."""
_UNNAMED: Final = "ifnull((SELECT last FROM thinned WHERE run = OLD.run AND first <= OLD.number ORDER BY first DESC LIMIT 1), 0) < OLD.number"
_MAY_GO: Final = ", ".join(f"'{kind}'" for kinds in GIVEN_UP.values() for kind in kinds)


def _lock(table: str, verb: str, when: str = "1") -> str:
    return (
        f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table} WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;"
    )


_LOCKED: Final = {
    "event_update": _lock("event", "UPDATE"),
    "event_delete": _lock("event", "DELETE", f"OLD.kind NOT IN ({_MAY_GO}) OR {_UNNAMED}"),
    "waveform_update": _lock("waveform", "UPDATE"),
    "waveform_delete": _lock("waveform", "DELETE", _UNNAMED),
    "thinned_update": _lock("thinned", "UPDATE"),
    "thinned_delete": _lock("thinned", "DELETE"),
}
_APPEND_ONLY: Final = "".join(_LOCKED.values())


def connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """A connection in which every statement is its own transaction unless BEGIN says otherwise."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'rwc' if write else 'ro'}",
        uri=True,
        timeout=PATIENCE,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    # A WAL that a slow reader has let grow is cut back once it can be.
    connection.execute("PRAGMA journal_size_limit = 16777216" if write else "PRAGMA query_only = ON")
    return connection


def create(connection: sqlite3.Connection) -> None:
    """Make the tables, if the file is still empty."""
    (objects,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if (_number(connection, "application_id"), _number(connection, "user_version"), objects) == (0, 0, 0):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(
            f"BEGIN IMMEDIATE; {_TABLES} {_THINNED} {_APPEND_ONLY} PRAGMA application_id = {APPLICATION}; "
            f"PRAGMA user_version = {VERSION}; COMMIT"
        )


def migrate(connection: sqlite3.Connection) -> None:
    """Make a ledger of version 1 one of this version: all of it or nothing. Only under `owners.alone`, after `check`."""
    if _number(connection, "user_version") == VERSION:
        return
    told = connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'thinned'").fetchone()
    tables = "" if told[0] else _THINNED
    old = "".join(f"DROP TRIGGER IF EXISTS {name};" for name in _LOCKED)
    connection.executescript(f"BEGIN IMMEDIATE; {tables} {old} {_APPEND_ONLY} PRAGMA user_version = {VERSION}; COMMIT")


def knows_thinning(connection: sqlite3.Connection) -> bool:
    """Whether the ledger is of a version in which something may have been given up."""
    return _number(connection, "user_version") > 1


def is_whole(connection: sqlite3.Connection) -> bool:
    """Whether every table, index and trigger is as `create` makes it."""
    asked = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name"
    with closing(sqlite3.connect(":memory:")) as fresh:
        fresh.executescript(_TABLES + _THINNED + _APPEND_ONLY)
        made: list[object] = fresh.execute(asked).fetchall()
    return made == connection.execute(asked).fetchall()


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Raise LedgerError unless the file is a ledger, and one that this program understands."""
    if _number(connection, "application_id") != APPLICATION:
        raise LedgerError(f"{path} is not a ledger; choose another folder, or move it away")
    version = _number(connection, "user_version")
    if version > VERSION:
        raise LedgerError(
            f"{path} was written by a newer rackproof (its tables are version {version}, this program knows {VERSION}); "
            "nothing was changed: use the newer program"
        )


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    (number,) = connection.execute(f"PRAGMA {pragma}").fetchone()
    return int(number)


def look_for_damage(connection: sqlite3.Connection, path: Path) -> None:
    """Raise LedgerError when SQLite finds the file damaged within CHECK seconds."""
    alarm = threading.Timer(CHECK, connection.interrupt)
    alarm.start()
    try:
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if "interrupt" not in str(error):
            raise
        said = "ok"  # as far as it came; a big ledger is looked through by verify
    finally:
        alarm.cancel()
        alarm.join()
    if said != "ok":
        raise LedgerError(f"{path} is damaged ({said}); keep it, and begin a new ledger in another folder")
