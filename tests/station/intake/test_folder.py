"""The watched folder: each complete file becomes one ticket, each ticket's end a result, whatever is done to the folder."""

import asyncio
import json
import os
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

import pytest
from blockbuster import BlockBuster

from station.condition import Level
from station.intake.drop import Drop
from station.intake.folder import WatchedFolder
from station.line.news import KEPT
from tests.station.intake.fakes import FakeLine, Mode

GOOD = 'product = "PWR-WHIP-8"\nserial = "{}"\n'
EVERY = 0.01


@pytest.fixture(autouse=True)
def tests_may_block(no_blocking_calls: BlockBuster) -> Iterator[None]:
    """What the tests do to the folder; the intake's own calls are watched by the one test that is for it."""
    no_blocking_calls.deactivate()
    yield
    no_blocking_calls.activate()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A watched folder."""
    folder = tmp_path / "jobs"
    folder.mkdir()
    return folder


def put(folder: Path, name: str, text: str) -> None:
    """As a good client does: written elsewhere, renamed in."""
    aside = folder.parent / "aside"
    aside.write_text(text)
    aside.rename(folder / name)


@asynccontextmanager
async def _watching(folder: Path, line: FakeLine, within: float = 5.0) -> AsyncIterator[WatchedFolder]:
    watched = WatchedFolder(folder, line, EVERY, within)
    task = asyncio.get_running_loop().create_task(watched.run())
    try:
        yield watched
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def watching(folder: Path, line: FakeLine, within: float = 5.0) -> AbstractAsyncContextManager[WatchedFolder]:
    """Watched until the block ends."""
    return _watching(folder, line, within)


async def until(met: Callable[[], object]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(10):
        while not met():  # noqa: ASYNC110 (files and lists change without an event that one could wait for)
            await asyncio.sleep(EVERY / 2)


def names(folder: Path) -> list[str]:
    """What is in a folder, those in it too."""
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if not each.is_dir())


async def test_a_file_becomes_a_ticket_and_its_end_a_result(folder: Path) -> None:
    """In TOML and JSON, the oldest first; every one is told."""
    line = FakeLine()
    async with watching(folder, line) as watched:
        put(folder, "one.toml", GOOD.format("SN001"))
        await until(lambda: line.kept)
        put(folder, "two.json", '{"product": "PWR-WHIP-8", "serial": "SN002", "priority": 9}')
        await until(lambda: ["taken/one.toml", "taken/two.json"] == names(folder))
        assert ["PWR-WHIP-8 SN001", "PWR-WHIP-8 SN002"] == line.units
        assert (9, "folder") == (line.kept["T2"].priority, line.kept["T2"].source)
        line.end("T1", "FAILED")
        await until((folder / "done/one.toml").exists)
        result = json.loads((folder / "done/one.toml.result.json").read_text())
        assert ("one.toml", "T1", "done", "R-T1", "FAILED", "SN001") == tuple(
            result[each] for each in ("file", "ticket", "stage", "run", "verdict", "serial")
        )
        await until(lambda: "2 job files taken, 0 refused, 1 going on" == watched.condition().text)
        assert Level.OK is watched.condition().level
    assert [("one.toml", True), ("two.json", True)] == [(each.body["what"], each.body["taken"]) for each in line.told]


async def test_a_file_that_still_grows_is_left(folder: Path) -> None:
    """It is taken once it has stayed the same between two looks."""
    line = FakeLine()
    async with watching(folder, line):
        with (folder / "grows.toml").open("a") as file:
            file.write('product = "PWR-WHIP-8"\n')
            file.flush()
            for _ in range(20):
                file.write("# still coming\n")
                file.flush()
                await asyncio.sleep(EVERY / 4)
            assert 0 == line.asked
            file.write('serial = "SN001"\n')
        await until(lambda: line.kept)
    assert ["PWR-WHIP-8 SN001"] == line.units


async def test_what_is_no_job_file_is_left_alone(folder: Path) -> None:
    """B152 and its like: links, folders, FIFOs, sockets, hidden and half-written files are not opened, let alone moved."""
    line = FakeLine()
    (folder.parent / "secret.toml").write_text(GOOD.format("SECRET"))
    (folder / "link.toml").symlink_to(folder.parent / "secret.toml")
    (folder / "folder.toml").mkdir()
    os.mkfifo(folder / "fifo.toml")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "socket.json"))
        for name in (".hidden.toml", "half.toml.part", "half.toml.tmp", "old.toml~", "notes.txt"):
            (folder / name).write_text(GOOD.format("SN666"))
        before = set(names(folder))
        async with watching(folder, line) as watched:
            put(folder, "good.toml", GOOD.format("SN001"))
            await until(lambda: line.kept)
            await asyncio.sleep(5 * EVERY)
            condition = watched.condition()
    assert ["PWR-WHIP-8 SN001"] == line.units
    assert before | {"taken/good.toml"} == set(names(folder))
    assert (Level.WARNING, True) == (condition.level, "5 things in it are no job files" in condition.text)


async def test_a_bad_file_goes_aside_with_the_reason(folder: Path) -> None:
    """By line and field; so does what the line refuses. What comes after them is taken."""
    line = FakeLine()
    async with watching(folder, line):
        put(folder, "bad.toml", 'product = "PWR-WHIP-8"\nserial = "sn 1"\n')
        put(folder, "large.json", " " * 70000)
        put(folder, "strange.toml", GOOD.format("UNKNOWN"))
        put(folder, "good.toml", GOOD.format("SN001"))
        after = ["bad.toml", "large.json", "strange.toml"]
        await until(
            lambda: (
                [f"refused/{each}" for each in after] == [n for n in names(folder) if n[-1] in "ln" and "refused" in n]
            )
        )
        await until((folder / "taken/good.toml").exists)
    assert ["PWR-WHIP-8 SN001"] == line.units
    why = (folder / "refused/bad.toml.why.txt").read_text()
    assert "bad.toml:2: serial: found 'sn 1'; allowed: A-Z, 0-9" in why
    assert "larger than 64 KiB" in (folder / "refused/large.json.why.txt").read_text()
    assert "UNKNOWN is not wanted\n" == (folder / "refused/strange.toml.why.txt").read_text()
    assert 3 == sum(not each.body["taken"] for each in line.told)


@pytest.mark.parametrize(
    "name",
    [
        "$(reboot).toml",
        "a\nb.toml",
        "\x1b[2J.json",
        "-o.toml",
        "x" * 250 + ".toml",
        "..toml.json",
        "SN1;rm.TOML",
        "\udcff.toml",
    ],
    ids=ascii,
)
async def test_a_hostile_name_is_used_for_nothing(folder: Path, name: str) -> None:
    """B004-B044 as names of files: the file goes aside under a name of ours, and its own is told escaped."""
    line = FakeLine()
    hidden = name.startswith(".")
    async with watching(folder, line):
        put(folder, name, GOOD.format("SN001"))
        put(folder, "good.toml", GOOD.format("SN002"))
        await until((folder / "taken/good.toml").exists)
        await until(lambda: hidden or list((folder / "refused").glob("*[!t]")))
    assert ["PWR-WHIP-8 SN002"] == line.units
    if not hidden:
        (why,) = (folder / "refused").glob("*.why.txt")
        assert why.name.startswith("_odd-")
        assert why.read_text().rstrip("\n").isprintable()


@pytest.mark.parametrize("moment", ["submit", "take"])
async def test_a_kill_between_acceptance_and_move_neither_loses_nor_doubles(folder: Path, moment: str) -> None:
    """Whatever was done when the process died, the next one finds the file, and the line the ticket of its key."""
    line = FakeLine()
    put(folder, "one.toml", GOOD.format("SN001"))
    drop = Drop(folder)
    drop.claim(1)
    (claimed,) = drop.claim(1)
    if moment == "take":
        watched = WatchedFolder(folder, line)
        (folder / "taken").rmdir()
        (folder / "taken").write_text("in the way")
        with suppress(OSError):
            await watched._accept(claimed)
        assert 1 == len(line.kept)
        (folder / "taken").unlink()
    async with watching(folder, line):
        await until(lambda: ["taken/one.toml"] == names(folder))
    assert ["PWR-WHIP-8 SN001"] == line.units


async def test_the_next_process_writes_the_results_of_the_last(folder: Path) -> None:
    """Of tickets that have ended meanwhile, and of those that end later."""
    line = FakeLine()
    async with watching(folder, line):
        put(folder, "one.toml", GOOD.format("SN001"))
        put(folder, "two.toml", GOOD.format("SN002"))
        await until(lambda: ["taken/one.toml", "taken/two.toml"] == names(folder))
    first, second = line.kept
    line.end(first)
    async with watching(folder, line):
        await until(lambda: len(list((folder / "done").iterdir())) == 2)
        line.end(second)
        await until(lambda: len(list((folder / "done").iterdir())) == 4)
    assert 2 == len(line.kept)
    assert [] == [name for name in names(folder) if name.startswith("taken")]


async def test_news_that_were_missed_are_asked_for(folder: Path) -> None:
    """Who fell behind asks for every ticket that goes on."""
    line = FakeLine()
    async with watching(folder, line):
        put(folder, "one.toml", GOOD.format("SN001"))
        await until(lambda: ["taken/one.toml"] == names(folder))
        line.end("T1", told=False)
        for _ in range(2 * KEPT):
            line.news.tell("mode", {})
        await until((folder / "done/one.toml.result.json").exists)


async def test_another_job_of_a_name_that_goes_on_is_refused(folder: Path) -> None:
    """The same file again is the same job; another one under its name would hide its result."""
    line = FakeLine()
    async with watching(folder, line):
        put(folder, "one.toml", GOOD.format("SN001"))
        await until(lambda: ["taken/one.toml"] == names(folder))
        put(folder, "one.toml", GOOD.format("SN001"))
        await until(lambda: ["taken/one.toml"] == names(folder))
        put(folder, "one.toml", GOOD.format("SN002"))
        await until((folder / "refused/one.toml").exists)
        assert "give each job a name of its own" in (folder / "refused/one.toml.why.txt").read_text()
        line.end("T1")
        await until((folder / "done/one.toml").exists)
        put(folder, "one.toml", GOOD.format("SN003"))
        await until(lambda: len(line.kept) == 2)
    assert ["PWR-WHIP-8 SN001", "PWR-WHIP-8 SN003"] == line.units


async def test_a_folder_that_vanishes_comes_back(folder: Path) -> None:
    """An alarm meanwhile; nothing is to be done but to bring it back."""
    line = FakeLine()
    async with watching(folder, line) as watched:
        await until((folder / "taken").exists)
        shutil.move(folder, folder.with_name("away"))
        await until(lambda: watched.condition().level is Level.ALARM)
        assert "No such file" in watched.condition().text
        assert watched.condition().remedy
        shutil.move(folder.with_name("away"), folder)
        put(folder, "one.toml", GOOD.format("SN001"))
        await until(lambda: line.kept and watched.condition().level is Level.OK)


async def test_what_cannot_be_kept_waits(folder: Path) -> None:
    """While the line's disk is full nothing is refused: the file stays, an alarm says why, and it is taken when it can be."""
    line = FakeLine(broken="No space left on device")
    async with watching(folder, line) as watched:
        put(folder, "one.toml", GOOD.format("SN001"))
        await until(lambda: watched.condition().level is Level.ALARM)
        assert "No space left" in watched.condition().text
        line.broken = ""
        await until(lambda: ["taken/one.toml"] == names(folder))


async def test_a_line_that_drains_takes_nothing(folder: Path) -> None:
    """The files lie there for the next daemon."""
    line = FakeLine(mode=Mode("draining"))
    async with watching(folder, line):
        put(folder, "one.toml", GOOD.format("SN001"))
        await asyncio.sleep(10 * EVERY)
        assert (["one.toml"], 0) == (names(folder), line.asked)


async def test_a_folder_that_hangs_holds_nothing_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network's folder may never answer: an alarm, one thread that waits, and it goes on when it answers."""
    import threading

    line, free, calls = FakeLine(), threading.Event(), list[int]()
    claim = Drop.claim

    def hanging(self: Drop, most: int) -> object:
        calls.append(most)
        free.wait(20)
        return claim(self, most)

    async with watching(folder, line, within=0.05) as watched:
        await until((folder / "taken").exists)
        monkeypatch.setattr(Drop, "claim", hanging)
        put(folder, "one.toml", GOOD.format("SN001"))
        await until(lambda: "does not answer" in watched.condition().text)
        await asyncio.sleep(20 * EVERY)
        assert 1 == len(calls)
        free.set()
        monkeypatch.setattr(Drop, "claim", claim)
        await until(lambda: line.kept)


async def test_many_files_are_taken_in_turns(folder: Path) -> None:
    """A hundred at once, each once, the oldest first."""
    line = FakeLine()
    for number in range(100):
        put(folder, f"{number}.toml", GOOD.format(f"SN{number:03}"))
        os.utime(folder / f"{number}.toml", (1e9 + number, 1e9 + number))
    async with watching(folder, line):
        await until(lambda: len(list((folder / "taken").glob("*"))) == 100)
    assert [f"PWR-WHIP-8 SN{number:03}" for number in range(100)] == line.units


async def test_the_loop_is_never_blocked(folder: Path, no_blocking_calls: BlockBuster) -> None:
    """All that touches the folder does so apart."""
    put(folder, "one.toml", GOOD.format("SN001"))
    put(folder, "bad.toml", "")
    line = FakeLine()
    no_blocking_calls.activate()
    async with watching(folder, line):
        async with asyncio.timeout(5):
            while len(line.told) < 2:  # noqa: ASYNC110 (files and lists change without an event that one could wait for)
                await asyncio.sleep(EVERY)
        line.end("T1")
        await asyncio.sleep(10 * EVERY)
    no_blocking_calls.deactivate()
    assert (folder / "done/one.toml.result.json").exists()
