"""Streams: whoever comes back with the number of his last event loses nothing and is told nothing twice."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from station.api import serving, streams
from station.api.app import App
from station.api.streams import MOST_READERS, Told, news_of, trace_of
from station.ledger.errors import NoSuchRun
from station.line.line import Line
from station.line.news import KEPT
from tests.station.api_work import Reached, answer_of, hang_up, over_api
from tests.station.line_work import ended, on_line, whip
from tests.station.test_api import UNIT, recorded


async def some(stream: AsyncGenerator[Told, None], count: int) -> list[Told]:
    """The first events of a stream, after which its reader hangs up."""
    found: list[Told] = []
    async with aclosing(stream) as opened:
        async for told in opened:
            found.append(told)
            if len(found) == count:
                break
    return found


async def in_pieces(line: Line, run: str, every: int) -> list[Told]:
    """A run's trace by a reader who is cut off after so many events, again and again."""
    found: list[Told] = []
    while True:
        last = found[-1].id if found else ""
        piece = await some(await trace_of(line, line.service.ledger, run, last), every)
        found += piece
        if len(piece) < every:
            return found


async def begun(line: Line, ticket: str) -> str:
    """The run of a ticket, as soon as it has one."""
    while True:
        if run := (await line.ticket(ticket)).run:
            return run
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("every", [1, 2, 3, 7, 50, 1000])
def test_a_trace_cut_off_at_any_event_is_whole(tmp_path: Path, every: int) -> None:
    """Read while it happens and after its end, in pieces: each event once, in order, as the ledger has them."""

    async def use(line: Line) -> tuple[list[Told], list[Told], int]:
        ticket = await line.submit(whip(), source="api")
        run = await begun(line, ticket.ticket)
        live = await in_pieces(line, run, every)
        await ended(line, ticket)
        return live, await in_pieces(line, run, every), len(await line.service.ledger.events(run))

    live, late, count = on_line(tmp_path, use)
    assert [int(each.id) for each in live] == list(range(1, count + 1))
    assert [each.text for each in live] == [each.text for each in late]
    assert (live[0].event, live[-1].event) == ("RunStarted", "RunEnded")


@pytest.mark.parametrize("every", [1, 3, 20])
def test_news_cut_off_at_any_event_are_whole(tmp_path: Path, every: int) -> None:
    """A watcher who hangs up and comes back hears what one hears who never does."""

    async def use(line: Line) -> tuple[list[str], list[str]]:
        whole = asyncio.get_running_loop().create_task(_until_done(line, 10**6))
        await asyncio.sleep(0)
        cut = asyncio.get_running_loop().create_task(_until_done(line, every))
        await asyncio.sleep(0)
        await ended(line, await line.submit(whip(), source="api"))
        return await whole, await cut

    whole, cut = on_line(tmp_path, use)
    assert len(whole) > 50
    assert whole == cut


async def _until_done(line: Line, every: int) -> list[str]:
    found: list[Told] = []
    while True:
        for told in await some(_done(news_of(line, found[-1].id if found else "")), every):
            found.append(told)
            if _is_done(told):
                return [each.text.decode() for each in found]


async def _done(stream: AsyncGenerator[Told, None]) -> AsyncGenerator[Told, None]:
    async with aclosing(stream) as opened:
        async for told in opened:
            yield told
            if _is_done(told):
                return


def _is_done(told: Told) -> bool:
    return told.event == "ticket" and told.body["ticket"].stage.is_end


def test_who_was_away_too_long_is_told_how_all_is_now(tmp_path: Path) -> None:
    """Some of the news are gone, or are another life's, or he says nonsense: a snapshot, then what comes after it."""

    async def use(line: Line) -> list[list[Told]]:
        (first,) = await some(news_of(line, ""), 1)
        life, _, _ = first.id.partition(".")
        for at in range(KEPT + 10):
            line.news.tell("trouble", {"text": str(at)})
        found = []
        for last in (first.id, f"{life}.{10**9}", "000000000.5", "x", f"{life}.", f"{life}.-1", "9" * 40):
            stream = news_of(line, last)
            line.news.tell("trouble", {"text": "one more"})
            found.append(await some(stream, 1))
        line.news.tell("trouble", {"text": "new"})
        found.append(await some(news_of(line, f"{life}.{line.news.last - 1}"), 1))
        return found

    *away, here = on_line(tmp_path, use)
    for (told,) in away:
        assert told.event == "snapshot"
        assert set(told.body) == {"status", "slots", "tickets"}
    assert (here[0].event, here[0].body) == ("trouble", {"text": "new"})


def test_a_run_that_never_was_has_no_trace(tmp_path: Path) -> None:
    """It is said at once, not after the first event."""

    async def use(line: Line) -> None:
        with pytest.raises(NoSuchRun):
            await trace_of(line, line.service.ledger, "01JT0FDZHY5DJA2ZK6KFW2S7GP", "")

    on_line(tmp_path, use)


async def opened(api: Reached, path: str, last: str = "") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A stream over the socket, its head read."""
    reader, writer = await api.connect()
    more = f"Last-Event-ID: {last}\r\n" if last else ""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n{more}\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert b"200 OK" in head
    assert b"text/event-stream" in head
    return reader, writer


async def event_of(reader: asyncio.StreamReader) -> tuple[str, str, Any]:
    """The next event: its id, its kind, its body."""
    said: dict[str, str] = {}
    while True:
        line = (await reader.readuntil(b"\n")).decode().strip()
        name, found, value = line.partition(": ")
        if found:
            said[name] = value
        elif not line and "data" in said:
            return said["id"], said["event"], json.loads(said["data"])


async def until(app: App, readers: int) -> None:
    """Wait until so many read."""
    async with asyncio.timeout(5):
        while True:
            if app.readers == readers:
                return
            await asyncio.sleep(0.01)


def test_all_that_happens_comes_over_the_socket(tmp_path: Path) -> None:
    """First how all is, then each event as JSON; hanging up ends the stream and everything that it needed."""

    async def use(api: Reached) -> tuple[list[str], set[str]]:
        before = {each.get_name() for each in asyncio.all_tasks()}
        reader, writer = await opened(api, "/v1/events")
        kinds = [(await event_of(reader))[1]]
        await api.ask("POST", "/v1/tickets", UNIT)
        kinds += [(await event_of(reader))[1] for _ in range(5)]
        await hang_up(writer)
        await until(api.app, 0)
        await api.ask("POST", "/v1/abort", {"reason": "x"})
        return kinds, {each.get_name() for each in asyncio.all_tasks() if each.get_name().startswith("api")} - before

    kinds, left = over_api(tmp_path, use)
    assert kinds == ["snapshot", "ticket", "slot", "ticket", "event", "event"]
    assert left == set()


def test_a_quiet_stream_answers_at_once_and_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its head comes although nothing happens, then a comment now and then; hanging up meanwhile is noticed."""
    monkeypatch.setattr(streams, "KEEP_ALIVE", 0.05)

    async def use(api: Reached) -> bytes:
        reader, writer = await opened(api, "/v1/events")
        last, _, _ = await event_of(reader)
        await hang_up(writer)
        reader, writer = await opened(api, "/v1/events", last)
        said = [await reader.readuntil(b":\n\n") for _ in range(3)]
        await hang_up(writer)
        await until(api.app, 0)
        return b"".join(said)

    assert b"data" not in over_api(tmp_path, use)


def test_a_recorded_run_is_read_to_its_end(tmp_path: Path) -> None:
    """The stream of a run that has ended ends; resumed at its last event it is empty."""
    record = recorded(tmp_path)

    async def use(api: Reached) -> list[bytes]:
        head = f"GET /v1/runs/{record['run']}/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        whole = await api.raw(f"{head}\r\n".encode())
        last = whole.rpartition(b"id: ")[2].partition(b"\n")[0].decode()
        return [whole, await api.raw(f"{head}Last-Event-ID: {last}\r\n\r\n".encode())]

    whole, rest = over_api(tmp_path, use)
    assert (whole.count(b"event: RunStarted\n"), whole.count(b"event: RunEnded\n")) == (1, 1)
    assert b"event:" not in rest
    assert answer_of(rest).status == 200


def test_a_slow_reader_is_cut_off_and_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """He takes nothing: after a while he is gone, with all that was kept for him; another one hears everything meanwhile."""
    monkeypatch.setattr(serving, "TAKEN_WITHIN", 0.5)

    async def use(api: Reached) -> tuple[int, float]:
        loop = asyncio.get_running_loop()
        slow, fast = await opened(api, "/v1/events"), await opened(api, "/v1/events")
        slow[1].transport.pause_reading()  # type: ignore[attr-defined]  # it reads, so it can pause
        heard, began = 0, loop.time()
        for _ in range(60):
            for _ in range(20):
                api.line.news.tell("trouble", {"text": "x" * 2000})
            while heard < api.line.news.last:
                heard = int((await event_of(fast[0]))[0].partition(".")[2])
        took = loop.time() - began
        await until(api.app, 1)
        await hang_up(slow[1])
        await hang_up(fast[1])
        await until(api.app, 0)
        return heard, took

    heard, took = over_api(tmp_path, use)
    assert heard >= 1200
    assert took < 10


def test_there_are_only_so_many_readers(tmp_path: Path) -> None:
    """One more is told so; when one goes there is room again."""

    async def use(api: Reached) -> tuple[int, int]:
        readers = [await opened(api, "/v1/events") for _ in range(MOST_READERS)]
        full = (await api.ask("GET", "/v1/events")).status
        await hang_up(readers.pop()[1])
        await until(api.app, MOST_READERS - 1)
        readers.append(await opened(api, "/v1/events"))
        for _, writer in readers:
            await hang_up(writer)
        await until(api.app, 0)
        return full, len(readers)

    assert over_api(tmp_path, use) == (503, MOST_READERS)


def test_a_daemon_that_ends_lets_its_readers_go(tmp_path: Path) -> None:
    """Streams end with it, in order, and keep it from nothing."""

    async def use(api: Reached) -> None:
        reader, writer = await opened(api, "/v1/events")
        await event_of(reader)
        began = asyncio.get_running_loop().time()
        api.app.over.set()
        async with asyncio.timeout(2):
            assert (await reader.readuntil(b"0\r\n\r\n")).endswith(b"0\r\n\r\n")
        assert asyncio.get_running_loop().time() - began < 0.5
        await hang_up(writer)

    over_api(tmp_path, use)
