"""A loop in which everybody waits and no timer is set says so at once: who waits, where, and for what."""

import asyncio
import time
from collections.abc import Callable, Coroutine

import pytest

from sim import clock
from sim.clock import Deadlock


def test_a_deadlock_is_reported_at_once_with_each_task_and_its_place() -> None:
    """Every task waits and no timer is set: the error names them all, and they are cancelled and clean up."""
    cleaned: list[str] = []

    async def taker(queue: asyncio.Queue[int]) -> None:
        try:
            await queue.get()
        finally:
            await asyncio.sleep(10)
            cleaned.append(f"taker at {asyncio.get_running_loop().time():g}")

    async def main() -> None:
        await asyncio.sleep(5)
        async with asyncio.TaskGroup() as group:
            group.create_task(taker(asyncio.Queue()), name="slot A")

    began = time.perf_counter()
    with pytest.raises(Deadlock) as caught:
        clock.run(main())
    assert 10.0 > time.perf_counter() - began
    text = str(caught.value)
    assert "slot A in " in text
    assert "taker > Queue.get at queues.py:" in text
    assert "main > TaskGroup.__aexit__ at taskgroups.py:" in text
    assert ["taker at 15"] == cleaned


class Turn:
    """Something with a lock of its own."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()

    async def hold(self) -> None:
        """Take it, and never give it back."""
        await self.lock.acquire()
        await self.lock.acquire()


async def _on_lock() -> None:
    await Turn().hold()


async def _on_event() -> None:
    heard = asyncio.Event()
    await heard.wait()


async def _on_queue() -> None:
    orders: asyncio.Queue[int] = asyncio.Queue(1)
    await orders.put(1)
    await orders.put(2)


async def _on_condition() -> None:
    changed = asyncio.Condition()
    async with changed:
        await changed.wait()


async def _on_future() -> None:
    answer = asyncio.get_running_loop().create_future()
    await answer


async def _on_task() -> None:
    async with asyncio.TaskGroup() as group:
        await group.create_task(_on_event(), name="the meter")


async def _on_group() -> None:
    async with asyncio.TaskGroup() as group:
        for name in ("slot B", "slot A"):
            group.create_task(_on_event(), name=name)


async def _on_several() -> None:
    loop = asyncio.get_running_loop()
    await asyncio.wait({loop.create_task(_on_event(), name=name) for name in ("slot B", "slot A")})


async def _on_all() -> None:
    loop = asyncio.get_running_loop()
    await asyncio.gather(*(loop.create_task(_on_event(), name=name) for name in ("slot B", "slot A")))


@pytest.mark.parametrize(
    ("stuck", "named"),
    [
        (_on_lock, "for the Lock self.lock"),
        (_on_event, "for the Event heard"),
        (_on_queue, "for the Queue orders"),
        (_on_condition, "for the Condition changed"),
        (_on_future, "for the Future answer"),
        (_on_task, "for the meter"),
        (_on_group, "for slot B, slot A"),
        (_on_several, "for slot B, slot A"),
        (_on_all, "for slot B, slot A"),
    ],
)
def test_a_deadlock_names_what_is_waited_for(stuck: Callable[[], Coroutine[None, None, None]], named: str) -> None:
    """By what it is called where it is waited for; tasks by their names, in the order of their birth."""
    with pytest.raises(Deadlock) as caught:
        clock.run(stuck())
    _, first, *_ = str(caught.value).splitlines()
    assert first.endswith(named)


def test_a_deadlock_says_the_same_in_every_run() -> None:
    """No address in memory is in it: the same program gives the same text."""

    async def main() -> None:
        litter.append(bytearray(len(litter) * 1000))
        async with asyncio.TaskGroup() as group:
            for each in (_on_lock, _on_event, _on_queue, _on_condition, _on_future, _on_several):
                group.create_task(each())

    litter: list[bytearray] = []
    texts = set()
    for _ in range(3):
        with pytest.raises(Deadlock) as caught:
            clock.run(main())
        texts.add(str(caught.value))
    assert 1 == len(texts)
