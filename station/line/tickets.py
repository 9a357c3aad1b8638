"""The tickets of a line: none that was acknowledged is lost, and none is there twice, whatever happens to the process."""

import sqlite3
from dataclasses import astuple, fields, replace
from pathlib import Path
from typing import Self

from station.line.ticket import Stage, Ticket
from station.store import Store

FILE = "line.sqlite"
MOST_WAITING = 10_000
"""Tickets that may wait; whoever hands in more is told so."""

_COLUMNS = tuple(each.name for each in fields(Ticket))
_TABLES = """
CREATE TABLE tickets (
    ticket TEXT PRIMARY KEY, product TEXT NOT NULL, serial TEXT NOT NULL, slot TEXT NOT NULL, sequence TEXT NOT NULL,
    priority INTEGER NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL, submitted TEXT NOT NULL, stage TEXT NOT NULL,
    run TEXT NOT NULL, verdict TEXT NOT NULL, reason TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX by_key ON tickets (source, key) WHERE key <> '';
CREATE INDEX by_stage ON tickets (stage);
CREATE TABLE locks (slot TEXT PRIMARY KEY, reason TEXT NOT NULL) STRICT;
"""


class Tickets:
    """All tickets on the disk; those that have not ended in memory too. Coroutines raise StoreError."""

    def __init__(self, store: Store, open_ones: dict[str, Ticket], locks: dict[str, str]) -> None:
        self._store = store
        self.open_ones = open_ones
        self.placed: set[str] = set()
        """Those that are in a slot, or on their way into one."""
        self.locks = locks
        """Slots in which something was not confirmed safe, and what."""

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Those of a data folder. Raises StoreError: another daemon has them open, or the file is damaged."""
        store = Store.open(folder / FILE, _TABLES, 1)
        ends = tuple(each.value for each in Stage if each.is_end)
        rows = store.now(
            lambda it: it.execute("SELECT * FROM tickets WHERE stage NOT IN (?, ?, ?) ORDER BY rowid", ends).fetchall()
        )
        locks = store.now(lambda it: dict(map(tuple, it.execute("SELECT slot, reason FROM locks"))))
        return cls(store, {each.ticket: each for each in map(_ticket, rows)}, locks)

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    @property
    def waiting(self) -> list[Ticket]:
        """Those that wait, in their order: the most urgent first, then the one that came first."""
        queued = (each for each in self.open_ones.values() if each.ticket not in self.placed)
        return sorted(queued, key=lambda each: -each.priority)

    async def known(self, source: str, key: str) -> Ticket | None:
        """The ticket that somebody calls `key`."""
        return await self._one("source = ? AND key = ? AND key <> ''", source, key)

    async def add(self, ticket: Ticket) -> Ticket:
        """Keep a new one; the one that is kept already where its source has used its key before."""

        def insert(store: sqlite3.Connection) -> bool:
            values = ", ".join("?" * len(_COLUMNS))
            added = store.execute(f"INSERT OR IGNORE INTO tickets VALUES ({values})", astuple(ticket))  # noqa: S608 (all that is put in are question marks)
            return added.rowcount == 1

        if not await self._store.do(insert):
            kept = await self.known(ticket.source, ticket.key)
            return kept if kept is not None else ticket
        self.open_ones[ticket.ticket] = ticket
        return ticket

    async def change(self, ticket: Ticket, **changes: str) -> Ticket:
        """Note what became of one."""
        changed = replace(ticket, **changes)  # type: ignore[arg-type]  # the fields that change are texts
        values = (changed.stage, changed.run, changed.verdict, changed.reason, changed.ticket)
        sql = "UPDATE tickets SET stage = ?, run = ?, verdict = ?, reason = ? WHERE ticket = ?"
        await self._store.do(lambda store: store.execute(sql, values))
        if changed.stage.is_end:
            self.open_ones.pop(changed.ticket, None)
        else:
            self.open_ones[changed.ticket] = changed
        return changed

    async def find(self, ticket: str) -> Ticket | None:
        """The one with an id."""
        return self.open_ones.get(ticket) or await self._one("ticket = ?", ticket)

    async def latest(self, stage: Stage | None, limit: int) -> list[Ticket]:
        """The newest first."""
        sql = "SELECT * FROM tickets WHERE ? IN ('', stage) ORDER BY rowid DESC LIMIT ?"
        rows = await self._store.do(lambda store: store.execute(sql, (stage or "", limit)).fetchall())
        return list(map(_ticket, rows))

    async def lock(self, slot: str, reason: str) -> None:
        """Nothing may begin in a slot any more, also after a restart."""
        await self._store.do(lambda it: it.execute("INSERT OR REPLACE INTO locks VALUES (?, ?)", (slot, reason)))
        self.locks[slot] = reason

    async def unlock(self, slot: str) -> None:
        """The slot may be used again."""
        await self._store.do(lambda it: it.execute("DELETE FROM locks WHERE slot = ?", (slot,)))
        self.locks.pop(slot, None)

    async def _one(self, where: str, *values: str) -> Ticket | None:
        sql = f"SELECT * FROM tickets WHERE {where}"  # noqa: S608 (written in this module)
        row = await self._store.do(lambda store: store.execute(sql, values).fetchone())
        return None if row is None else _ticket(row)


def _ticket(row: sqlite3.Row) -> Ticket:
    said = dict(row)
    return Ticket(**{**said, "stage": Stage(said["stage"])})
