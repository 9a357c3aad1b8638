"""A fake slave behind a fake wire: answers as it should, until a test tells it what to say to the next request instead."""

import struct
from collections import deque
from collections.abc import Callable, Iterable
from typing import Literal

from drivers.links.register_link import RegisterLink
from drivers.links.rtu_bus import RtuBus
from drivers.links.tcp_bus import TcpBus
from sim.modbus.rtu import crc
from tests.drivers.fake_wire import FakeWire, Late

Framing = Literal["tcp", "rtu"]
BOTH: tuple[Framing, ...] = ("tcp", "rtu")
UNIT = 7
SERIAL = 0x100
"""The address of what a driver reads to identify it: two words."""

Says = Callable[["Asked"], Iterable[Late]]


class Asked:
    """One request, and ways to answer it."""

    def __init__(self, slave: "FakeSlave", frame: bytes) -> None:
        self.slave = slave
        self.is_tcp = slave.framing == "tcp"
        self.transaction = int.from_bytes(frame[:2], "big") if self.is_tcp else 0
        self.unit = frame[6] if self.is_tcp else frame[0]
        self.pdu = frame[7:] if self.is_tcp else frame[1:-2]

    def framed(
        self, pdu: bytes, *, unit: int | None = None, transaction: int | None = None, protocol: int = 0
    ) -> bytes:
        """A reply as it goes over the wire."""
        number = self.unit if unit is None else unit
        if self.is_tcp:
            said = self.transaction if transaction is None else transaction
            return struct.pack(">HHHB", said, protocol, len(pdu) + 1, number) + pdu
        frame = bytes((number,)) + pdu
        return frame + crc(frame)

    @property
    def good(self) -> bytes:
        """The reply that it should have: a register's word is its address, a coil's bit whether that is odd."""
        function, address, count = struct.unpack(">BHH", self.pdu[:5])
        if function in {3, 4}:
            words = [self.slave.words.get(each, each) for each in range(address, address + count)]
            return struct.pack(f">BB{count}H", function, 2 * count, *words)
        if function in {1, 2}:
            bits: int = sum((address + place) % 2 << place for place in range(count))
            size = (count + 7) // 8
            return bytes((function, size)) + bits.to_bytes(size, "little")
        if function == 6:
            self.slave.words[address] = count
        return self.pdu[:5]


class FakeSlave(FakeWire):
    """Holding and input registers and coils of unit 7; `then` says how the next requests are answered instead."""

    def __init__(self, framing: Framing) -> None:
        super().__init__()
        self.framing = framing
        self.words: dict[int, int] = {}
        self.asked: list[tuple[int, int, int]] = []
        self.frames: list[bytes] = []
        self.sent_at: list[float] = []
        self.takes = 0.01
        self.deaf = False
        self._then: deque[Says] = deque()

    def then(self, *says: Says) -> None:
        """Answer the next requests so."""
        self._then.extend(says)

    async def send(self, data: bytes) -> None:
        """Note the request, and have its answer come."""
        if not self._up:
            raise BrokenPipeError("gone")
        asked = Asked(self, data)
        self.frames.append(data)
        self.sent_at.append(RtuBus.now())
        self.asked.append(struct.unpack(">BHH", asked.pdu[:5]))
        if self.deaf:
            return
        says = self._then.popleft() if self._then else usual
        for delay, piece in says(asked):
            self.comes(piece, after=delay)


def usual(asked: Asked) -> Iterable[Late]:
    """The right answer, in time."""
    return [(asked.slave.takes, asked.framed(asked.good))]


def silence(_: Asked) -> Iterable[Late]:
    """Nothing."""
    return []


def late(seconds: float) -> Says:
    """The right answer, later."""
    return lambda asked: [(seconds, asked.framed(asked.good))]


def says(pdu: bytes) -> Says:
    """Another reply in a good frame."""
    return lambda asked: [(0.01, asked.framed(pdu))]


def bus_of(wire: FakeSlave) -> TcpBus | RtuBus:
    """The bus for a fake slave."""
    return TcpBus("tcp", wire) if wire.framing == "tcp" else RtuBus("line", wire, 19200)


async def opened(framing: Framing, *, identified: bool = True, within: float = 1.0) -> tuple[RegisterLink, FakeSlave]:
    """A link to unit 7, open, and identified by two registers."""
    wire = FakeSlave(framing)
    link = RegisterLink("meter", bus_of(wire), UNIT, within=within)
    await link.open()
    if identified:
        await link.read_holding(SERIAL, 2)
    return link, wire
