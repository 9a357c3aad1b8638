"""News: all that happens on a line, numbered, for whoever watches it now and for who was away a moment."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from station.trace import Sampled

KEPT = 4096
"""Items that are kept for who was away; one with many samples counts as several."""
_SAMPLES = 64
"""Samples that take as much room as an item."""


@dataclass(frozen=True, slots=True)
class Item:
    """`kind` is `event` (of a run: `run`, `slot`, `serial`, `number` in its trace, `type`, and the `event` itself), `ticket`,
    `slot`, `mode` or `condition`; `body` is made of what JSON has, and of frozen dataclasses of such.
    """

    number: int
    kind: str
    body: Mapping[str, Any]


class FellBehind(Exception):
    """A reader was too slow, or away for too long: some of the news are gone."""


@dataclass(eq=False)
class News:
    """Told by the line, read by any number of readers, none of whom can hold it up."""

    items: deque[Item] = field(default_factory=deque)
    last: int = 0
    _weight: int = 0
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, kind: str, body: Mapping[str, Any]) -> None:
        """Tell everybody."""
        self.last += 1
        self.items.append(Item(self.last, kind, body))
        self._weight += _weight_of(body)
        while self._weight > KEPT:
            self._weight -= _weight_of(self.items.popleft().body)
        self._more.set()
        self._more = asyncio.Event()

    async def since(self, number: int) -> AsyncIterator[Item]:
        """Everything that came after the item of that number, for ever. Raises FellBehind when some of it is not kept."""
        while True:
            if number > self.last or (self.items and number < self.items[0].number - 1):
                raise FellBehind(f"item {number + 1} is not kept any more")
            more = self._more
            for item in [self.items[at] for at in range(number - self.last, 0)]:
                number = item.number
                yield item
            if number == self.last:
                await more.wait()


def _weight_of(body: Mapping[str, Any]) -> int:
    event = body.get("event")
    return 1 + len(event.times) // _SAMPLES if isinstance(event, Sampled) else 1
