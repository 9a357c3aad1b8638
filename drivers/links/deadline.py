"""A deadline: `asyncio.timeout` for one dialogue at a time, made once and used for every exchange."""

import asyncio
import math
from types import TracebackType


class ExpiredError(Exception):
    """The body did not end in time. No TimeoutError: that one is an OSError too, and means a lost connection."""


class Deadline:
    """`with deadline(seconds):` cancels its body when the loop's time is up, and then raises ExpiredError.

    Not reentrant. A cancellation that comes from elsewhere passes through. `math.inf` waits for ever.
    """

    __slots__ = ("_cancelling", "_expired", "_seconds", "_task", "_timer")

    def __init__(self) -> None:
        self._seconds = math.inf
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
        self._timer = loop.call_at(loop.time() + self._seconds, self._expire)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        timer, task = self._timer, self._task
        if timer is None or task is None:
            return
        self._timer = self._task = None
        timer.cancel()
        # The timer can only fire while the body awaits, so its cancellation has always reached the body by now.
        if self._expired and task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise ExpiredError from error

    def _expire(self) -> None:
        self._expired = True
        if self._task is not None:
            self._task.cancel()
