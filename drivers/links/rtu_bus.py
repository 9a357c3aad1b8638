"""Modbus over a serial line (serial line 1.02): silence between frames, a check sum, and no way to tell a late reply.

From the moment a question leaves until its reply has come whole, the bus owes it; whatever interrupts that (deadline,
garbage, cancellation) makes the bus keep silent for longer than the slowest reply before anybody is asked again. Only a
cancelled question is waited for: when its reply has come, nothing is owed any more. What makes safe is sent before such a
silence too: at worst a late reply drowns it, and it is sent again.
"""

import asyncio
from dataclasses import dataclass
from functools import partial

from drivers.errors import BadReply, LinkError
from drivers.links import pdus
from drivers.links.bus import Bus, Unit
from drivers.links.deadline import ExpiredError
from drivers.links.question import Question
from drivers.links.silence import OPENING, silence
from drivers.links.wire import Wire

BITS = 11
"""Of a character on the wire: start, eight, parity or a second stop, stop."""
GAP_CHARACTERS, LEAST_GAP, FAST = 3.5, 0.00175, 19200
"""Silence between frames in characters, and in seconds above that baud rate."""
LONGER = 1.25
"""How much longer the silence after a lost reply is than the slowest reply."""
TURNAROUND = 0.1
"""Seconds that the units have to obey a broadcast."""
ENDLESS = 4096
"""Bytes that nobody asked for, after which a line does not stop talking."""
BROADCAST = 0
_COUNTED = frozenset({1, 2, 3, 4, 23})
"""Functions whose reply tells its own length."""
_ECHOED = frozenset({5, 6, 15, 16})


@dataclass(frozen=True, slots=True)
class _Owed:
    unit: Unit
    question: Question
    until: float


class RtuBus(Bus):
    """One serial line and every unit on it."""

    def __init__(self, name: str, wire: Wire, baudrate: int) -> None:
        super().__init__(name, wire)
        self.baudrate = baudrate
        self.character = BITS / baudrate
        """Seconds."""
        self.gap = LEAST_GAP if baudrate > FAST else GAP_CHARACTERS * self.character
        """Seconds of silence between two frames."""
        self._busy_until = 0.0
        self._owed: _Owed | None = None
        self._hush = 0.0
        """Seconds of silence that must pass before the next question, counted from when it wants to be asked."""

    async def ask(self, unit: Unit, question: Question) -> bytes:
        """The reply of that unit to that function; frames of other units are ignored and counted."""
        await self._keep_gap()
        if self.is_troubled(unit):  # it came while the line, or the unit, was left alone
            await self.settle(unit)
        frame, lasts, seconds = self._framed(unit, question)
        if unit.number == BROADCAST:
            return await self._tell(unit, frame, lasts)
        before = unit.counters.ignored
        self._owed, self._hush = _Owed(unit, question, self.now() + seconds), LONGER * seconds
        try:
            with self._deadline(seconds):
                self._busy_until = self.now() + lasts
                await self._send(unit, frame)
                reply = await self._hear(unit, question)
        except ExpiredError:
            self._owed = None
            raise self._timed_out(unit, question, seconds, unit.counters.ignored - before) from None
        except (BadReply, LinkError):
            self._owed = None
            raise
        self._owed, self._hush = None, 0.0
        return reply

    def is_troubled(self, unit: Unit) -> bool:
        """Whether silence is due."""
        if some := self.wire.pending():
            unit.traffic.note(self.now(), "in", some)
            self._heard += some
        if self._heard and self._owed is None:
            self._hush = max(self._hush, LONGER * unit.within)
        return self._hush > 0

    async def settle(self, unit: Unit, urgent: Question | None = None) -> bool:
        """Wait for what a cancelled question is owed, or else for silence."""
        if (owed := self._owed) is not None and await self._paid(owed):
            return owed.unit is unit
        if self._hush:
            if urgent is not None:
                await self._blurt(unit, urgent)
            await self._drain(unit, self._hush)
            self._hush = 0.0
        return False

    async def stays_silent(self, unit: Unit) -> bool:
        """Whether nothing more comes for longer than the slowest reply."""
        self._hush = LONGER * unit.within
        silent = await self._drain(unit, self._hush) == 0
        self._hush = 0.0
        return silent

    async def connect(self, unit: Unit) -> None:
        """Open the wire; what an adapter has kept is no reply."""
        await super().connect(unit)
        self._owed, self._hush = None, max(self._hush, OPENING)

    def despair(self) -> None:
        """Keep the wire: the other units have done nothing."""

    async def _keep_gap(self) -> None:
        if (left := self._busy_until + self.gap - self.now()) > 0:
            await asyncio.sleep(left)

    def _framed(self, unit: Unit, question: Question) -> tuple[bytes, float, float]:
        """The frame, the seconds that it takes on the wire, and those within which the whole reply must have come."""
        frame = pdus.rtu_frame(unit.number, question.pdu)
        lasts = len(frame) * self.character
        return frame, lasts, unit.within + lasts + (question.length + 3) * self.character

    async def _blurt(self, unit: Unit, write: Question) -> None:
        """Send a write, whose echo is thrown away with all else that comes."""
        await self._keep_gap()
        frame, lasts, seconds = self._framed(unit, write)
        self._busy_until = self.now() + lasts
        await self._send(unit, frame)
        self._hush = max(self._hush, LONGER * seconds)

    async def _tell(self, unit: Unit, frame: bytes, lasts: float) -> bytes:
        """A broadcast has no reply; the units get time to obey."""
        self._busy_until = self.now() + lasts
        await self._send(unit, frame)
        await asyncio.sleep(lasts + TURNAROUND)
        return b""

    async def _paid(self, owed: _Owed) -> bool:
        """Whether the reply to a cancelled question came after all."""
        try:
            with self._deadline(max(0.0, owed.until - self.now())):
                await self._hear(owed.unit, owed.question)
        except (ExpiredError, BadReply):
            self._owed = None
            return False
        self._owed, self._hush = None, 0.0
        return True

    async def _hear(self, unit: Unit, question: Question) -> bytes:
        while not (reply := self._reply(unit, question)):
            self._heard += await self._receive(unit)
            self._busy_until = self.now()
        return reply

    def _reply(self, unit: Unit, question: Question) -> bytes:
        """The reply, if it is there; b"" while it is not."""
        while len(self._heard) >= 2:
            heard = self._heard
            ours = heard[0] == unit.number
            if ours and (wrong := question.begun_wrong(heard[1:])):
                raise self._garbage(unit, wrong)
            size = question.length + 3 if ours and not heard[1] & 0x80 else _size(heard)
            if size == 0:
                raise self._garbage(unit, "no frame of Modbus")
            if len(heard) < size:
                break
            if pdus.check_sum(heard[: size - 2]) != heard[size - 2 : size]:
                unit.counters.crc_errors += 1
                raise self._garbage(unit, "the check sum is wrong")
            if ours:
                if len(heard) > size or self.wire.pending():
                    raise self._garbage(unit, "more than one reply came")
                self._heard = b""
                return heard[1 : size - 2]
            unit.counters.ignored += 1
            self._heard = heard[size:]
        return b""

    def _garbage(self, unit: Unit, what: str) -> BadReply:
        heard, self._heard = self._heard, b""
        return self.bad(unit, what, heard)

    async def _drain(self, unit: Unit, quiet: float) -> int:
        """Throw away what comes until nothing has come for `quiet` seconds; how many bytes it was."""
        before, self._heard = len(self._heard), b""
        gone = await silence(partial(self._receive, unit), self._deadline, quiet, unit.within, ENDLESS)
        if gone is None:
            raise LinkError(unit.name, f"{self.name} does not stop talking")
        return before + gone


def _size(heard: bytes) -> int:
    """Bytes of the frame that begins there; more than is there while that is not known; 0 for no frame."""
    function = heard[1]
    if function & 0x80:
        return 5
    if function in _COUNTED:
        return heard[2] + 5 if len(heard) > 2 else 5
    return 8 if function in _ECHOED else 0
