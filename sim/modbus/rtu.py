"""Modbus on a serial line (Modbus over serial line 1.02): unit, request, checksum, and silence around it.

A frame ends where the length says that belongs to its function; of a function that nobody knows, where 3.5 characters of
silence follow. What is no frame is skipped up to the next good one. Time on the wire is counted: a request is heard when its
last character would be over, a reply is there when its last one is.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from sim.emulator import Emulator
from sim.message import Hear, Message
from sim.modbus.pdu import (
    ENCAPSULATED,
    MASK_WRITE,
    READ_COILS,
    READ_HOLDING,
    READ_INPUT,
    READ_WRITE,
    WRITE_COILS,
    WRITE_REGISTERS,
    refusal,
)
from sim.modbus.slave import Slave
from sim.modbus.spoiling import swapped

BROADCAST = 0
_FAST = 0.00175  # seconds of silence above 19,200 Bd
_LONGEST = 4096


def crc(data: bytes) -> bytes:
    """The checksum of a frame: polynomial A001, low byte first."""
    value = 0xFFFF
    for byte in data:
        value = value >> 8 ^ _TABLE[(value ^ byte) & 0xFF]
    return value.to_bytes(2, "little")


def _shifted(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ 0xA001 * (value & 1)
    return value


_TABLE = tuple(map(_shifted, range(256)))


def length_of(frame: bytes) -> int | None:
    """Bytes of the request that begins so; 0 while too little of it is known, None of a function without a known length."""
    if len(frame) < 2:
        return 0
    function = frame[1]
    if READ_COILS <= function <= 6:
        return 8
    if function == MASK_WRITE:
        return 10
    if function in _COUNTED:
        at = _COUNTED[function]
        return at + 3 + frame[at] if len(frame) > at else 0
    if function == ENCAPSULATED:
        return 7
    return None


_COUNTED: Mapping[int, int] = {WRITE_COILS: 6, WRITE_REGISTERS: 6, READ_WRITE: 10}
"""Where the count of bytes stands that follow, before the checksum."""


@dataclass(frozen=True, slots=True)
class RtuMessage(Message):
    """A request to a unit; `character` is the seconds that each byte of the reply takes."""

    unit: int = 1
    character: float = 0.0
    turnaround: float = 0.0

    @property
    def is_reading(self) -> bool:
        """Whether it reads registers."""
        return self.body[0] in {READ_HOLDING, READ_INPUT}

    def framed(self, reply: bytes) -> bytes:
        """Unit and checksum around the reply."""
        frame = bytes((self.unit,)) + reply
        return frame + crc(frame)

    def astray(self, reply: bytes) -> bytes:
        """Another unit answers."""
        frame = bytes((self.unit % 247 + 1,)) + reply
        return frame + crc(frame)

    def swapped(self, reply: bytes) -> bytes:
        """Words or bytes exchanged in what is read."""
        return swapped(reply) if self.is_reading else reply

    def refused(self, reply: bytes, code: int) -> bytes:
        """An exception response."""
        del reply
        return refusal(self.body[0], code)

    def takes(self, whole: bytes) -> float:
        """The turnaround, and the characters one by one."""
        return self.turnaround + len(whole) * self.character


class Rtu:
    """The frames of a line with all its units. `patience`: the least silence in seconds that is believed to be one."""

    def __init__(self, emulators: tuple[Emulator, ...], hear: Hear, patience: float = 0.0) -> None:
        self._units = {each.unit: each for each in emulators if isinstance(each, Slave)}
        first = next(iter(self._units.values()))
        self._character = (11 if first.parity != "N" else 10) / (first.baudrate or 9600)
        self._silence = 3.5 * self._character if first.baudrate <= 19200 else _FAST
        self._patience = max(self._silence, patience)
        self._hear = hear
        self._heard = bytearray()
        self._until = 0.0  # when the last byte so far will have gone over the wire
        self._timer: asyncio.TimerHandle | None = None

    def take(self, sent: bytes) -> None:
        """Hand on every request that is whole; what is left waits for more, or for silence."""
        loop = asyncio.get_running_loop()
        self._until = max(self._until, loop.time()) + len(sent) * self._character
        self._heard += sent
        del self._heard[:-_LONGEST]
        self._stop()
        while self._heard and self._whole(0):
            pass
        if self._heard and self._is_broken():
            while self._heard and self._any_whole():
                pass
        if self._heard:
            self._timer = loop.call_at(self._until + self._patience, self._quiet)

    def close(self) -> None:
        """The line is gone."""
        self._stop()
        self._heard.clear()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _is_broken(self) -> bool:
        """Whether what comes first has its length, and is no frame all the same."""
        length = length_of(bytes(self._heard[:11]))
        return bool(length) and len(self._heard) >= (length or 0)

    def _any_whole(self) -> bool:
        return any(self._whole(start) for start in range(len(self._heard) - 3))

    def _whole(self, start: int) -> bool:
        """Take the request that begins there and all before it, if it is whole and good."""
        length = length_of(bytes(self._heard[start : start + 11]))
        if not length or len(self._heard) < start + length:
            return False
        return self._good(start, start + length)

    def _good(self, start: int, end: int) -> bool:
        frame = bytes(self._heard[start:end])
        if crc(frame[:-2]) != frame[-2:]:
            return False
        del self._heard[:end]
        ends = self._until - len(self._heard) * self._character
        loop = asyncio.get_running_loop()
        for message in self._messages(frame, ends - len(frame) * self._character):
            loop.call_at(max(ends, loop.time()), self._hear, message)
        return True

    def _quiet(self) -> None:
        """Silence: what is there now is all that there will be."""
        self._timer = None
        while len(self._heard) >= 4 and (self._any_whole() or self._unknown()):
            pass
        self._heard.clear()

    def _unknown(self) -> bool:
        """A request of a function without a known length, up to the silence."""
        end = len(self._heard)
        return any(length_of(bytes(self._heard[at : at + 2])) is None and self._good(at, end) for at in range(end - 3))

    def _messages(self, frame: bytes, began: float) -> list[RtuMessage]:
        unit, body = frame[0], frame[1:-2]
        if unit == BROADCAST:
            return [RtuMessage(each, body, mute=True, began=began) for each in self._units.values()]
        slave = self._units.get(unit)
        if slave is None:
            return []
        turnaround = max(self._silence, slave.turnaround)
        return [RtuMessage(slave, body, began=began, unit=unit, character=self._character, turnaround=turnaround)]
