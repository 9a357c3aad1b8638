# ruff: noqa: SLF001 - a loop is made of asyncio's inner parts; requires-python pins the release they belong to
"""An event loop whose clock jumps to the next timer when nothing is ready: 72 hours of line time in a blink.

The same program does the same things in the same order every time:

* timers with equal deadlines run in the order in which they were set;
* a set of tasks is walked in the order of their numbers, not of their addresses in memory;
* `time()` is exactly the deadline of the timer that runs, so n * period stays exact;
* while a job runs in an executor, or `outside()` is open, the clock stands still (several jobs at once come back in
  the order in which the machine finishes them: whoever needs the same bytes again awaits one at a time);
* when every task waits and no timer is set, `Deadlock` says at once who waits where, and for what.

Real sockets, pipes and child processes do not belong to this time: the loop refuses them. Signal handlers work.
"""

import asyncio
import math
import selectors
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import Context
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

from sim.waiting import who_waits

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""What the simulated wall clock shows when a loop's time is 0."""

_FEW = 100  # cancelled timers that are not worth sweeping out


class Deadlock(RuntimeError):
    """Every task waits and no timer is set: nothing can happen any more. The text says who waits where, and for what."""


class _Task(asyncio.Task[Any]):
    """A task whose hash is its number: a set of tasks is walked in the same order in every run."""

    def __init__(
        self,
        coro: Generator[Any, None, Any] | Coroutine[Any, Any, Any],
        loop: asyncio.AbstractEventLoop,
        number: int,
        context: Context | None,
    ) -> None:
        self._number = number
        super().__init__(coro, loop=loop, name=f"Task-{number}", context=context)

    def __hash__(self) -> int:
        return self._number


class _Timer(asyncio.TimerHandle):
    _scheduled: bool


class _WakeUpPipe(selectors.DefaultSelector):
    """Watches the loop's own pipe, through which threads and signals wake it, and nothing else."""

    def register(self, fileobj: "FileDescriptorLike", events: int, data: object = None) -> selectors.SelectorKey:
        if self.get_map():
            raise RuntimeError("there are no real sockets in virtual time: use asyncio.run")
        return super().register(fileobj, events, data)


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop. `patience`: real seconds that the clock stands still for one job outside before time goes on without it."""

    _ready: deque[asyncio.Handle]
    _stopping: bool
    _closed: bool
    _selector: selectors.BaseSelector
    _signal_handlers: dict[int, asyncio.Handle]
    _process_events: Callable[[list[tuple[selectors.SelectorKey, int]]], None]

    def __init__(self, patience: float = 120.0) -> None:
        self._now = 0.0
        self._timers: list[tuple[float, int, _Timer]] = []
        self._set = self._born = self._cancelled = self._outside = 0
        self._patience = patience
        super().__init__(_WakeUpPipe())
        self.set_task_factory(self._task)

    def time(self) -> float:
        """Simulated seconds since this loop was made."""
        return self._now

    def call_later(
        self, delay: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Like asyncio's."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Like asyncio's, without what it looks after in debug mode."""
        if self._closed:
            raise RuntimeError("Event loop is closed")
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Like asyncio's, and first in, first out among equal deadlines; `inf` is never."""
        if self._closed:
            raise RuntimeError("Event loop is closed")
        timer = _Timer(when, callback, args, self, context)
        timer._scheduled = True
        self._set += 1
        heappush(self._timers, (when, self._set, timer))
        return timer

    def suspend(self, seconds: float) -> None:
        """The machine sleeps for so long: the clock goes on, nothing runs; every timer that is overdue then runs at once."""
        self._now += seconds

    @contextmanager
    def outside(self) -> Iterator[None]:
        """The clock stands still while this is open: a thread that the loop does not know of is at work for it."""
        self._outside += 1
        try:
            yield
        finally:
            self._outside -= 1

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> "asyncio.Future[T]":
        """Like asyncio's; the clock stands still until the future is done. A job that was given up does not hold it."""
        future = super().run_in_executor(executor, func, *args)
        self._outside += 1
        future.add_done_callback(self._came_back)
        return future

    async def shutdown_default_executor(self) -> None:
        """Like asyncio's."""
        with self.outside():
            await super().shutdown_default_executor()

    def _task(
        self,
        loop: asyncio.AbstractEventLoop,
        coro: Generator[Any, None, Any] | Coroutine[Any, Any, Any],
        context: Context | None = None,
    ) -> _Task:
        self._born += 1
        return _Task(coro, loop, self._born, context)

    def _came_back(self, _: "asyncio.Future[Any]") -> None:
        self._outside -= 1

    def _timer_handle_cancelled(self, _: asyncio.TimerHandle) -> None:
        self._cancelled += 1
        if self._cancelled > _FEW and self._cancelled * 2 > len(self._timers):
            self._timers = [each for each in self._timers if not each[2]._cancelled]
            heapify(self._timers)
            self._cancelled = 0

    def _run_once(self) -> None:
        """One turn: everything that is due now, in order."""
        ready = self._ready
        if not ready and not self._stopping:
            self._wait()
        timers = self._timers
        while timers and timers[0][0] <= self._now:
            timer = heappop(timers)[2]
            timer._scheduled = False
            ready.append(timer)
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle._cancelled:
                handle._run()

    def _wait(self) -> None:
        """Nothing is ready: wait for what is outside, else move the clock."""
        if self._outside or self._signal_handlers:
            self._process_events(self._selector.select(self._patience if self._outside else 0))
            if self._ready:
                return
        timers = self._timers
        while timers and timers[0][2]._cancelled:
            heappop(timers)
            self._cancelled -= 1
        if timers and timers[0][0] < math.inf:
            self._now = max(self._now, timers[0][0])
        elif not self._outside:
            raise Deadlock("\n  ".join(["every task waits and no timer is set:", *who_waits(self)]))


def factory() -> VirtualLoop:
    """A new loop, wherever a loop factory is asked for."""
    return VirtualLoop()


def run(main: Coroutine[Any, Any, T]) -> T:
    """Like asyncio.run, in virtual time. Raises Deadlock, after every task has been cancelled and has cleaned up."""
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main)


def outside(loop: asyncio.AbstractEventLoop) -> AbstractContextManager[None]:
    """`loop.outside()` where time is virtual; elsewhere time goes on anyway."""
    return loop.outside() if isinstance(loop, VirtualLoop) else nullcontext()


def wall(loop: asyncio.AbstractEventLoop) -> datetime:
    """The simulated wall clock, to the microsecond."""
    return EPOCH + timedelta(seconds=loop.time())
