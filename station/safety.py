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
    """Stages of instrument names: those of one stage go together, the next stage begins when the last one is through."""

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
            stage.seconds
            if isinstance(stage, Pause)
            else max((self.deadlines.get(name, DEADLINE) for name in stage), default=0.0)
            for stage in self.stages
        )


async def make_safe(
    plan: SafePlan,
    instruments: Mapping[str, Instrument],
    in_use_elsewhere: Callable[[str], bool] = lambda _: False,
) -> tuple[str, ...]:
    """Try every instrument of the plan; return what was not confirmed, as sentences (nothing: all is safe).

    An instrument that another slot holds is that slot's to make safe, and is left alone.
    """
    refusals: list[str] = []
    for stage in plan.stages:
        if isinstance(stage, Pause):
            await asyncio.sleep(stage.seconds)
            continue
        names = [name for name in stage if not in_use_elsewhere(name)]
        refusals += await _stage(
            [(name, instruments[name].make_safe, plan.deadlines.get(name, DEADLINE)) for name in names]
        )
    return tuple(refusals)


async def _stage(orders: Iterable[tuple[str, Callable[[], Coroutine[Any, Any, None]], float]]) -> list[str]:
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
    return [said[name] for name, *_ in tasks if name in said]


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
