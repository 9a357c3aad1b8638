"""A rescue: the outputs of some slots made safe over links of the guardian's own, in the declared order.

It is `make_safe` that does it, as for a run. What differs is that every instrument must be reached first, while the process
that had it has only just let go: until its deadline is over, what is not reached is tried again.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from drivers.errors import InstrumentError, LinkError, Refused, WrongInstrument
from drivers.links.address import ConsoleAddress, parse
from drivers.roles import Identity, Instrument
from station.guardian.chairs import drives_nothing, model_of
from station.guardian.merging import grouped, merged, without
from station.guardian.words import Arm, Chair
from station.links import Link, Links
from station.safety import SafePlan, make_safe

REACH = 1.5
"""Seconds that reaching an instrument may take, besides those in which it must be safe."""
AGAIN_AFTER = 0.05
"""Seconds between two attempts to reach one."""
TELLS_WITHIN = 0.05
"""Seconds before its deadline at which one says why it was not reached."""


class Reached:
    """An instrument on a link of its own, which must be the one that was there."""

    def __init__(self, chair: Chair, links: Links) -> None:
        model = model_of(chair)
        self._chair, self._by_registers = chair, model.speaks == "registers"
        try:
            self.link: Link = links.link(chair.name, model, parse(chair.link))
        except ValueError as odd:
            raise InstrumentError(chair.name, str(odd)) from None
        self._instrument: Instrument = model.connect(self.link)

    async def ahead(self) -> None:
        """Connect before it is its turn."""
        with suppress(InstrumentError, OSError):
            await self.link.open()

    async def identify(self) -> Identity:
        """Who it is. Raises WrongInstrument for another one than the run had."""
        identity = await self._instrument.identify()
        if self._chair.identity not in {"", str(identity)}:
            said = f"{identity} answers at {self._chair.link}; the run had {self._chair.identity}"
            raise WrongInstrument(self._chair.name, said)
        return identity

    async def self_check(self) -> None:
        """It need not be well, only safe."""

    async def make_safe(self) -> None:
        """Reach it, make it safe, and see that it is the right one; again while it is not reached and there is time."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._chair.within + REACH - TELLS_WITHIN
        why: Exception = LinkError(self._chair.name, "it does not answer in time")
        while loop.time() < until:
            try:
                async with asyncio.timeout_at(until):
                    await self._once()
            except TimeoutError:
                break
            except (WrongInstrument, Refused):
                raise
            except (InstrumentError, OSError) as error:
                why = error
                await asyncio.sleep(AGAIN_AFTER)
            else:
                return
        raise why

    async def _once(self) -> None:
        """One that speaks registers says first who it is: by that its link finds its step again. A wrong one is made safe too."""
        wrong: WrongInstrument | None = None
        await self.link.open()
        if self._by_registers:
            try:
                await self.identify()
            except WrongInstrument as other:
                wrong = other
        await self._instrument.make_safe()
        if not self._by_registers:
            await self.identify()
        if wrong is not None:
            raise wrong


def ready(arm: Arm) -> None:
    """See that everything is at hand that this slot needs. Raises GrammarError, InstrumentError."""
    links = Links()
    for chair in driven([arm]).values():
        Reached(chair, links)


def driven(arms: Iterable[Arm]) -> dict[str, Chair]:
    """The instruments that must be made safe; nobody is reached at a terminal."""
    chairs = {
        each.name: each for arm in arms for each in arm.chairs if not isinstance(parse(each.link), ConsoleAddress)
    }
    return {name: each for name, each in chairs.items() if not drives_nothing(model_of(each))}


async def rescue(arms: Sequence[Arm]) -> dict[str, tuple[str, ...]]:
    """Make the slots safe, all at once, those that share an instrument together; what was not confirmed, by slot."""
    groups = grouped(arms)
    # Whatever breaks in one group, the others are made safe.
    ends = await asyncio.gather(*map(_rescue, groups), return_exceptions=True)
    found: dict[str, tuple[str, ...]] = {}
    for together, end in zip(groups, ends, strict=True):
        for arm in together:
            names = {each.name for each in arm.chairs}
            if isinstance(end, BaseException):
                found[arm.slot] = (f"nothing is confirmed safe: {type(end).__name__}: {end}",)
            else:
                found[arm.slot] = tuple(each for each in end if each.partition(" ")[0] in names)
    return found


async def _rescue(arms: Sequence[Arm]) -> tuple[str, ...]:
    links = Links()
    reached: dict[str, Instrument] = {name: Reached(chair, links) for name, chair in driven(arms).items()}
    deadlines = {each.name: each.within + REACH for arm in arms for each in arm.chairs}
    spared = {each.name for arm in arms for each in arm.chairs}.difference(reached)
    plan = SafePlan(without(merged([arm.stages for arm in arms]), spared), deadlines)
    loop = asyncio.get_running_loop()
    ahead = [loop.create_task(each.ahead()) for each in reached.values() if isinstance(each, Reached)]
    try:
        return await make_safe(plan, reached)
    finally:
        for task in ahead:
            task.cancel()
        await asyncio.wait(ahead or [loop.create_task(asyncio.sleep(0))], timeout=AGAIN_AFTER)
        for each in reached.values():
            if isinstance(each, Reached):
                each.link.close()


def longest(arms: Mapping[str, Arm]) -> float:
    """The longest that a rescue of these can take, in seconds."""
    return max(
        (
            SafePlan(arm.stages, {each.name: each.within + REACH for each in arm.chairs}).longest
            for arm in arms.values()
        ),
        default=0.0,
    )
