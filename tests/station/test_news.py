"""News: every reader hears everything in order, at his own pace, or is told that he fell behind."""

import asyncio

import pytest

from station.line.news import KEPT, FellBehind, Item, News
from station.trace import Sampled


async def some(news: News, number: int, count: int) -> list[int]:
    """The numbers of the next few."""
    heard: list[int] = []
    async for item in news.since(number):
        heard.append(item.number)
        if len(heard) == count:
            break
    return heard


async def test_readers_hear_all_of_it_from_where_they_were() -> None:
    """What was told before, while one reads, and after; each reader by himself."""
    news = News()
    for n in range(3):
        news.tell("mode", {"n": n})
    async with asyncio.TaskGroup() as group:
        early = group.create_task(some(news, 0, 5))
        late = group.create_task(some(news, 3, 2))
        await asyncio.sleep(0)
        news.tell("mode", {"n": 3})
        await asyncio.sleep(0)
        news.tell("mode", {"n": 4})
    assert (early.result(), late.result()) == ([1, 2, 3, 4, 5], [4, 5])


async def test_who_was_away_too_long_is_told_so() -> None:
    """Nothing is left out in silence; a number of another life is not believed either."""
    news = News()
    for n in range(KEPT + 10):
        news.tell("mode", {"n": n})
    assert await some(news, 10, 1) == [11]
    for number in (9, KEPT + 11, 10**9):
        with pytest.raises(FellBehind):
            await some(news, number, 1)


async def test_a_slow_reader_holds_up_nobody() -> None:
    """He falls behind; the others hear all of it."""
    news, heard = News(), list[Item]()

    async def slow() -> None:
        async for _ in news.since(0):
            await asyncio.sleep(0.01)

    async def quick() -> None:
        async for item in news.since(0):
            heard.append(item)
            if len(heard) == 3 * KEPT:
                break

    async def tell() -> None:
        for n in range(3 * KEPT):
            news.tell("mode", {"n": n})
            if n % 100 == 0:
                await asyncio.sleep(0)

    behind, *_ = await asyncio.gather(slow(), quick(), tell(), return_exceptions=True)
    assert isinstance(behind, FellBehind)
    assert len(heard) == 3 * KEPT


def test_many_samples_count_as_several_items() -> None:
    """A burn-in's chunks do not fill the memory: fewer of them are kept, and who was away is told so all the same."""
    news = News()
    samples = tuple(map(float, range(512)))
    chunk = Sampled(0.0, "soak", "volts", "", "V", samples, samples)
    for _ in range(KEPT):
        news.tell("event", {"event": chunk})
    assert KEPT // 9 == len(news.items)
    for _ in range(KEPT):
        news.tell("mode", {})
    assert (KEPT, 2 * KEPT) == (len(news.items), news.last)
