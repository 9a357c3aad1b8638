"""Signals: what the daemon's process is told, and what the line does then."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from station.daemon.plan import Say
from station.line.line import Line
from station.systemd import Systemd

ENDS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def obeying(line: Line, drain_within: float | None, systemd: Systemd, say: Say) -> Iterator[None]:
    """Until the block ends: SIGTERM and SIGINT drain, a second one aborts; SIGUSR1 stops every run after its step; SIGHUP reads
    the configuration again. After it, SIGTERM and SIGINT are not heard any more: the process is ending already.
    """
    loop, told = asyncio.get_running_loop(), _Told(line, drain_within, systemd, say)
    for each in ENDS:
        loop.add_signal_handler(each, told.end, each.name)
    loop.add_signal_handler(signal.SIGUSR1, line.stop, "asked to stop after the step")
    loop.add_signal_handler(signal.SIGHUP, told.hang_up)
    try:
        yield
    finally:
        told.over()
        for each in (*ENDS, signal.SIGUSR1, signal.SIGHUP):
            loop.remove_signal_handler(each)
            signal.signal(each, signal.SIG_IGN)


@dataclass(eq=False)
class _Told:
    line: Line
    drain_within: float | None
    systemd: Systemd
    say: Say
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)
    _late: asyncio.TimerHandle | None = None

    def end(self, name: str) -> None:
        if self.line.mode in {"draining", "ended"}:
            self._abort(f"stopped by {name}")
            return
        self.line.drain()
        self.systemd.stopping(f"draining {len(self.line.floor.busy)} runs")
        if self.line.floor.busy:
            self.say(f"{name}: draining {len(self.line.floor.busy)} runs; once more aborts them")
        if self.drain_within is not None:
            why = f"not drained within {self.drain_within:g} s"
            self._late = asyncio.get_running_loop().call_later(self.drain_within, self._abort, why)

    def hang_up(self) -> None:
        self._tasks.add(task := asyncio.get_running_loop().create_task(self._reload(), name="reload"))
        task.add_done_callback(self._tasks.discard)

    def over(self) -> None:
        if self._late is not None:
            self._late.cancel()
        for task in self._tasks:
            task.cancel()

    def _abort(self, why: str) -> None:
        if self.line.floor.busy:
            self.say(f"{why}: every run is aborted and made safe")
        self.line.abort(why)

    async def _reload(self) -> None:
        self.systemd.reloading()
        problems = await self.line.reload()
        said = "the configuration stays as it was" if problems else "the configuration was read again"
        self.say("\n".join([f"{said}{':' if problems else ''}", *problems]))
        self.systemd.ready(said)
