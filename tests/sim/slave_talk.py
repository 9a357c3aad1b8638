"""A master of a few lines for a slave in memory, in virtual time; it shares nothing with the drivers' links."""

import asyncio
import struct
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sim import clock
from sim.emulator import Emulator
from sim.modbus.pdu import ILLEGAL_ADDRESS, ModbusError
from sim.modbus.rtu import crc
from sim.modbus.slave import Slave
from sim.wires import MemoryWire
from tests.sim.fake_leads import FakeLeads

T = TypeVar("T")


class Plain(Slave):
    """A slave with 16 coils, 16 inputs and 300 registers; register 9 is read-only, register 10 is broken."""

    functions = frozenset({1, 2, 3, 4, 5, 6, 15, 16, 22, 23, 43})

    def __init__(self, leads: FakeLeads, unit: int = 1, framing: str = "rtu", device: str = "it") -> None:
        super().__init__(device, leads)
        self.unit, self.framing = unit, "mbap" if framing == "mbap" else "rtu"
        self.coils = [False] * 16
        self.words = list(range(300))

    def read_bits(self, function: int, address: int, count: int) -> Sequence[bool]:
        """Inputs are the even ones."""
        self._has(address, count, 16)
        return self.coils[address : address + count] if function == 1 else [at % 2 == 0 for at in range(count)]

    def write_bits(self, address: int, bits: Sequence[bool]) -> None:
        """Coils."""
        self._has(address, len(bits), 16)
        self.coils[address : address + len(bits)] = bits

    def read_words(self, function: int, address: int, count: int) -> Sequence[int]:
        """Registers."""
        self._has(address, count, 300)
        if address <= 10 < address + count:
            raise ModbusError(4)
        return self.words[address : address + count]

    def write_words(self, address: int, words: Sequence[int]) -> None:
        """Registers."""
        self._has(address, len(words), 300)
        if address <= 9 < address + len(words):
            raise ModbusError(ILLEGAL_ADDRESS)
        self.words[address : address + len(words)] = words

    def objects(self) -> Mapping[int, bytes]:
        """The basic ones."""
        return {0: b"Maker", 1: b"PLAIN", 2: b"V1"}

    def _has(self, address: int, count: int, end: int) -> None:
        if address + count > end:
            raise ModbusError(ILLEGAL_ADDRESS)


@dataclass
class Master:
    """Asks, and hears what comes."""

    wire: MemoryWire
    framing: str
    unit: int = 1
    _transaction: int = field(default=0)

    async def ask(self, request: bytes, unit: int | None = None) -> bytes | None:
        """The reply to a request; None when nothing comes within ten seconds. Frames are checked."""
        unit = self.unit if unit is None else unit
        self._transaction += 1
        await self.wire.send(framed(request, unit, self._transaction if self.framing == "mbap" else None))
        try:
            async with asyncio.timeout(10):
                heard = await self.wire.receive()
        except TimeoutError:
            return None
        if self.framing == "mbap":
            assert (self._transaction, 0, len(heard) - 6, unit) == struct.unpack(">HHHB", heard[:7])
            return heard[7:]
        assert crc(heard[:-2]) == heard[-2:]
        assert unit == heard[0]
        return heard[1:-2]

    async def read(self, address: int, count: int = 1, function: int = 3) -> tuple[int, ...]:
        """Registers; the exception's code alone, negative, if there is one."""
        heard = await self.ask(struct.pack(">BHH", function, address, count))
        assert heard is not None, "no answer"
        if heard[0] & 0x80:
            return (-heard[1],)
        assert (function, 2 * count, 2 + 2 * count) == (heard[0], heard[1], len(heard))
        return struct.unpack(f">{count}H", heard[2:])

    async def read_float(self, address: int, function: int = 3) -> float:
        """A float of two registers, the high word first."""
        value: float = struct.unpack(">f", struct.pack(">HH", *await self.read(address, 2, function)))[0]
        return value

    async def read_bits(self, address: int, count: int, function: int = 1) -> tuple[int, ...]:
        """Bits; the exception's code alone, negative, if there is one."""
        heard = await self.ask(struct.pack(">BHH", function, address, count))
        assert heard is not None, "no answer"
        if heard[0] & 0x80:
            return (-heard[1],)
        number = int.from_bytes(heard[2:], "little")
        return tuple(number >> place & 1 for place in range(count))

    async def write(self, address: int, *words: int) -> int:
        """Function 16; 0, or the exception's code."""
        request = struct.pack(f">BHHB{len(words)}H", 16, address, len(words), 2 * len(words), *words)
        heard = await self.ask(request)
        assert heard is not None, "no answer"
        return heard[1] if heard[0] & 0x80 else 0

    async def put(self, address: int, word: int, function: int = 6) -> int:
        """Function 6, or 5; 0, or the exception's code."""
        heard = await self.ask(struct.pack(">BHH", function, address, word))
        assert heard is not None, "no answer"
        return heard[1] if heard[0] & 0x80 else 0


def framed(request: bytes, unit: int = 1, transaction: int | None = None) -> bytes:
    """A request for a serial line, or for TCP when there is a transaction."""
    if transaction is not None:
        return struct.pack(">HHHB", transaction, 0, len(request) + 1, unit) + request
    frame = bytes((unit,)) + request
    return frame + crc(frame)


def master_of(slaves: Emulator | Sequence[Emulator], talk: Callable[[Master], Awaitable[T]]) -> T:
    """What a talk to a slave, or to all of a bus, comes to, in virtual time."""
    every = (slaves,) if not isinstance(slaves, Sequence) else tuple(slaves)
    first = every[0]
    assert isinstance(first, Slave)
    framing, unit = first.framing, first.unit

    async def main() -> T:
        wire = MemoryWire(*every)
        await wire.open()
        try:
            return await talk(Master(wire, framing, unit))
        finally:
            wire.close()

    return clock.run(main())
