"""Telling: the line's news as letters. State and slots are kept by the broker; events and telemetry are of the moment."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from station.line.line import Line
from station.line.news import FellBehind, Item
from station.mqtt import payloads
from station.mqtt.broker.letter import Denied, Letter
from station.mqtt.post import Post
from station.mqtt.telemetry import Telemetry
from station.mqtt.topics import Topics
from station.trace import Measured, Observed, Sampled
from station.walls import WallClock, iso

STATE_S: Final = 30.0
"""Seconds after which the state is told again, changed or not: its conditions are asked for then."""
_OF_TELEMETRY = (Measured, Observed, Sampled)


@dataclass(eq=False)
class Telling:
    """`run` lives as long as the daemon. `ended` is called when a run may have come to its end."""

    line: Line
    topics: Topics
    post: Post
    will: Letter
    telemetry: Telemetry
    every: float
    """Seconds between two batches of telemetry; 0: none."""
    wall: WallClock
    ended: Callable[[], None]

    async def run(self) -> None:
        """Tell, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._news(), name="mqtt news")
            group.create_task(self._state(), name="mqtt state")
            if self.every:
                group.create_task(self._telemetry(), name="mqtt telemetry")

    @property
    def dropped(self) -> int:
        """Values that found no room."""
        return self.telemetry.overflowed

    async def will_of_now(self) -> Letter:
        """What the broker says of the line when it is gone."""
        return self.will

    async def greet(self, send: Callable[[Letter], Awaitable[None]]) -> None:
        """Say what the line is doing, then everything else anew. Raises Unsent."""
        self.telemetry.forget()
        try:
            await send(self._everything())
        except Denied as denied:
            self.post.refusal = f"{self.topics.state}: {denied}"

    def _everything(self) -> Letter:
        """Tell the slots anew; the state is given back, to be told before them."""
        for view in self.line.slots():
            self.post.keep(Letter(self.topics.slot(view.name), payloads.slot_of(view, self._now), retain=True))
        return self._of_state()

    async def _news(self) -> None:
        last = self.line.news.last
        self.post.keep(self._everything())
        while True:
            try:
                async for item in self.line.news.since(last):
                    last = item.number
                    self._tell(item)
            except FellBehind:
                last = self.line.news.last
                self.post.keep(self._everything())
                self.ended()

    def _tell(self, item: Item) -> None:
        match item.kind:
            case "event":
                if isinstance(item.body["event"], _OF_TELEMETRY):
                    if self.every:
                        self.telemetry.take(item.body)
                    return
                self.telemetry.take(item.body)
                topic = self.topics.event(item.body["slot"])
                self.post.pass_on(Letter(topic, payloads.event_of(item.body), qos=0))
            case "slot":
                view = item.body["slot"]
                self.post.keep(Letter(self.topics.slot(view.name), payloads.slot_of(view, self._now), retain=True))
                if not view.run:
                    self.ended()
            case "ticket":
                self.post.keep(self._of_state())
                if item.body["ticket"].stage.is_end:
                    self.ended()
            case _:
                self.post.keep(self._of_state())

    async def _state(self) -> None:
        while True:
            await asyncio.sleep(STATE_S)
            self.post.keep(self._of_state())

    async def _telemetry(self) -> None:
        """A batch when it is due; one that a slow broker cannot take is not made up for."""
        loop = asyncio.get_running_loop()
        began, number = loop.time(), 0
        while True:
            number = max(number + 1, int((loop.time() - began) / self.every))
            await asyncio.sleep(began + number * self.every - loop.time())
            expiry = max(1, int(10 * self.every))
            for slot, values in self.telemetry.tell(loop.time()):
                payload = payloads.telemetry_of(slot, self._now, values)
                self.post.pass_on(Letter(self.topics.telemetry(slot), payload, qos=0, expiry=expiry))

    def _of_state(self) -> Letter:
        return Letter(self.topics.state, payloads.state_of(self.line.status(), self._now), retain=True)

    @property
    def _now(self) -> str:
        return iso(self.wall())
