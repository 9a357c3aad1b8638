"""A line for the tests of publishing: it says what it is told to say, and notes what it is asked."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from station.condition import Condition, Level
from station.config.documents import Document
from station.config.station_file import Station, StationHeader
from station.config.unattended import MqttEntry
from station.ledger.ledger import Ledger
from station.line.line import Line
from station.line.news import News
from station.line.views import SlotView, Status
from station.mqtt.broker.broker import Pace
from station.mqtt.courier import Patience
from station.mqtt.publishing import Publishing
from station.trace import Event
from tests.station.results import at_work

QUICK = Pace(keepalive=1.0, deadline=1.0, opening=2.0, resolving=1.0, first=0.05, most=0.2, taken=1.0)
"""A broker is noticed to be frozen, and is looked for again, in seconds."""


@dataclass(eq=False)
class FakeLine:
    """Its news are ours to tell."""

    news: News = field(default_factory=News)
    views: list[SlotView] = field(default_factory=lambda: [SlotView("A", "whip-panel-8", "free")])
    mode: str = "serving"
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def slots(self) -> list[SlotView]:
        """As they are."""
        return self.views

    def status(self) -> Status:
        """As it is."""
        conditions = (Condition("line", Level.OK, "well"),)
        return Status("cell-2", "houston", "0.1.0", self.mode, 0, 0, "2026-01-01T00:00:00.000Z", True, conditions)

    def become(self, mode: str) -> None:
        """Another mode."""
        self.mode = mode
        self.news.tell("mode", {"mode": mode})

    def show(self, view: SlotView) -> None:
        """A slot becomes so."""
        self.views = [view if each.name == view.name else each for each in self.views]
        self.news.tell("slot", {"slot": view})

    def happen(self, run: str, number: int, event: Event, slot: str = "A") -> None:
        """Something happens in a run."""
        said = {"run": run, "slot": slot, "serial": "SN1", "number": number}
        self.news.tell("event", said | {"type": type(event).__name__, "event": event})


def station_at(folder: Path, broker: str, **entry: Any) -> Station:
    """A station whose file names this broker."""
    document = Document(folder / "cell-2.toml", "", {})
    header = StationHeader("cell-2", "houston")
    return Station(header, {}, {}, document, mqtt=MqttEntry(broker, **entry))


def publishing_of(
    folder: Path, ledger: Ledger, broker: str, line: FakeLine | None = None, patience: float = 30.0, **entry: Any
) -> Publishing:
    """The publishing of a line at a broker, quick and seeded."""
    station = station_at(folder, broker, **entry)
    held = cast("Line", line or FakeLine())
    chance = random.Random(1)  # noqa: S311 (seeded, so that it goes the same way each time)
    return Publishing(
        station, held, ledger, folder, chance, QUICK, replace(Patience(), receipt=patience, most=patience)
    )


@asynccontextmanager
async def published(publishing: Publishing) -> AsyncIterator[Publishing]:
    """It runs until the block ends."""
    async with at_work(publishing.run):
        yield publishing
