"""A deadline that is used again and again ends the body that it was set for, and no other."""

import asyncio
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.links.deadline import Deadline, ExpiredError
from sim.clock import run
from tests.drivers.fake_wire import virtual

TENTHS = st.integers(0, 6).map(lambda tenths: tenths / 8)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(TENTHS, TENTHS, TENTHS, st.sampled_from(["plain", "raises", "cancelled"])), max_size=8))
def test_each_body_ends_by_its_own_deadline(story: list[tuple[float, float, float, str]]) -> None:
    """Bodies one after the other, in tasks of their own, with pauses between: none is ended early or late, none by the
    deadline of another, and a cancellation from outside gets through, also at the very same instant.
    """

    async def body(deadline: Deadline, limit: float, lasts: float, how: str) -> str:
        began = asyncio.get_running_loop().time()
        try:
            with deadline(limit):
                await asyncio.sleep(lasts)
                if how == "raises":
                    raise ValueError
        except ExpiredError:
            assert began + limit == asyncio.get_running_loop().time()
            told = "expired"
        except ValueError:
            told = "raised"
        else:
            told = "done"
        task = asyncio.current_task()
        assert task is not None
        assert 0 == task.cancelling()
        await asyncio.sleep(0)  # a cancellation that was left behind would come here
        return told

    async def main() -> None:
        deadline, loop = Deadline(), asyncio.get_running_loop()
        for limit, lasts, pause, how in story:
            task = loop.create_task(body(deadline, limit, lasts, how))
            if how == "cancelled":
                await asyncio.sleep(limit)
                task.cancel()
                await asyncio.wait({task})
                assert task.cancelled() or task.result() in ({"done"} if lasts < limit else {"done", "expired"})
            else:
                end = "raised" if how == "raises" else "done"
                expected = {end} if lasts < limit else {"expired"} if lasts > limit else {end, "expired"}
                assert await task in expected
            await asyncio.sleep(pause)

    run(main())


@virtual
async def test_infinity_waits_for_ever() -> None:
    """And what the body before has left of its timer does not end it."""
    deadline = Deadline()
    with deadline(1.0):
        await asyncio.sleep(0.5)
    with deadline(math.inf):
        await asyncio.sleep(1000.0)
    with pytest.raises(ExpiredError), deadline(1.0):
        await asyncio.sleep(2.0)
