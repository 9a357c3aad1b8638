"""Publishing: the line at a broker. It says what the line does, carries results until they are received, and takes commands.

No run waits for any of it: without a broker results wait in the outbox, and what is of the moment is not told.
"""

import asyncio
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from station.condition import Condition, Level
from station.config.station_file import Station
from station.ledger.errors import LedgerError
from station.ledger.ledger import Ledger
from station.line.line import Line
from station.mqtt import payloads
from station.mqtt.broker.broker import PACE, Broker, Pace
from station.mqtt.broker.letter import Denied, Heard, Letter
from station.mqtt.contact import Contact
from station.mqtt.courier import Courier, Patience
from station.mqtt.post import Post
from station.mqtt.telemetry import AnyChange, Telemetry
from station.mqtt.telling import Telling
from station.mqtt.topics import Topics
from station.outbox import Entry, Outbox
from station.store import StoreError
from station.walls import WallClock, real_wall

LOOK_AGAIN: Final = 60.0
"""Seconds between two looks into the ledger for results that nobody told of."""
MEND: Final = 5.0
"""Seconds until an outbox that could not be used is tried again."""


@dataclass(frozen=True, slots=True)
class Counters:
    """Since the daemon began; `outbox` and `aside` are now."""

    connected: bool
    connects: int
    takeovers: int
    outbox: int
    aside: int
    oldest: str
    sent: int
    received: int
    odd_receipts: int
    dropped: int
    refused_commands: int


@dataclass(eq=False)
class Publishing:
    """`run` lives as long as the daemon. The station's file names a broker."""

    station: Station
    line: Line
    ledger: Ledger
    folder: Path
    chance: random.Random = field(default_factory=lambda: random.Random(os.urandom(16)))  # noqa: S311 (of pauses)
    pace: Pace = PACE
    patience: Patience = Patience()
    wall: WallClock = real_wall
    trouble: str = ""
    outbox: Outbox | None = None
    refused: int = 0
    """Commands and receipts that were none, or were not allowed."""
    broker: Broker = field(init=False)
    courier: Courier | None = None
    post: Post = field(init=False)
    topics: Topics = field(init=False)
    telling: Telling = field(init=False)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        entry = self.station.mqtt
        if entry is None:
            raise ValueError("the station file names no broker")
        self.topics = topics = Topics.of(entry.root, self.station)
        will = Letter(topics.state, payloads.gone(self.station.name, self.station.site), retain=True)
        self.broker = Broker(
            Contact.of(self.station, self.folder), will, (topics.receipt, f"{topics.command}/+"), self._hear, self._greet,
            self.chance, self.pace, self.wall,
        )  # fmt: skip
        self.post = Post(self.broker.send, self.broker.joined, lambda: self.broker.lag)
        self.telling = Telling(
            self.line, topics, self.post, Telemetry(AnyChange()), entry.telemetry_s, self.wall, self._ended.set
        )

    async def run(self) -> None:
        """Be at the broker whenever it is there, for ever."""
        async with asyncio.TaskGroup() as group:
            for each in (self.broker.run, self.post.run, self.telling.run, self._results):
                group.create_task(each(), name="mqtt")

    def condition(self) -> Condition:
        """The worse of how it is with the broker and with the outbox."""
        return max((each() for each in self.conditions), key=lambda condition: condition.level)

    @property
    def conditions(self) -> tuple[Callable[[], Condition], Callable[[], Condition]]:
        """How it is with the broker, and with the outbox."""
        return self._of_broker, self._of_outbox

    @property
    def counters(self) -> Counters:
        """What has been, in numbers."""
        broker, courier, outbox = self.broker, self.courier, self.outbox
        return Counters(
            broker.connected,
            broker.connects,
            broker.takeovers,
            outbox.waiting if outbox else 0,
            outbox.aside if outbox else 0,
            outbox.oldest if outbox else "",
            courier.sent if courier else 0,
            courier.received if courier else 0,
            courier.odd_receipts if courier else 0,
            self.post.dropped + self.telling.telemetry.overflowed,
            self.refused,
        )

    async def _results(self) -> None:
        """Carry results. An outbox that cannot be used is tried again; `trouble` says why."""
        loop, make = asyncio.get_running_loop(), partial(payloads.result_of, site=self.station.site)
        while True:
            try:
                outbox = await loop.run_in_executor(None, Outbox.open, self.folder, make)
            except StoreError as error:
                self.trouble = str(error)
            else:
                try:
                    self.outbox, self.courier = outbox, self._courier_of(outbox)
                    await asyncio.wait([kept := loop.create_task(self._keep(outbox, self.courier), name="mqtt outbox")])
                finally:
                    kept.cancel()
                    await asyncio.wait([kept])
                    await loop.run_in_executor(None, outbox.close)
            await asyncio.sleep(MEND)

    def _courier_of(self, outbox: Outbox) -> Courier:
        entry = self.station.mqtt
        receipts = entry is None or entry.receipts
        return Courier(outbox, self._carry, self.broker.joined, self.chance, receipts, patience=self.patience)

    async def _keep(self, outbox: Outbox, courier: Courier) -> None:
        """Fill the outbox and empty it; return when one of them cannot go on. Its own task sees the errors: a
        task group around it would forget a cancellation over them.
        """
        try:
            await outbox.start()
            self.trouble = ""
            self._ended.set()
            async with asyncio.TaskGroup() as group:
                group.create_task(courier.run(), name="mqtt courier")
                group.create_task(self._fill(outbox, courier), name="mqtt ledger")
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

    async def _carry(self, entry: Entry) -> None:
        await self.broker.send(Letter(self.topics.result, entry.payload))

    async def _greet(self) -> None:
        """First what the line is doing, since the broker may have told the last will."""
        try:
            await self.broker.send(self.telling.everything())
        except Denied as denied:
            self.post.refusal = f"{self.topics.state}: {denied}"
        if self.courier is not None:
            self.courier.again()

    def _hear(self, heard: Heard) -> None:
        """In the loop's thread, for every message: nothing here may block or raise."""
        if heard.topic == self.topics.receipt:
            try:
                if heard.retained:
                    raise ValueError("a retained receipt is nobody's")
                receipt = payloads.receipt_from(heard.payload)
            except ValueError:
                self.refused += 1
                return
            if self.courier is not None:
                self.courier.hear(receipt)

    def _of_broker(self) -> Condition:
        said = self.broker.condition()
        refusal = self.post.refusal or (self.courier.refusal if self.courier is not None else "")
        if refusal and said.level < Level.ALARM:
            return Condition("broker", Level.ALARM, f"the broker does not take {refusal}", "let it, in its access list")
        return said

    def _of_outbox(self) -> Condition:
        if self.trouble or self.outbox is None:
            text = self.trouble or "the outbox is not open yet"
            level = Level.ALARM if self.trouble else Level.OK
            return Condition("outbox", level, text, "results stay in the ledger meanwhile" if self.trouble else "")
        return self.outbox.condition()


def _leaves(several: BaseExceptionGroup) -> Iterator[BaseException]:
    for each in several.exceptions:
        if isinstance(each, BaseExceptionGroup):
            yield from _leaves(each)
        else:
            yield each
