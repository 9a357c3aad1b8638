"""The node: the line as an edge node of Sparkplug B, its slots as devices. It tells instead of JSON; results stay as they are."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Self

from station.line.line import Line
from station.line.news import FellBehind, Item
from station.mqtt.broker.broker import Broker
from station.mqtt.broker.letter import Denied, Heard, Letter, Lost, Unsent
from station.mqtt.post import SLOW
from station.mqtt.remembered import Remembered
from station.mqtt.sparkplug.edge import Edge, Message
from station.mqtt.sparkplug.facts import Facts, measured
from station.mqtt.sparkplug.names import Names
from station.mqtt.telemetry import Telemetry
from station.store import StoreError

MOST_WAITING = 1000
"""Messages that wait to be sent; then the broker is slow, and nothing is said until they are."""
TICK = 0.5


@dataclass(eq=False)
class Node:
    """`run` lives as long as the daemon. `ended` is called when a run may have come to its end."""

    line: Line
    edge: Edge
    facts: Facts
    broker: Broker
    telemetry: Telemetry
    every: float
    """Seconds between two batches of telemetry; 0: none."""
    ended: Callable[[], None]
    remembered: Remembered | None = None
    """Where the number of births is kept."""
    skipped: int = 0
    """Batches of telemetry that a slow broker was not given."""
    _waiting: deque[Message] = field(default_factory=deque)
    _greeting: bool = False
    _some: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def of(
        cls, names: Names, line: Line, broker: Broker, telemetry: Telemetry, every: float, chance: random.Random,
        ended: Callable[[], None],
    ) -> Self:  # fmt: skip
        """The node of a line that is called so."""
        edge = Edge(names, broker.wall, lambda: asyncio.get_running_loop().time(), chance)
        return cls(line, edge, Facts(), broker, telemetry, every, ended)

    @property
    def dropped(self) -> int:
        """What was not told, of the moment."""
        return self.skipped + self.telemetry.overflowed

    async def will_of_now(self) -> Letter:
        """The death of the next birth. Raises Lost where its number cannot be kept."""
        if self.remembered is None:
            raise Lost("the number of the next birth is not known")
        try:
            number = await self.remembered.next_birth()
        except StoreError as error:
            raise Lost(f"the number of the next birth cannot be kept: {error}") from error
        self._waiting.clear()
        return _letter(self.edge.connect(number))

    async def greet(self, send: Callable[[Letter], Awaitable[None]]) -> None:
        """Be born. Raises Unsent."""
        self._update()
        self._waiting.clear()
        self._greeting = True
        try:
            for each in self.edge.born():
                await send(_letter(each))
        finally:
            self._greeting = False

    def hear(self, heard: Heard) -> None:
        """What a host says. It never blocks or raises."""
        self._say(self.edge.hear(heard.topic, heard.payload, retained=heard.retained))

    async def run(self) -> None:
        """Tell, for ever."""
        async with asyncio.TaskGroup() as group:
            for each in (self._news, self._moments, self._send):
                group.create_task(each(), name="mqtt node")

    async def _news(self) -> None:
        last = self.line.news.last
        while True:
            try:
                async for item in self.line.news.since(last):
                    last = item.number
                    self._take(item)
            except FellBehind:
                last = self.line.news.last
                self.ended()
            self._update()

    def _take(self, item: Item) -> None:
        match item.kind:
            case "event":
                if self.every:
                    self.telemetry.take(item.body)
                if self.facts.hear(item.body):
                    self.ended()
                    self._update()
            case "slot" | "ticket":
                self.ended()
                self._update()
            case _:
                self._update()

    async def _moments(self) -> None:
        """Births that are due, and batches of telemetry; a slow broker is given none, and what is newest later."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            await asyncio.sleep(min(self.every or TICK, TICK))
            self._say(self.edge.tick())
            if not self.every or loop.time() < due:
                continue
            due = loop.time() + self.every
            if self.broker.lag >= SLOW or len(self._waiting) >= MOST_WAITING:
                self.skipped += 1
                continue
            for slot, values in self.telemetry.tell(loop.time()):
                self._notice()
                self._say(self.edge.note(slot, measured(values)))

    async def _send(self) -> None:
        """In order, on the connection that they were made for."""
        while True:
            await self._some.wait()
            self._some.clear()
            while self._waiting and self.broker.connected:
                try:
                    await self.broker.send(_letter(self._waiting.popleft()))
                except (Unsent, Denied):
                    self._waiting.clear()
                    self.edge.lost()
            if self.edge.leaving and not self._waiting:
                self.edge.leaving = False
                self.broker.give_up()

    def _update(self) -> None:
        self._notice()
        self._say(self.edge.update(self.facts.of_line(self.line.status()), self.facts.of_slots(self.line.slots())))

    def _notice(self) -> None:
        """What changes from now on is held, where the connection is gone."""
        if self.edge.alive and not (self.broker.connected or self._greeting):
            self.edge.lost()

    def _say(self, messages: Iterable[Message]) -> None:
        self._waiting.extend(messages)
        self._some.set()


def _letter(message: Message) -> Letter:
    return Letter(message.topic, message.payload, message.qos, message.retain)
