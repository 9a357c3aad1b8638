"""The writer: one thread that carries events into the book, many at a time, and does what must wait for the disk."""

import errno
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, ParamSpec, TypeVar

from station.ledger import bodies
from station.ledger.book import Book, Entry
from station.ledger.disk import DISK, Ballast, Disk
from station.ledger.errors import LedgerError
from station.ledger.journal import Frame, Journal
from station.record import EARNED
from station.trace import RunEnded

P = ParamSpec("P")
T = TypeVar("T")

_Ask = tuple["Future[Any]", Callable[[], Any]]


class Writer(Executor):
    """An executor of one thread, so that `loop.run_in_executor` waits for it. `put` and `recant` are for the loop's thread alone.

    Events that could not be written are kept and tried again with the next ones. A run that ended in a batch that could
    not be written has been, or will be, called an ERROR: `settle` says so, and that is how it is recorded once it can be.
    """

    def __init__(self, book: Book, journal: Journal | None, ballast: Ballast, disk: Disk = DISK) -> None:
        self._book, self._journal, self._ballast, self._disk = book, journal, ballast, disk
        self._told: deque[Entry] = deque()
        self._asks: SimpleQueue[_Ask | None] = SimpleQueue()
        self._put = self._stored = self._synced = 0
        self._awake = self._stop = False
        self._failure: LedgerError | None = None
        self._lost: dict[str, str] = {}
        self._thread = Thread(target=self._serve, name="ledger", daemon=True)
        self._thread.start()

    def put(self, entry: Entry) -> None:
        """Keep an event. Raises what went wrong with earlier ones, once; this one is kept all the same.

        The end of a run raises nothing: `settle` will say whether it holds, and whoever is told here would not ask there.
        """
        self._put += 1
        if self._journal is not None:
            frame = Frame(entry.run, entry.number, type(entry.event).__name__, entry.body)
            self._journal.write(self._put, self._stored, frame)
        self._told.append(entry)
        if not self._awake:
            self._awake = True
            self._asks.put(None)
        if self._failure is not None and not isinstance(entry.event, RunEnded):
            failure, self._failure = self._failure, None
            raise failure

    def recant(self, run: str | None) -> None:
        """The end of `run` (None: of any run) that was told and is not stored is an ERROR, should this process be killed."""
        if self._journal is not None:
            self._journal.recant(run)

    @property
    def flushed(self) -> bool:
        """Whether everything that was put would survive the end of this process."""
        return self._stored >= (self._put if self._journal is None else self._journal.missed)

    @property
    def stored(self) -> bool:
        """Whether everything that was put can be read from the ledger."""
        return self._stored == self._put

    @property
    def synced(self) -> bool:
        """Whether everything that was put would survive the end of this machine."""
        return self._synced == self._put and not self._lost

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Let the thread do this, after what it has been asked before."""
        if self._stop:
            raise LedgerError("the ledger is closed")
        future: Future[T] = Future()
        self._asks.put((future, lambda: fn(*args, **kwargs)))
        return future

    def begin(self, name: Callable[[int], str]) -> str:
        """In the thread: reserve the id of a new run. Raises LedgerError."""
        try:
            return self._book.begin(name)
        except (sqlite3.Error, OSError) as error:
            raise LedgerError(f"no run can begin: {error}") from error

    def thin(self, run: str, part: str, at: str) -> int:
        """In the thread: give up a piece of a part of a run that has ended; how many events went. Raises LedgerError."""
        try:
            return self._book.thin(run, part, at)
        except (sqlite3.Error, OSError) as error:
            raise LedgerError(f"nothing can be given up: {error}") from error

    def commit(self) -> None:
        """In the thread: write what was put."""
        self._commit(full=False)

    def settle(self, run: str | None) -> None:
        """In the thread: write what was put and sync it. Raises LedgerError if `run` (None: any run) did not end as told."""
        try:
            self._commit(full=True)
        finally:
            self._failure = None  # whatever it was, it has been overcome, or is being told now
            lost = [self._lost.pop(each) for each in list(self._lost) if run in {None, each}]
        if lost:
            raise LedgerError("; ".join(lost))

    def close(self) -> None:
        """Write and sync what was put, and end the thread. Raises LedgerError when it could not be written."""

        def last() -> None:
            self._stop = True
            try:
                self._commit(full=True)
            finally:
                self._book.close()

        try:
            self.submit(last).result()
        finally:
            self._thread.join()

    def _serve(self) -> None:
        while not self._stop:
            ask = self._asks.get()
            if ask is None:
                with suppress(Empty):
                    ask = self._asks.get(timeout=self._disk.gather)
            if ask is not None:
                _answer(*ask)
            if self._awake and not self._stop:
                self.write_behind()

    def write_behind(self) -> None:
        """In the thread: write what was put while nobody waits for it. What goes wrong is raised by the next `put`."""
        try:
            self._commit(full=False)
        except LedgerError as error:
            self._failure = error

    def _commit(self, *, full: bool) -> None:
        self._awake = False
        batch: list[Entry] = []
        while self._told:
            batch.append(self._told.popleft())
        full = full or any(isinstance(entry.event, RunEnded) for entry in batch)
        if not batch and (self._synced == self._stored or not full):
            return
        try:
            self._write(batch, full=full)
        except Exception as error:  # whatever it is, the events are kept and the loop is told
            said = LedgerError(f"the record could not be written: {error}")
            self._give_back(batch, str(said))
            raise said from error
        self._failure = None
        self._stored += len(batch)
        if full:
            self._synced = self._stored

    def _write(self, batch: list[Entry], *, full: bool) -> None:
        try:
            self._book.write(batch, full=full)
        except (sqlite3.Error, OSError) as error:
            if not (_is_full(error) and self._ballast.throw_off()):
                raise
            self._book.write(batch, full=full)

    def _give_back(self, batch: list[Entry], why: str) -> None:
        """Keep what could not be written; what was to end well has not."""
        for entry in reversed(batch):
            event, body = entry.event, entry.body
            if isinstance(event, RunEnded) and event.verdict in EARNED:
                self._lost[entry.run] = why
                event = RunEnded(event.at, event.ended, "ERROR", why)
                body = bodies.encode(event)
            self._told.appendleft(Entry(entry.run, entry.number, event, body))


def _answer(future: "Future[Any]", do: Callable[[], Any]) -> None:
    if future.set_running_or_notify_cancel():
        try:
            future.set_result(do())
        except BaseException as error:  # noqa: BLE001 (it belongs to whoever asked)
            future.set_exception(error)


def _is_full(error: sqlite3.Error | OSError) -> bool:
    if isinstance(error, OSError):
        return error.errno == errno.ENOSPC
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
