"""Remembered: what must outlive the daemon so that no command is taken twice and no birth is mistaken for another."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from station.store import Store

FILE: Final = "mqtt.db"
TABLES: Final = """
CREATE TABLE taken (commander TEXT NOT NULL, id TEXT NOT NULL, expires REAL NOT NULL, PRIMARY KEY (commander, id)) STRICT, WITHOUT ROWID;
CREATE INDEX taken_expires ON taken (expires);
CREATE TABLE number (name TEXT PRIMARY KEY, value REAL NOT NULL) STRICT, WITHOUT ROWID
"""
VERSION: Final = 1
MOST_LIVING: Final = 10_000
"""Commands that were taken and have not expired."""


class Full(Exception):
    """Too many commands have not expired yet."""


@dataclass(eq=False)
class Remembered:
    """In a store of its own. Raises StoreError when something cannot be kept; then it has not happened."""

    store: Store

    @classmethod
    def open(cls, folder: Path) -> Self:
        """That of a data folder. Raises StoreError. It blocks."""
        return cls(Store.open(folder / FILE, TABLES, VERSION))

    def close(self) -> None:
        """Let go of it."""
        self.store.close()

    async def first(self, commander: str, identity: str, expires: datetime, now: datetime) -> bool:
        """Whether this command comes for the first time; it is on the disk before this returns. Raises Full.

        Expired ones are forgotten. One that expired before a forgotten one did is not the first, even when the clock went back.
        """
        return await self.store.do(lambda it: _first(it, commander, identity, expires.timestamp(), now.timestamp()))

    async def next_birth(self) -> int:
        """The next `bdSeq`, 0 to 255: one more with every connection, also over restarts."""
        return await self.store.do(_next_birth)


def _first(it: sqlite3.Connection, commander: str, identity: str, expires: float, now: float) -> bool:
    (oldest,) = it.execute("SELECT max(expires) FROM taken WHERE expires < ?", (now,)).fetchone()
    if oldest is not None:
        it.execute(
            "INSERT INTO number VALUES ('forgotten', ?1) ON CONFLICT (name) DO UPDATE SET value = max(value, ?1)",
            (oldest,),
        )
        it.execute("DELETE FROM taken WHERE expires < ?", (now,))
    forgotten = it.execute("SELECT value FROM number WHERE name = 'forgotten'").fetchone()
    if forgotten is not None and expires <= forgotten[0]:
        return False
    if it.execute("SELECT 1 FROM taken WHERE commander = ? AND id = ?", (commander, identity)).fetchone():
        return False
    if it.execute("SELECT count(*) FROM taken").fetchone()[0] >= MOST_LIVING:
        raise Full
    it.execute("INSERT INTO taken VALUES (?, ?, ?)", (commander, identity, expires))
    return True


def _next_birth(it: sqlite3.Connection) -> int:
    it.execute(
        "INSERT INTO number VALUES ('bdseq', 0) ON CONFLICT (name) DO UPDATE SET value = (CAST(value AS INTEGER) + 1) % 256"
    )
    return int(it.execute("SELECT value FROM number WHERE name = 'bdseq'").fetchone()[0])
