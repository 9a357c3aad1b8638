"""The edge node: births, deaths, data by exception, sequence numbers and rebirths of Sparkplug B 3.0.

Nothing is sent here: what a method returns is to be published in that order, on the connection that there is now.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from station.mqtt.sparkplug.held import Held, Then
from station.mqtt.sparkplug.host import PrimaryHost
from station.mqtt.sparkplug.metrics import Facts, Metrics
from station.mqtt.sparkplug.names import DEATHS, REBIRTH, Names
from station.mqtt.sparkplug.payload import Metric, Payload, decode, encode, metric
from station.mqtt.sparkplug.values import Carrier, Datatype
from station.mqtt.sparkplug.wire import PayloadError
from station.walls import WallClock

BETWEEN: Final = 5.0
"""Seconds between two births that somebody asked for, at the least."""
MOST_COMMAND: Final = 4096
"""Bytes of a host's command: a request for a rebirth has some forty."""
MOST_AT_ONCE: Final = 500
"""Metrics in one message of data."""


@dataclass(frozen=True, slots=True)
class Message:
    """To be published."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


@dataclass(eq=False)
class Edge:
    """Per connection: `connect` gives its last will, `born` what is published first; then `update`, `hear` and `tick`."""

    names: Names
    wall: WallClock
    clock: Callable[[], float]
    """Seconds, of a clock that is never set: the loop's."""
    chance: random.Random
    stagger: float = 1.0
    """Births that somebody asked for begin at a random moment within so many seconds: others were asked as well."""
    odd: int = 0
    """Messages that were none, or asked for what is not done here."""
    rebirths: int = 0
    leaving: bool = False
    """The host is gone: the connection must be given up once what was returned is published."""
    host: PrimaryHost = field(default_factory=PrimaryHost)
    _node: Metrics = field(init=False)
    _devices: dict[str, Metrics] = field(default_factory=dict)
    _present: dict[str, bool] = field(default_factory=dict)
    """Devices by name, and whether each was born."""
    held: Held = field(default_factory=Held)
    """What changed while there was no connection, or no host."""
    _aliases: Iterator[int] = field(default_factory=count)
    _bdseq: int | None = None
    _seq: int = 0
    _alive: bool = False
    _last: float = float("-inf")
    _due: float | None = None

    def __post_init__(self) -> None:
        self._bdseq_alias = next(self._aliases)
        self._node = Metrics(self._aliases.__next__)

    @property
    def alive(self) -> bool:
        """Whether it was born on this connection, and has not died."""
        return self._alive

    @property
    def due(self) -> float | None:
        """When `tick` has something to say, by the clock; None: not before something else happens."""
        return self._due

    def connect(self, bdseq: int) -> Message:
        """Before each CONNECT: the last will. `bdseq` is one more than the last time, also over restarts, modulo 256."""
        self.lost()
        self._bdseq, self.leaving = bdseq % 256, False
        self.host.unknown()
        return self.death()

    def lost(self) -> None:
        """The connection is gone: what changes from now on is held."""
        self._bdseq, self._alive, self._due = None, False, None
        self._present = dict.fromkeys(self._present, False)

    def death(self) -> Message:
        """What the will says; to be published, too, before a disconnect that is meant."""
        if self._bdseq is None:
            raise ValueError("there is no death without a connection")
        said = metric(DEATHS, None, self._now, Datatype.INT64, self._bdseq)
        return Message(self.names.topic("NDEATH"), encode(Payload(metrics=(said,))), qos=1)

    def born(self) -> list[Message]:
        """Connected and subscribed: everything, then what happened meanwhile. Nothing yet where the host is not there."""
        if self._bdseq is None or (self.names.host and not self.host.online):
            return []
        self._alive, self._due, self._last, self._seq = True, None, self.clock(), 255
        at = self._now
        own = [
            metric(DEATHS, self._bdseq_alias, at, Datatype.INT64, self._bdseq),
            metric(REBIRTH, None, at, Datatype.BOOLEAN, value=False),
        ]
        messages = [self._say("NBIRTH", None, [*own, *self._node.all(at)])]
        messages += [self._birth(name) for name in self._present]
        return messages + list(self._past())

    def update(self, node: Facts, devices: Mapping[str, Facts]) -> list[Message]:
        """What the node and each device say now: all of their devices, by name; one that is not there any more dies."""
        self._note(None, self._node, node)
        messages = [self._die(name) for name in list(self._present) if name not in devices]
        for name, facts in devices.items():
            if name not in self._present:
                self.names.topic("DBIRTH", name)
                self._present[name] = False
            self._note(name, self._of(name), facts)
        return [each for each in messages if each] + self._changes(list(self._present), node=True)

    def note(self, device: str, facts: Facts) -> list[Message]:
        """Values of one device, besides what it says of itself; of one that is not there nothing is told."""
        if device not in self._present:
            return []
        self._note(device, self._of(device), facts)
        return self._changes([device], node=False)

    def hear(self, topic: str, payload: bytes, *, retained: bool = False) -> list[Message]:
        """A message of a host. Never raises; of commands a rebirth alone is done."""
        if self.names.host and topic == self.names.state:
            return self._hear_host(payload)
        if topic != self.names.command or retained:
            self.odd += 1
            return []
        if not _asks(payload):
            self.odd += 1
        elif self._alive and self._due is None:
            self.rebirths += 1
            self._postpone(self._last + BETWEEN)
        return []

    def tick(self) -> list[Message]:
        """Births that are due."""
        return self.born() if self._due is not None and self.clock() >= self._due else []

    @property
    def _now(self) -> int:
        return int(self.wall().timestamp() * 1000)

    def _hear_host(self, payload: bytes) -> list[Message]:
        before = self.host.online
        if not self.host.hear(payload) or before == self.host.online:
            return []
        if self.host.online:
            if self._bdseq is not None:
                self._postpone(self.clock())
            return []
        if not self._alive:
            self._due = None
            return []
        said = self.death()
        self.lost()
        self.leaving = True
        return [said]

    def _postpone(self, earliest: float) -> None:
        self._due = max(self.clock(), earliest) + self.chance.uniform(0, self.stagger)

    def _of(self, device: str) -> Metrics:
        return self._devices.setdefault(device, Metrics(self._aliases.__next__))

    def _note(self, device: str | None, metrics: Metrics, facts: Facts) -> None:
        """Take note; what cannot be told now, by a node that was alive once, is held."""
        at = self._now
        for name in metrics.note(facts, at):
            if not self._alive and self._last > float("-inf"):
                self.held.hold(Then(device, name, metrics.fact(name), at))

    def _changes(self, devices: Iterable[str], *, node: bool) -> list[Message]:
        """Births of those devices that are new or have grown, then data. Nothing while a rebirth is due."""
        if not self._alive or self._due is not None:
            return []
        if self._node.grown:
            return self.born()
        births = [self._birth(name) for name in devices if not self._present[name] or self._devices[name].grown]
        own = list(self._data(None, "NDATA", self._node)) if node else []
        data = [message for name in devices for message in self._data(name, "DDATA", self._devices[name])]
        return [*births, *own, *data]

    def _data(self, device: str | None, kind: str, metrics: Metrics) -> Iterator[Message]:
        while new := metrics.new(MOST_AT_ONCE):
            yield self._say(kind, device, new)

    def _birth(self, device: str) -> Message:
        self._present[device] = True
        return self._say("DBIRTH", device, self._of(device).all(self._now))

    def _die(self, device: str) -> Message | None:
        told = self._present.pop(device)
        return self._say("DDEATH", device, ()) if told and self._alive else None

    def _past(self) -> Iterator[Message]:
        for part in self.held.take(MOST_AT_ONCE):
            device = part[0].device
            if device is None or device in self._present:
                metrics = self._node if device is None else self._devices[device]
                told = [metrics.past(each.name, each.fact, each.at) for each in part]
                yield self._say("NDATA" if device is None else "DDATA", device, [each for each in told if each])

    def _say(self, kind: str, device: str | None, metrics: Iterable[Metric]) -> Message:
        self._seq = (self._seq + 1) % 256
        payload = Payload(self._now, tuple(metrics), self._seq)
        return Message(self.names.topic(kind, device), encode(payload))


def _asks(payload: bytes) -> bool:
    """Whether a command is a request for a rebirth."""
    if len(payload) > MOST_COMMAND:
        return False
    try:
        metrics = decode(payload).metrics
    except PayloadError:
        return False
    return any(each.name == REBIRTH and each.carrier is Carrier.BOOLEAN and each.value for each in metrics)
