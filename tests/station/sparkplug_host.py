"""A small Sparkplug host, written for itself: it reads with protobuf's library, and asks for a rebirth when something is amiss."""

from dataclasses import dataclass, field
from typing import Any

from tests.station.test_sparkplug_payload import STRANGER

VALUES = ("int_value", "long_value", "float_value", "double_value", "boolean_value", "string_value", "bytes_value")


def said(metric: Any) -> Any:
    """What a metric says, raw; None for null."""
    there = [name for name in VALUES if metric.HasField(name)]
    assert len(there) == (0 if metric.is_null else 1), metric
    return getattr(metric, there[0]) if there else None


def rebirth() -> bytes:
    """The request for one."""
    asked = STRANGER(timestamp=1)
    asked.metrics.add(name="Node Control/Rebirth", datatype=11, boolean_value=True)
    raw: bytes = asked.SerializeToString()
    return raw


@dataclass(eq=False)
class Host:
    """Knows one edge node. `values` is by device (empty: the node) and name; `asks` says why rebirths were asked for."""

    online: bool = False
    bdseq: int | None = None
    seq: int | None = None
    values: dict[tuple[str, str], Any] = field(default_factory=dict)
    units: dict[tuple[str, str], str] = field(default_factory=dict)
    history: list[tuple[str, str, Any, int]] = field(default_factory=list)
    devices: dict[str, bool] = field(default_factory=dict)
    names: dict[int, tuple[str, str]] = field(default_factory=dict)
    asks: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def hear(self, topic: str, payload: bytes) -> bytes | None:
        """Take a message; a request for a rebirth if one is needed."""
        _, _, kind, _, *rest = topic.split("/")
        device, message = (rest[0] if rest else ""), STRANGER.FromString(payload)
        asked = len(self.asks)
        self.kinds.append(kind)
        if kind == "NDEATH":
            assert not message.HasField("seq")
            (only,) = message.metrics
            if only.name == "bdSeq" and only.long_value == self.bdseq:
                self.online = False
                self.devices = dict.fromkeys(self.devices, False)
            else:
                self.asks.append(f"a death of {only.long_value}, and the birth was of {self.bdseq}")
        elif kind == "NBIRTH":
            assert message.seq == 0
            self.names.clear()
            self.values.clear()
            self.devices.clear()
            self.online, self.seq = True, 0
            self._birth(device, message)
            self.bdseq = self.values["", "bdSeq"]
        elif not self.online:
            self.asks.append(f"{kind} before a birth")
        elif message.seq != (int(self.seq or 0) + 1) % 256:
            self.asks.append(f"{message.seq} after {self.seq}")
        else:
            self.seq = message.seq
            self._device(kind, device, message)
        return rebirth() if len(self.asks) > asked else None

    def _device(self, kind: str, device: str, message: Any) -> None:
        if kind == "DBIRTH":
            self.devices[device] = True
            self.names = {alias: key for alias, key in self.names.items() if key[0] != device}
            self._birth(device, message)
        elif kind == "DDEATH":
            self.devices[device] = False
        else:
            for metric in message.metrics:
                assert not metric.HasField("name")
                assert not metric.HasField("datatype")
                assert metric.HasField("timestamp")
                known = self.names.get(metric.alias)
                if known is None or known[0] != device:
                    self.asks.append(f"alias {metric.alias} is not known of {device}")
                elif metric.is_historical:
                    self.history.append((*known, said(metric), metric.timestamp))
                else:
                    self.values[known] = said(metric)

    def _birth(self, device: str, message: Any) -> None:
        for metric in message.metrics:
            assert metric.HasField("name")
            assert metric.HasField("timestamp")
            assert metric.HasField("datatype")
            assert metric.HasField("alias") is (metric.name != "Node Control/Rebirth"), metric
            if metric.HasField("alias"):
                if metric.alias in self.names:
                    self.asks.append(f"alias {metric.alias} is {self.names[metric.alias]} and {metric.name}")
                self.names[metric.alias] = (device, metric.name)
            self.values[device, metric.name] = said(metric)
            for value in metric.properties.values:
                self.units[device, metric.name] = value.string_value
