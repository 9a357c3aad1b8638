"""Held: what changed while nobody could be told. It is told later as history; the oldest goes first when there is too much."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final, NamedTuple

from station.mqtt.sparkplug.metrics import Fact

MOST_HELD: Final = 10_000


class Then(NamedTuple):
    """What a metric of the node (None) or of a device said at a time."""

    device: str | None
    name: str
    fact: Fact
    at: int


@dataclass(eq=False)
class Held:
    """`dropped` counts what was held too long."""

    dropped: int = 0
    _then: deque[Then] = field(default_factory=lambda: deque(maxlen=MOST_HELD))

    def hold(self, then: Then) -> None:
        """Keep it."""
        self.dropped += len(self._then) == MOST_HELD
        self._then.append(then)

    def take(self, most: int) -> Iterator[list[Then]]:
        """All of it, in order, in parts of one device and of at most so many; it is not held any more."""
        then, self._then = list(self._then), deque(maxlen=MOST_HELD)
        for _, group in groupby(then, key=lambda each: each.device):
            part = list(group)
            yield from (part[first : first + most] for first in range(0, len(part), most))
