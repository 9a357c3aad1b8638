"""The post: what goes out besides results. What is true now replaces what was; what is of the moment is sent now or never."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from station.mqtt.broker.letter import Denied, Letter, Unsent

MOST_ANSWERS: Final = 1000
MOST_PASSING: Final = 256
SLOW: Final = 1.0
"""Seconds for which a broker may owe an answer before what is of the moment is dropped."""


@dataclass(eq=False)
class Post:
    """`run` lives as long as the daemon; `send` raises Unsent and Denied."""

    send: Callable[[Letter], Awaitable[None]]
    joined: asyncio.Event
    """Set while there is a connection."""
    lag: Callable[[], float]
    """Seconds for which the broker has owed an answer."""
    dropped: int = 0
    """Letters of the moment that were dropped: telemetry, events."""
    refusal: str = ""
    """What the broker did not take last, and why."""
    _kept: dict[str, Letter] = field(default_factory=dict)
    _answers: deque[Letter] = field(default_factory=lambda: deque(maxlen=MOST_ANSWERS))
    _passing: deque[Letter] = field(default_factory=deque)
    _more: asyncio.Event = field(default_factory=asyncio.Event)
    _some: asyncio.Event = field(default_factory=asyncio.Event)

    def keep(self, letter: Letter) -> None:
        """Of what is true now: of each topic the last one is sent, as soon as there is a connection. The broker retains it."""
        self._kept[letter.topic] = letter
        self._more.set()

    def answer(self, letter: Letter) -> None:
        """To a command; sent as soon as there is a connection."""
        self._answers.append(letter)
        self._more.set()

    def pass_on(self, letter: Letter) -> None:
        """Of the moment. It is dropped, and counted, without a connection, and when the broker is slow."""
        if self.joined.is_set() and self.lag() < SLOW and len(self._passing) < MOST_PASSING:
            self._passing.append(letter)
            self._some.set()
        else:
            self.dropped += 1

    async def run(self) -> None:
        """Send, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pass(), name="mqtt passing")
            while True:
                await self.joined.wait()
                letter = self._next()
                if letter is None:
                    self._more.clear()
                    await self._more.wait()
                    continue
                try:
                    await self.send(letter)
                except Unsent:
                    self._put_back(letter)
                    await asyncio.sleep(0.1)
                except Denied as denied:
                    self.refusal = f"{letter.topic}: {denied}"

    async def _pass(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            while self._passing:
                letter = self._passing.popleft()
                try:
                    await self.send(letter)
                except (Unsent, Denied):
                    self.dropped += 1 + len(self._passing)
                    self._passing.clear()

    def _next(self) -> Letter | None:
        if self._answers:
            return self._answers.popleft()
        return self._kept.pop(next(iter(self._kept))) if self._kept else None

    def _put_back(self, letter: Letter) -> None:
        if letter.retain:
            self._kept.setdefault(letter.topic, letter)
        elif len(self._answers) < MOST_ANSWERS:
            self._answers.appendleft(letter)
