"""A store: what `do` has returned from is on the disk, and nothing of what it raised for is."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from station.store import Store, StoreError, opened

TABLES = "CREATE TABLE kept (n INTEGER PRIMARY KEY) STRICT"

WRITER = """
import asyncio, sys
from pathlib import Path
from station.store import Store

async def main():
    store = Store.open(Path(sys.argv[1]), "CREATE TABLE kept (n INTEGER PRIMARY KEY) STRICT", 1)
    for n in range(100_000):
        await store.do(lambda it: it.execute("INSERT INTO kept VALUES (?)", (n,)))
        print(n, flush=True)

asyncio.run(main())
"""


def numbers(path: Path) -> list[int]:
    """What is kept."""
    store = Store.open(path, TABLES, 1)
    try:
        return store.now(lambda it: [n for (n,) in it.execute("SELECT n FROM kept ORDER BY n")])
    finally:
        store.close()


def test_what_was_done_survives_a_kill(tmp_path: Path) -> None:
    """Every number that was acknowledged is there; the lock went with the process."""
    path = tmp_path / "one.sqlite"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = [int(writer.stdout.readline()) for _ in range(20)]
        with pytest.raises(StoreError, match="open in another process"):
            Store.open(path, TABLES, 1)
        os.kill(writer.pid, signal.SIGKILL)
        said += [int(line) for line in writer.stdout.read().splitlines() if line]
    assert numbers(path)[: len(said)] == said


async def test_of_a_change_that_fails_nothing_is_kept(tmp_path: Path) -> None:
    """One transaction: all of it or nothing; an error of the work itself comes through."""
    store = await asyncio.to_thread(Store.open, tmp_path / "one.sqlite", TABLES, 1)

    def twice(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO kept VALUES (1)")
        connection.execute("INSERT INTO kept VALUES (1)")

    def wrong(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO kept VALUES (2)")
        raise KeyError("mine")

    with pytest.raises(StoreError, match="UNIQUE"):
        await store.do(twice)
    with pytest.raises(KeyError, match="mine"):
        await store.do(wrong)
    await store.do(lambda it: it.execute("INSERT INTO kept VALUES (3)"))
    await asyncio.to_thread(store.close)
    assert await asyncio.to_thread(numbers, tmp_path / "one.sqlite") == [3]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: sqlite3.connect(path).execute("PRAGMA user_version=9").connection.close(), "version 9"),
        (lambda path: path.write_bytes(b"SQLite format 3\0" + b"\xff" * 4096), "cannot be opened"),
        (
            lambda path: path.write_bytes(path.read_bytes()[:4096] + b"\xff" * (path.stat().st_size - 4096)),
            "cannot be|damaged",
        ),
    ],
)
def test_what_it_cannot_trust_it_does_not_open(tmp_path: Path, spoil: object, said: str) -> None:
    """F073, F080: a newer version or damage is said, and the file is left as it is."""
    path = tmp_path / "one.sqlite"
    numbers(path)
    assert callable(spoil)
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=said):
        Store.open(path, TABLES, 1)
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """F078: in words for a person."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(tmp_path / "file" / "one.sqlite", TABLES, 1)


async def test_a_store_that_nobody_waits_for_any_more_is_closed(tmp_path: Path) -> None:
    """Whoever opens it is cancelled while the disk is slow, or in the moment in which it is open: it can be opened again."""
    path = tmp_path / "one.sqlite"
    begun, goes_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow() -> Store:
        loop.call_soon_threadsafe(begun.set)
        goes_on.wait(10)
        return Store.open(path, TABLES, 1)

    async def use() -> None:
        async with opened(slow):
            raise AssertionError("it was cancelled before")

    async with asyncio.TaskGroup() as group:
        task = group.create_task(use())
        await begun.wait()
        task.cancel()
        loop.call_later(0.05, task.cancel)
        loop.call_later(0.1, goes_on.set)
    assert task.cancelled()
    async with opened(lambda: Store.open(path, TABLES, 1)):
        pass
