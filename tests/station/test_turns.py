"""Turns: whole sets or nothing, never two users at once, first come first served, and nothing leaks."""

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import clock
from station.turns import Turns


@dataclass(frozen=True)
class User:
    """Comes after a while, wants a set, holds it for a while; perhaps loses patience while waiting or holding."""

    names: frozenset[str]
    comes: int
    holds: int
    patience: int | None


USERS = st.lists(
    st.builds(
        User,
        st.frozensets(st.sampled_from("abcd"), max_size=4),
        st.integers(0, 5),
        st.integers(0, 4),
        st.none() | st.integers(0, 6),
    ),
    max_size=12,
)


@dataclass
class Seen:
    """What one user has lived through: when it asked, in which order all asked, and when it was served."""

    user: User
    asked: int = -1
    served: int = -1


async def crowd(users: list[User]) -> tuple[list[Seen], Turns]:
    """Let all users at the instruments; fails when two of them are at one at once."""
    turns, loop = Turns(), asyncio.get_running_loop()
    seen, held, order = [Seen(user) for user in users], dict[str, Seen](), [0, 0]

    async def one(me: Seen) -> None:
        await asyncio.sleep(me.user.comes)
        order[0] += 1
        me.asked = order[0]
        async with turns.turn(me.user.names, me):
            order[1] += 1
            me.served = order[1]
            assert held.keys().isdisjoint(me.user.names)
            held.update(dict.fromkeys(me.user.names, me))
            try:
                await asyncio.sleep(me.user.holds)
            finally:
                for name in me.user.names:
                    assert held.pop(name) is me
                    assert turns.holder(name) is me

    async with asyncio.TaskGroup() as group:
        for me in seen:
            task = group.create_task(one(me))
            if me.user.patience is not None:
                loop.call_later(me.user.comes + me.user.patience, task.cancel)
    return seen, turns


@given(USERS)
def test_nobody_meets_anybody_everyone_is_served_and_nothing_leaks(users: list[User]) -> None:
    """Whatever they want, whenever they come, whoever gives up: no deadlock, no two at once, nothing held in the end."""
    seen, turns = clock.run(crowd(users))
    assert {None} >= {turns.holder(name) for name in "abcd"}
    assert all(each.served > 0 for each in seen if each.user.patience is None)

    async def all_at_once() -> None:
        async with asyncio.timeout(1), turns.turn(frozenset("abcd"), "the last one"):
            pass

    clock.run(all_at_once())


@given(USERS)
def test_first_come_first_served_among_those_who_want_the_same(users: list[User]) -> None:
    """Nobody overtakes another who wants one of the same instruments and has waited longer."""
    seen, _ = clock.run(crowd(users))
    served = [each for each in seen if each.served > 0]
    for one in served:
        for other in served:
            if one.asked < other.asked and not one.user.names.isdisjoint(other.user.names):
                assert one.served < other.served


def test_others_may_overtake() -> None:
    """Who wants something else does not wait for those who wait."""

    async def main() -> list[str]:
        turns, order = Turns(), list[str]()

        async def use(name: str, wanted: str, holds: float) -> None:
            async with turns.turn(frozenset(wanted), name):
                order.append(name)
                await asyncio.sleep(holds)

        async with asyncio.TaskGroup() as group:
            for name, wanted, holds in (("one", "a", 5), ("two", "ab", 1), ("three", "c", 1), ("four", "b", 1)):
                group.create_task(use(name, wanted, holds))
        return order

    assert ["one", "three", "two", "four"] == clock.run(main())


def test_what_one_holds_already_is_free_for_him() -> None:
    """A second step takes more, and again the same, without waiting for itself."""

    async def main() -> list[object]:
        turns = Turns()
        await turns.take(frozenset("a"), "me")
        await turns.take(frozenset("ab"), "me")
        await turns.take(frozenset("ab"), "me")
        held = [turns.holder(name) for name in "abc"]
        turns.give_back("ab", "me")
        return [*held, turns.holder("a")]

    assert ["me", "me", None, None] == clock.run(main())


def test_nobody_gives_back_what_another_holds() -> None:
    """Giving back twice, or too late, takes nothing from the next one."""

    async def main() -> list[object]:
        turns = Turns()
        await turns.take(frozenset("a"), "one")
        turns.give_back("a", "one")
        await turns.take(frozenset("a"), "two")
        turns.give_back("ab", "one")
        return [turns.holder("a"), turns.holder("b")]

    assert ["two", None] == clock.run(main())


@pytest.mark.parametrize("when", ["before it is granted", "at the moment at which it is granted"])
def test_one_who_gives_up_lets_the_next_one_go_on(when: str) -> None:
    """A cancellation while waiting, or as the turn is being handed over, holds nothing and stops nobody."""

    async def main() -> list[object]:
        turns = Turns()
        await turns.take(frozenset("a"), "one")
        waits = asyncio.get_running_loop().create_task(turns.take(frozenset("ab"), "two"))
        after = asyncio.get_running_loop().create_task(turns.take(frozenset("b"), "three"))
        await asyncio.sleep(1)
        if when == "at the moment at which it is granted":
            turns.give_back("a", "one")
        waits.cancel()
        await asyncio.wait({waits, after})
        return [waits.cancelled(), turns.holder("b")]

    assert [True, "three"] == clock.run(main())
