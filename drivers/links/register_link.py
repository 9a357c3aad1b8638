"""A register link: questions to one Modbus unit, and never an answer to the wrong one.

From the moment a question leaves until its answer has come whole, the link is poisoned. Before it is believed again the
bus settles, and the sentinel is read: the first thing that the driver has read, which is who the device says it is. Its
answer must be the known one, and its shape must differ from that of whatever was lost; where it does not, the last good
read of another shape is the sentinel, or else the silence that must follow. After every new connection the sentinel
is read too: so a driver never goes on with another device than before. Of a device that is not `steady`, which has no
name and whose first read changes by itself, no more than the form of the answer can be asked.

A write does not wait for the sentinel of a connection that is up: its echo cannot be taken from another answer. Where no
step asks, somebody makes safe: then it does not wait for the bus to settle either.
"""

import asyncio
from collections.abc import Sequence

from drivers.errors import BadReply, Declined, LinkError, LinkTimeout, WrongInstrument
from drivers.links.backoff import Backoff
from drivers.links.bus import Bus, Unit
from drivers.links.exceptions import ACKNOWLEDGE, BUSY, GATEWAY_SILENT, spoken
from drivers.links.functions import READ_COILS, READ_DISCRETE, READ_HOLDING, READ_INPUT
from drivers.links.lease import insist, is_leased
from drivers.links.question import (
    Misfit,
    Question,
    reading_bits,
    reading_words,
    writing_coil,
    writing_register,
    writing_registers,
)
from drivers.links.traffic import Counters, Piece

BROADCAST = 0
BUSY_PAUSES = (0.05, 0.1, 0.2, 0.4)
"""Seconds after which a device that is busy is asked again."""


class RegisterLink:
    """Registers and coils of unit `number` on a bus. `within` is the longest time in seconds until a reply begins."""

    def __init__(
        self,
        name: str,
        bus: Bus,
        number: int,
        *,
        within: float = 2.0,
        after_command: float = 0.0,
        after_query: float = 0.0,
        steady: bool = True,
    ) -> None:
        self.name = name
        self.bus = bus
        self.unit = Unit(name, number, within)
        self._after_command, self._after_query = after_command, after_query
        self._steady = steady
        self._backoff = Backoff(name)
        self._wanted = self._poisoned = False
        self._verified = 0  # the generation of the bus in which the unit was last found to be itself
        self._not_before = 0.0
        self._lost = set[int]()
        self._losses = 0  # questions without an answer since the link was last in step
        self._sentinel: Question | None = None
        self._known: tuple[int, ...] = ()
        self._other: Question | None = None  # the last good read whose shape is not the sentinel's

    @property
    def counters(self) -> Counters:
        """What has happened to this unit."""
        return self.unit.counters

    @property
    def recent(self) -> tuple[Piece, ...]:
        """The last bytes out and in, oldest first: what a trace shows of an ERROR."""
        return self.unit.traffic.recent()

    @property
    def is_poisoned(self) -> bool:
        """Whether no answer is believed before the sentinel's."""
        return self._poisoned

    def now(self) -> float:
        """The loop's time, in seconds."""
        return self.bus.now()

    async def open(self) -> None:
        """Connect, unless another unit has. Raises LinkError."""
        self._wanted = True
        self.bus.join(self.unit)
        await self.bus.take(self.unit)
        try:
            if not self._in_step():
                await self._restore(None)
        finally:
            self.bus.give()

    def close(self) -> None:
        """Let go; every later exchange raises LinkError. Idempotent."""
        self._wanted = False
        self.bus.leave(self.unit)

    async def read_holding(self, address: int, count: int = 1) -> tuple[int, ...]:
        """Function 3: `count` registers of 16 bits, 1 to 125."""
        return await self._talk(reading_words(READ_HOLDING, address, count))

    async def read_input(self, address: int, count: int = 1) -> tuple[int, ...]:
        """Function 4: `count` input registers, 1 to 125."""
        return await self._talk(reading_words(READ_INPUT, address, count))

    async def read_coils(self, address: int, count: int = 1) -> tuple[bool, ...]:
        """Function 1: `count` coils, 1 to 2000."""
        return tuple(bit == 1 for bit in await self._talk(reading_bits(READ_COILS, address, count)))

    async def read_discrete(self, address: int, count: int = 1) -> tuple[bool, ...]:
        """Function 2: `count` discrete inputs, 1 to 2000."""
        return tuple(bit == 1 for bit in await self._talk(reading_bits(READ_DISCRETE, address, count)))

    async def write_register(self, address: int, word: int) -> None:
        """Function 6: one register; the device's echo is checked."""
        await self._talk(writing_register(address, word))

    async def write_registers(self, address: int, words: Sequence[int]) -> None:
        """Function 16: 1 to 123 registers."""
        await self._talk(writing_registers(address, words))

    async def write_coil(self, address: int, *, on: bool) -> None:
        """Function 5: one coil; the device's echo is checked."""
        await self._talk(writing_coil(address, on=on))

    async def _talk(self, question: Question) -> tuple[int, ...]:
        """Ask, and ask again while the device is busy. What it has only acknowledged is not written again."""
        again = (BUSY,) if question.is_write else (BUSY, ACKNOWLEDGE)
        for pause in BUSY_PAUSES:
            try:
                return await self._exchange(question)
            except Declined as no:
                if no.code not in again:
                    raise
            await asyncio.sleep(pause)
        return await self._exchange(question)

    async def _exchange(self, question: Question) -> tuple[int, ...]:
        insist(self.name)
        if self.unit.number == BROADCAST and not question.is_write and not self.bus.knows_zero:
            raise ValueError(f"{self.name}: nobody answers a broadcast, so it can only write")
        if self._not_before or self._poisoned:
            await self._wait(question)
        if not self.bus.take_at_once():
            await self.bus.take(self.unit)
        try:
            if not self._in_step():
                await self._restore(question)
            if self._not_before:
                await self._wait(question)  # another task may have been here meanwhile
            insist(self.name)
            return await self._ask(question)
        finally:
            self.bus.give()

    async def _wait(self, question: Question) -> None:
        """Leave the device alone as long as it wants, and one that does not come to its senses for longer."""
        until = self._not_before - self.now() if self._not_before else 0.0
        if self._poisoned and not question.is_write:
            until = max(until, self._backoff.left(self.now()))
        if until > 0:
            await asyncio.sleep(until)

    def _in_step(self) -> bool:
        bus = self.bus
        fresh = not bus.connected or self._verified != bus.generation
        return not (fresh or self._poisoned or bus.is_troubled(self.unit))

    async def _ask(self, question: Question) -> tuple[int, ...]:
        """One exchange. Over a link in doubt it leaves the doubt."""
        doubt, self._poisoned = self._poisoned, True
        self._lost.add(question.shape)
        self._losses += 1
        self.counters.exchanges += 1
        reply = await self.bus.ask(self.unit, question)
        if self._after_query or self._after_command:
            hush = max(self._after_query, self._after_command) if question.is_write else self._after_query
            self._not_before = self.now() + hush
        try:
            code = question.refusal(reply)
            values = question.values(reply) if reply and code is None else ()
        except Misfit as odd:
            raise self.bus.bad(self.unit, f"{odd} (asked: {question})", reply) from None
        if code != GATEWAY_SILENT:  # else the device's late reply may become the gateway's next one
            self._losses -= 1
            self._poisoned = doubt
            if not doubt:
                self._lost.clear()
        if code is not None:
            raise Declined(self.name, f"{question}: {spoken(code)}", code)
        if not doubt and not question.is_write:
            self._learn(question, values)
        return values

    def _learn(self, question: Question, values: tuple[int, ...]) -> None:
        if self._sentinel is None or question.pdu == self._sentinel.pdu:
            self._sentinel, self._known = question, values
        elif question.shape != self._sentinel.shape:
            self._other = question

    async def _restore(self, question: Question | None) -> None:
        """Connect if need be, settle, and read the sentinel; only then is an answer of this unit fit to be believed."""
        if not self._wanted:
            raise LinkError(self.name, "the link is not open")
        bus, wrong, why = self.bus, False, ""
        self.counters.resyncs += bus.connected and self._verified == bus.generation
        for _ in range(2):
            if not bus.connected:
                await bus.connect(self.unit)
            fresh = self._verified != bus.generation
            write = question if question is not None and question.is_write and not fresh else None
            settled = await bus.settle(self.unit, None if is_leased() else write)
            if not fresh and (not self._poisoned or (settled and self._losses == 1)):
                break
            if write is not None:
                return
            if (sentinel := self._sentinel_for(fresh=fresh)) is None:
                break
            self._poisoned = True
            self._backoff.attempt(self.now())
            try:
                wrong, why = False, await self._odd(sentinel)
            except (LinkTimeout, BadReply, Declined) as error:
                why = error.what
                continue
            if not why:
                break
            wrong = fresh
        else:
            if wrong:
                raise WrongInstrument(self.name, f"another device than before: {why}")
            bus.despair()
            raise LinkError(self.name, f"does not come to its senses: {why}")
        self._poisoned, self._verified, self._losses = False, bus.generation, 0
        self._lost.clear()
        self._backoff.succeeded()
        bus.succeeded()

    def _sentinel_for(self, *, fresh: bool) -> Question | None:
        """Whose reply cannot be taken for a lost one; on a new connection the one that tells who it is."""
        first, other = self._sentinel, self._other
        if first is None or fresh or first.shape not in self._lost or other is None or other.shape in self._lost:
            return first
        return other

    async def _odd(self, sentinel: Question) -> str:
        """What is wrong with the answer to a sentinel; empty if nothing is."""
        alike = sentinel.shape in self._lost
        values = await self._ask(sentinel)
        if self._steady and sentinel is self._sentinel and values != self._known:
            return f"{sentinel} gives {values}, and not {self._known}"
        if alike and not await self.bus.stays_silent(self.unit):
            return f"more came after the answer to {sentinel}"
        return ""
