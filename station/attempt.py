"""One attempt of one step: a task of its own, with a deadline, which can be given up whatever it does."""

import asyncio
import contextvars
from collections.abc import Coroutine, Iterator
from typing import Any

from drivers.errors import InstrumentError
from drivers.links.lease import LEASE, Lease
from station.taking import MisuseError, Taking

GRACE = 0.05
"""Seconds that a step has to end once it was told to; after that it is abandoned, and can reach no instrument any more."""
ABANDONED = "; it did not stop when told and was abandoned"


async def carry_out(body: Coroutine[Any, Any, None], name: str, timeout: float, taking: Taking) -> None:
    """Run a step's body to its end, its deadline or its cancellation; what came of it is in `taking`.

    Cancelled, it raises CancelledError once the step has stopped, or has been given GRACE seconds to.
    """
    lease, context = Lease(), contextvars.copy_context()
    context.run(LEASE.set, lease)
    task = asyncio.get_running_loop().create_task(body, name=name, context=context)
    try:
        await asyncio.wait({task}, timeout=timeout)
        if task.done():
            _take_note(task, taking)
        else:
            taking.fail(f"timed out after {timeout:g} s{await _halt(task)}")
    except asyncio.CancelledError:
        if left := await _halt(task):
            raise asyncio.CancelledError(left) from None
        raise
    finally:
        lease.revoke()


async def _halt(task: "asyncio.Task[None]") -> str:
    """Cancel a step and wait a moment; what is left to say about it."""
    task.cancel()
    await asyncio.wait({task}, timeout=GRACE)
    if task.done():
        return ""
    task.add_done_callback(lambda late: late.cancelled() or late.exception())
    return ABANDONED


def _take_note(task: "asyncio.Task[None]", taking: Taking) -> None:
    """What a step's end means for its verdict."""
    if task.cancelled():
        taking.fail("the step cancelled itself")
        return
    error = task.exception()
    match error:
        case None:
            pass
        case Exception():
            for each in _leaves(error):
                taking.fail(_said(each))
        case _:
            raise error


def _leaves(error: Exception) -> Iterator[Exception]:
    if isinstance(error, ExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error


def _said(error: Exception) -> str:
    match error:
        case InstrumentError():
            return str(error)
        case MisuseError():
            return f"the sequence is wrong: {error}"
        case _:
            return f"{type(error).__name__}: {error}"
