"""Who waits: each task of a loop, the place where it stands, and what it waits for, as far as that has a name."""

import asyncio
import inspect
from collections.abc import Iterable, Iterator
from types import FrameType

_THINGS = (asyncio.Lock, asyncio.Event, asyncio.Condition, asyncio.Semaphore, asyncio.Barrier, asyncio.Queue)


def who_waits(loop: asyncio.AbstractEventLoop) -> list[str]:
    """A line for each task that has not ended, in the order of their numbers."""
    return [_line(task) for task in sorted(asyncio.all_tasks(loop), key=hash)]


def _line(task: asyncio.Task[object]) -> str:
    """The task's name, the coroutines it is in from the outermost to the innermost, the line it stands at, and for what."""
    inner: object = task.get_coro()
    names, frames = list[str](), list[FrameType]()
    while inspect.iscoroutine(inner):
        names.append(inner.__qualname__)
        if inner.cr_frame is not None:
            frames.append(inner.cr_frame)
        inner = inner.cr_await
    at = f" at {frames[-1].f_code.co_filename.rpartition('/')[2]}:{frames[-1].f_lineno}" if frames else ""
    awaited = _awaited(getattr(task, "_fut_waiter", None), frames[::-1])
    return f"{task.get_name()} in {' > '.join(names)}{at}{awaited and f', for {awaited}'}"


def _awaited(future: object, frames: list[FrameType]) -> str:
    """What is waited for; `frames` are the places, the innermost first. Empty where nobody waits."""
    if future is None:
        return ""
    if tasks := list(_tasks(future, frames)):
        return ", ".join(each.get_name() for each in sorted(tasks, key=hash))
    owners = (frame.f_locals.get("self") for frame in frames)
    thing = next((each for each in owners if isinstance(each, _THINGS)), future)
    name = next(filter(None, (_name(thing, frame) for frame in frames if frame.f_locals.get("self") is not thing)), "")
    return f"the {type(thing).__name__} {name}" if name else f"a {type(thing).__name__} that has no name there"


def _tasks(future: object, frames: list[FrameType]) -> Iterator[asyncio.Task[object]]:
    """The tasks whose end is waited for: one, or those of a group, of `gather` or of `wait`."""
    there = frames[0].f_locals if frames else {}
    several: Iterable[object] = getattr(future, "_children", ())
    if isinstance(group := there.get("self"), asyncio.TaskGroup):
        several = group._tasks  # noqa: SLF001 (a group has no other way to ask)
    elif isinstance(waited := there.get("fs"), set):
        several = waited
    yield from (each for each in (future, *several) if isinstance(each, asyncio.Task) and not each.done())


def _name(thing: object, frame: FrameType) -> str:
    """What a thing is called in a frame: a variable, or an attribute of one."""
    for name, value in frame.f_locals.items():
        if value is thing:
            return name
    for name, value in frame.f_locals.items():
        slots = getattr(type(value), "__slots__", ())
        names = (*getattr(value, "__dict__", ()), *((slots,) if isinstance(slots, str) else slots))
        for each in names:
            if getattr(value, each, None) is thing:
                return f"{name}.{each}"
    return ""
