"""A private thread: the one on which all calls of one blocking library happen, in order, off the loop."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")

_Job = Callable[[], None]


class PrivateThread:
    """A daemon thread that does one call after the other. One that hangs is left behind with whatever it holds."""

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._pending = 0
        threading.Thread(target=self._work, name=name, daemon=True).start()

    @property
    def busy(self) -> bool:
        """Whether a call has not come back yet, whoever waits for it."""
        return self._pending > 0

    async def run(self, call: Callable[[], T]) -> T:
        """What `call` returns, or raises. Cancelled, the call goes on, and the next one waits for it."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        self._pending += 1

        def settle(result: T | None, error: BaseException | None) -> None:
            self._pending -= 1
            if answer.done():
                return
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(result)  # type: ignore[arg-type]  # None only where the call returns None

        def job() -> None:
            result: T | None = None
            error: BaseException | None = None
            try:
                result = call()
            except BaseException as odd:  # noqa: BLE001 - whatever it is, it belongs to who called
                error = odd
            with suppress(RuntimeError):  # the loop has gone, and nobody waits
                loop.call_soon_threadsafe(settle, result, error)

        self._jobs.put(job)
        return await answer

    def stop(self, last: Callable[[], None]) -> None:
        """Do one last call when all others are done, then end. Nobody waits for it."""

        def job() -> None:
            with suppress(Exception):
                last()

        self._jobs.put(job)
        self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
