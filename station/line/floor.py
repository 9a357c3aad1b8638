"""The floor: which unit is in which slot, and what becomes of it. What the disk does not take is tried again until it does."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from station.ledger.errors import LedgerError, NoSuchRun
from station.left import Left
from station.line.desk import aside
from station.line.news import News
from station.line.placing import Placing
from station.line.ticket import Stage, Ticket
from station.line.tickets import Tickets
from station.line.views import Busy, SlotView
from station.order import Order
from station.orders import Request
from station.recovering import NOTHING, Recovered
from station.service import RefusalError, Service
from station.store import StoreError
from station.trace import Event
from station.walls import iso

T = TypeVar("T")
AGAIN = 10.0
"""Seconds after which it is tried again whether the disk takes what it has not taken."""


@dataclass(eq=False)
class Floor:
    """Places waiting units into free slots and tests them. `changed` is set whenever something may have become possible."""

    service: Service
    placing: Placing
    kept: Tickets
    news: News
    busy: dict[str, Busy] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)
    """Slots in which nothing new begins."""
    open: bool = True
    """Whether anything new begins at all."""
    trouble: str = ""
    """What the disk does not take; nothing new begins meanwhile."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    left: dict[str, Left] = field(default_factory=dict)
    """Interrupted runs that go on, by slot."""

    async def restore(self, found: Recovered = NOTHING) -> None:
        """Settle the tickets whose runs had begun when the process before this one ended; those that may go on wait for `go_on`.

        Slots that are not confirmed safe are locked. Raises LedgerError, StoreError.
        """
        for slot, why in found.locked.items():
            await self.kept.lock(slot, why)
        left = {each.run: each for each in found.resumable}
        for ticket in [each for each in self.kept.open_ones.values() if each.stage is Stage.RUNNING]:
            if (again := left.pop(ticket.run, None)) is not None:
                busy = Busy(ticket, again.order, iso(self.service.wall()), ticket.run, number=len(again.events))
                self.busy[busy.slot] = busy
                self.kept.placed.add(ticket.ticket)
                self.left[busy.slot] = again
                continue
            try:
                record = await self.service.ledger.record(ticket.run)
            except NoSuchRun:  # nothing of it had been told
                await self._note(ticket, stage=Stage.QUEUED, run="")
            else:
                await self._note(ticket, stage=Stage.DONE, verdict=record["verdict"], reason=record["reason"])

        for each in left.values():
            await self.service.give_up(each, "no ticket of this line asked for it")

    def go_on(self, group: asyncio.TaskGroup) -> None:
        """Go on with the runs that were interrupted, each in its slot."""
        for slot in list(self.left):
            group.create_task(self._test(self.busy[slot]), name=f"slot {slot}")

    def leave(self) -> None:
        """Do not go on with them: they are safe, and the next daemon finds them again."""
        for slot in self.left:
            self.kept.placed.discard(self.busy.pop(slot).ticket.ticket)
        self.left.clear()

    async def fill(self, group: asyncio.TaskGroup) -> None:
        """Begin whatever can begin."""
        for ticket in self.kept.waiting:
            free = self._free()
            if not free:
                return
            order = await self._placed(ticket, free)
            still = self.kept.open_ones.get(ticket.ticket) is ticket
            if order is not None and order.slot.name in self._free() and still:
                busy = self.busy[order.slot.name] = Busy(ticket, order, iso(self.service.wall()))
                self.kept.placed.add(ticket.ticket)
                self.say(busy.slot)
                group.create_task(self._test(busy), name=f"slot {busy.slot}")

    async def _placed(self, ticket: Ticket, free: set[str]) -> Order | None:
        """Its order in one of the free slots; None where it must wait, or cannot be tested any more and is refused."""
        request = Request(ticket.product, ticket.serial, ticket.slot or None, ticket.sequence or None)
        if not self.placing.may_fit(request, free) or ticket.serial in self.service.serials:
            return None
        station = self.placing.station
        try:
            order = await aside(partial(self.placing.place, request, free, self.service.ledger.folder))
        except RefusalError as no:  # it had been all right: the configuration has changed since
            await self._note(ticket, stage=Stage.REFUSED, reason=str(no))
        except LedgerError as error:
            self._hold(str(error))
        except Exception as error:  # noqa: BLE001 (files and code of others may break in ways of their own: that is this unit's)
            await self._note(ticket, stage=Stage.REFUSED, reason=f"{type(error).__name__}: {error}")
        else:
            if self.placing.station is station:
                return order
            self.changed.set()  # read again meanwhile: it was placed by what does not hold any more
        return None

    def _free(self) -> set[str]:
        if not self.open or self.trouble:
            return set()
        return self.service.station.slots.keys() - self.busy.keys() - self.kept.locks.keys() - self.paused

    async def _test(self, busy: Busy) -> None:
        """Test one unit, and keep what became of its ticket."""
        try:
            record = await self._carry_out(busy)
        except (LedgerError, StoreError) as error:
            self._hold(str(error))
            if busy.number:  # told already, and written as soon as the disk takes it: it is not tested again
                await self._note(busy.ticket, stage=Stage.DONE, verdict="ERROR", reason=str(error))
            else:
                await self._note(busy.ticket, stage=Stage.QUEUED, run="")
        except Exception as error:  # noqa: BLE001 (one slot's accident must not end the runs of all others)
            await self._broke(busy, f"{type(error).__name__}: {error}")
        else:
            if busy.unsafe:
                await self._until_kept(lambda: self.kept.lock(busy.slot, "; ".join(busy.unsafe)))
            await self._note(busy.ticket, stage=Stage.DONE, verdict=record["verdict"], reason=record["reason"])
        finally:
            self.kept.placed.discard(busy.ticket.ticket)
            del self.busy[busy.slot]
            self.say(busy.slot)
            self.changed.set()

    async def _carry_out(self, busy: Busy) -> dict[str, Any]:
        """Its run, or the rest of one that was interrupted, which waits until the disk takes it. Raises LedgerError, StoreError."""
        heard, begun = partial(self._heard, busy), partial(self._begun, busy)
        if (left := self.left.pop(busy.slot, None)) is None:
            return await self.service.run(busy.order, heard, begun)
        while True:
            try:
                return await self.service.resume(left, heard, begun)
            except (LedgerError, StoreError) as error:
                if busy.number > len(left.events):  # it had gone on
                    raise
                self._hold(str(error))
                await asyncio.sleep(AGAIN)

    async def _broke(self, busy: Busy, error: str) -> None:
        """Something that nobody expects: nobody knows how the slot was left. The next daemon settles the ticket by the ledger."""
        await self._until_kept(lambda: self.kept.lock(busy.slot, f"the run broke: {error}"))
        if not busy.number:
            await self._note(busy.ticket, stage=Stage.REFUSED, reason=error)
        self.news.tell("trouble", {"text": f"slot {busy.slot}: {error}"})

    async def _begun(self, busy: Busy, run: str) -> None:
        busy.ticket = await self.kept.change(busy.ticket, stage=Stage.RUNNING, run=run)
        busy.run = run
        self.news.tell("ticket", {"ticket": busy.ticket})

    def _heard(self, busy: Busy, event: Event) -> None:
        busy.hear(event)
        said = {"run": busy.run, "slot": busy.slot, "serial": busy.order.serial, "number": busy.number}
        self.news.tell("event", said | {"type": type(event).__name__, "event": event})

    async def _note(self, ticket: Ticket, **changes: str) -> None:
        """Keep what became of a ticket, and tell it."""
        noted = await self._until_kept(lambda: self.kept.change(ticket, **changes))
        self.news.tell("ticket", {"ticket": noted})

    async def _until_kept(self, change: Callable[[], Awaitable[T]]) -> T:
        while True:
            try:
                return await change()
            except StoreError as error:
                self._hold(str(error))
                await asyncio.sleep(AGAIN)

    def _hold(self, trouble: str) -> None:
        """Begin nothing for a while: the disk does not take it."""
        self.trouble = trouble
        self.news.tell("trouble", {"text": trouble})
        asyncio.get_running_loop().call_later(AGAIN, self._try_again)

    def _try_again(self) -> None:
        self.trouble = ""
        self.changed.set()

    def views(self) -> list[SlotView]:
        """Every slot, in the order of the station's file; then those that are not in it any more and still at work."""
        slots = self.service.station.slots
        return [self.view(name) for name in [*slots, *(name for name in self.busy if name not in slots)]]

    def view(self, name: str) -> SlotView:
        """One slot now."""
        if (busy := self.busy.get(name)) is not None:
            return busy.view
        slot = self.service.station.slots.get(name)
        jig = slot.jig if slot is not None else ""
        if reason := self.kept.locks.get(name, ""):
            return SlotView(name, jig, "locked", reason)
        return SlotView(name, jig, "paused" if name in self.paused else "free")

    def say(self, name: str) -> None:
        """Tell how a slot is now."""
        self.news.tell("slot", {"slot": self.view(name)})
