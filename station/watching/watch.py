"""The watch: all that watches a line, in one piece, so that the daemon has one thing to open."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from station.budget import MIB, Budget
from station.condition import Level
from station.ledger.stopwatch import Stopwatch
from station.line.line import Line
from station.line.news import FellBehind
from station.log import Log, line_log
from station.watching.disk import DiskWatch
from station.watching.metrics import Metrics

AGAIN = 10.0
"""Seconds after which something that has failed is begun again."""


@dataclass(frozen=True)
class Watch:
    """What watches a line."""

    metrics: Metrics
    log: Log
    budget: Budget
    disk: DiskWatch


@asynccontextmanager
async def watching(
    line: Line, stopwatch: Stopwatch, protected: Callable[[str], bool] = lambda _: False
) -> AsyncIterator[Watch]:
    """Watch a line until the block ends: its log, its metrics, its disk and the budget of that.

    `stopwatch` is the disk that the line's ledger was opened with; `protected` says of a run whether its result has still to be
    acknowledged by somebody.
    """
    ledger = line.service.ledger
    loop = asyncio.get_running_loop()
    echo = _journal if "JOURNAL_STREAM" in os.environ else None
    opened = line_log(ledger.folder, echo)
    log = opened.__enter__()
    try:
        metrics = Metrics(line)
        budget = Budget(ledger, protected=protected, again=lambda: line.service.station.daemon.most_mib * MIB)
        watch = Watch(metrics, log, budget, DiskWatch(ledger.folder, stopwatch, metrics))
        _ask(watch)
        line.watched += [budget.condition, watch.disk.condition]
        told = _Told(line, log)
        tasks = [
            loop.create_task(_kept_up(each, log), name=f"watching: {each.__qualname__}")
            for each in (metrics.run, budget.run, watch.disk.run, told.run)
        ]
        log.logger.info("daemon started", station=line.service.station.name)
        try:
            yield watch
        finally:  # no task group: what goes wrong in the block is told as it is, not as one of a group
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            told.rest()
            log.logger.info("daemon ended", station=line.service.station.name)
    finally:
        await loop.run_in_executor(None, opened.__exit__, None, None, None)


def _ask(watch: Watch) -> None:
    budget, log, ask = watch.budget, watch.log, watch.metrics.ask
    ask("data_bytes", lambda: budget.use.used if budget.use else None)
    ask("data_most_bytes", lambda: budget.use.most if budget.use else None)
    ask("thinned_total", lambda: {part: float(count) for part, count in budget.given_up.items()})
    ask("log_lines_lost_total", lambda: {"dropped": float(log.dropped), "held back": float(log.held_back)})


async def _kept_up(run: Callable[[], Awaitable[None]], log: Log) -> None:
    """Run it again when it fails: nothing that only watches may end the line that it watches."""
    while True:
        try:
            await run()
        except Exception as error:  # noqa: BLE001 (what only watches must not end the line)
            log.logger.critical("watching failed", what=run.__qualname__, why=f"{type(error).__name__}: {error}")
        await asyncio.sleep(AGAIN)


@dataclass(eq=False)
class _Told:
    """Logs the news of a line, and tells as news every condition whose level has changed."""

    line: Line
    log: Log
    _heard: int = field(init=False)
    _levels: dict[str, Level] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._heard = self.line.news.last

    async def run(self) -> None:
        """For ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._conditions(), name="log: conditions")
            while True:
                try:
                    async for item in self.line.news.since(self._heard):
                        self._heard = item.number
                        self.log.hear(item)
                except FellBehind as behind:
                    self.log.logger.warning("news missed", why=str(behind))
                    self._heard = self.line.news.last

    def rest(self) -> None:
        """What has been told and is not logged yet."""
        for item in [each for each in self.line.news.items if each.number > self._heard]:
            self._heard = item.number
            self.log.hear(item)

    async def _conditions(self) -> None:
        while True:
            for each in self.line.status().conditions:
                if self._levels.get(each.name, Level.OK) is not each.level:
                    self.line.news.tell("condition", {"condition": each})
                self._levels[each.name] = each.level
            await asyncio.sleep(1.0)


def _journal(line: bytes) -> None:
    sys.stderr.buffer.write(line)
    sys.stderr.buffer.flush()
