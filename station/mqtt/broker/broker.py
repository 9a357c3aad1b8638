"""The broker: connected whenever it can be, and saying so when it cannot. Nothing that tests a unit waits for it."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from station.condition import Condition, Level
from station.mqtt.broker.addresses import Addresses
from station.mqtt.broker.connection import Connection
from station.mqtt.broker.letter import Heard, Letter, Lost, Unsent
from station.mqtt.certificates import good_from_to
from station.mqtt.contact import Contact, ContactError
from station.walls import WallClock, real_wall

WARN_DAYS, ALARM_DAYS, LAST_DAYS = 30, 7, 1
"""Before the client's certificate runs out."""

REMEMBERED: Final = timedelta(minutes=15)
"""For which it is an alarm that somebody else connected by our name."""

THROWN_OUT: Final = 3
"""Connections in a row that are closed at the other end without a word, soon after they were made: somebody takes them over."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient it is, in seconds. A frozen broker is noticed within one and a half times `keepalive`."""

    keepalive: float = 10.0
    deadline: float = 10.0
    """Of one message until its acknowledgement."""
    opening: float = 20.0
    """Of one connection until it is there."""
    resolving: float = 5.0
    """Of the broker's name until it is an address."""
    first: float = 1.0
    most: float = 60.0
    """Between two attempts, with full jitter."""
    taken: float = 60.0
    """After somebody else took the name over, at least."""


PACE: Final = Pace()


@dataclass(eq=False)
class Broker:
    """`run` lives as long as the daemon. `will` gives the last will of each connection, and may raise Lost; `greet` is awaited
    once it is there, before others send.

    `hear` is called in the loop's thread, must not block and must not raise.
    """

    contact: Contact
    filters: Sequence[str]
    hear: Callable[[Heard], None]
    greet: Callable[[], Awaitable[None]]
    will: Callable[[], Awaitable[Letter]]
    chance: random.Random
    pace: Pace = PACE
    wall: WallClock = real_wall
    kept: Set[str] = frozenset()
    """The filters of which what the broker has retained is wanted, when the connection is made."""
    joined: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while it is connected."""
    client: str = ""
    """The name by which it is connected."""
    connects: int = 0
    takeovers: int = 0
    trouble: str = "not yet connected"
    denied: tuple[str, ...] = ()
    """Topics that the broker does not let us hear."""
    expires: datetime | None = None
    _connection: Connection | None = None
    _addresses: Addresses = field(default_factory=Addresses)
    _taken: bool = False
    _mute: int = 0
    _given_up: bool = False
    _alarmed: datetime | None = None

    async def run(self) -> None:
        """Be connected, for ever."""
        loop, failures = asyncio.get_running_loop(), 0
        while True:
            began = loop.time()
            try:
                await self._once(failures)
            except Lost as lost:
                brief = lost.mute and not self._given_up and loop.time() - began < self.pace.most
                self._mute = self._mute + 1 if brief else 0
                self.trouble, self._taken = str(lost), lost.taken or self._mute >= THROWN_OUT
                if self._taken:
                    self.takeovers, self._alarmed = self.takeovers + 1, self.wall()
            failures = 1 if loop.time() - began > self.pace.most else failures + 1
            await asyncio.sleep(self.pause(failures))

    def pause(self, failures: int) -> float:
        """Seconds until the next attempt: anything up to twice as many each time, so that a whole factory does not return at once."""
        first, most = self.pace.first, self.pace.most
        jittered = self.chance.uniform(0.0, min(most, first * 2.0 ** min(failures, 16)))
        return max(first, jittered) if not self._taken else self.pace.taken + jittered

    async def send(self, letter: Letter) -> None:
        """Send one. Raises Unsent, also when there is no connection, and Denied."""
        connection = self._connection
        if connection is None:
            raise Unsent("there is no connection")
        await connection.publish_letter(letter, self.pace.deadline)

    def give_up(self) -> None:
        """End this connection; another one is made soon."""
        if self._connection is not None:
            self._given_up = True
            self._connection.cut()

    @property
    def lag(self) -> float:
        """Seconds for which the broker has owed an answer: it is slow, or frozen."""
        return self._connection.lag if self._connection is not None else 0.0

    @property
    def connected(self) -> bool:
        """Whether it is, as far as anybody can know."""
        return self.joined.is_set()

    def condition(self) -> Condition:
        """How it is with the broker, and with the certificate by which it knows us."""
        where = f"{self.contact.host}:{self.contact.port}"
        if self._alarmed is not None and self.wall() - self._alarmed < REMEMBERED:
            return Condition(
                "broker", Level.ALARM,
                f"{where} throws this station out: another client seems to connect by its name, {self.client}",
                "give each station a client id of its own ([mqtt] client)",
            )  # fmt: skip
        if (days := self._days_left()) is not None and days <= WARN_DAYS:
            level = Level.ALARM if days <= ALARM_DAYS else Level.WARNING
            when = (
                "has run out"
                if days < 0
                else f"runs out in {days} days"
                if days > LAST_DAYS
                else "runs out within a day"
            )
            return Condition(
                "broker", level, f"the certificate for {where} {when}", "put a new certificate in its place"
            )
        if not self.connected:
            text = f"not connected to {where}: {self.trouble}"
            return Condition(
                "broker", Level.WARNING, text, "results wait in the outbox; see to the network or the broker"
            )
        if self.denied:
            text = f"{where} does not let this station hear {', '.join(self.denied)}"
            return Condition("broker", Level.ALARM, text, "let it, in the broker's access list")
        return Condition("broker", Level.OK, f"connected to {where}")

    async def _once(self, failures: int) -> None:
        """One connection, until it is lost. Raises Lost."""
        loop = asyncio.get_running_loop()
        try:
            self.client = await loop.run_in_executor(None, self.contact.identity)
            secret = await loop.run_in_executor(None, self.contact.secret)
            context = await loop.run_in_executor(None, self.contact.context)
            self.expires = await loop.run_in_executor(None, self._looked_up)
        except ContactError as odd:
            raise Lost(str(odd)) from odd
        will, self._given_up = await self.will(), False
        addresses = await self._addresses.of(self.contact.host, self.contact.port, self.pace.resolving)
        address = addresses[failures % len(addresses)]
        kept = max(1, int(self.pace.keepalive))
        connection = Connection(self.contact, self.client, address, secret, context, will, kept, self.hear)
        await connection.open(self.pace.opening)
        try:
            self.denied = tuple(await connection.ask(self.filters, self.pace.deadline, self.kept))
            self._connection, self.trouble = connection, ""
            self.connects += 1
            raise await self._lived(connection)
        finally:
            self._connection = None
            self.joined.clear()
            await connection.shut()

    async def _lived(self, connection: Connection) -> Lost:
        """Return when it is lost, and why.

        Not a task group: that forgets that its owner is cancelled when one of its tasks fails in the same moment.
        """
        loop = asyncio.get_running_loop()
        lost = loop.create_task(connection.lost(), name="mqtt lost")
        alive = loop.create_task(self._alive(connection), name="mqtt alive")
        try:
            await asyncio.wait([lost, alive], return_when=asyncio.FIRST_COMPLETED)
            return lost.result() if lost.done() else alive.result()
        finally:
            lost.cancel()
            alive.cancel()
            await asyncio.wait([lost, alive])

    async def _alive(self, connection: Connection) -> Lost:
        """Greet, then ask again and again; return when there is no answer.

        Half a keepalive of silence and not quite one without an answer make one and a half.
        """
        try:
            await self.greet()
            self.joined.set()
            while True:
                await asyncio.sleep(self.pace.keepalive / 2)
                self.denied = tuple(await connection.ask(self.filters, self.pace.keepalive * 0.9))
        except Unsent as unsent:
            return Lost(str(unsent))
        except Lost as lost:
            return lost

    def _looked_up(self) -> datetime | None:
        if self.contact.certificate is None:
            return None
        try:
            return good_from_to(self.contact.certificate)[1]
        except (OSError, ValueError) as odd:
            raise ContactError(str(odd)) from odd

    def _days_left(self) -> int | None:
        return None if self.expires is None else (self.expires - self.wall()) // timedelta(days=1)
