"""Metrics: what one edge node or device says of itself, by name, each with its alias; and which of it is not told yet."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from station.mqtt.sparkplug.payload import Metric, metric
from station.mqtt.sparkplug.values import Datatype, Value

MOST_METRICS: Final = 4000
"""Of one device; when there are more, those that changed least lately are forgotten."""


class Fact(NamedTuple):
    """A metric's value of its type, and in which unit; None: there is none."""

    datatype: Datatype
    value: Value | None
    unit: str = ""


Facts = Mapping[str, Fact]


@dataclass(eq=False)
class Metrics:
    """All that was ever said by one node or device: a birth tells all of it, so that what comes later can be told by alias."""

    new_alias: Callable[[], int]
    forgotten: int = 0
    grown: bool = True
    """Whether there is a name, a type or a unit that no birth has told."""
    _facts: dict[str, Fact] = field(default_factory=dict)
    _aliases: dict[str, int] = field(default_factory=dict)
    _stamps: dict[str, int] = field(default_factory=dict)
    _untold: dict[str, None] = field(default_factory=dict)

    def note(self, facts: Facts, at: int) -> list[str]:
        """Take note of values; the names of those that changed."""
        changed = []
        for name, fact in facts.items():
            before = self._facts.get(name)
            if before == fact:
                continue
            if before is None:
                self._make_room()
                self._aliases[name] = self.new_alias()
            self.grown |= before is None or before.datatype != fact.datatype or before.unit != fact.unit
            self._facts.pop(name, None)
            self._facts[name], self._stamps[name] = fact, at
            self._untold.pop(name, None)
            self._untold[name] = None
            changed.append(name)
        return changed

    def all(self, at: int) -> Iterator[Metric]:
        """For a birth: everything, as it is now. It is told then."""
        for name, fact in self._facts.items():
            yield metric(name, self._aliases[name], at, fact.datatype, fact.value, unit=fact.unit)
        self._untold.clear()
        self.grown = False

    def new(self, most: int) -> list[Metric]:
        """For data: what changed, in the order in which it did; at most so many. It is told then."""
        names = list(self._untold)[:most]
        for name in names:
            del self._untold[name]
        return [self._by_alias(name, self._facts[name], self._stamps[name]) for name in names]

    def past(self, name: str, fact: Fact, at: int) -> Metric | None:
        """What a metric was at another time; None for one that is forgotten."""
        return self._by_alias(name, fact, at, historical=True) if name in self._facts else None

    def fact(self, name: str) -> Fact:
        """What a metric says now."""
        return self._facts[name]

    def _make_room(self) -> None:
        if len(self._facts) == MOST_METRICS:
            oldest = next(iter(self._facts))
            del self._facts[oldest], self._aliases[oldest], self._stamps[oldest]
            self._untold.pop(oldest, None)
            self.forgotten += 1

    def _by_alias(self, name: str, fact: Fact, at: int, *, historical: bool = False) -> Metric:
        return metric(None, self._aliases[name], at, fact.datatype, fact.value, typed=False, historical=historical)
