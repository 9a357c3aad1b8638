"""The ledger on a disk that fails: refused before anything begins, or known before anybody is told."""

import asyncio
import os
import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from station.ledger import disk, journal, schema
from station.ledger.book import Book
from station.ledger.errors import LedgerError
from station.ledger.ledger import Ledger
from station.trace import RunEnded
from tests.station.traces import ended, name, started, step, whole


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A new ledger."""
    with Ledger.open(tmp_path / "data") as opened:
        yield opened


@contextmanager
def no_file_grows() -> Iterator[None]:
    """The kernel refuses to make any file bigger than 1 KiB."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def nearly_full(_: object) -> os.statvfs_result:
    """A disk with 3 MiB free."""
    return os.statvfs_result((4096, 4096, 10**6, 768, 768, 0, 0, 0, 0, 255))


async def failed(ledger: Ledger) -> None:
    """Wait until writing in the background has failed."""
    async with asyncio.timeout(5):
        while ledger._writer._failure is None:  # noqa: ASYNC110 (a thread will set it, no task)
            await asyncio.sleep(0.001)


def sqlite3_full() -> sqlite3.Error:
    """The error that SQLite raises on a full disk, as it comes from SQLite."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("PRAGMA max_page_count = 1")
        with pytest.raises(sqlite3.OperationalError, match="full") as raised:
            connection.execute("CREATE TABLE t (x)")
        return raised.value


def once(error: Exception, then: Callable[..., None]) -> Callable[..., None]:
    """Raise an error the first time, and do the thing ever after."""
    errors = [error]

    def do(*args: Any, **kwargs: Any) -> None:
        if errors:
            raise errors.pop()
        then(*args, **kwargs)

    return do


class Lying:
    """A connection whose next COMMIT reports an error: before it is done, or after."""

    def __init__(self, real: sqlite3.Connection, *, after: bool) -> None:
        self._real, self._after = real, after
        self.lied = False

    def __getattr__(self, attribute: str) -> object:
        return getattr(self._real, attribute)

    def execute(self, asked: str, *values: Any) -> object:
        """As SQLite, but for the one COMMIT."""
        if asked == "COMMIT" and not self.lied:
            self.lied = True
            if self._after:
                self._real.execute(asked)
            raise sqlite3.OperationalError("disk I/O error")
        return self._real.execute(asked, *values)


def test_a_ledger_is_not_opened_on_a_full_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The sentence says how much is free, how much is needed, and why."""
    monkeypatch.setattr(os, "statvfs", nearly_full)
    with pytest.raises(LedgerError, match=r"is full: 3\.0 MiB are free.*less than 16 MiB.*record"):
        Ledger.open(tmp_path / "data")
    assert not (tmp_path / "data" / "ledger.sqlite").exists()


async def test_no_run_is_admitted_when_the_disk_fills_up(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run is refused before anything is energised, and that it was can still be kept."""
    await ledger.admit()
    monkeypatch.setattr(os, "statvfs", nearly_full)
    run = await ledger.begin(name)
    with pytest.raises(LedgerError, match="is full") as refusal:
        await ledger.admit()
    ledger.append(run, started(run))
    ledger.append(run, ended(0, "REFUSED", str(refusal.value)))
    await ledger.sync(run)
    assert "REFUSED" == (await ledger.record(run))["verdict"]


MOUNTS = """22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 22 0:35 / /mnt/line\\040share rw - nfs4 server:/data rw
41 22 0:36 / /mnt/pc rw shared:9 - fuse.sshfs operator@pc:/ rw
42 40 254:1 / /mnt/line\\040share/disk rw - xfs /dev/vdb rw"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/data", "ext4"),
        ("/mnt/line share/data", "nfs4"),
        ("/mnt/pc", "fuse.sshfs"),
        ("/mnt/line share/disk/data", "xfs"),
        ("/mnt/pcx", "ext4"),
    ],
)
def test_the_filesystem_is_the_one_mounted_nearest(folder: str, kind: str) -> None:
    """Mount points within mount points, and names that only begin alike."""
    assert kind == disk._filesystem(Path(folder), MOUNTS)


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_no_ledger_on_a_disk_that_several_machines_share(
    kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """SQLite's locks do not hold there; better no ledger than a damaged one."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"22 1 0:35 / / rw - {kind} server:/data rw\n")
    monkeypatch.setattr(disk, "_MOUNTS", mounts)
    with pytest.raises(LedgerError, match=f"lies on {kind}"):
        Ledger.open(tmp_path / "data")


def test_a_folder_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    """In words, not in a traceback."""
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match="cannot be opened"):
        Ledger.open(tmp_path / "file")


async def test_a_write_that_fails_is_told_and_tried_again(ledger: Ledger) -> None:
    """Sync raises while the disk refuses; once it does not, everything is there, once, in order."""
    run = await ledger.begin(name)
    ledger.append(run, started(run))
    with no_file_grows():
        for _ in range(2):
            with pytest.raises(LedgerError, match="could not be written"):
                await ledger.sync()
    for event in whole(run)[1:]:
        ledger.append(run, event)
    await ledger.sync(run)
    assert whole(run) == await ledger.events(run)
    assert [] == await ledger.verify()


async def test_a_write_that_nobody_waited_for_is_told_to_the_next(ledger: Ledger) -> None:
    """What failed in the background is raised by the next append, which is kept all the same."""
    run = await ledger.begin(name)
    with no_file_grows():
        ledger.append(run, started(run))
        await failed(ledger)
        with pytest.raises(LedgerError, match="could not be written"):
            ledger.append(run, step(0)[0])
    for event in (*step(0)[1:], ended()):
        ledger.append(run, event)
    await ledger.sync(run)
    assert [started(run), *step(0), ended()] == await ledger.events(run)
    assert [] == await ledger.verify()


async def test_a_verdict_that_could_not_be_kept_is_an_error(ledger: Ledger) -> None:
    """Who was about to show PASSED is told; whatever the disk does later, the record does not say PASSED."""
    run = await ledger.begin(name)
    ledger.append(run, started(run))
    await ledger.sync()
    with no_file_grows():
        ledger.append(run, ended(verdict="PASSED"))
        with pytest.raises(LedgerError, match="could not be written"):
            await ledger.sync(run)
    await ledger.sync()
    record = await ledger.record(run)
    assert ("ERROR", True) == (record["verdict"], "could not be written" in record["reason"])
    assert [] == await ledger.verify()


async def test_it_is_told_to_the_run_that_it_concerns(ledger: Ledger) -> None:
    """A verdict that was lost in the background is told to its own run, even if the disk is well again; others go on."""
    run, other = await ledger.begin(name), await ledger.begin(name)
    for each in (run, other):
        ledger.append(each, started(each))
    await ledger.sync()
    with no_file_grows():
        ledger.append(run, ended(verdict="PASSED"))
        await failed(ledger)
    ledger.append(other, ended(verdict="FAILED"))
    await ledger.sync(other)
    with pytest.raises(LedgerError, match="could not be written"):
        await ledger.sync(run)
    await ledger.sync()
    assert ["FAILED", "ERROR"] == [row.verdict for row in await ledger.runs()]


def test_the_ballast_lets_a_run_end_on_a_full_disk(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fills up in spite of all, room is made for the runs that go on; opening again takes it back."""
    ballast = ledger.folder / "ballast"
    assert disk.BALLAST == ballast.stat().st_size
    monkeypatch.setattr(Book, "write", once(sqlite3_full(), Book.write))

    async def run_on() -> str:
        run = await ledger.begin(name)
        for event in whole(run):
            ledger.append(run, event)
        await ledger.sync(run)
        return run

    run = asyncio.run(run_on())
    assert 0 == ballast.stat().st_size
    assert whole(run) == asyncio.run(ledger.events(run))
    ledger.close()
    Ledger.open(ledger.folder).close()
    assert disk.BALLAST == ballast.stat().st_size


@pytest.mark.parametrize("after", [False, True])
async def test_a_commit_whose_fate_is_unknown_is_not_done_twice(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    """A sync may fail when the bytes are there already: the file is asked, and every event is in it once."""
    monkeypatch.setattr(disk.Disk, "gather", 60.0)
    run = await ledger.begin(name)
    await asyncio.sleep(0.05)  # the thread is waiting to be asked again, and not yet on its way back from `begin`
    book = ledger._writer._book
    assert book._connection is not None
    lying = Lying(book._connection, after=after)
    book._connection = lying  # type: ignore[assignment] # near enough
    ledger.append(run, started(run))
    with pytest.raises(LedgerError, match="disk I/O error"):
        await ledger.sync()
    for event in whole(run)[1:]:
        ledger.append(run, event)
    await ledger.sync(run)
    assert lying.lied
    assert whole(run) == await ledger.events(run)
    assert [] == await ledger.verify()


@pytest.mark.parametrize("killed", [False, True], ids=["tried again", "opened again"])
def test_a_pass_that_reached_the_file_though_its_sync_failed_is_the_error_that_was_shown(
    tmp_path: Path, killed: bool
) -> None:
    """The bytes are there, fsync says no, ERROR is shown: whoever reads the ledger later reads ERROR, and why."""

    class Unsynced(disk.Disk):
        fails = False

        def committed(self) -> None:
            if self.fails:
                raise disk.refusal(disk.UNSYNCED)

    under = Unsynced()
    ledger = Ledger.open(tmp_path, under)

    async def told() -> str:
        run = await ledger.begin(name)
        for event in whole(run)[:-1]:
            ledger.append(run, event)
        await ledger.sync()
        under.fails = True
        ledger.append(run, ended(verdict="PASSED"))
        with pytest.raises(LedgerError, match="could not be written"):
            await ledger.sync(run)
        return run

    run = asyncio.run(told())
    if killed:
        with pytest.raises(LedgerError, match="could not be written"):
            ledger.close()
    else:
        under.fails = False
        ledger.close()
    for _ in range(2):
        with Ledger.open(tmp_path) as again:
            record = asyncio.run(again.record(run))
            assert ("ERROR", True) == (record["verdict"], "could not be written" in record["reason"])
            assert ["PASSED", "ERROR"] == [e.verdict for e in asyncio.run(again.events(run)) if isinstance(e, RunEnded)]
            assert ["ERROR"] == [row.verdict for row in asyncio.run(again.runs())]
            assert [] == asyncio.run(again.verify())


@pytest.mark.parametrize("loss", ["deleted", "replaced"])
def test_a_file_that_is_taken_away_is_noticed(tmp_path: Path, loss: str) -> None:
    """Nothing is acknowledged into a file that nobody will find again."""
    ledger = Ledger.open(tmp_path / "data")
    run = asyncio.run(ledger.begin(name))
    file = tmp_path / "data" / "ledger.sqlite"
    if loss == "replaced":
        shutil.copy(file, tmp_path / "copy")
    file.unlink()
    if loss == "replaced":
        (tmp_path / "copy").rename(file)
    ledger.append(run, started(run))
    with pytest.raises(LedgerError, match="could not be written"):
        asyncio.run(ledger.sync(run))
    with pytest.raises(LedgerError, match="could not be written"):
        ledger.close()
    journal.forget(ledger._owner.name)


def test_a_pass_that_was_told_after_a_write_had_failed_is_never_kept(tmp_path: Path) -> None:
    """The disk fills up, the background notices, the run ends well: whoever shows it is told, and no later opening finds PASSED."""
    ledger = Ledger.open(tmp_path)

    async def begun() -> str:
        run = await ledger.begin(name)
        ledger.append(run, started(run))
        await ledger.sync()
        return run

    async def full() -> None:
        ledger.append(run, step(0)[0])
        await failed(ledger)
        ledger.append(run, ended(verdict="PASSED"))
        with pytest.raises(LedgerError, match="could not be written"):
            await ledger.sync(run)

    run = asyncio.run(begun())
    with no_file_grows():
        asyncio.run(full())
        with pytest.raises(LedgerError, match="could not be written"):
            ledger.close()
    with Ledger.open(tmp_path) as again:
        record = asyncio.run(again.record(run))
        assert ("ERROR", True) == (record["verdict"], "told as PASSED" in record["reason"])
        assert [] == asyncio.run(again.verify())


def test_a_run_of_which_nothing_could_be_written_is_an_error_and_not_gone(tmp_path: Path) -> None:
    """The disk fails from the first event to the last: what was shown as an ERROR is one when the ledger is opened again."""
    ledger = Ledger.open(tmp_path)
    run = asyncio.run(ledger.begin(name))

    async def told() -> None:
        for event in whole(run):
            with suppress(LedgerError):
                ledger.append(run, event)
        with pytest.raises(LedgerError, match="could not be written"):
            await ledger.sync(run)

    with no_file_grows():
        asyncio.run(told())
        with pytest.raises(LedgerError, match="could not be written"):
            ledger.close()
    with Ledger.open(tmp_path) as again:
        assert whole(run)[:-1] == asyncio.run(again.events(run))[:-1]
        assert "ERROR" == asyncio.run(again.record(run))["verdict"]
        assert [] == asyncio.run(again.verify())


def test_what_could_not_be_written_at_the_end_waits_for_the_next(tmp_path: Path) -> None:
    """Closing says that it failed; what was told is still in memory, and the next one who opens writes it."""
    ledger = Ledger.open(tmp_path)
    run = asyncio.run(ledger.begin(name))
    for event in (started(run), *step(0)):
        ledger.append(run, event)
    with no_file_grows(), pytest.raises(LedgerError, match="could not be written"):
        ledger.close()
    with Ledger.open(tmp_path) as again:
        told = asyncio.run(again.events(run))
        assert ([started(run), *step(0)], "INTERRUPTED") == (told[:-1], asyncio.run(again.record(run))["verdict"])


def test_a_newer_ledger_is_left_alone(tmp_path: Path) -> None:
    """An older program neither reads nor changes what a newer one wrote."""
    Ledger.open(tmp_path).close()
    file = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    before = file.read_bytes()
    with pytest.raises(LedgerError, match="written by a newer rackproof"):
        Ledger.open(tmp_path)
    assert before == file.read_bytes()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"not a database, but long enough to be one" * 100, "not a database", id="garbage"),
        pytest.param(None, "is not a ledger", id="another program's"),
    ],
)
def test_a_strangers_file_is_left_alone(tmp_path: Path, content: bytes | None, why: str) -> None:
    """What is not a ledger is not made into one."""
    file = tmp_path / "ledger.sqlite"
    if content is None:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE theirs (x)")
    else:
        file.write_bytes(content)
    before = file.read_bytes()
    with pytest.raises(LedgerError, match=why):
        Ledger.open(tmp_path)
    assert before == file.read_bytes()
