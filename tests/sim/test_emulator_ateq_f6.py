"""ATEQ F6: the frames of its manual, and a cycle in virtual time."""

import asyncio
import struct
from dataclasses import dataclass, field

import pytest

from sim.emulators.ateq_f6 import AteqF6
from sim.modbus.rtu import crc
from sim.quantity import Quantity
from tests.sim.fake_leads import FakeLeads
from tests.sim.slave_talk import Master, framed, master_of

AIR = 101_325.0


@dataclass
class Volume(FakeLeads):
    """A vessel that is filled to three bar above the air's pressure, and leaks by so many pascals a second."""

    leak: float = 0.0
    filled: float = 3e5
    history: list[tuple[float, str, float]] = field(default_factory=list)
    _shut_at: float = 0.0

    def drive(self, device: str, quantity: Quantity, value: float, place: str = "") -> None:
        """The tester's valves."""
        now = asyncio.get_running_loop().time()
        if self.driven.get((quantity, place)) != value:
            self.history.append((now, place, value))
        if place == "fill" and not value:
            self._shut_at = now
        super().drive(device, quantity, value, place)

    def sense(self, device: str, quantity: Quantity, place: str = "") -> float:
        """The pressure."""
        now = asyncio.get_running_loop().time()
        if self.driven.get((Quantity.OUTPUT, "fill")):
            return AIR + self.filled
        if self.driven.get((Quantity.OUTPUT, "vent"), 1.0):
            return AIR
        return AIR + self.filled - self.leak * (now - self._shut_at)


def little(data: bytes) -> tuple[int, ...]:
    """Program, type, relays and alarm of the last result, then pressure, unit, leak and unit in thousandths."""
    return struct.unpack("<4H4i", data[2:26])


async def result(master: Master) -> tuple[int, ...]:
    """The last result, by its bytes."""
    heard = await master.ask(bytes.fromhex("03 2301 0028"))
    assert heard is not None
    assert 82 == len(heard)
    return little(heard)


async def status(master: Master) -> tuple[int, ...]:
    """Program, results in the FIFO, type, status and step."""
    heard = await master.ask(bytes.fromhex("03 2201 000d"))
    assert heard is not None
    return struct.unpack("<5H", heard[2:12])


def test_the_frames_of_the_manual() -> None:
    """Program 3 is chosen, a cycle started: byte by byte, checksums included (pages 58 and 59)."""

    async def talk(master: Master) -> list[bytes]:
        heard = []
        for sent in ("01 10 0200 0001 02 0200 84F0", "01 05 0001 FF00 DDFA"):
            await master.wire.send(bytes.fromhex(sent))
            heard.append(await master.wire.receive())
        return heard

    assert bytes.fromhex("84F0") == crc(bytes.fromhex("01 10 0200 0001 02 0200"))
    expected = [bytes.fromhex("01 10 0200 0001 0071"), bytes.fromhex("01 05 0001 FF00 DDFA")]
    assert expected == master_of(AteqF6("leak", Volume()), talk)


@pytest.mark.parametrize(
    ("leak", "relays"),
    [
        pytest.param(1.0, 0b10_0001, id="tight"),
        pytest.param(8.0, 0b10_0010, id="leaks"),
        pytest.param(-8.0, 0b10_0100, id="the pressure rises"),
    ],
)
def test_a_cycle(leak: float, relays: int) -> None:
    """Fill, stabilise, test, dump, each with its valves; nothing is said before the end of the cycle."""
    world = Volume(leak=leak)

    async def talk(master: Master) -> None:
        assert 0 == await master.write(0x200, 0x0200)
        assert 0 == await master.put(1, 0xFF00, 5)
        seen = []
        for _ in range(5):
            seen.append((await status(master))[3:])
            await asyncio.sleep(10)
        assert [(0, 2), (0, 3), (0, 4), (0, 4), (0, 5)] == seen
        assert (2, 1, 0, relays, 0xFFFF) == await status(master)
        program, kind, said, alarm, pascal, unit, fall, per_second = await result(master)
        assert (2, 0, relays, 0, 6000, 8000) == (program, kind, said, alarm, unit, per_second)
        assert pytest.approx(leak * 1000, abs=1) == fall
        assert pytest.approx((3e5 - 30 * leak) * 1000, abs=1000) == pascal

    master_of(AteqF6("leak", world), talk)
    assert ["fill", "vent", "fill", "vent"] == [place for _, place, _ in world.history]
    assert [0, 0, 10, 40] == [round(at) for at, _, _ in world.history]


def test_a_fill_that_does_not_reach_its_pressure_is_an_alarm() -> None:
    """No test then: bits 3, 4 and 5, and an alarm's code."""

    async def talk(master: Master) -> tuple[int, ...]:
        await master.put(1, 0xFF00, 5)
        await asyncio.sleep(14)
        return (await result(master))[:4]

    assert (0, 0, 0b11_1000, 1) == master_of(AteqF6("leak", Volume(filled=1e4)), talk)


def test_what_it_refuses() -> None:
    """A second start, a program that is none, an address between its blocks, functions that it does not have."""

    async def talk(master: Master) -> list[object]:
        await master.put(1, 0xFF00, 5)
        refused: list[object] = [await master.put(1, 0xFF00, 5), await master.write(0x200, 0x8000)]
        refused += [await master.read(0x2200), await master.read(0x2201, function=4), await master.put(0x200, 0)]
        return refused

    assert [6, 3, (-2,), (-1,), 1] == master_of(AteqF6("leak", Volume()), talk)


def test_a_reset_ends_the_cycle_with_open_vent() -> None:
    """And so does a failure of the power; no result comes of it."""
    world = Volume()
    tester = AteqF6("leak", world)

    async def talk(master: Master) -> tuple[int, ...]:
        for _ in range(2):
            await master.put(1, 0xFF00, 5)
            await asyncio.sleep(5)
            await master.put(0, 0xFF00, 5)
            assert {"fill": 0.0, "vent": 1.0} == {place: value for (_, place), value in world.driven.items()}
        await master.put(1, 0xFF00, 5)
        tester.power_on()
        await asyncio.sleep(100)
        return await status(master)

    assert (0, 0, 0, 0, 0xFFFF) == master_of(tester, talk)


def test_the_fifo_keeps_eight() -> None:
    """The count of waiting results ends at eight."""

    async def talk(master: Master) -> int:
        for _ in range(9):
            await master.put(1, 0xFF00, 5)
            await asyncio.sleep(50)
        return (await status(master))[1]

    assert 8 == master_of(AteqF6("leak", Volume()), talk)


def test_an_auto_zero_is_a_cycle_without_a_result() -> None:
    """Special cycle 7."""

    async def talk(master: Master) -> tuple[int, ...]:
        assert 0 == await master.write(0x201, 0x0700)
        await master.put(1, 0xFF00, 5)
        await asyncio.sleep(2)
        return await status(master)

    assert (0, 0, 0, 0b10_0000, 0xFFFF) == master_of(AteqF6("leak", Volume()), talk)


def test_other_units_frames_are_not_its_own() -> None:
    """A start for unit 2 starts nothing."""

    async def talk(master: Master) -> tuple[int, ...]:
        await master.wire.send(framed(bytes.fromhex("05 0001 FF00"), 2))
        await asyncio.sleep(1)
        return await status(master)

    assert (0, 0, 0, 0, 0xFFFF) == master_of(AteqF6("leak", Volume()), talk)
