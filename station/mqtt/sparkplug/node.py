"""The node: a line told as an edge node. It looks at the line a few times a second, and hands over what is to be published."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from station.line.line import Line
from station.line.news import FellBehind, Item
from station.mqtt.remembered import Remembered
from station.mqtt.sparkplug.edge import Edge, Message
from station.mqtt.sparkplug.facts import Facts, measured
from station.trace import Measured, Observed, Sampled

LOOK: Final = 0.25
"""Seconds between two looks at what is new."""
ANYWAY: Final = 30.0
"""Seconds after which the line is looked at, news or not: its conditions may have changed."""


class Telemetry(Protocol):
    """What was measured in the slots, and is worth telling."""

    def take(self, body: Mapping[str, Any], /) -> None:
        """An event of the line's news."""
        ...

    def tell(self, at: float, /) -> Iterable[tuple[str, list[tuple[str, float | None, str]]]]:
        """By slot: names, values and units; they are told then."""
        ...


@dataclass(eq=False)
class Node:
    """Before each CONNECT `will`, after it `greet`; `run` lives as long as the daemon, connected or not.

    `send` is called with what to publish, in order and without waiting; `leave` when the connection must be given up afterwards.
    """

    line: Line
    edge: Edge
    telemetry: Telemetry
    every: float
    """Seconds between two batches of telemetry; 0: none."""
    remembered: Remembered
    send: Callable[[list[Message]], None]
    leave: Callable[[], None]
    facts: Facts = field(default_factory=Facts)
    _new: bool = True

    async def will(self) -> Message:
        """The last will of the next connection. Raises StoreError where its number cannot be kept: then there must be none."""
        return self.edge.connect(await self.remembered.next_birth())

    def greet(self) -> None:
        """Connected, and subscribed to `edge.names.subscriptions`."""
        self._update()
        self._say(self.edge.born())

    def lost(self) -> None:
        """The connection is gone."""
        self.edge.lost()

    def hear(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """A message on one of them."""
        self._say(self.edge.hear(topic, payload, retained=retained))

    async def run(self) -> None:
        """Tell, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(), name="sparkplug news")
            group.create_task(self._tell(), name="sparkplug data")

    async def _listen(self) -> None:
        last, self._new = self.line.news.last, True
        while True:
            try:
                async for item in self.line.news.since(last):
                    last = item.number
                    self._take(item)
            except FellBehind:
                last, self._new = self.line.news.last, True

    def _take(self, item: Item) -> None:
        if item.kind == "event":
            self.telemetry.take(item.body)
            self.facts.hear(item.body)
            if isinstance(item.body["event"], Measured | Observed | Sampled):
                return
        self._new = True

    async def _tell(self) -> None:
        clock = asyncio.get_running_loop().time
        looked = measured_at = clock()
        while True:
            self._say(self.edge.tick())
            if self._new or clock() - looked >= ANYWAY:
                looked = clock()
                self._update()
            if self.every and clock() - measured_at >= self.every:
                measured_at = clock()
                for slot, values in self.telemetry.tell(measured_at):
                    self._say(self.edge.note(slot, measured(values)))
            await asyncio.sleep(LOOK)

    def _update(self) -> None:
        self._new = False
        self._say(self.edge.update(self.facts.of_line(self.line.status()), self.facts.of_slots(self.line.slots())))

    def _say(self, messages: list[Message]) -> None:
        if messages:
            self.send(messages)
            if self.edge.leaving:
                self.leave()
