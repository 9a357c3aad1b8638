"""A blocking call never blocks the loop, and one that hangs is left behind."""

import asyncio
import threading

import pytest

from drivers.links.apart import MOST, apart


async def test_a_call_returns_or_raises_what_it_does() -> None:
    """From another thread, as if it were a coroutine."""
    assert threading.get_ident() != await apart(threading.get_ident, within=1.0)
    with pytest.raises(ZeroDivisionError):
        await apart(lambda: 1 // 0, within=1.0)


async def test_a_call_that_hangs_is_left_behind_and_its_late_result_discarded() -> None:
    """The deadline holds; a port that is opened too late is closed again."""
    go, late = threading.Event(), asyncio.Event()

    def hang() -> str:
        go.wait(5.0)
        return "port"

    got: list[str] = []

    def discard(port: str) -> None:
        got.append(port)
        late.set()

    with pytest.raises(TimeoutError):
        await apart(hang, within=0.01, discard=discard)
    go.set()
    await late.wait()
    assert ["port"] == got


def test_calls_that_hang_are_bounded() -> None:
    """Threads that never come back do not pile up without end."""
    go = threading.Event()

    async def hang() -> None:
        for _ in range(MOST):
            with pytest.raises(TimeoutError):
                await apart(lambda: go.wait(5.0), within=0.001)
        with pytest.raises(OSError, match="must be restarted"):
            await apart(lambda: None, within=1.0)

    async def again() -> bool:
        return await apart(lambda: True, within=1.0)

    try:
        asyncio.run(hang())
    finally:
        go.set()
        for thread in threading.enumerate():
            if thread.name.startswith("apart:"):
                thread.join(5.0)
    assert asyncio.run(again())


def test_a_call_that_outlives_the_loop_is_discarded() -> None:
    """Its thread finds nobody, and cleans up by itself."""
    go = threading.Event()
    got: list[bool] = []
    threads: list[threading.Thread] = []

    async def leave() -> None:
        with pytest.raises(TimeoutError):
            await apart(lambda: go.wait(5.0), within=0.001, discard=got.append)
        threads.extend(each for each in threading.enumerate() if each.name.startswith("apart:"))

    asyncio.run(leave())
    go.set()
    for thread in threads:
        thread.join(5.0)
    assert [True] == got
