"""The same, plainly: what asyncio and a file of JSON lines cost, without an engine, a ledger or a verdict to earn."""

import asyncio
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from benchmarks.slot import Meter


def lines(count: int, *, synced: bool) -> float:
    """Seconds for `count` steps of one reading, each written as a line and flushed, or with `synced` an fsync too."""
    with TemporaryDirectory(prefix="rackproof-bench-") as folder:
        return asyncio.run(_lines(Path(folder) / "lines.json", count, synced=synced))


async def _lines(path: Path, count: int, *, synced: bool) -> float:
    meter = Meter()
    with path.open("wb") as file:
        began = time.perf_counter()
        for number in range(count):
            read = await meter.read()
            verdict = "PASSED" if read.value <= 2.0 else "FAILED"
            file.write(orjson.dumps({"step": number, "value": read.value, "at": read.at, "verdict": verdict}) + b"\n")
            file.flush()
            if synced:
                os.fsync(file.fileno())
        return time.perf_counter() - began


def sleepers(count: int, steps: int, seconds: float) -> float:
    """Seconds for `count` tasks at once that sleep `steps` times."""

    async def sleeper() -> None:
        for _ in range(steps):
            await asyncio.sleep(seconds)

    async def together() -> float:
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(count):
                group.create_task(sleeper())
        return time.perf_counter() - began

    return asyncio.run(together())
