"""Making the bench safe: in the declared order, every instrument tried, each within its own deadline, exactly once a run.

This observes; it is not a safety component. Whatever protects people must do so without this software.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from drivers.roles import Instrument
from sequences.sequence import Pause

DEADLINE = 0.2
"""Seconds that an instrument has to confirm its safe state, unless the station file says otherwise."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SafePlan:
    """Stages of instrument names: those of one stage go together, the next stage begins when the last one is through.

    A pause between two stages names the instruments in its `needs`.
    """

    stages: tuple[tuple[str, ...] | Pause, ...]
    deadlines: Mapping[str, float]

    def among(self, reached: Collection[str]) -> "SafePlan":
        """The same order with those instruments only that were reached."""
        stages = (
            stage if isinstance(stage, Pause) else tuple(n for n in stage if n in reached) for stage in self.stages
        )
        return SafePlan(tuple(stage for stage in stages if stage), self.deadlines)

    @property
    def longest(self) -> float:
        """The longest that carrying it out can take, in seconds."""
        return sum(
            stage.seconds + self._longest(stage.needs) if isinstance(stage, Pause) else self._longest(stage)
            for stage in self.stages
        )

    def _longest(self, names: Collection[str]) -> float:
        return max((self.deadlines.get(name, DEADLINE) for name in names), default=0.0)


async def make_safe(
    plan: SafePlan,
    instruments: Mapping[str, Instrument],
    in_use_elsewhere: Callable[[str], bool] = lambda _: False,
) -> tuple[str, ...]:
    """Try every instrument of the plan; return what was not confirmed, as sentences (nothing: all is safe).

    One that refuses keeps nobody from being made safe but those behind a pause that needs it: it is tried once more, and
    while it refuses they are left as they are. An instrument that another slot holds is that slot's to make safe, and is
    left alone.
    """
    refusals: dict[str, str] = {}

    async def stage(names: Iterable[str]) -> None:
        mine = [name for name in names if name in instruments and not in_use_elsewhere(name)]
        for name in mine:
            refusals.pop(name, None)
        refusals.update(
            await _stage([(name, instruments[name].make_safe, plan.deadlines.get(name, DEADLINE)) for name in mine])
        )

    for at, each in enumerate(plan.stages):
        if not isinstance(each, Pause):
            await stage(each)
            continue
        await asyncio.sleep(each.seconds)
        await stage(name for name in each.needs if name in refusals)
        doubtful = [name for name in each.needs if name in refusals or name not in instruments]
        if doubtful:
            left = [name for later in plan.stages[at:] if not isinstance(later, Pause) for name in later]
            why = f"is left as it is: {', '.join(doubtful)} is not confirmed safe"
            return (*refusals.values(), *(f"{name} {why}" for name in left))
    return tuple(refusals.values())


async def _stage(orders: Iterable[tuple[str, Callable[[], Coroutine[Any, Any, None]], float]]) -> dict[str, str]:
    """What was not confirmed, by instrument."""
    loop = asyncio.get_running_loop()
    tasks = [(name, within, loop.create_task(order(), name=f"make {name} safe")) for name, order, within in orders]
    said: dict[str, str] = {}
    began = loop.time()
    # The shortest deadline first, so that none is waited for beyond its own.
    for name, within, task in sorted(tasks, key=lambda each: each[1]):
        # asyncio.wait, not asyncio.timeout: a driver that swallows its cancellation must not hold up the next one.
        await asyncio.wait({task}, timeout=max(0.0, began + within - loop.time()))
        if not task.done():
            task.cancel()
            task.add_done_callback(_hush)
            said[name] = f"{name} was not confirmed safe within {within:g} s"
        elif task.cancelled():
            said[name] = f"{name} was not confirmed safe: its driver cancelled itself"
        elif (error := task.exception()) is not None:
            said[name] = f"{name} was not confirmed safe: {error}"
    return {name: said[name] for name, *_ in tasks if name in said}


async def see_through(work: Coroutine[Any, Any, T]) -> tuple[T, bool]:
    """Run `work` to its end however often the caller is cancelled meanwhile; its result, and whether the caller was."""
    task = asyncio.get_running_loop().create_task(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            cancelled = True
    return task.result(), cancelled


def _hush(task: "asyncio.Task[None]") -> None:
    """Take note of a late refusal, so that it is not reported as lost."""
    if not task.cancelled():
        task.exception()
