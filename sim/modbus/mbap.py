"""Modbus on TCP (Modbus messaging on TCP/IP 1.0b): transaction, protocol, length and unit before each request.

A device on its own answers to its unit, to 0 and to 255, since its address is that of the host. A gateway with several
units answers for each, with exception 0B for one that is not there; its unit 0 is a broadcast.
"""

import struct
from dataclasses import dataclass

from sim.emulator import Emulator
from sim.message import Hear, Message, spoiled
from sim.modbus.pdu import NO_TARGET, READ_HOLDING, READ_INPUT, refusal
from sim.modbus.slave import Slave
from sim.modbus.spoiling import swapped

_HEADER = struct.Struct(">HHHB")
_LEAST, _MOST = 2, 254
"""What the header's length may be: the unit, and a request of 1 to 253 bytes."""


@dataclass(frozen=True, slots=True)
class MbapMessage(Message):
    """A request of one transaction."""

    transaction: int = 0
    unit: int = 1

    @property
    def is_reading(self) -> bool:
        """Whether it reads registers."""
        return self.body[0] in {READ_HOLDING, READ_INPUT}

    def framed(self, reply: bytes) -> bytes:
        """The header of the request, with the length of the reply."""
        return _HEADER.pack(self.transaction, 0, len(reply) + 1, self.unit) + reply

    def astray(self, reply: bytes) -> bytes:
        """The answer to another transaction."""
        return _HEADER.pack(self.transaction + 1 & 0xFFFF, 0, len(reply) + 1, self.unit) + reply

    def garbled(self, reply: bytes) -> bytes:
        """The header is right, so that it is this request which is answered with rubbish."""
        return self.framed(spoiled(reply))

    def swapped(self, reply: bytes) -> bytes:
        """Words or bytes exchanged in what is read."""
        return swapped(reply) if self.is_reading else reply

    def refused(self, reply: bytes, code: int) -> bytes:
        """An exception response."""
        del reply
        return refusal(self.body[0], code)


class Absent(Slave):
    """What a gateway says for a unit that does not answer."""

    def answer(self, request: bytes) -> bytes:
        """Gateway target device failed to respond."""
        return refusal(request[0], NO_TARGET)


class Mbap:
    """The requests of one connection, in order; a length that cannot be ends it."""

    def __init__(self, emulators: tuple[Emulator, ...], hear: Hear) -> None:
        self._units = {each.unit: each for each in emulators if isinstance(each, Slave)}
        self._first = next(iter(self._units.values()))
        self._hear = hear
        self._rest = b""

    def take(self, sent: bytes) -> None:
        """Hand on every request that is whole; what has another protocol than Modbus is passed over."""
        self._rest += sent
        while len(self._rest) >= _HEADER.size:
            transaction, protocol, length, unit = _HEADER.unpack_from(self._rest)
            if not _LEAST <= length <= _MOST:
                self._rest = b""
                self._hear(Message(self._first, b""))
                return
            end = 6 + length
            if len(self._rest) < end:
                return
            body, self._rest = self._rest[_HEADER.size : end], self._rest[end:]
            if protocol == 0:
                self._ask(transaction, unit, body)

    def close(self) -> None:
        """Half a request is nothing."""
        self._rest = b""

    def _ask(self, transaction: int, unit: int, body: bytes) -> None:
        slave: Slave | None = self._units.get(unit)
        if len(self._units) == 1 and unit in {0, 255}:
            slave = self._first
        elif unit == 0:
            for each in self._units.values():
                self._hear(MbapMessage(each, body, mute=True))
            return
        if slave is None:
            slave = Absent("", self._first.leads)
        self._hear(MbapMessage(slave, body, transaction=transaction, unit=unit))
