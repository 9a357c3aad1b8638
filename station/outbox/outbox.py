"""The outbox: results on their way to whoever keeps them elsewhere, kept here until he has said that he has them.

It is filled from the ledger, which has every result whatever becomes of this file, and emptied by receipts.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from station.condition import Condition, Level
from station.ledger.errors import LedgerError
from station.ledger.ledger import Ledger
from station.outbox.entry import TABLES, VERSION, Entry, Receipt
from station.store import Store

T = TypeVar("T")

FILE: Final = "outbox.sqlite"
MOST: Final = 50_000
"""Results that wait here at once; more stay in the ledger until there is room."""
ALARMING: Final = 0.8
"""The part of MOST from which on it is an alarm."""
_BATCH = 32
_DUE: Final = """
SELECT n, result, serial, digest, tries FROM entry AS one WHERE state = 0 AND due <= ?
AND NOT EXISTS (SELECT 1 FROM entry WHERE serial = one.serial AND state = 0 AND n < one.n) ORDER BY n LIMIT ?
"""
_RECEIVED: Final = (
    "UPDATE entry SET state = 1, payload = NULL, reason = '' WHERE result = ? AND digest = ? AND state <> 1"
)
_REFUSED: Final = "UPDATE entry SET state = 2, reason = ? WHERE result = ? AND digest = ? AND state <> 1"
AT_ONCE: Final = 4 << 20
"""Bytes of payloads that are taken out at once, or one payload."""


class Outbox:
    """`open` and `close` may block; the rest belongs to one event loop's thread. `make` gives a record's payload.

    `waiting`, `aside` and `oldest` say what is in it: how many, and when the run ended that waits longest.
    """

    def __init__(self, store: Store, make: Callable[[Mapping[str, Any]], bytes], most: int) -> None:
        self._store, self._make, self._most = store, make, most
        self.waiting = self.aside = 0
        self.oldest = self.reason = ""
        self.trouble = ""
        self._held: set[str] = set()
        self._caught_up = False
        self._seen = self._cursor = 0
        self._gaps: set[int] = set()
        """Runs up to the last one that was seen which had not ended yet."""
        self._ahead: set[str] = set()
        """Results that were here at the start though an older run had not ended."""

    @classmethod
    def open(cls, folder: Path, make: Callable[[Mapping[str, Any]], bytes], most: int = MOST) -> Self:
        """Open the outbox in a data folder, or begin one. What was moved aside is tried once more. Raises StoreError."""
        return cls(Store.open(folder / FILE, TABLES, VERSION), make, most)

    async def start(self) -> None:
        """Find out what is in it; whatever waits is due at once. Raises StoreError."""

        def look(connection: sqlite3.Connection) -> tuple[int, set[str], set[str]]:
            connection.execute("UPDATE entry SET state = 0, due = 0, tries = 0 WHERE state = 2")
            connection.execute("UPDATE entry SET due = 0 WHERE state = 0 AND due > 0")
            (cursor,) = connection.execute("SELECT n FROM cursor").fetchone()
            ahead = {run for (run,) in connection.execute("SELECT result FROM entry WHERE run > ?", (cursor,))}
            return cursor, ahead, {run for (run,) in connection.execute("SELECT result FROM entry WHERE state = 0")}

        self._cursor, self._ahead, self._held = await self._do(look)
        self._seen = self._cursor

    async def reconcile(self, ledger: Ledger, going: Set[str] = frozenset()) -> int:
        """Take in every result of the ledger that is not here, in order; how many those were.

        Runs in `going` have an end that may not be settled yet, and are left for the next time, as are those that go on.
        What finds no room stays in the ledger, also until the next time. Raises LedgerError, StoreError.
        """
        self.trouble, taken = "", 0
        for number in sorted(self._gaps):
            taken += await self._look(ledger, await ledger.after(number - 1, 1), going)
        self._caught_up = False
        while self.waiting < self._most:
            if not (page := await ledger.after(self._seen, _BATCH)):
                self._caught_up = True
                break
            taken += await self._look(ledger, page, going)
            self._seen = page[-1][0]
        return taken

    def owes(self, run: str) -> bool:
        """Whether the result of a run may still have to be received; while not all of them are in, that of any run."""
        return run in self._held or not self._caught_up

    async def due(self, now: float, limit: int, flying: Collection[str] = ()) -> list[Entry]:
        """What may be sent now, in order; of each unit only the oldest result. `limit` counts those that are `flying`, too."""

        def look(connection: sqlite3.Connection) -> list[Entry]:
            found, size = list[Entry](), 0
            for n, result, serial, digest, tries in connection.execute(_DUE, (now, limit)).fetchall():
                if result in flying:
                    continue
                (payload,) = connection.execute("SELECT payload FROM entry WHERE n = ?", (n,)).fetchone()
                size += len(payload)
                if found and size > AT_ONCE:
                    break
                found.append(Entry(result, serial, digest, payload, tries))
            return found

        return await self._store.do(look)

    async def release(self, receipts: Sequence[Receipt]) -> list[Receipt]:
        """Let go of what has been received as it was sent, and put aside what has been refused; those receipts that fitted."""

        def settle(connection: sqlite3.Connection) -> list[Receipt]:
            fitted: list[Receipt] = []
            for each in receipts:
                if each.accepted:
                    done = connection.execute(_RECEIVED, (each.result, each.digest))
                else:
                    done = connection.execute(_REFUSED, (each.reason, each.result, each.digest))
                if done.rowcount:
                    fitted.append(each)
            return fitted

        fitted = await self._do(settle)
        self._held.difference_update(each.result for each in fitted if each.accepted)
        return fitted

    async def put_off(self, until: Mapping[str, float]) -> None:
        """Nobody answered for these: they are due again then, by the loop's clock."""

        def put(connection: sqlite3.Connection) -> None:
            late = "UPDATE entry SET due = ?, tries = tries + 1 WHERE result = ? AND state = 0"
            connection.executemany(late, [(due, result) for result, due in until.items()])

        await self._store.do(put)

    async def wake(self) -> None:
        """Whatever waits is due now."""
        await self._store.do(
            lambda connection: connection.execute("UPDATE entry SET due = 0 WHERE state = 0 AND due > 0")
        )

    def condition(self) -> Condition:
        """Whether it fills up, or anything had to be put aside."""
        if self.aside:
            text = f"{self.aside} results were refused and put aside, the last: {self.reason}"
            return Condition(
                "outbox", Level.ALARM, text, "mend what refuses them; each start of the daemon tries them again"
            )
        if self.waiting >= ALARMING * self._most:
            text = f"{self.waiting} results wait, of {self._most} at most, the oldest since {self.oldest}"
            return Condition("outbox", Level.ALARM, text, "see why nobody says that he has them; none of them is lost")
        if self.trouble:
            return Condition("outbox", Level.ALARM, self.trouble, "station ledger verify")
        waits = f"{self.waiting} results wait, the oldest since {self.oldest}" if self.waiting else "no result waits"
        return Condition("outbox", Level.OK, waits)

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    async def _look(self, ledger: Ledger, page: Sequence[tuple[int, str, bool]], going: Set[str]) -> int:
        """Take in those of a page that have ended, all or none; how many those were."""
        rows: list[tuple[Any, ...]] = []
        for number, run, ended in page:
            row = await self._made(ledger, number, run) if ended and run not in going | self._ahead else None
            if row is not None:
                rows.append(row)
            if row is not None or run in self._ahead:
                self._gaps.discard(number)
            else:
                self._gaps.add(number)
        cursor = min(self._gaps) - 1 if self._gaps else max(self._seen, *(number for number, _, _ in page))
        if not rows and cursor == self._cursor:
            return 0

        def insert(connection: sqlite3.Connection) -> int:
            before = connection.total_changes
            connection.executemany(
                "INSERT INTO entry (result, run, serial, digest, payload, state, reason, added, tries, due) "
                "VALUES (?, ?, ?, ?, ?, 0, '', ?, 0, 0) ON CONFLICT DO NOTHING",
                rows,
            )
            added = connection.total_changes - before
            connection.execute("UPDATE cursor SET n = ?", (cursor,))
            return added

        added = await self._do(insert)
        self._held.update(row[0] for row in rows)
        self._cursor = cursor
        return added

    async def _made(self, ledger: Ledger, number: int, run: str) -> tuple[Any, ...] | None:
        """The row of a run's result; None where its record cannot be read now."""
        try:
            record = await ledger.record(run)
        except LedgerError as error:
            self.trouble = f"the result of run {run} cannot be read: {error}"
            return None
        payload = self._make(record)
        digest = hashlib.sha256(payload).hexdigest()
        return (run, number, record["uut"]["serial"], digest, payload, record["ended"])

    async def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do it, and know what is in the outbox afterwards."""

        def counted(connection: sqlite3.Connection) -> tuple[T, int, int, str, str]:
            result = work(connection)
            (waiting,) = connection.execute("SELECT count(*) FROM entry WHERE state = 0").fetchone()
            (aside,) = connection.execute("SELECT count(*) FROM entry WHERE state = 2").fetchone()
            oldest = connection.execute("SELECT added FROM entry WHERE state = 0 ORDER BY n LIMIT 1").fetchone()
            why = connection.execute("SELECT reason FROM entry WHERE state = 2 ORDER BY n DESC LIMIT 1").fetchone()
            return result, waiting, aside, oldest[0] if oldest else "", why[0] if why else ""

        result, self.waiting, self.aside, self.oldest, self.reason = await self._store.do(counted)
        return result
