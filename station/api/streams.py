"""Streams: server-sent events, resumed by number. A reader who was cut off comes back with the last number he had."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.types import Receive, Scope, Send

from station.api.answers import said
from station.ledger.errors import NoSuchRun
from station.ledger.ledger import Ledger
from station.line.line import Line
from station.line.news import FellBehind, Item
from station.trace import Event, RunEnded

KEEP_ALIVE: Final = 15.0
"""Seconds after which a comment is sent, so that both ends know of each other."""
LAST_WORD: Final = 0.5
"""Seconds in which a reader must have taken what there was, when his stream ends."""
MOST_READERS: Final = 32


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a stream."""

    id: str
    event: str
    body: Mapping[str, Any]

    @property
    def text(self) -> bytes:
        """As it goes over the wire."""
        return b"id: %s\nevent: %s\ndata: %s\n\n" % (self.id.encode(), self.event.encode(), orjson.dumps(self.body))


async def news_of(line: Line, last: str) -> AsyncGenerator[Told, None]:
    """All that happens on a line from now on, or after the event called `last`; first, or where some are gone, how all is now."""
    life = f"{int.from_bytes(line.started.encode()[-12:]) % 10**9:09d}"
    born, _, number = last.partition(".")
    at = int(number) if born == life and number.isdigit() and len(number) < 16 else -1
    while True:
        try:
            if at < 0:
                at = line.news.last
                yield Told(f"{life}.{at}", "snapshot", await _snapshot(line))
            async for item in line.news.since(at):
                at = item.number
                yield Told(f"{life}.{at}", item.kind, _body(item))
        except FellBehind:
            at = -1


async def trace_of(line: Line, ledger: Ledger, run: str, last: str) -> AsyncGenerator[Told, None]:
    """One run's trace, after the event of that number, until it has ended. Raises NoSuchRun and LedgerError, both at once."""
    heard, going = line.news.last, goes_on(line, run)
    try:
        kept = await ledger.events(run)
    except NoSuchRun:
        if not going:
            raise
        kept = []  # it has its number, and nothing has happened yet
    if going and kept and isinstance(kept[-1], RunEnded):
        kept.pop()  # nobody is shown how it ended before the disk has taken it: the line tells it then
    return _trace(line, run, heard, kept, int(last) if last.isdigit() and len(last) < 16 else 0)


def goes_on(line: Line, run: str) -> bool:
    """Whether a run's end has not been told yet."""
    return any(each.run == run for each in line.slots()) and not any(
        item.kind == "event" and item.body["run"] == run and isinstance(item.body["event"], RunEnded)
        for item in reversed(line.news.items)
    )


async def _trace(line: Line, run: str, heard: int, kept: list[Event], number: int) -> AsyncGenerator[Told, None]:
    for at, event in enumerate(kept[number:], number + 1):
        yield _of_run(at, event)
    number = max(number, len(kept))
    if kept and isinstance(kept[-1], RunEnded):
        return
    async for item in line.news.since(heard):
        if item.kind == "event" and item.body["run"] == run and item.body["number"] > number:
            number = item.body["number"]
            yield _of_run(number, item.body["event"])
            if isinstance(item.body["event"], RunEnded):
                return


def _of_run(number: int, event: Event) -> Told:
    kind = type(event).__name__
    return Told(str(number), kind, {"type": kind, "number": number, **orjson.loads(orjson.dumps(event))})


def _body(item: Item) -> Mapping[str, Any]:
    if item.kind == "condition":
        return {"condition": said(item.body["condition"])}
    return item.body


async def _snapshot(line: Line) -> dict[str, Any]:
    status = line.status()
    named = {name: getattr(status, name) for name in status.__dataclass_fields__}
    return {
        "status": {**named, "conditions": [said(each) for each in status.conditions]},
        "slots": line.slots(),
        "tickets": [*line.kept.open_ones.values()],
    }


class Stream:
    """An answer that goes on until there is no more, its reader hangs up, or `over` is set."""

    def __init__(self, rest: AsyncGenerator[Told, None], over: asyncio.Event) -> None:
        self._rest, self._over = rest, over

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        headers = [
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if scope["method"] != "HEAD":
            async with asyncio.TaskGroup() as group:
                ends = {
                    group.create_task(self._tell(send), name="api stream"),
                    group.create_task(_be_heard(send), name="api keep-alive"),
                    group.create_task(_hung_up(receive), name="api reader"),
                    group.create_task(self._until_over(), name="api over"),
                }
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
                for each in ends:
                    each.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORD):
                await send({"type": "http.response.body", "body": b""})

    async def _tell(self, send: Send) -> None:
        with suppress(FellBehind):  # he comes back with the last number that he had
            async with aclosing(self._rest) as rest:
                async for told in rest:
                    await _sent(send, told.text)

    async def _until_over(self) -> None:
        await self._over.wait()


async def _be_heard(send: Send) -> None:
    """A comment now and then, between events that are each sent at once."""
    while True:
        await _sent(send, b":\n\n")
        await asyncio.sleep(KEEP_ALIVE)


async def _sent(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
