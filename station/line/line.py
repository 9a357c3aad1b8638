"""The line: takes units in, tests them in the slots that fit, and stops when it is told to.

Everything is called in the loop's thread.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from station.condition import Condition, Level
from station.config.problems import BadDocuments
from station.line.desk import Desk, aside, sure
from station.line.floor import Floor
from station.line.news import News
from station.line.placing import Placing
from station.line.ticket import USUAL, Stage, Ticket
from station.line.tickets import Tickets
from station.line.views import SlotView, Status
from station.orders import Request, order_again
from station.program import VERSION
from station.recovering import recover
from station.seats import seats_of
from station.service import RefusalError, Service
from station.walls import iso

DRAINING = "the line is draining: hand it in when the daemon has been started again"


@dataclass(eq=False)
class Line:
    """A station that tests by itself whatever is handed in. `run` serves it until it is drained."""

    service: Service
    placing: Placing
    kept: Tickets
    news: News = field(default_factory=News)
    watched: list[Callable[[], Condition]] = field(default_factory=list)
    """The rooms of the daemon that can be unwell."""
    deeds: Mapping[str, str] = field(default_factory=dict)
    """What the guardian has done since the last daemon died, by run."""
    mode: str = "serving"
    started: str = field(init=False)
    desk: Desk = field(init=False)
    floor: Floor = field(init=False)

    def __post_init__(self) -> None:
        self.started = iso(self.service.wall())
        self.desk = Desk(self.placing, self.kept, self.news, self.service.wall)
        self.floor = Floor(self.service, self.placing, self.kept, self.news)
        self.watched.append(self.condition)

    async def run(self) -> None:
        """Serve until drained. Cancelled, it ends when every run has made safe. Raises LedgerError, StoreError at the start.

        Before anything else, what a dead process has left on is made safe; its runs that may go on do.
        """
        again = partial(order_again, self.placing.station, self.placing.library)
        await self.floor.restore(await recover(self.service, again, self.deeds))
        if self.mode == "draining":  # told to end while it recovered
            self.floor.leave()
        async with asyncio.TaskGroup() as group:
            self.floor.go_on(group)
            while self.mode != "draining" or self.floor.busy:
                self.floor.changed.clear()
                await self.floor.fill(group)
                await self.floor.changed.wait()
        self._become("ended")

    async def submit(self, request: Request, *, source: str, key: str = "", priority: int = USUAL) -> Ticket:
        """Take a unit in; on the disk before this returns. Who uses a key of his again is given the same ticket.

        Raises RefusalError, with what is allowed, or where the disk does not take it.
        """
        ticket = await self.desk.submit(request, source, key, priority)
        self.floor.changed.set()
        return ticket

    async def withdraw(self, ticket: str, reason: str) -> Ticket:
        """Take one back that still waits. Raises RefusalError where it does not."""
        return await self.desk.withdraw(ticket, reason)

    async def ticket(self, ticket: str) -> Ticket:
        """The one with an id. Raises RefusalError where there is none."""
        return await self.desk.ticket(ticket)

    async def tickets(self, stage: Stage | None = None, limit: int = 50) -> list[Ticket]:
        """The newest first."""
        return await self.desk.tickets(stage, limit)

    def slots(self) -> list[SlotView]:
        """Every slot, in the order of the station's file; then those that are not in it any more and still at work."""
        return self.floor.views()

    def status(self) -> Status:
        """The line now."""
        station, running = self.service.station, len(self.floor.busy)
        return Status(
            station.name, station.site, VERSION, self.mode, len(self.kept.open_ones) - running, running, self.started,
            self.service.simulated is not None, tuple(each() for each in self.watched),
        )  # fmt: skip

    def condition(self) -> Condition:
        """Whether anything keeps runs from beginning."""
        if trouble := self.floor.trouble:
            return Condition("line", Level.ALARM, trouble, "make room on the disk, or mend it: the line then goes on")
        if locks := self.kept.locks:
            text = "; ".join(f"slot {name} is locked: {why}" for name, why in locks.items())
            return Condition("line", Level.ALARM, text, "see to it, then: station release --slot S --reason WHY")
        if self.mode in {"draining", "ended"}:
            return Condition("line", Level.WARNING, f"it is {self.mode}", "start the daemon again")
        if paused := [*(["the line"] if self.mode == "paused" else []), *sorted(self.floor.paused)]:
            return Condition("line", Level.WARNING, f"paused: {', '.join(paused)}", "station go-on")
        return Condition("line", Level.OK, "it takes units and tests them")

    def abort(self, reason: str, slot: str | None = None) -> None:
        """Give up what is tested in one slot, or in all; it is made safe at once. Raises RefusalError for no such slot."""
        self._require(slot)
        self.service.abort(reason, slot)

    def stop(self, reason: str, slot: str | None = None) -> None:
        """Let the step that goes on end, then stop: one slot, or all. Raises RefusalError for no such slot."""
        self._require(slot)
        self.service.stop(reason, slot)

    def pause(self, slot: str | None = None) -> None:
        """Nothing new begins, in one slot or at all; what is tested goes on. Raises RefusalError for no such slot."""
        self._require(slot)
        if slot is not None:
            self.floor.paused.add(slot)
            self.floor.say(slot)
        elif self.mode == "serving":
            self._become("paused")

    def go_on(self, slot: str | None = None) -> None:
        """Undo `pause`; without a slot, all of it. Raises RefusalError for no such slot, and where the line is draining."""
        self._require(slot)
        if self.mode in {"draining", "ended"}:
            raise RefusalError(DRAINING)
        for name in [slot] if slot is not None else sorted(self.floor.paused):
            self.floor.paused.discard(name)
            self.floor.say(name)
        if slot is None and self.mode == "paused":
            self._become("serving")
        self.floor.changed.set()

    def drain(self) -> None:
        """Nothing new begins or comes in; `run` ends when the last run has. What waits is there when the daemon starts again."""
        if self.mode not in {"draining", "ended"}:
            self.desk.closed = DRAINING
            self._become("draining")
        self.floor.changed.set()

    async def release(self, slot: str, reason: str) -> None:
        """Unlock a slot once everything in it is confirmed safe. Raises RefusalError where it is not, or was not locked."""
        self._require(slot)
        if slot not in self.kept.locks:
            raise RefusalError(f"slot {slot} is not locked")
        order = await aside(partial(self.placing.stand_in, slot))
        if unsafe := await self.service.secure(order):
            raise RefusalError(f"slot {slot} stays locked: {'; '.join(unsafe)}")
        await sure(self.kept.unlock(slot))
        self.news.tell("released", {"slot": slot, "reason": reason})
        self.floor.say(slot)
        self.floor.changed.set()

    async def reload(self) -> list[str]:
        """Read the configuration again, for the runs that begin from now on; what is wrong with it: the old one stays then."""
        try:
            station, library = await aside(self.placing.load)
        except (BadDocuments, RefusalError) as bad:
            return str(bad).splitlines()
        self.placing.adopt(station, library)
        self.service.take_over(self.placing.station, seats_of(self.placing.station))
        self.floor.paused &= self.placing.station.slots.keys()
        self.floor.changed.set()
        return []

    def _require(self, slot: str | None) -> None:
        known = [view.name for view in self.floor.views()]
        if slot is not None and slot not in known:
            raise RefusalError(f"there is no slot {slot[:40]!r}: {', '.join(known)}")

    def _become(self, mode: str) -> None:
        self.mode = mode
        self.floor.open = mode == "serving"
        self.news.tell("mode", {"mode": mode})
