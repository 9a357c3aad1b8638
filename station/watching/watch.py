"""The watch: all that watches a line, in one piece, so that the daemon has one thing to open."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from station.budget import MIB, Budget
from station.ledger.stopwatch import Stopwatch
from station.line.line import Line
from station.line.news import FellBehind
from station.log import Log, line_log
from station.watching.disk import DiskWatch
from station.watching.metrics import Metrics


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
        budget = Budget(ledger, line.service.station.daemon.most_mib * MIB, protected)
        watch = Watch(metrics, log, budget, DiskWatch(ledger.folder, stopwatch, metrics))
        _ask(watch)
        line.watched += [budget.condition, watch.disk.condition]
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(each, name=f"watching: {name}")
                for name, each in (
                    ("metrics", metrics.run()), ("budget", budget.run()), ("disk", watch.disk.run()), ("log", _follow(line, log)),
                )
            ]  # fmt: skip
            log.logger.info("daemon started", station=line.service.station.name)
            yield watch
            log.logger.info("daemon ended", station=line.service.station.name)
            for task in tasks:
                task.cancel()
    finally:
        await loop.run_in_executor(None, opened.__exit__, None, None, None)


def _ask(watch: Watch) -> None:
    budget, log, ask = watch.budget, watch.log, watch.metrics.ask
    ask("data_bytes", lambda: budget.use.used if budget.use else None)
    ask("data_most_bytes", lambda: budget.use.most if budget.use else None)
    ask("thinned_total", lambda: {part: float(count) for part, count in budget.given_up.items()})
    ask("log_lines_lost_total", lambda: {"dropped": float(log.dropped), "held back": float(log.held_back)})


async def _follow(line: Line, log: Log) -> None:
    """Log the news, and every condition that has changed since it was last looked at."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_conditions(line, log), name="log: conditions")
        while True:
            try:
                async for item in line.news.since(line.news.last):
                    log.hear(item)
            except FellBehind as behind:
                log.logger.warning("news missed", why=str(behind))


async def _conditions(line: Line, log: Log) -> None:
    known: dict[str, tuple[int, str]] = {}
    while True:
        for each in line.status().conditions:
            if known.get(each.name, (0, ""))[0] != each.level:
                write = (log.logger.info, log.logger.warning, log.logger.error)[each.level]
                write("condition", condition=each.name, level_now=each.level.name, text=each.text, remedy=each.remedy)
            known[each.name] = (each.level, each.text)
        await asyncio.sleep(1.0)


def _journal(line: bytes) -> None:
    sys.stderr.buffer.write(line)
    sys.stderr.buffer.flush()
