"""The desk: where units are handed in, and where one asks what became of them."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from station.line.news import News
from station.line.placing import Placing
from station.line.ticket import LEAST_URGENT, MOST_URGENT, Stage, Ticket
from station.line.tickets import MOST_WAITING, Tickets
from station.orders import Request
from station.runid import run_id
from station.service import NotNowError, RefusalError
from station.store import StoreError
from station.walls import WallClock, iso

T = TypeVar("T")


@dataclass(eq=False)
class Desk:
    """Takes tickets in. Every coroutine raises RefusalError: with what is allowed, or where the disk does not take it."""

    placing: Placing
    kept: Tickets
    news: News
    wall: WallClock
    closed: str = ""
    """Why nothing more is taken in."""
    _door: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Tickets come in one at a time, so that none has a twin."""

    async def submit(self, request: Request, source: str, key: str, priority: int) -> Ticket:
        """Take a unit in; on the disk before this returns. Who uses a key of his again is given the same ticket."""
        async with self._door:
            if key and (known := await sure(self.kept.known(source, key))) is not None:
                return known
            if self.closed:
                raise NotNowError(self.closed)
            if not LEAST_URGENT <= priority <= MOST_URGENT:
                raise RefusalError(f"no priority {priority}: {LEAST_URGENT} to {MOST_URGENT}")
            if len(self.kept.open_ones) >= MOST_WAITING:
                raise NotNowError(f"{MOST_WAITING} tickets wait already")
            await aside(partial(self.placing.check, request))
            for each in self.kept.open_ones.values():
                if each.serial == request.serial:
                    raise RefusalError(f"{each.serial} is {each.stage} already, as ticket {each.ticket}")
            now = self.wall()
            ticket = Ticket(
                run_id(now, self.placing.station.name, os.urandom(16)), request.product, request.serial,
                request.slot or "", request.sequence or "", priority, source, key, iso(now), Stage.QUEUED,
            )  # fmt: skip
            kept = await sure(self.kept.add(ticket))
        self.news.tell("ticket", {"ticket": kept})
        return kept

    async def withdraw(self, ticket: str, reason: str) -> Ticket:
        """Take one back that still waits."""
        found = await self.ticket(ticket)
        if found.stage is not Stage.QUEUED or ticket in self.kept.placed:
            raise RefusalError(f"ticket {ticket} is {found.stage}: only one that waits can be withdrawn")
        withdrawn = await sure(self.kept.change(found, stage=Stage.WITHDRAWN, reason=reason))
        self.news.tell("ticket", {"ticket": withdrawn})
        return withdrawn

    async def ticket(self, ticket: str) -> Ticket:
        """The one with an id."""
        if (found := await sure(self.kept.find(ticket))) is None:
            raise RefusalError(f"there is no ticket {ticket[:40]!r}")
        return found

    async def tickets(self, stage: Stage | None, limit: int) -> list[Ticket]:
        """The newest first."""
        return await sure(self.kept.latest(stage, limit))


async def sure(change: Awaitable[T]) -> T:
    """Something that the disk must take, or nothing is said to have happened. Raises NotNowError."""
    try:
        return await change
    except StoreError as error:
        raise NotNowError(str(error)) from None


async def aside(work: Callable[[], T]) -> T:
    """What reads files is done where the loop does not wait for it."""
    return await asyncio.get_running_loop().run_in_executor(None, work)
