"""Attempts: the steps of a plan, one after another in one task, which is left behind where a step does not stop when told.

One task for all of them, because between two tasks every other slot has its turn: with many slots at work each step would
last longer by what all the others need.
"""

import asyncio
import math
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from drivers.errors import InstrumentError
from drivers.links.lease import LEASE, Lease
from sequences.step import Step
from sequences.verdict import Verdict
from station.safety import see_through
from station.taking import MisuseError, Taking

GRACE = 0.05
"""Seconds that a step has to end once it was told to; after that it is abandoned: it reaches no instrument any more, and no trace."""
ABANDONED = "; it did not stop when told and was abandoned"

Outcome = tuple[Verdict, str]
"""A verdict, and the reason for it."""


@dataclass(slots=True, eq=False)
class Attempt:
    """One attempt of one step, counted from 1; why its time was up, and whether it had to be abandoned."""

    step: Step
    name: str
    item: str
    number: int
    lease: Lease = field(default_factory=Lease)
    taking: Taking | None = None
    late: str = ""
    abandoned: bool = False


Plan = Generator[Attempt, Outcome, Outcome]
"""Yields each attempt when it is its turn, is sent what came of it, and returns what came of all."""


class Actor(Protocol):
    """Who knows what the attempts are about."""

    def expect(self, by: float) -> None:
        """By then the attempt that is going on has ended, or the engine does not get on; `math.inf`: it waits for others."""
        ...

    async def begin(self, attempt: Attempt) -> Taking:
        """Wait for its instruments, and tell that it begins."""
        ...

    async def act(self, attempt: Attempt, taking: Taking) -> None:
        """Do what the step says. Raises whatever goes wrong."""
        ...

    def end(self, attempt: Attempt, verdict: Verdict, reason: str) -> None:
        """Tell what came of it."""
        ...


class Walk:
    """A plan that is gone through, once."""

    _task: "asyncio.Task[Outcome]"
    _over: "asyncio.Future[None]"

    def __init__(self, plan: Plan, actor: Actor) -> None:
        self._plan, self._actor = plan, actor
        self._attempt: Attempt | None = None
        self._halting = False

    async def through(self) -> Outcome:
        """Carry out every attempt.

        Cancelled, it raises CancelledError once the step that is going on has stopped, or has been given GRACE seconds to.
        """
        loop, outcome = asyncio.get_running_loop(), None
        while True:
            self._over = loop.create_future()
            self._task = loop.create_task(self._go(outcome))
            self._task.add_done_callback(self._wake)
            try:
                await self._over
            except asyncio.CancelledError:
                await self._halt()
                raise
            attempt = self._attempt
            if attempt is None or not attempt.abandoned:
                return self._task.result()
            outcome = self._leave(attempt, Verdict.ERROR)

    async def _go(self, outcome: Outcome | None) -> Outcome:
        attempt: Attempt | None = None
        self._attempt = None
        try:
            while True:
                attempt = self._attempt = self._plan.send(outcome) if outcome else next(self._plan)
                outcome = await self._carry_out(attempt)
        except StopIteration as end:
            of_all: Outcome = end.value
            return of_all
        except asyncio.CancelledError as cancelled:
            if attempt is not None and not attempt.abandoned:
                self._plan.throw(cancelled)
            raise

    async def _carry_out(self, attempt: Attempt) -> Outcome:
        self._actor.expect(math.inf)
        taking = attempt.taking = await self._actor.begin(attempt)
        self._actor.expect(asyncio.get_running_loop().time() + attempt.step.timeout + GRACE)
        task = self._task
        task.set_name(attempt.name)
        LEASE.set(attempt.lease)
        deadline = asyncio.get_running_loop().call_later(attempt.step.timeout, self._expire, attempt)
        wrong: Exception | asyncio.CancelledError | None = None
        try:
            await self._actor.act(attempt, taking)
        except (asyncio.CancelledError, Exception) as error:  # noqa: BLE001 (whatever it is, the step has not judged)
            wrong = error
        finally:
            deadline.cancel()
            attempt.lease.revoke()
        if task.cancelling() and await _absorb(task):
            wrong = asyncio.CancelledError()
        if attempt.abandoned:
            raise asyncio.CancelledError
        if self._halting:
            self._actor.end(attempt, Verdict.ABORTED, "")
            raise asyncio.CancelledError
        for reason in [attempt.late] if attempt.late else _reasons(wrong):
            taking.fail(reason)
        verdict, reason = taking.verdict, "; ".join(taking.reasons[:5])
        self._actor.end(attempt, verdict, reason)
        return verdict, reason

    def _expire(self, attempt: Attempt) -> None:
        attempt.late = f"timed out after {attempt.step.timeout:g} s"
        self._task.cancel()
        asyncio.get_running_loop().call_later(GRACE, self._lose, attempt)

    def _lose(self, attempt: Attempt) -> None:
        """Abandon an attempt, unless it has ended."""
        if not attempt.lease.revoked:
            attempt.abandoned = True
            attempt.lease.revoke()
            if attempt.taking is not None:
                attempt.taking.mute()
            self._wake()

    def _wake(self, _: object = None) -> None:
        if not self._over.done():
            self._over.set_result(None)

    def _leave(self, attempt: Attempt, verdict: Verdict) -> Outcome:
        """Tell the end of an abandoned attempt in its stead."""
        self._task.remove_done_callback(self._wake)
        self._task.add_done_callback(lambda late: late.cancelled() or late.exception())
        reason = attempt.late + ABANDONED
        self._actor.end(attempt, verdict, reason)
        return verdict, reason

    async def _halt(self) -> None:
        """Cancel whatever is going on and wait a moment."""
        self._halting = True
        # What goes wrong on the way out is told by who ends the run: nobody asks this task for it any more.
        self._task.add_done_callback(lambda halted: halted.cancelled() or halted.exception())
        self._task.cancel()
        await see_through(asyncio.wait({self._task}, timeout=GRACE))
        if not self._task.done() and self._attempt is not None:
            self._lose(self._attempt)
            self._leave(self._attempt, Verdict.ABORTED)
            with suppress(asyncio.CancelledError):
                self._plan.throw(asyncio.CancelledError())


async def _absorb(task: "asyncio.Task[Outcome]") -> bool:
    """It was a step that was cancelled: nothing of that is left for the steps after it. Whether it had not noticed yet."""
    try:
        await asyncio.sleep(0)
    except asyncio.CancelledError:
        return True
    finally:
        while task.cancelling():
            task.uncancel()
    return False


def _reasons(error: Exception | asyncio.CancelledError | None) -> Iterator[str]:
    """What a step's end means for its verdict: each reason why the station could not judge."""
    match error:
        case None:
            pass
        case ExceptionGroup():
            for each in error.exceptions:
                yield from _reasons(each)
        case asyncio.CancelledError():
            yield "the step cancelled itself"
        case InstrumentError():
            yield str(error)
        case MisuseError():
            yield f"the sequence is wrong: {error}"
        case _:
            yield f"{type(error).__name__}: {error}"
