"""The ledger: where traces are kept. Events go in as they happen; everything that is known of a run comes out of it.

Three strengths of keeping an event. *Told* (`append`): it is in memory that outlives this process, and in the file a moment
later. *Flushed*: sure to survive kill -9, even if it was too much for that memory. *Synced*: sure to survive a power cut;
nobody is shown a verdict before that.
"""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, TypeVar

from station.ledger import schema, thinning, verify
from station.ledger.bodies import encode
from station.ledger.book import Book, Entry
from station.ledger.disk import DISK, Ballast, Disk, check_filesystem, check_room
from station.ledger.errors import LedgerError
from station.ledger.history import ANY, History, RunRow, Waveform, Which
from station.ledger.journal import Journal
from station.ledger.owners import Owner, alone
from station.ledger.recovery import recover
from station.ledger.thinning import Room, Thinned
from station.ledger.writer import Writer
from station.record import ENDINGS
from station.runid import is_run_id
from station.trace import Event, RunEnded, RunStarted

T = TypeVar("T")


class Ledger:
    """An open ledger. `append` and the coroutines belong to one event loop's thread; `open` and `close` may block.

    Several processes may have the same ledger open; each run belongs to the one that began it. Waiting goes through
    `loop.run_in_executor`, so simulated time stands still meanwhile.
    """

    def __init__(
        self,
        folder: Path,
        writer: Writer,
        owner: Owner,
        journal: Journal | None,
        disk: Disk,
        adopted: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.folder = folder
        self.interrupted = tuple(adopted)
        """Runs that lost their process, and are ours now: whoever opened the ledger `adopting` them goes on with them, or ends them."""
        self._writer, self._owner, self._journal, self._disk = writer, owner, journal, disk
        self._told: dict[str, int] = dict(adopted)
        self._reader = ThreadPoolExecutor(1, "ledger-reader")
        self._history: History | None = None
        self._closed = False
        self.used_up = ""
        """Why no run begins any more; empty while one may. Said by the disk budget."""

    @classmethod
    def open(cls, folder: Path, disk: Disk = DISK, *, adopting: bool = False) -> Self:
        """Open the ledger in `folder`, or begin one; runs that lost their process are ended as INTERRUPTED, or with `adopting`
        wait in `interrupted`.

        Raises LedgerError, in words for a person, when it is damaged, not a ledger, written by a newer program, on a
        filesystem that cannot hold it, or on a disk that is nearly full.
        """
        try:
            with ExitStack() as undo:
                folder.mkdir(parents=True, exist_ok=True)
                check_filesystem(folder)
                check_room(folder, disk)
                undo.enter_context(alone(folder))
                path = folder / schema.FILE
                new = not path.exists()
                with ExitStack() as failed:
                    connection = schema.connect(path, write=True)
                    failed.callback(connection.close)
                    schema.create(connection)
                    schema.check(connection, path)
                    schema.look_for_damage(connection, path)
                    schema.migrate(connection)
                    owner = Owner(folder)
                    failed.callback(owner.release, orderly=True)
                    book = Book(path, owner.name, connection, disk)
                    adopted = recover(folder, book, adopt=adopting)
                    if new:
                        _sync(folder)
                    failed.pop_all()
                ballast = Ballast(folder)
                ballast.take_up()
                journal = Journal.create(owner.name)
                return cls(folder, Writer(book, journal, ballast, disk), owner, journal, disk, adopted)
        except (sqlite3.Error, OSError) as error:
            raise LedgerError(f"the ledger in {folder} cannot be opened: {error}") from error

    async def admit(self) -> None:
        """Raise LedgerError when the disk has too little room for another run. The refusal itself can still be kept."""
        if self.used_up:
            raise LedgerError(self.used_up)
        await self._wait(lambda: check_room(self.folder, self._disk))

    async def begin(self, name: Callable[[int], str]) -> str:
        """The id of a new run, and the right to append to it: `name(n)`, n being how many runs came before.

        If that id is taken (another process may begin a run at the same moment), the next n is tried.
        """

        def checked(number: int) -> str:
            run = name(number)
            if not is_run_id(run):
                raise LedgerError(f"{run!r} is no run id")
            return run

        run = await self._wait(lambda: self._writer.begin(checked))
        self._told[run] = 0
        return run

    def append(self, run: str, event: Event) -> None:
        """Keep an event of a run that was begun here: RunStarted first, nothing after RunEnded. Takes microseconds.

        Raises LedgerError when the event cannot be kept as JSON or does not belong here; it is not kept then. Raises it
        also when earlier events could not be written; this one is kept then, and all are tried again. Of the end of a run
        `sync` says whether it holds.
        """
        number = self._told.get(run, -1) + 1
        kind = type(event)
        if number == 0 or (number == 1) is not (kind is RunStarted):
            raise LedgerError(f"{kind.__name__} does not belong here: {_place(number, run)}")
        if isinstance(event, RunStarted) and event.run != run:
            raise LedgerError(f"RunStarted is of run {event.run}, not of {run}")
        body = encode(event)
        if isinstance(event, RunEnded):
            if event.verdict not in ENDINGS:
                raise LedgerError(f"{event.verdict!r} is no verdict of a run")
            del self._told[run]
        else:
            self._told[run] = number
        self._writer.put(Entry(run, number, event, body))

    async def flushed(self) -> None:
        """Return when everything that was appended would survive kill -9. Nearly always that is at once."""
        if not self._writer.flushed:
            await self._wait(self._writer.commit)

    async def sync(self, run: str | None = None) -> None:
        """Return when everything that was appended is on the disk.

        Raises LedgerError when it could not be written, and when the end of `run` (None: of any run) could not be and is
        recorded as an ERROR instead: whoever was about to show its verdict must show that.
        """
        if not self._writer.synced:
            try:
                await self._wait(lambda: self._writer.settle(run))
            except LedgerError:
                self._writer.recant(run)
                raise

    async def runs(self, which: Which = ANY, limit: int = 50) -> list[RunRow]:
        """As `History.runs`."""
        return await self._ask(lambda history: history.runs(which, limit))

    async def last(self) -> str | None:
        """As `History.last`."""
        return await self._ask(History.last)

    async def count(self) -> int:
        """As `History.count`."""
        return await self._ask(History.count)

    async def after(self, number: int, limit: int = 500) -> list[tuple[int, str, bool]]:
        """As `History.after`."""
        return await self._ask(lambda history: history.after(number, limit))

    async def find(self, prefix: str, limit: int = 10) -> list[str]:
        """As `History.find`."""
        return await self._ask(lambda history: history.find(prefix, limit))

    async def events(self, run: str) -> list[Event]:
        """As `History.events`."""
        return await self._ask(lambda history: history.events(run))

    async def record(self, run: str) -> dict[str, Any]:
        """As `History.record`."""
        return await self._ask(lambda history: history.record(run))

    async def waveform(self, run: str, name: str, point: str = "") -> Waveform:
        """As `History.waveform`."""
        return await self._ask(lambda history: history.waveform(run, name, point))

    async def thinned(self) -> Thinned:
        """As `History.thinned`, of all runs."""
        return await self._ask(History.thinned)

    async def oldest_with(self, part: str, after: int) -> list[tuple[int, str]]:
        """Runs that have ended, came after the `after`th, and have something of a part that may be given up; the oldest first."""
        return await self._ask(lambda history: thinning.oldest_with(history.connection, part, after))

    async def ended(self) -> int:
        """Up to which of them all runs have ended, counted as they began."""
        return await self._ask(lambda history: thinning.ended(history.connection))

    async def thin(self, run: str, part: str, at: str) -> int:
        """Give up a piece of a part of a run that has ended: a few milliseconds of the writer's time.

        How many events went; 0 when nothing of it is left. What the result builds on is never given up. Raises LedgerError.
        """
        return await self._wait(lambda: self._writer.thin(run, part, at))

    async def room(self) -> Room:
        """How big the file is, and how much of it is free for what comes next."""
        return await self._ask(lambda history: thinning.room(history.connection))

    async def verify(self, progress: verify.Progress = lambda *_: None) -> list[str]:
        """Everything that is wrong with this ledger, as sentences. `progress` is told from another thread."""
        return await self._ask(lambda history: verify.problems(history.connection, self.folder, progress))

    def close(self) -> None:
        """Write and sync everything, and let go. Raises LedgerError when something could not be written.

        A run that has not ended by now is INTERRUPTED at the next start. Closing again does nothing.
        """
        if self._closed:
            return
        self._closed, orderly = True, False
        self._told.clear()
        try:
            self._reader.shutdown()
            if self._history is not None:
                self._history.close()
            self._writer.close()
            orderly = True
        finally:
            if self._journal is not None:
                self._journal.close(orderly=orderly)
            self._owner.release(orderly=orderly)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def _ask(self, question: Callable[[History], T]) -> T:
        """Put a question to the history, which then knows all that was appended."""
        if not self._writer.stored:
            await self._wait(self._writer.commit)
        return await asyncio.get_running_loop().run_in_executor(self._reader, self._answer, question)

    def _answer(self, question: Callable[[History], T]) -> T:
        if self._history is None:
            self._history = History(self.folder)
        return question(self._history)

    async def _wait(self, do: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writer, do)


def _place(number: int, run: str) -> str:
    if number == 0:
        return f"run {run} has not begun here, or has ended"
    return f"run {run} has not started" if number == 1 else f"run {run} has started already"


def _sync(folder: Path) -> None:
    """Make sure that the folder itself, and the names in it, survive a power cut."""
    for each in (folder, folder.parent):
        fd = os.open(each, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
