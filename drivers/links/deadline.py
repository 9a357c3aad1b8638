"""A deadline: `asyncio.timeout` for one dialogue at a time, made once and used for every exchange."""

import asyncio
import math
from types import TracebackType


class ExpiredError(Exception):
    """The body did not end in time. No TimeoutError: that one is an OSError too, and means a lost connection."""


class Deadline:
    """`with deadline(seconds):` cancels its body when the loop's time is up, and then raises ExpiredError.

    Not reentrant. A cancellation that comes from elsewhere passes through. `math.inf` waits for ever. Its timer is left to
    ring for nothing when the body was quick, and serves the next body: setting one for every exchange costs more.
    """

    __slots__ = ("_cancelling", "_due", "_expired", "_loop", "_seconds", "_task", "_timer")

    def __init__(self) -> None:
        self._seconds = self._due = math.inf
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[object] | None = None
        self._cancelling = 0
        self._expired = False

    def __call__(self, seconds: float) -> "Deadline":
        """Set the time for the next body."""
        self._seconds = seconds
        return self

    def __enter__(self) -> None:
        if self._seconds == math.inf:
            return
        task = asyncio.current_task()
        assert task is not None, "a dialogue needs a task"  # noqa: S101 - for the type checker; asyncio.run makes tasks
        self._task, self._cancelling, self._expired = task, task.cancelling(), False
        loop = task.get_loop()
        if loop is not self._loop:  # what an earlier loop still had to ring is gone with it
            self._loop, self._timer = loop, None
        self._due = loop.time() + self._seconds
        if self._timer is None or self._timer.when() > self._due:
            self._set(loop)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        task, self._task = self._task, None
        # The timer can only ring while the body awaits, so its cancellation has always reached the body by now.
        if (
            task is not None
            and self._expired
            and task.uncancel() <= self._cancelling
            and kind is asyncio.CancelledError
        ):
            raise ExpiredError from error

    def _set(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(self._due, self._ring, loop)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        if self._task is None or self._expired:
            return
        if self._due > loop.time():
            self._set(loop)
            return
        self._expired = True
        self._task.cancel()
