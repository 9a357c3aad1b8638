"""The metrics of a daemon: fed by the news of its line, and by asking its rooms when somebody looks."""

import asyncio
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from station.line.line import Line
from station.line.news import FellBehind, Item
from station.trace import Event, MadeSafe, RunEnded, RunStarted, Sampled, StepEnded
from station.watching.cadence import Cadence
from station.watching.registry import Numbers, Registry

MODES = ("serving", "paused", "draining", "ended")
SLOT_MODES = ("free", "busy", "paused", "locked")
LOOK, EVERY = 0.5, 5.0
"""Seconds between two looks at the loop, and between two at the process."""


@dataclass(eq=False)
class Metrics:
    """Follows `line` while `run` does. Other rooms count with `count`, or are asked with `ask`."""

    line: Line
    registry: Registry = field(default_factory=Registry)
    _runs: dict[str, tuple[str, str]] = field(default_factory=dict)
    _cadence: Cadence = field(default_factory=Cadence)
    _memory: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        status = self.line.status()
        said = {"station": status.station, "site": status.site, "version": status.version}
        self.registry.set("rackproof_info", 1, **said, simulated="yes" if status.simulated else "no")
        self.registry.count("rackproof_news_missed_total", 0)
        for name, what in (
            ("queue_depth", lambda: self.line.status().queued),
            ("running", lambda: self.line.status().running),
            ("line_mode", lambda: {mode: float(mode == self.line.mode) for mode in MODES}),
            ("slots", self._slots),
            ("condition_level", lambda: {each.name: float(each.level) for each in self.line.status().conditions}),
            ("memory_bytes", lambda: self._memory[0] if self._memory else None),
            ("open_files", lambda: self._memory[1] if self._memory else None),
            ("tasks", lambda: len(asyncio.all_tasks())),
            ("threads", threading.active_count),
        ):
            self.ask(name, what)

    def ask(self, name: str, what: Callable[[], Numbers | None]) -> None:
        """Ask a room for a number whenever somebody looks; `name` without `rackproof_`. It must be cheap."""
        self.registry.ask(f"rackproof_{name}", what)

    def count(self, name: str, by: float = 1.0, /, **labels: str) -> None:
        """Count something in a room; `name` without `rackproof_`."""
        self.registry.count(f"rackproof_{name}", by, **labels)

    def observe(self, name: str, value: float, /, **labels: str) -> None:
        """Put a value into a histogram; `name` without `rackproof_`."""
        self.registry.observe(f"rackproof_{name}", value, **labels)

    def text(self, accept: str = "") -> tuple[bytes, str]:
        """What is told to who looks, and its content type."""
        return self.registry.text(accept)

    async def run(self) -> None:
        """Follow the news, look at the loop and at the process, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow(), name="metrics: news")
            group.create_task(self._feel(), name="metrics: loop")
            group.create_task(self._weigh(), name="metrics: process")

    def hear(self, item: Item) -> None:
        """Count one of the news."""
        match item.kind:
            case "event":
                self._event(item.body)
            case "ticket":
                ticket = item.body["ticket"]
                self.count("tickets_total", source=ticket.source.partition(":")[0], stage=ticket.stage.value)
            case "refused":
                self.count(
                    "refused_total", source=str(item.body.get("source", "")), reason=str(item.body.get("word", ""))
                )
            case "intake" if not item.body["taken"]:
                self.count("refused_total", source=str(item.body["source"]), reason="intake")
            case _:
                pass

    def _event(self, body: Mapping[str, object]) -> None:
        run, event = str(body["run"]), body["event"]
        if isinstance(event, RunStarted):
            self._runs[run] = (event.slot, event.sequence)
        slot, sequence = self._runs.get(run, (str(body["slot"]), ""))
        self._count_event(run, slot, sequence, event)  # type: ignore[arg-type] # a line tells events under that name

    def _count_event(self, run: str, slot: str, sequence: str, event: Event) -> None:
        match event:
            case StepEnded(verdict="ERROR"):
                self.count("steps_erred_total", slot=slot, sequence=sequence)
            case Sampled():
                self.count("samples_total", len(event.times), slot=slot)
                late, gaps = self._cadence.late((run, event.step, event.name, event.point), event.times)
                self.count("sample_gaps_total", gaps, slot=slot)
                for each in late:
                    self.observe("sample_lateness_seconds", each)
            case MadeSafe():
                self.observe("make_safe_seconds", event.seconds)
                self.count("not_safe_total", int(event.verdict != "PASSED"), slot=slot)
            case RunEnded():
                self.count("runs_total", slot=slot, sequence=sequence, verdict=event.verdict)
                self.observe("run_seconds", event.at, sequence=sequence)
                self._runs.pop(run, None)
                self._cadence.forget(run)
            case _:
                pass

    def _slots(self) -> Numbers:
        modes = [each.mode for each in self.line.slots()]
        return {mode: float(modes.count(mode)) for mode in SLOT_MODES}

    async def _follow(self) -> None:
        while True:
            try:
                async for item in self.line.news.since(self.line.news.last):
                    self.hear(item)
            except FellBehind:
                self.count("news_missed_total")

    async def _feel(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LOOK
            await asyncio.sleep(LOOK)
            self.observe("loop_lag_seconds", max(0.0, loop.time() - due))

    async def _weigh(self) -> None:
        while True:
            self._memory = await asyncio.get_running_loop().run_in_executor(None, weigh)
            await asyncio.sleep(EVERY)


def weigh() -> tuple[int, int] | None:
    """Bytes of resident memory, and open files of this process; None where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE"), sum(1 for _ in Path("/proc/self/fd").iterdir())
    except OSError:
        return None
