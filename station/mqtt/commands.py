"""Commands: which of them are taken. Whoever can publish is not yet somebody who may command: each is signed, and counts once."""

import hmac
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from station.condition import Condition, Level
from station.mqtt.command import Command, NoCommand, command_of, members
from station.mqtt.keys import KEY_BYTES, Key, Keys
from station.mqtt.remembered import Full, Remembered
from station.mqtt.signing import mac_of
from station.store import StoreError

SKEW: Final = timedelta(seconds=60)
"""How far a commander's clock may be ahead of ours."""
LONGEST: Final = timedelta(hours=1)
"""From `issued` to `expires`."""
PER_SECOND: Final = 50
"""Commands that are looked at, in the long run; AT_ONCE of them may come together."""
AT_ONCE: Final = 100
_NOBODY: Final = bytes(KEY_BYTES)


class Why(StrEnum):
    """Why one is refused: the names of the counters."""

    RETAINED = "retained"
    FLOOD = "flood"
    GRAMMAR = "grammar"
    SIGNATURE = "signature"
    MISDIRECTED = "misdirected"
    TIME = "time"
    NOT_ALLOWED = "not-allowed"
    REPLAYED = "replayed"
    NOT_KEPT = "not-kept"


@dataclass(frozen=True, slots=True)
class Refused:
    """`id` and `by` are empty unless the signature was right: who has no key is told nothing."""

    why: Why
    text: str
    id: str = ""
    by: str = ""


@dataclass(eq=False)
class Commands:
    """For one station. `clock` is in seconds and is never set: the loop's."""

    station: str
    keys: Keys
    remembered: Remembered
    clock: Callable[[], float]
    taken: int = 0
    refused: Counter[Why] = field(default_factory=Counter)
    _room: float = AT_ONCE
    _seen: float = float("-inf")
    _flooded: float = float("-inf")

    async def take(self, level: str, payload: bytes, now: datetime, *, retained: bool = False) -> Command | Refused:
        """The command, once: its id is on the disk before this returns; or why not. Never raises.

        `level` is the last one of its topic, which says the same as its `do`.
        """
        try:
            command = self._looked(level, payload, now, retained=retained)
            await self._first(command, now)
        except _No as no:
            return self._count(no)
        self.taken += 1
        return command

    def look(self, level: str, payload: bytes, now: datetime, *, retained: bool = False) -> Command | Refused:
        """All of that but whether it came before. Nothing changes, but the counters."""
        try:
            return self._looked(level, payload, now, retained=retained)
        except _No as no:
            return self._count(no)

    def condition(self) -> Condition:
        """Whether there are more than are looked at."""
        if self.clock() - self._flooded < 60:
            text = f"more than {PER_SECOND} commands a second: not all are looked at"
            return Condition(
                "commands", Level.WARNING, text, "find out who publishes them; the broker's access list can stop it"
            )
        return Condition("commands", Level.OK, f"{len(self.keys.of)} may command")

    def _may_look(self) -> bool:
        now = self.clock()
        self._room = min(AT_ONCE, self._room + (now - self._seen) * PER_SECOND)
        self._seen = now
        if self._room < 1:
            self._flooded = now
            return False
        self._room -= 1
        return True

    def _looked(self, level: str, payload: bytes, now: datetime, *, retained: bool) -> Command:
        if retained:
            raise _No(Why.RETAINED, "a command that the broker kept is nobody's")
        if not self._may_look():
            raise _No(Why.FLOOD, "too many at once")
        command, key = self._signed(payload)
        if now >= key.until or command.do not in key.may:
            raise _No(Why.NOT_ALLOWED, f"{command.by} may not {command.do}, or not any more", command)
        if command.station != self.station or command.do != level:
            raise _No(Why.MISDIRECTED, f"this is {self.station}, and the topic of {level[:20]!a}", command)
        if odd := _odd_time(command, now):
            raise _No(Why.TIME, odd, command)
        return command

    def _signed(self, payload: bytes) -> tuple[Command, Key]:
        """The command, and the key that it is signed with. An unknown commander costs and says what a wrong signature does."""
        try:
            said = members(payload)
            command = command_of(said)
        except NoCommand as wrong:
            raise _No(Why.GRAMMAR, str(wrong)) from None
        key = self.keys.of.get(command.by)
        right = hmac.compare_digest(mac_of(said, key.secret if key else _NOBODY), str(said["mac"]))
        if key is None or not right:
            raise _No(Why.SIGNATURE, "it is not signed by anybody who may command")
        return command, key

    async def _first(self, command: Command, now: datetime) -> None:
        try:
            if not await self.remembered.first(command.by, command.id, command.expires, now):
                raise _No(Why.REPLAYED, "it was taken before", command)
        except Full:
            raise _No(Why.FLOOD, "too many commands have not expired yet", command) from None
        except StoreError:
            raise _No(Why.NOT_KEPT, "the disk does not take it", command) from None

    def _count(self, no: "_No") -> Refused:
        self.refused[no.refused.why] += 1
        return no.refused


class _No(Exception):
    def __init__(self, why: Why, text: str, command: Command | None = None) -> None:
        super().__init__(text)
        self.refused = Refused(why, text, command.id, command.by) if command else Refused(why, text)


def _odd_time(command: Command, now: datetime) -> str:
    if command.issued > now + SKEW:
        return "it comes from the future: look at the clocks"
    if not command.issued < command.expires <= command.issued + LONGEST:
        return f"it expires after it was issued, and within {LONGEST}"
    return "it has expired" if now >= command.expires else ""
