"""Publishing: the line at a broker. It says what the line does, carries results until they are received, and takes commands.

No run waits for any of it: without a broker results wait in the outbox, and what is of the moment is not told.
"""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from station.condition import Condition, Level
from station.config.station_file import Station
from station.ledger.ledger import Ledger
from station.line.line import Line
from station.mqtt import payloads
from station.mqtt.broker.broker import PACE, Broker, Pace
from station.mqtt.broker.letter import Heard, Letter
from station.mqtt.commanding import Commanding
from station.mqtt.commands import Commands
from station.mqtt.contact import Contact
from station.mqtt.counters import Counters
from station.mqtt.courier import Patience
from station.mqtt.deadband import Deadband
from station.mqtt.key_file import KeyFile
from station.mqtt.node import Node
from station.mqtt.post import Post
from station.mqtt.remembered import Remembered
from station.mqtt.results import MEND, Results
from station.mqtt.sparkplug.names import Names
from station.mqtt.telemetry import Telemetry
from station.mqtt.telling import Telling
from station.mqtt.topics import Topics
from station.outbox.entry import Entry
from station.store import StoreError, opened
from station.walls import WallClock, real_wall

HEARTBEAT: Final = 60.0
"""Seconds after which telemetry is told though it has not changed."""


@dataclass(eq=False)
class Publishing:
    """`run` lives as long as the daemon. The station's file names a broker."""

    station: Station
    line: Line
    ledger: Ledger
    folder: Path
    chance: random.Random = field(default_factory=lambda: random.Random(os.urandom(16)))  # noqa: S311 (it spreads pauses: nobody gains by guessing them)
    pace: Pace = PACE
    patience: Patience = Patience()
    wall: WallClock = real_wall
    trouble: str = ""
    """What keeps it from the broker, and everybody from commanding."""
    faults: int = 0
    """How often something went wrong in here that should not."""
    broker: Broker = field(init=False)
    post: Post = field(init=False)
    results: Results = field(init=False)
    topics: Topics = field(init=False)
    telling: Telling | Node = field(init=False)
    commanding: Commanding | None = None
    refused: int = 0
    """Commands that came when nobody could command."""

    def __post_init__(self) -> None:
        entry = self.station.mqtt
        if entry is None:
            raise ValueError("the station file names no broker")
        self.topics = topics = Topics.of(entry.root, self.station)
        self.broker = broker = Broker(
            Contact.of(self.station, self.folder), (topics.receipt, f"{topics.command}/+"), self._hear, self._greet,
            self._will, self.chance, self.pace, self.wall,
        )  # fmt: skip
        self.post = Post(broker.send, broker.joined, lambda: broker.lag)
        make = partial(payloads.result_of, site=self.station.site)
        self.results = Results(
            self.line, self.ledger, self.folder, make, self._carry, broker.joined, self.chance, entry.receipts,
            self.patience,
        )  # fmt: skip
        telemetry = Telemetry(Deadband(heartbeat=HEARTBEAT))
        if entry.payload == "sparkplug":
            self.telling = node = Node.of(
                Names(entry.root, self.station.name, entry.primary_host),
                self.line,
                broker,
                telemetry,
                entry.telemetry_s,
                self.chance,
                self.results.look,
            )
            broker.filters = (*broker.filters, *node.edge.names.subscriptions)
            broker.kept = frozenset({node.edge.names.state})
        else:
            will = Letter(topics.state, payloads.gone(self.station.name, self.station.site), retain=True)
            self.telling = Telling(
                self.line, topics, self.post, will, telemetry, entry.telemetry_s, self.wall, self.results.look
            )

    async def run(self) -> None:
        """Be at the broker whenever it is there, for ever. What goes wrong in here is an alarm, and never ends the line."""
        loop = asyncio.get_running_loop()
        while True:
            served = loop.create_task(self._served(), name="mqtt")
            try:
                await asyncio.wait([served])
                self.faults += 1
                self.trouble = (
                    f"a fault of this program: {'it ended' if served.cancelled() else repr(served.exception())}"
                )
            finally:
                served.cancel()
                await asyncio.wait([served])
            await asyncio.sleep(MEND)

    async def _served(self) -> None:
        """Without what must be remembered nobody may command, and no edge node is born. Tried until the disk lets it."""
        while True:
            try:
                async with opened(partial(Remembered.open, self.folder)) as remembered:
                    self.trouble = ""
                    await self._at_work(remembered)
            except StoreError as error:
                self.trouble = str(error)
            await asyncio.sleep(MEND)

    async def _at_work(self, remembered: Remembered) -> None:
        self.commanding = self._commanding_of(remembered)
        if isinstance(self.telling, Node):
            self.telling.remembered = remembered
        async with asyncio.TaskGroup() as group:
            for each in (self.broker, self.post, self.telling, self.results, *self._if_commanded()):
                group.create_task(_for_ever(each.run), name=f"mqtt {type(each).__name__}")

    def condition(self) -> Condition:
        """The worst of them."""
        return max((each() for each in self.conditions), key=lambda condition: condition.level)

    @property
    def conditions(self) -> tuple[Callable[[], Condition], ...]:
        """How it is with the broker, with the outbox, and with commands."""
        return self._of_broker, self.results.condition, self._of_commands

    @property
    def counters(self) -> Counters:
        """What has been, in numbers."""
        broker, courier, outbox = self.broker, self.results.courier, self.results.outbox
        commands = self.commanding.commands if self.commanding is not None else None
        return Counters(
            connected=broker.connected,
            connects=broker.connects,
            takeovers=broker.takeovers,
            outbox=outbox.waiting if outbox else 0,
            aside=outbox.aside if outbox else 0,
            oldest=outbox.oldest if outbox else "",
            sent=courier.sent if courier else 0,
            received=courier.received if courier else 0,
            odd_receipts=courier.odd_receipts if courier else 0,
            refused_receipts=self.results.refused,
            dropped=self.post.dropped + self.telling.dropped,
            taken_commands=commands.taken if commands else 0,
            refused_commands=self.refused + (sum(commands.refused.values()) if commands else 0),
        )

    def owes(self, run: str) -> bool:
        """Whether the result of a run may still have to be received by somebody."""
        outbox = self.results.outbox
        return outbox is None or outbox.owes(run)

    def age(self) -> float | None:
        """Seconds since the run ended whose result waits longest."""
        oldest = self.counters.oldest
        return (self.wall() - datetime.fromisoformat(oldest)).total_seconds() if oldest else None

    def refusals(self) -> dict[tuple[str, str], float]:
        """What was refused, by `mqtt` and why."""
        commands = self.commanding.commands.refused if self.commanding is not None else {}
        counted = {str(why): count for why, count in commands.items()} | {"receipt": self.results.refused}
        counted["not-allowed"] = counted.get("not-allowed", 0) + self.refused
        return {("mqtt", why): float(count) for why, count in counted.items()}

    def _commanding_of(self, remembered: Remembered) -> Commanding | None:
        entry, clock = self.station.mqtt, asyncio.get_running_loop().time
        if entry is None or not entry.commands:
            return None
        keys = KeyFile(self.station.document.file.parent / entry.commands)
        commands = Commands(self.station.name, keys.keys, remembered, clock)
        return Commanding(commands, self.line, self.wall, self._answer, keys)

    def _if_commanded(self) -> tuple[Commanding, ...]:
        return () if self.commanding is None else (self.commanding,)

    def _answer(self, payload: bytes) -> None:
        self.post.answer(Letter(self.topics.answer, payload))

    async def _will(self) -> Letter:
        return await self.telling.will_of_now()

    async def _greet(self) -> None:
        """First what the line is doing, since the broker may have told the last will."""
        await self.telling.greet(self.broker.send)
        self.results.again()

    async def _carry(self, entry: Entry) -> None:
        await self.broker.send(Letter(self.topics.result, entry.payload))

    def _hear(self, heard: Heard) -> None:
        """In the loop's thread, for every message: nothing here may block or raise."""
        above, _, level = heard.topic.rpartition("/")
        if heard.topic == self.topics.receipt:
            self.results.hear(heard)
        elif above == self.topics.command:
            if self.commanding is None:
                self.refused += 1
            else:
                self.commanding.hear(level, heard.payload, retained=heard.retained)
        elif isinstance(self.telling, Node):
            self.telling.hear(heard)

    def _of_broker(self) -> Condition:
        if self.trouble:
            return Condition("broker", Level.ALARM, self.trouble, "mend it; it is tried again by itself")
        said, courier = self.broker.condition(), self.results.courier
        refusal = self.post.refusal or (courier.refusal if courier is not None else "")
        if refusal and said.level < Level.ALARM:
            return Condition("broker", Level.ALARM, f"the broker does not take {refusal}", "let it, in its access list")
        return said

    def _of_commands(self) -> Condition:
        if self.commanding is None:
            return Condition("commands", Level.OK, "nobody may command over MQTT")
        return self.commanding.condition()


async def _for_ever(run: Callable[[], Awaitable[None]]) -> None:
    """That it ends by itself is a fault, too: a task group would not notice."""
    try:
        await run()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
    raise RuntimeError(f"{getattr(run, '__qualname__', run)} has ended")
