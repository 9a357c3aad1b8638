"""The clock jumps, and the same program does the same things in the same order."""

import asyncio
import gc
import math
import os
import random
import signal
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import clock
from sim.clock import Deadlock, VirtualLoop


def now() -> float:
    """The running loop's time."""
    return asyncio.get_running_loop().time()


def test_seventy_two_hours_pass_in_a_blink() -> None:
    """A timer further away than the 24 hours that asyncio would wait at once is one jump."""

    async def burn_in() -> float:
        await asyncio.sleep(72 * 3600)
        return now()

    began = time.perf_counter()
    assert 72 * 3600 == clock.run(burn_in())
    assert 10.0 > time.perf_counter() - began


def test_timers_with_equal_deadlines_run_in_the_order_in_which_they_were_set() -> None:
    """A heap alone is not first in, first out; a hundred equal deadlines show it."""

    async def main() -> list[int]:
        ran: list[int] = []
        for number in range(100):
            asyncio.get_running_loop().call_at(1.0 + number % 2, ran.append, number)
        await asyncio.sleep(3)
        return ran

    assert [*range(0, 100, 2), *range(1, 100, 2)] == clock.run(main())


def test_a_period_is_kept_exactly() -> None:
    """The clock shows the very deadline of the timer: n * period, without an accumulated error."""

    async def main() -> list[float]:
        loop, seen = asyncio.get_running_loop(), list[float]()
        for number in range(1000):
            loop.call_at(number * 0.1, lambda: seen.append(loop.time()))
        await asyncio.sleep(1000)
        return seen

    assert [number * 0.1 for number in range(1000)] == clock.run(main())


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans(), st.integers(0, 3)), max_size=60))
def test_timers_run_by_their_deadlines_and_then_in_the_order_in_which_they_were_set(
    planned: list[tuple[int, bool, int]],
) -> None:
    """However many, some cancelled, some set while others run (also for now): the order is that of a stable sort."""

    async def main() -> list[tuple[float, int]]:
        loop, ran, left = asyncio.get_running_loop(), list[tuple[float, int]](), list[tuple[float, int]]()
        count = 0

        def plan(when: float, *, cancelled: bool, more: int) -> None:
            nonlocal count
            number = count = count + 1
            timer = loop.call_at(when, run, when, number, more)
            if cancelled:
                timer.cancel()
            else:
                left.append((when, number))

        def run(when: float, number: int, more: int) -> None:
            ran.append((loop.time(), number))
            if more:
                plan(when + (more - 1) / 10.0, cancelled=False, more=more - 1)

        for tenths, cancelled, more in planned:
            plan(tenths / 10.0, cancelled=cancelled, more=more)
        await asyncio.sleep(10)
        assert sorted(left) == sorted(ran)
        return ran

    ran = clock.run(main())
    assert ran == sorted(ran)


def test_groups_within_groups_are_cancelled_in_order() -> None:
    """The inner groups of a group that has failed clean up before it, each in the order in which its tasks were made."""

    async def wait(name: str, order: list[str]) -> None:
        try:
            await asyncio.sleep(100)
        finally:
            order.append(name)

    async def inner(name: str, order: list[str]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(3):
                    group.create_task(wait(f"{name}{number}", order))
        finally:
            order.append(name)

    async def main(order: list[str]) -> None:
        async with asyncio.TaskGroup() as group:
            for name in "abc":
                group.create_task(inner(name, order))
            await asyncio.sleep(1)
            raise ValueError("enough")

    for _ in range(3):
        order: list[str] = []
        with pytest.raises(ExceptionGroup):
            clock.run(main(order))
        assert ["a0", "a1", "a2", "b0", "b1", "b2", "c0", "c1", "c2", "a", "b", "c"] == order


def test_timers_wait_for_an_executor_and_then_run_on_time() -> None:
    """While a job is outside nothing that is due later happens; what is ready does; then every timer has its own time."""

    async def main() -> list[tuple[str, float]]:
        loop, seen = asyncio.get_running_loop(), list[tuple[str, float]]()

        def see(what: str) -> None:
            seen.append((what, now()))

        loop.call_later(2, see, "timer 2")
        loop.call_later(1, see, "timer 1")
        loop.call_soon(see, "ready")
        await asyncio.sleep(0.5)
        await loop.run_in_executor(None, threading.Event().wait, 0.05)
        see("job")
        await asyncio.sleep(3)
        return seen

    assert [("ready", 0.0), ("job", 0.5), ("timer 1", 1.0), ("timer 2", 2.0)] == clock.run(main())


def test_a_period_is_exact_after_a_month() -> None:
    """Absolute deadlines do not add up rounding errors: tick n is at n times a tenth of a second, after 2.6 million seconds."""

    async def main() -> float:
        loop, month = asyncio.get_running_loop(), 26_000_000
        await asyncio.sleep(month * 0.1 - 50.0)
        for number in range(month - 400, month + 1):
            woken = loop.create_future()
            loop.call_at(number * 0.1, woken.set_result, None)
            await woken
            assert number * 0.1 == loop.time()
        return loop.time()

    assert 2_600_000.0 == clock.run(main())


def _order_of_cancellation(stir: Callable[[], object]) -> list[int]:
    """The order in which twelve tasks learn that their group has failed, with memory stirred before each is made."""
    order: list[int] = []

    async def wait(number: int) -> None:
        try:
            await asyncio.sleep(100)
        finally:
            order.append(number)

    async def fail() -> None:
        raise ValueError("enough")

    async def main() -> None:
        kept = []
        async with asyncio.TaskGroup() as group:
            for number in range(12):
                kept.append(stir())
                group.create_task(wait(number))
            await asyncio.sleep(1)
            group.create_task(fail())

    with pytest.raises(ExceptionGroup):
        clock.run(main())
    return order


def test_tasks_are_cancelled_in_the_same_order_in_every_run() -> None:
    """A task group walks a set; tasks hash by their number, so memory addresses do not show."""
    chance = random.Random(7)  # noqa: S311 - litter, not a secret

    def stir() -> object:
        gc.collect(0)
        return [bytearray(chance.randrange(1, 3000)) for _ in range(chance.randrange(1, 30))]

    assert 1 == len({tuple(_order_of_cancellation(stir)) for _ in range(8)})


def test_waiting_for_tasks_walks_them_in_the_same_order_in_every_run() -> None:
    """asyncio.wait hands back sets; their order and the tasks' names are those of birth, run after run."""

    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        litter = [bytearray(size) for size in sizes]
        done, _ = await asyncio.wait({loop.create_task(asyncio.sleep(1)) for _ in range(20)})
        del litter
        return [each.get_name() for each in done]

    sizes = range(1, 5000, 100)
    first = clock.run(main())
    sizes = range(1, 900, 7)
    assert first == clock.run(main())


@pytest.mark.parametrize("pool", [False, True], ids=["default", "own pool"])
def test_the_clock_stands_still_while_an_executor_works(*, pool: bool) -> None:
    """Time does not jump over a job's deadline only because a thread needs a few real milliseconds."""

    async def main() -> tuple[str, float]:
        job = asyncio.get_running_loop().run_in_executor(executor if pool else None, threading.Event().wait, 0.05)
        async with asyncio.timeout(3600):
            await job
        return "in time", now()

    with ThreadPoolExecutor() as executor:
        assert ("in time", 0.0) == clock.run(main())


def test_the_clock_stands_still_for_whatever_is_declared_to_be_outside() -> None:
    """A thread of one's own is announced with `outside`; on another loop that is allowed and changes nothing."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        with clock.outside(loop):
            threads.append(threading.Timer(0.05, loop.call_soon_threadsafe, (done.set_result, None)))
            threads[-1].start()
            async with asyncio.timeout(3600):
                await done
        return now()

    threads: list[threading.Thread] = []
    assert 0.0 == clock.run(main())
    asyncio.run(main())
    for thread in threads:
        thread.join()


def test_a_job_that_never_comes_back_does_not_stop_time_for_ever() -> None:
    """After the loop's patience, in real seconds, timers run again: the deadline around a blocked call fires."""
    release = threading.Event()

    async def main() -> str:
        try:
            async with asyncio.timeout(5):
                await asyncio.get_running_loop().run_in_executor(None, release.wait)
        except TimeoutError:
            return f"gave up at {now():g}"
        finally:
            release.set()
        return "came back"

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(patience=0.05)) as runner:
        assert "gave up at 5" == runner.run(main())


def test_sleeping_for_ever_is_no_timer() -> None:
    """A task that sleeps until infinity waits for somebody; the clock never shows infinity."""
    with pytest.raises(Deadlock):
        clock.run(asyncio.sleep(math.inf))


def test_cancelled_deadlines_leave_nothing_behind() -> None:
    """A thousand exchanges with an hour's timeout each do not fill the heap."""

    async def main() -> int:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        for _ in range(1000):
            async with asyncio.timeout(3600):
                await asyncio.sleep(0.001)
        return len(loop._timers)

    assert 250 > clock.run(main())


def test_a_deadline_in_the_past_runs_now() -> None:
    """Time never goes back."""

    async def main() -> float:
        await asyncio.sleep(10)
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(-5))
        asyncio.get_running_loop().call_at(3, lambda: None)
        await asyncio.sleep(0)
        return now()

    assert 10 == clock.run(main())


async def _listen() -> None:
    await asyncio.start_server(lambda _, __: None, "127.0.0.1", 0)


async def _connect() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        await asyncio.open_connection(*sock.getsockname())


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # asyncio's own half-made sockets
@pytest.mark.parametrize("touch", [_listen, _connect], ids=["server", "client"])
def test_a_real_socket_is_refused(touch: Callable[[], Awaitable[None]]) -> None:
    """Real peers do not live in virtual time: that is said at once, and nothing hangs."""

    async def main() -> None:
        await touch()

    with pytest.raises(RuntimeError, match="no real sockets in virtual time"):
        clock.run(main())
    gc.collect()


def test_a_signal_is_handled() -> None:
    """Ctrl-C reaches a simulated run through a signal handler, although the clock is jumping all the time."""

    async def main() -> float:
        loop, heard = asyncio.get_running_loop(), asyncio.Event()
        loop.add_signal_handler(signal.SIGUSR1, heard.set)
        loop.call_at(100, os.kill, os.getpid(), signal.SIGUSR1)
        async with asyncio.TaskGroup() as group:
            ticking = group.create_task(tick())
            await heard.wait()
            ticking.cancel()
        loop.remove_signal_handler(signal.SIGUSR1)
        return now()

    async def tick() -> None:
        for _ in range(100_000):
            await asyncio.sleep(1)

    assert 110 > clock.run(main())


def test_the_wall_clock_is_simulated_too() -> None:
    """It starts at a fixed epoch, aware of its zone, and follows the loop."""

    async def main() -> datetime:
        await asyncio.sleep(36 * 3600 + 0.25)
        return clock.wall(asyncio.get_running_loop())

    assert datetime(2026, 1, 1, tzinfo=UTC) == clock.EPOCH
    assert datetime(2026, 1, 2, 12, 0, 0, 250_000, tzinfo=UTC) == clock.run(main())


def test_a_loop_can_be_stopped_and_run_again() -> None:
    """The habits of asyncio's own loops hold: stop before run ends after one turn, without a jump."""
    loop = clock.factory()
    try:
        loop.call_later(5, loop.stop)
        loop.stop()
        loop.run_forever()
        assert 0.0 == loop.time()
        loop.run_forever()
        assert 5.0 == loop.time()
    finally:
        loop.close()
    with pytest.raises(RuntimeError):
        loop.call_later(1, print)


def test_a_machine_that_sleeps_finds_every_overdue_timer_when_it_wakes() -> None:
    """The clock has gone on meanwhile; what was due runs at once, in the order in which it was due."""

    async def main() -> list[tuple[str, float]]:
        loop, ran = asyncio.get_running_loop(), list[tuple[str, float]]()

        def note(name: str) -> None:
            ran.append((name, loop.time()))

        for name, when in (("late", 30.0), ("first", 1.0), ("after", 100.0)):
            loop.call_at(when, note, name)
        assert isinstance(loop, VirtualLoop)
        loop.suspend(60.0)
        await asyncio.sleep(50.0)
        return ran

    assert [("first", 60.0), ("late", 60.0), ("after", 100.0)] == clock.run(main())
