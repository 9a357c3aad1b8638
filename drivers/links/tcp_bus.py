"""Modbus over TCP (messaging on TCP/IP 1.0b): transactions tell late replies apart, so nobody has to wait for silence."""

import struct

from drivers.links import pdus
from drivers.links.bus import Bus, Unit
from drivers.links.deadline import ExpiredError
from drivers.links.question import Question

HEADER = struct.Struct(">HHH")
SHORTEST, LONGEST = 2, 254
"""Bytes that may follow the header's length: unit and function at least, a PDU of 253 at most."""
DEAF = 2
"""Timeouts in a row after which the connection is given up: that of a frozen peer stays up for ever."""


class TcpBus(Bus):
    """One connection to a device, or to a gateway with many units behind it."""

    knows_zero = True
    _transaction = 0
    _timeouts = 0

    async def ask(self, unit: Unit, question: Question) -> bytes:
        """The reply of the same transaction, unit and protocol; whatever else comes is ignored and counted."""
        self._transaction = transaction = self._transaction % 0xFFFF + 1
        before = unit.counters.ignored
        try:
            with self._deadline(unit.within):
                await self._send(unit, pdus.tcp_frame(transaction, unit.number, question.pdu))
                while not (reply := self._reply(unit, transaction)):
                    self._heard += await self._receive(unit)
        except ExpiredError:
            self._timeouts += 1
            if self._timeouts >= DEAF:
                self.disconnect()
            raise self._timed_out(unit, question, unit.within, unit.counters.ignored - before) from None
        self._timeouts = 0
        return reply

    def is_troubled(self, unit: Unit) -> bool:
        """Never: what comes late is of another transaction."""
        del unit
        return False

    async def settle(self, unit: Unit, urgent: Question | None = None) -> bool:
        """There is nothing to wait for; nothing is known either."""
        del unit, urgent
        return False

    async def stays_silent(self, unit: Unit) -> bool:
        """A second reply to the same transaction would find nobody who waits for it."""
        del unit
        return True

    async def connect(self, unit: Unit) -> None:
        """Open the wire; nothing is owed on a new connection."""
        await super().connect(unit)
        self._timeouts = 0

    def despair(self) -> None:
        """Give the connection up; the next question makes a new one."""
        self.disconnect()

    def _reply(self, unit: Unit, transaction: int) -> bytes:
        """The reply, if it is there; b"" while it is not."""
        while len(self._heard) >= HEADER.size:
            said, protocol, length = HEADER.unpack_from(self._heard)
            if not SHORTEST <= length <= LONGEST:
                heard = self._heard
                self.disconnect()  # where the next frame begins, nobody knows
                raise self.bad(unit, f"a frame of length {length}; the connection is given up", heard)
            end = HEADER.size + length
            if len(self._heard) < end:
                break
            frame, self._heard = self._heard[:end], self._heard[end:]
            if said == transaction and protocol == 0 and frame[6] == unit.number:
                return frame[7:]
            unit.counters.ignored += 1
        return b""
