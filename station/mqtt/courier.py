"""The courier: carries results from the outbox to the broker, and lets go of each when its receiver says that he has it.

Of each unit one result is on its way at a time, of different units many. What nobody answers is sent again, later each time.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from station.mqtt.broker.letter import Denied, Unsent
from station.outbox import Entry, Outbox, Receipt

WINDOW: Final = 128
"""Results on their way at once."""
MOST_RECEIPTS: Final = 4096
"""Receipts that wait to be read; a receiver that says more at once is answered by the same results again."""


POISONED: Final = 3
"""Connections lost over a result until it is what they are lost over; one is enough where the broker says so."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: until a receipt is missed, and the longest between two attempts."""

    receipt: float = 30.0
    most: float = 600.0


@dataclass(eq=False)
class Courier:
    """`run` lives as long as the daemon; `send` raises Unsent and Denied. Without `receipts` the broker's answer releases."""

    outbox: Outbox
    send: Callable[[Entry], Awaitable[None]]
    joined: asyncio.Event
    """Set while there is a connection."""
    chance: random.Random
    receipts: bool = True
    window: int = WINDOW
    patience: Patience = Patience()
    sent: int = 0
    received: int = 0
    odd_receipts: int = 0
    """Receipts that fit nothing that waits: said twice, or of another payload."""
    refusal: str = ""
    """Why the broker did not take the last result that it was given."""
    _flying: dict[str, float] = field(default_factory=dict)
    """By result, when its receipt is missed."""
    _tries: dict[str, int] = field(default_factory=dict)
    _said: list[Receipt] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _settling: asyncio.Event = field(default_factory=asyncio.Event)
    _unanswered: dict[str, Entry] = field(default_factory=dict)
    """Those that the broker has not acknowledged."""
    _suspects: dict[str, int] = field(default_factory=dict)
    """How much speaks for it that connections are lost over these. While there is one, they go one at a time."""
    _alone: dict[str, int] = field(default_factory=dict)
    _silent: bool = False
    _renewed: bool = False
    _broken: Unsent | None = None

    def again(self) -> None:
        """There is a new connection: whatever was on its way by the old one is sent again."""
        self._renewed = True
        self._changed.set()

    def more(self) -> None:
        """There may be more in the outbox."""
        self._changed.set()

    def hear(self, receipt: Receipt) -> None:
        """A receiver has said something."""
        if len(self._said) < MOST_RECEIPTS:
            self._say(receipt)

    async def run(self) -> None:
        """Carry, for ever. Raises StoreError."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._settle(), name="receipts")
            while True:
                await self.joined.wait()
                self._renewed, self._broken = False, None
                await self.outbox.wake()
                async with asyncio.TaskGroup() as flights:  # whose tasks never fail, or it would forget a cancellation
                    await self._carry(flights)
                self._suspect()
                self._unanswered.clear()
                self._flying.clear()
                await asyncio.sleep(0)

    async def _carry(self, flights: asyncio.TaskGroup) -> None:
        """Send what is due, until the connection is lost."""
        loop = asyncio.get_running_loop()
        while self.joined.is_set() and not self._renewed and self._broken is None:
            self._changed.clear()
            if len(self._flying) <= self.window // 2 and not (self._careful and self._unanswered):
                due = await self.outbox.due(loop.time(), self.window, frozenset(self._flying))
                for entry in due[: 1 if self._careful else self.window]:
                    self._flying[entry.result] = loop.time() + self.patience.receipt
                    self._tries[entry.result] = entry.tries
                    flights.create_task(self._fly(entry), name="result")
            wait = min(self._flying.values(), default=loop.time() + self.patience.receipt) - loop.time()
            try:
                async with asyncio.timeout(max(wait, 0.05)):
                    await self._changed.wait()
            except TimeoutError:
                await self._miss(loop.time())

    @property
    def _careful(self) -> bool:
        return any(score >= POISONED for score in self._suspects.values())

    def _suspect(self) -> None:
        """A connection was lost: over which result? One that is alone with it again and again is moved aside."""
        if self._broken is None or not self._broken.lost:
            return
        weight = POISONED if self._broken.blamed else 1
        for result in self._unanswered:
            self._suspects[result] = self._suspects.get(result, 0) + weight
        if len(self._unanswered) == 1:
            (entry,) = self._unanswered.values()
            self._alone[entry.result] = self._alone.get(entry.result, 0) + weight
            if self._alone[entry.result] >= POISONED:
                why = f"the broker breaks the connection over its {len(entry.payload)} bytes"
                self._say(Receipt(entry.result, entry.digest, accepted=False, reason=why))

    async def _fly(self, entry: Entry) -> None:
        self._unanswered[entry.result] = entry
        try:
            await self.send(entry)
        except Denied as denied:
            self._answered(entry)
            self.refusal = f"result {entry.result}: {denied}"
            if denied.for_ever:
                self._say(Receipt(entry.result, entry.digest, accepted=False, reason=str(denied)))
            return
        except Unsent as unsent:
            self._broken = unsent
            self._changed.set()
            return
        self._answered(entry)
        self.sent += 1
        self.refusal = ""
        if not self.receipts:
            self._say(Receipt(entry.result, entry.digest))

    def _answered(self, entry: Entry) -> None:
        self._unanswered.pop(entry.result, None)
        careful = self._careful
        self._suspects.pop(entry.result, None)
        self._alone.pop(entry.result, None)
        if careful:
            self._changed.set()

    def _say(self, receipt: Receipt) -> None:
        self._said.append(receipt)
        self._settling.set()

    async def _miss(self, now: float) -> None:
        """Put off what nobody answered for."""
        missed = [result for result, until in self._flying.items() if until <= now]
        if missed:
            self._silent = True
            await self.outbox.put_off({each: now + self._pause(self._tries[each]) for each in missed})
            for each in missed:
                self._land(each)

    def _pause(self, tries: int) -> float:
        longest = min(self.patience.most, self.patience.receipt * 2.0 ** min(tries, 16))
        return self.chance.uniform(longest / 2, longest)

    async def _settle(self) -> None:
        while True:
            await self._settling.wait()
            self._settling.clear()
            said, self._said = self._said, []
            fitted = await self.outbox.release(said)
            self.received += len(fitted)
            self.odd_receipts += len(said) - len(fitted)
            for each in fitted:
                self._land(each.result)
            if fitted and self._silent:
                self._silent = False
                await self.outbox.wake()
            self._changed.set()

    def _land(self, result: str) -> None:
        for by_result in (self._flying, self._tries, self._suspects, self._alone):
            by_result.pop(result, None)
