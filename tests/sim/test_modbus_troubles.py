"""What can ail the wire of an instrument that speaks Modbus: each trouble on a serial line and on TCP, byte by byte."""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sim import clock
from sim.modbus.rtu import crc
from sim.port import LATE
from sim.wires import MemoryWire
from tests.sim.fake_leads import FakeLeads
from tests.sim.slave_talk import Plain, framed

BOTH = pytest.mark.parametrize("framing", ["rtu", "mbap"])


def request(framing: str, address: int = 4, count: int = 2, transaction: int = 1) -> bytes:
    """A read of holding registers of unit 1, in its frame."""
    return framed(struct.pack(">BHH", 3, address, count), 1, transaction if framing == "mbap" else None)


def reply(framing: str, *words: int, transaction: int = 1) -> bytes:
    """Its answer, in its frame."""
    body = struct.pack(f">BB{len(words)}H", 3, 2 * len(words), *words)
    return framed(body, 1, transaction if framing == "mbap" else None)


def on_wire(framing: str, trouble: str, talk: Callable[[MemoryWire, Plain, FakeLeads], Awaitable[Any]]) -> Any:
    """What a talk over an open wire comes to, the trouble having begun behind its back."""

    async def main() -> Any:
        leads = FakeLeads()
        slave = Plain(leads, 1, framing)
        slave.baudrate = 0 if framing == "mbap" else 9600
        wire = MemoryWire(slave)
        await wire.open()
        leads.trouble = trouble
        try:
            return await talk(wire, slave, leads)
        finally:
            wire.close()

    return clock.run(main())


async def ask(wire: MemoryWire, sent: bytes, within: float = 60.0) -> bytes | None:
    """One question, and what comes first; None for nothing."""
    await wire.send(sent)
    try:
        async with asyncio.timeout(within):
            return await wire.receive()
    except TimeoutError:
        return None


def once(framing: str, trouble: str, address: int = 4, count: int = 2) -> bytes | None:
    """What a single read hears."""
    return on_wire(framing, trouble, lambda wire, *_: ask(wire, request(framing, address, count)))  # type: ignore[no-any-return]


@BOTH
def test_health(framing: str) -> None:
    """The registers."""
    assert reply(framing, 4, 5) == once(framing, "")


@BOTH
def test_silent(framing: str) -> None:
    """Nothing comes, and nothing is obeyed."""

    async def talk(wire: MemoryWire, slave: Plain, _: FakeLeads) -> tuple[bytes | None, int]:
        write = struct.pack(">BHH", 6, 4, 99)
        return await ask(wire, framed(write, 1, 1 if framing == "mbap" else None)), slave.words[4]

    assert (None, 4) == on_wire(framing, "silent", talk)


@BOTH
def test_late(framing: str) -> None:
    """The answer comes whole, after everybody has given up."""

    async def talk(wire: MemoryWire, *_: object) -> tuple[bytes | None, bool]:
        heard = await ask(wire, request(framing))
        return heard, asyncio.get_running_loop().time() >= LATE

    assert (reply(framing, 4, 5), True) == on_wire(framing, "late", talk)


@BOTH
def test_short(framing: str) -> None:
    """Half of the frame."""
    whole = reply(framing, 4, 5)
    assert whole[: (len(whole) + 1) // 2] == once(framing, "short")


@BOTH
def test_garbled(framing: str) -> None:
    """On a line the checksum is wrong; on TCP, which has none, the function is."""
    heard = once(framing, "garbled")
    assert heard is not None
    assert len(reply(framing, 4, 5)) == len(heard)
    if framing == "rtu":
        assert crc(heard[:-2]) != heard[-2:]
    else:
        assert (reply(framing, 4, 5)[:7], 3 ^ 0x95) == (heard[:7], heard[7])


@BOTH
def test_foreign(framing: str) -> None:
    """A good frame of unit 2; the answer to another transaction."""
    body = struct.pack(">BB2H", 3, 4, 4, 5)
    assert (framed(body, 2) if framing == "rtu" else framed(body, 1, 2)) == once(framing, "foreign")


@BOTH
def test_stale(framing: str) -> None:
    """The first question is not answered, the second one with what was asked first, in a frame that was its own."""

    async def talk(wire: MemoryWire, *_: object) -> list[bytes | None]:
        return [await ask(wire, request(framing, at, 1, transaction=at)) for at in (4, 5, 6)]

    expected = [None, reply(framing, 4, transaction=4), reply(framing, 5, transaction=5)]
    assert expected == on_wire(framing, "stale", talk)


@BOTH
@pytest.mark.parametrize("trouble", ["stuck", "frozen"])
def test_stuck(framing: str, trouble: str) -> None:
    """Registers do not move any more, while writes are obeyed."""

    async def talk(wire: MemoryWire, slave: Plain, _: FakeLeads) -> tuple[bytes | None, int]:
        await ask(wire, request(framing))
        write = struct.pack(">BHH", 6, 4, 99)
        await ask(wire, framed(write, 1, 2 if framing == "mbap" else None))
        return await ask(wire, request(framing, transaction=3)), slave.words[4]

    assert (reply(framing, 4, 5, transaction=3), 99) == on_wire(framing, trouble, talk)


@BOTH
def test_swapped(framing: str) -> None:
    """The words of each pair; of an odd number of them, the bytes of each."""
    assert reply(framing, 5, 4, 7, 6) == once(framing, "swapped", 4, 4)
    assert reply(framing, 0x0400) == once(framing, "swapped", 4, 1)


@BOTH
@pytest.mark.parametrize(("trouble", "code"), [("failing", 4), ("busy", 6)])
def test_exceptions(framing: str, trouble: str, code: int) -> None:
    """To every request."""
    expected = framed(bytes((0x83, code)), 1, 1 if framing == "mbap" else None)
    assert expected == once(framing, trouble)


@BOTH
def test_closed(framing: str) -> None:
    """The connection drops at the next word."""
    assert b"" == once(framing, "closed")


class Resetting(Plain):
    """Has lost its registers' values when the power comes back."""

    def power_on(self) -> None:
        """All are 0."""
        self.words = [0] * 300


@BOTH
def test_reset(framing: str) -> None:
    """Once: nothing is answered, a connection drops, settings are lost; then everything works again."""

    async def main() -> list[bytes | None]:
        leads = FakeLeads()
        slave = Resetting(leads, 1, framing)
        slave.baudrate = 0 if framing == "mbap" else 9600
        wire = MemoryWire(slave)
        await wire.open()
        heard = [await ask(wire, request(framing))]
        leads.trouble = "reset"
        heard.append(await ask(wire, request(framing), 1.0))
        await wire.open()
        heard.append(await ask(wire, request(framing)))
        wire.close()
        return heard

    lost = b"" if framing == "mbap" else None
    assert [reply(framing, 4, 5), lost, reply(framing, 0, 0)] == clock.run(main())


def test_half_open() -> None:
    """What is written vanishes, and no end is told of; a new connection is well."""

    async def talk(wire: MemoryWire, *_: object) -> list[bytes | None]:
        heard = [await ask(wire, request("mbap"), 1.0)]
        await wire.open()
        return [*heard, await ask(wire, request("mbap"))]

    assert [None, reply("mbap", 4, 5)] == on_wire("mbap", "half-open", talk)


def test_one_of_a_bus_can_be_ill() -> None:
    """The others answer: silent, or cut off, it is as if it were not there."""

    class One(FakeLeads):
        """The first is cut off."""

        def ill(self, device: str) -> str:
            """Its trouble."""
            return "closed" if device == "one" else ""

    async def main() -> list[bytes | None]:
        leads = One()
        wire = MemoryWire(Plain(leads, 1, device="one"), Plain(leads, 2, device="two"))
        await wire.open()
        ask_of = [framed(struct.pack(">BHH", 3, 4, 1), unit) for unit in (1, 2)]
        heard = [await ask(wire, each, 1.0) for each in ask_of]
        wire.close()
        return heard

    assert [None, framed(struct.pack(">BBH", 3, 2, 4), 2)] == clock.run(main())
