"""Facts: what a line says of itself, as metrics of an edge node and of its devices."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import Any, Final

from station.line.views import SlotView, Status
from station.mqtt.sparkplug.metrics import Fact
from station.mqtt.sparkplug.values import Datatype
from station.trace import RunEnded

VERDICTS: Final = ("PASSED", "FAILED", "ERROR", "ABORTED", "INTERRUPTED", "REFUSED")


@dataclass(eq=False)
class Facts:
    """Of a line. It remembers the runs' ends: how many of each verdict, and the last one of each slot."""

    _ends: dict[str, int] = field(default_factory=lambda: dict.fromkeys(VERDICTS, 0))
    _last: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def hear(self, body: Mapping[str, Any]) -> bool:
        """An `event` of the line's news; whether it changed anything here."""
        event = body["event"]
        if not isinstance(event, RunEnded):
            return False
        self._last[body["slot"]] = (event.verdict, body["run"], body["serial"])
        if event.verdict in self._ends:
            self._ends[event.verdict] += 1
        return True

    def of_line(self, status: Status) -> dict[str, Fact]:
        """Of the edge node."""
        worst = max(status.conditions, key=lambda each: each.level, default=None)
        troubles = "; ".join(f"{each.name}: {each.text}" for each in status.conditions if each.level)
        return {
            "Line/mode": _text(status.mode),
            "Line/queued": Fact(Datatype.UINT32, status.queued),
            "Line/running": Fact(Datatype.UINT32, status.running),
            "Line/condition": _text(worst.level.name.lower() if worst else "ok"),
            "Line/trouble": _text(troubles[:1000]),
            "Line/site": _text(status.site),
            "Line/version": _text(status.version),
            "Line/simulated": Fact(Datatype.BOOLEAN, status.simulated),
            "Line/started": _instant(status.started),
            **{f"Runs/{name}": Fact(Datatype.UINT64, number) for name, number in self._ends.items()},
        }

    def of_slots(self, views: Iterable[SlotView]) -> dict[str, dict[str, Fact]]:
        """Of the devices: every slot but the locked ones, which are told as dead."""
        return {view.name: self._of(view) for view in views if view.mode != "locked"}

    def _of(self, view: SlotView) -> dict[str, Fact]:
        verdict, run, serial = self._last.get(view.name, ("", "", ""))
        return {
            "Slot/mode": _text(view.mode),
            "Slot/jig": _text(view.jig),
            "Slot/ticket": _text(view.ticket),
            "Slot/run": _text(view.run),
            "Slot/serial": _text(view.serial),
            "Slot/product": _text(view.product),
            "Slot/step": _text(view.step),
            "Slot/since": _instant(view.since),
            "Last/verdict": _text(verdict),
            "Last/run": _text(run),
            "Last/serial": _text(serial),
        }


def measured(values: Iterable[tuple[str, float | None, str]]) -> dict[str, Fact]:
    """Of a device: names, values and units of telemetry. A value that is no number is null."""
    return {
        f"Measured/{name}": Fact(Datatype.DOUBLE, value if value is not None and isfinite(value) else None, unit)
        for name, value, unit in values
    }


def _text(text: str) -> Fact:
    return Fact(Datatype.STRING, text or None)


def _instant(iso: str) -> Fact:
    return Fact(Datatype.DATETIME, int(datetime.fromisoformat(iso).timestamp() * 1000) if iso else None)
