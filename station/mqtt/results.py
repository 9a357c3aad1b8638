"""Results: out of the ledger, through the outbox, to the broker, and let go when they have been received."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from station.condition import Condition, Level
from station.ledger.errors import LedgerError
from station.ledger.ledger import Ledger
from station.line.line import Line
from station.mqtt import payloads
from station.mqtt.broker.letter import Heard
from station.mqtt.courier import Courier, Patience
from station.outbox.entry import Entry
from station.outbox.outbox import Outbox
from station.store import StoreError, opened

LOOK_AGAIN: Final = 60.0
"""Seconds between two looks into the ledger for results that nobody told of."""
MEND: Final = 5.0
"""Seconds until an outbox that could not be used is tried again."""


@dataclass(eq=False)
class Results:
    """`run` lives as long as the daemon. `send` raises Unsent and Denied. Without `receipts` the broker's answer is believed."""

    line: Line
    ledger: Ledger
    folder: Path
    make: Callable[[Mapping[str, Any]], bytes]
    send: Callable[[Entry], Awaitable[None]]
    joined: asyncio.Event
    chance: random.Random
    receipts: bool
    patience: Patience
    outbox: Outbox | None = None
    courier: Courier | None = None
    trouble: str = "the outbox is not open yet"
    fault: str = ""
    """What went wrong in here that should not; until the ledger has been looked through without it."""
    refused: int = 0
    """What came as a receipt and was none."""
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    def look(self) -> None:
        """A run may have ended."""
        self._ended.set()

    def again(self) -> None:
        """There is a new connection."""
        if self.courier is not None:
            self.courier.again()

    def hear(self, heard: Heard) -> None:
        """What came in as a receipt. It never blocks or raises."""
        try:
            receipt = payloads.receipt_from(heard.payload)
        except ValueError:
            self.refused += 1
            return
        if heard.retained:
            self.refused += 1
        elif self.courier is not None:
            self.courier.hear(receipt)

    async def run(self) -> None:
        """Carry, for ever. An outbox that cannot be used is tried again."""
        while True:
            try:
                async with opened(partial(Outbox.open, self.folder, self.make)) as outbox:
                    await self._carry(outbox)
            except StoreError as error:
                self.trouble = str(error)
            await asyncio.sleep(MEND)

    def condition(self) -> Condition:
        """How it is with the outbox."""
        if (trouble := self.trouble or self.fault) or self.outbox is None:
            return Condition("outbox", Level.ALARM, trouble, "mend it; results stay in the ledger meanwhile")
        return self.outbox.condition()

    async def _carry(self, outbox: Outbox) -> None:
        """Until it cannot be used any more.

        In a task of its own: a task group forgets that its owner is cancelled when one of its tasks fails in the same moment.
        """
        loop = asyncio.get_running_loop()
        self.outbox, self.courier = outbox, self._courier_of(outbox)
        kept = loop.create_task(self._keep(outbox, self.courier), name="outbox")
        try:
            await asyncio.wait([kept])
            self.fault = (
                "" if kept.cancelled() or not (odd := kept.exception()) else f"a fault of this program: {odd!r}"
            )
        finally:
            kept.cancel()
            await asyncio.wait([kept])

    def _courier_of(self, outbox: Outbox) -> Courier:
        return Courier(outbox, self.send, self.joined, self.chance, self.receipts, patience=self.patience)

    async def _keep(self, outbox: Outbox, courier: Courier) -> None:
        try:
            await outbox.start()
            self.trouble = ""
            self._ended.set()
            async with asyncio.TaskGroup() as group:
                group.create_task(courier.run(), name="courier")
                group.create_task(self._fill(outbox, courier), name="outbox from the ledger")
        except* (StoreError, LedgerError) as several:
            self.trouble = "; ".join(str(each) for each in _leaves(several))

    async def _fill(self, outbox: Outbox, courier: Courier) -> None:
        """Take results out of the ledger when a run has ended, and now and then all the same."""
        while True:
            try:
                async with asyncio.timeout(LOOK_AGAIN):
                    await self._ended.wait()
            except TimeoutError:
                pass
            self._ended.clear()
            going = frozenset(view.run for view in self.line.slots() if view.run)
            if await outbox.reconcile(self.ledger, going):
                courier.more()
            self.fault = ""


def _leaves(several: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for each in several.exceptions:
        if isinstance(each, BaseExceptionGroup):
            yield from _leaves(each)
        else:
            yield each
