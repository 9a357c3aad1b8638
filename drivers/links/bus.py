"""A bus: one wire, the Modbus units on it, and one dialogue at a time, first come, first served.

A bus knows frames and silence. Whether an answer may be believed is the business of each unit's link.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from drivers.errors import BadReply, LinkError, LinkTimeout
from drivers.links.backoff import Backoff
from drivers.links.connecting import connect
from drivers.links.deadline import Deadline
from drivers.links.question import Question
from drivers.links.traffic import KEPT_BYTES, Counters, Traffic
from drivers.links.wire import Wire

MOST_WAITING = 256
"""Questions that may wait for their turn; the next one is refused: it would be asked when nobody wants the answer."""
TURN_WITHIN = 60.0
"""Seconds after which a question is too old to be asked."""


@dataclass(slots=True, eq=False)
class Unit:
    """One device on a bus. `within` is the longest time in seconds that it may take until it begins to reply."""

    name: str
    number: int
    within: float
    counters: Counters = field(default_factory=Counters)
    traffic: Traffic = field(default_factory=Traffic)


class Bus(ABC):
    """Carries a question to a unit and its reply back. `name` is the place as the station file writes it."""

    knows_zero = False
    """Whether unit 0 is a device like others, and not a broadcast."""

    def __init__(self, name: str, wire: Wire) -> None:
        self.name = name
        self.wire = wire
        self.connected = False
        self.generation = 0
        """How often it has been connected: each link must find its unit again after every time."""
        self._backoff = Backoff(name)
        self._deadline = Deadline()
        self._taken = False
        self._queue = deque[asyncio.Future[None]]()
        self._time: Callable[[], float] = self.now
        self._units = set[Unit]()
        self._heard = b""

    @abstractmethod
    async def ask(self, unit: Unit, question: Question) -> bytes:
        """Send a question, return the reply without its frame; b"" where none comes (a broadcast).

        Raises LinkTimeout, LinkError, or BadReply. Only for who has the turn.
        """

    @abstractmethod
    def is_troubled(self, unit: Unit) -> bool:
        """Whether a reply is still owed to anybody, or something was heard that nobody asked for."""

    @abstractmethod
    async def settle(self, unit: Unit, urgent: Question | None = None) -> bool:
        """Wait until nothing can come any more. True: the reply to the unit's cancelled question came, whole.

        An `urgent` write is sent before a long wait as well; it is then still to be asked, for its echo.
        """

    @abstractmethod
    async def stays_silent(self, unit: Unit) -> bool:
        """Whether nothing more comes, so that the last reply was the last one."""

    @abstractmethod
    def despair(self) -> None:
        """A unit does not come to its senses; where it has the wire for itself, the wire is given up too."""

    def join(self, unit: Unit) -> None:
        """A unit's link wants the bus."""
        self._units.add(unit)

    def leave(self, unit: Unit) -> None:
        """A unit's link wants it no more; the last one lets the wire go. Idempotent."""
        self._units.discard(unit)
        if not self._units:
            self.disconnect()

    def take_at_once(self) -> bool:
        """Take the turn if nobody has it; whether it was free. Only a free turn has no queue."""
        if self._taken:
            return False
        self._taken = True
        return True

    async def take(self, unit: Unit) -> None:
        """Wait for the turn; first come, first served. Raises LinkError when too many wait, or for too long."""
        if self.take_at_once():
            return
        if len(self._queue) >= MOST_WAITING:
            raise LinkError(unit.name, f"{len(self._queue)} questions wait for {self.name} already")
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            async with asyncio.timeout(TURN_WITHIN):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.give()  # it came at the very moment at which it was given up
            else:
                with suppress(ValueError):  # passed over already
                    self._queue.remove(turn)
            if isinstance(error, TimeoutError):
                raise LinkError(unit.name, f"{self.name} has had no time for it within {TURN_WITHIN:g} s") from None
            raise

    def give(self) -> None:
        """End the turn; it goes to whoever has waited longest."""
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._taken = False

    async def connect(self, unit: Unit) -> None:
        """Open the wire, not sooner than the backoff allows. Raises LinkError."""
        await connect(unit.name, self.wire, self._backoff, self._deadline)
        self.connected = True
        self._heard, self._time = b"", asyncio.get_running_loop().time
        unit.counters.reconnects += self.generation > 0
        self.generation += 1

    def disconnect(self) -> None:
        """Let the wire go. Idempotent."""
        self.connected = False
        self.wire.close()

    def succeeded(self) -> None:
        """The right unit is there: the next connection need not wait."""
        self._backoff.succeeded()

    @staticmethod
    def now() -> float:
        """The loop's time, in seconds."""
        return asyncio.get_running_loop().time()

    async def _send(self, unit: Unit, frame: bytes) -> None:
        unit.traffic.note(self._time(), "out", frame)
        try:
            await self.wire.send(frame)
        except OSError as error:
            raise self._lost(unit, str(error)) from error

    async def _receive(self, unit: Unit) -> bytes:
        try:
            some = await self.wire.receive()
        except OSError as error:
            raise self._lost(unit, str(error)) from error
        if not some:
            raise self._lost(unit, "the other end has closed the connection")
        unit.traffic.note(self._time(), "in", some)
        return some

    def _lost(self, unit: Unit, why: str) -> LinkError:
        self.disconnect()
        return LinkError(unit.name, f"connection lost: {why}")

    @staticmethod
    def _timed_out(unit: Unit, question: Question, seconds: float, ignored: int) -> LinkTimeout:
        unit.counters.timeouts += 1
        foreign = f"; {ignored} frames came that are no answer to it" if ignored else ""
        return LinkTimeout(unit.name, f"no answer to {question} within {seconds:g} s{foreign}")

    @staticmethod
    def bad(unit: Unit, what: str, raw: bytes) -> BadReply:
        """A reply that is not to be believed, with its first bytes."""
        unit.counters.bad_replies += 1
        more = " ..." if len(raw) > KEPT_BYTES else ""
        return BadReply(unit.name, f"{what}: {raw[:KEPT_BYTES].hex(' ')}{more}")
