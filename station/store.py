"""A store: a small SQLite database that one process has open and one thread writes; what was done in it survives a power cut."""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol, Self, TypeVar

T = TypeVar("T")


class StoreError(Exception):
    """The store cannot be opened, or a change could not be kept; nothing of the change was."""


class Store:
    """Tables of one file. `do` belongs to one event loop's thread; `open` and `close` may block.

    Waiting goes through `loop.run_in_executor`, so simulated time stands still meanwhile.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: int) -> None:
        self.path = path
        self._connection, self._lock = connection, lock
        self._thread = ThreadPoolExecutor(1, path.stem)

    @classmethod
    def open(cls, path: Path, tables: str, version: int) -> Self:
        """Open a store, or begin one with `tables`, statements of SQL. Raises StoreError, in words for a person.

        One that another process has open is refused, and so is one that was written by a program of another `version`.
        """
        lock = -1
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            try:
                _prepare(connection, path, tables, version)
            except BaseException:
                connection.close()
                raise
            return cls(path, connection, lock)
        except BlockingIOError:
            os.close(lock)
            raise StoreError(f"{path} is open in another process: one daemon has it") from None
        except (sqlite3.Error, OSError, StoreError) as error:
            if lock >= 0:
                os.close(lock)
            raise error if isinstance(error, StoreError) else StoreError(f"{path} cannot be opened: {error}") from error

    async def do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` in one transaction, in the store's thread; it is on the disk before this returns.

        Raises StoreError when it could not be kept: then nothing of it was. Cancelled, the work is done all the same.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transact, work)

    def now(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The same before any loop runs; it blocks. Raises StoreError."""
        return self._thread.submit(self._transact, work).result()

    def close(self) -> None:
        """Let go of it; closing again does nothing."""
        if self._lock >= 0:
            self._thread.shutdown()
            self._connection.close()
            os.close(self._lock)
            self._lock = -1

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise StoreError(f"{self.path} could not be written: {error}") from error
        return result


class Closable(Protocol):
    """What can be let go of; it may block."""

    def close(self) -> None:
        """Let go of it."""


C = TypeVar("C", bound=Closable)


@asynccontextmanager
async def opened(opening: Callable[[], C]) -> AsyncIterator[C]:
    """What `opening` opens, in a thread, and closed when the block ends.

    Also where whoever waits is cancelled before it is open: a thread goes on, and what it opened would be locked for ever.
    """
    loop = asyncio.get_running_loop()
    held = loop.run_in_executor(None, opening)
    try:
        yield await asyncio.shield(held)
    finally:
        while not held.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([held])
        if held.exception() is None:
            await asyncio.shield(loop.run_in_executor(None, held.result().close))


def _prepare(connection: sqlite3.Connection, path: Path, tables: str, version: int) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA journal_size_limit=1048576")
    (written,) = connection.execute("PRAGMA user_version").fetchone()
    if written not in {0, version}:
        raise StoreError(f"{path} is of version {written}; this program knows version {version}")
    if (said := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        raise StoreError(f"{path} is damaged: {said}")
    if written == 0:
        connection.executescript(f"BEGIN; {tables}; PRAGMA user_version={version}; COMMIT;")
