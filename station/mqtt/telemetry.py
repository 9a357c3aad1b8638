"""Telemetry: the newest values of each slot, told now and then, and the first thing that is dropped when the broker is slow."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from station.mqtt.deadband import Deadband
from station.trace import Event, Measured, Observed, RunEnded, RunStarted, Sampled

MOST_NAMES: Final = 4096
"""Values of one slot; a sequence has fewer."""
MOST_AT_ONCE: Final = 500
"""Values in one message."""

Value = tuple[str, float | None, str]
"""Name, value, unit."""


@dataclass(eq=False)
class Telemetry:
    """What was measured since it was last told."""

    deadband: Deadband
    overflowed: int = 0
    _newest: dict[str, dict[str, tuple[float | None, str]]] = field(default_factory=dict)

    def take(self, body: Mapping[str, Any]) -> None:
        """An event of a run, as the line's news have it."""
        event: Event = body["event"]
        match event:
            case Measured():
                name = f"{event.name}[{event.point}]" if event.point else event.name
                self._note(body["slot"], name, event.value, event.unit)
            case Sampled() if event.values:
                name = f"{event.name}[{event.point}]" if event.point else event.name
                self._note(body["slot"], name, event.values[-1], event.unit)
            case Observed():
                self._note(body["slot"], event.name, event.value, event.unit)
            case RunStarted():
                self._newest.pop(body["slot"], None)
                self.forget()
            case RunEnded():
                self._newest.pop(body["slot"], None)
            case _:
                pass

    def tell(self, at: float) -> Iterator[tuple[str, list[Value]]]:
        """What has changed, by slot, in parts that fit into a message; it is not told again."""
        for slot, newest in self._newest.items():
            worth = [
                (name, value, unit)
                for name, (value, unit) in newest.items()
                if self.deadband.changed(f"{slot}/{name}", value, at)
            ]
            newest.clear()
            for first in range(0, len(worth), MOST_AT_ONCE):
                yield slot, worth[first : first + MOST_AT_ONCE]

    def forget(self) -> None:
        """Whoever listens may have lost it: everything is told anew."""
        self.deadband.forget()

    def _note(self, slot: str, name: str, value: float | None, unit: str) -> None:
        newest = self._newest.setdefault(slot, {})
        if name in newest or len(newest) < MOST_NAMES:
            newest[name] = (value, unit)
        else:
            self.overflowed += 1
