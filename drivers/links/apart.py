"""Apart: a blocking call on a private thread, with a deadline; a thread that does not come back is left behind."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")

NAME = "apart:"
MOST = 16
"""Threads that may hang at once before the next call is refused."""


async def apart(call: Callable[[], T], *, within: float, discard: Callable[[T], object] = lambda _: None) -> T:
    """Run `call` on a daemon thread and return what it returns.

    Raises what `call` raises, TimeoutError (an OSError) after `within` seconds, and OSError when too many earlier
    calls still hang. A result that comes too late goes to `discard`.
    """
    if sum(thread.name.startswith(NAME) for thread in threading.enumerate()) >= MOST:
        raise OSError(f"{MOST} calls hang in the operating system; the station must be restarted")
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def deliver(result: T) -> None:
        if answer.done():
            discard(result)
        else:
            answer.set_result(result)

    def fail(error: BaseException) -> None:
        if not answer.done():
            answer.set_exception(error)

    def run() -> None:
        try:
            result = call()
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to who called
            with suppress(RuntimeError):  # the loop has gone, and nobody waits
                loop.call_soon_threadsafe(fail, error)
            return
        try:
            loop.call_soon_threadsafe(deliver, result)
        except RuntimeError:
            discard(result)

    threading.Thread(target=run, name=f"{NAME}{getattr(call, '__name__', 'call')}", daemon=True).start()
    async with asyncio.timeout(within):
        return await answer
