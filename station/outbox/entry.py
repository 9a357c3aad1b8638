"""Entries: what lies in an outbox, and what is said of it."""

from dataclasses import dataclass
from typing import Final

VERSION: Final = 1
TABLES: Final = """
CREATE TABLE entry (
  n INTEGER PRIMARY KEY,        -- the order in which the runs ended here
  result TEXT NOT NULL UNIQUE,  -- the id of the run
  run INTEGER NOT NULL,         -- its number in the ledger
  serial TEXT NOT NULL,
  digest TEXT NOT NULL,         -- SHA-256 of the payload
  payload BLOB,                 -- NULL once it is released: the rest of the row keeps it from being sent again
  state INTEGER NOT NULL,       -- 0 waits, 1 released, 2 aside
  reason TEXT NOT NULL,
  added TEXT NOT NULL,          -- when its run ended
  tries INTEGER NOT NULL,       -- how often nobody answered
  due REAL NOT NULL             -- by the loop's clock of this process
) STRICT;
CREATE INDEX entry_waiting ON entry (n) WHERE state = 0;
CREATE INDEX entry_unit ON entry (serial, n) WHERE state = 0;
CREATE INDEX entry_run ON entry (run);
CREATE INDEX entry_aside ON entry (n) WHERE state = 2;
CREATE TABLE cursor (n INTEGER NOT NULL) STRICT; -- every run of the ledger up to this one has ended and is here
INSERT INTO cursor VALUES (0)
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A result that waits: its id, the unit, the payload, which was made once, and its digest; `tries` found nobody."""

    result: str
    serial: str
    digest: str
    payload: bytes
    tries: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receiver says of a payload of this digest: he has it, or why he will never take it."""

    result: str
    digest: str
    accepted: bool = True
    reason: str = ""
