"""A rescue: the outputs of some slots made safe over links of the guardian's own, in the declared order.

It is `make_safe` that does it, as for a run. What differs is that every instrument must be reached first, while the process
that had it has only just let go: until its deadline is over, what is not reached is tried again.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from drivers.errors import InstrumentError, LinkError, Refused, WrongInstrument
from drivers.links.address import ConsoleAddress, parse
from drivers.model import Model
from drivers.roles import Identity, Instrument
from station.guardian.chairs import drives_nothing, model_of
from station.guardian.merging import grouped, merged, only, without
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

    def __init__(self, chair: Chair, model: Model, links: Links) -> None:
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


@dataclass(frozen=True, slots=True)
class Ready:
    """A slot, and the models of those of its instruments that drive something: nothing is looked for when it must be quick."""

    arm: Arm
    driven: Mapping[str, tuple[Chair, Model]]


def ready(arm: Arm) -> Ready:
    """Have everything at hand that this slot needs; nobody is reached at a terminal. Raises GrammarError, InstrumentError."""
    reached = [each for each in arm.chairs if not isinstance(parse(each.link), ConsoleAddress)]
    found = {each.name: (each, model_of(each)) for each in reached}
    driven = {name: each for name, each in found.items() if not drives_nothing(each[1])}
    links = Links()
    for chair, model in driven.values():
        Reached(chair, model, links)
    return Ready(arm, driven)


async def rescue(slots: Sequence[Ready]) -> dict[str, tuple[str, ...]]:
    """Make the slots safe, all at once, those that share an instrument together; what was not confirmed, by slot.

    What was not confirmed is tried a second time when all others are through.
    """
    of = {each.arm.slot: each for each in slots}
    groups = grouped([each.arm for each in slots])
    # Whatever breaks in one group, the others are made safe.
    ends = await asyncio.gather(
        *(_rescue([of[arm.slot] for arm in together]) for together in groups), return_exceptions=True
    )
    found: dict[str, tuple[str, ...]] = {}
    for together, end in zip(groups, ends, strict=True):
        for arm in together:
            names = {each.name for each in arm.chairs}
            if isinstance(end, BaseException):
                found[arm.slot] = (f"nothing is confirmed safe: {type(end).__name__}: {end}",)
            else:
                found[arm.slot] = tuple(each for each in end if each.partition(" ")[0] in names)
    return found


async def _rescue(slots: Sequence[Ready]) -> tuple[str, ...]:
    links, loop = Links(), asyncio.get_running_loop()
    driven = {name: each for slot in slots for name, each in slot.driven.items()}
    reached = {name: Reached(chair, model, links) for name, (chair, model) in driven.items()}
    chairs = [each for slot in slots for each in slot.arm.chairs]
    spared = {each.name for each in chairs}.difference(reached)
    order = without(merged([slot.arm.stages for slot in slots]), spared)
    plan = SafePlan(order, {each.name: each.within + REACH for each in chairs})
    ahead = {loop.create_task(each.ahead(), name="reach ahead") for each in reached.values()}
    try:
        refusals = await make_safe(plan, reached)
        # One that was busy, or was only being started, has had the time of all others.
        again = SafePlan(only(order, {each.partition(" ")[0] for each in refusals}), plan.deadlines)
        return await make_safe(again, reached) if refusals else ()
    finally:
        for task in ahead:
            task.cancel()
        if ahead:
            await asyncio.wait(ahead, timeout=AGAIN_AFTER)
        for each in reached.values():
            each.link.close()


def longest(slots: Collection[Ready]) -> float:
    """The longest that a rescue of these can take, in seconds: what is not confirmed is tried twice."""
    deadlines = ({each.name: each.within + REACH for each in slot.arm.chairs} for slot in slots)
    return 2.0 * max(
        (SafePlan(slot.arm.stages, within).longest for slot, within in zip(slots, deadlines, strict=True)), default=0.0
    )
