"""Eastron SDM630: its addresses, its limits, its silence."""

import asyncio
import math
import struct

import pytest

from sim.emulators.eastron_sdm630 import EastronSdm630
from sim.quantity import Quantity
from tests.sim.fake_leads import FakeLeads
from tests.sim.slave_talk import Master, master_of

MAINS = {
    **{(Quantity.AC_VOLTS, str(phase)): 229.0 + phase for phase in (1, 2, 3)},
    **{(Quantity.AMPS, str(phase)): 2.0 * phase for phase in (1, 2, 3)},
    **{(Quantity.WATTS, str(phase)): 400.0 * phase for phase in (1, 2, 3)},
    (Quantity.HERTZ, ""): 50.0,
}


async def floats(master: Master, address: int, count: int, function: int = 4) -> tuple[float, ...]:
    """As many floats, after the silence that the meter wants."""
    await asyncio.sleep(0.061)
    words = await master.read(address, 2 * count, function)
    assert 2 * count == len(words), words
    return struct.unpack(f">{count}f", struct.pack(f">{2 * count}H", *words))


def test_the_phases() -> None:
    """Volts, amperes and watts, apparent and reactive power, power factor and angle, three by three."""

    async def talk(master: Master) -> tuple[float, ...]:
        return await floats(master, 0, 21)

    read = master_of(EastronSdm630("meter", FakeLeads(there=dict(MAINS))), talk)
    assert (230.0, 231.0, 232.0, 2.0, 4.0, 6.0, 400.0, 800.0, 1200.0) == read[:9]
    assert pytest.approx((460.0, 924.0, 1392.0)) == read[9:12]
    assert pytest.approx(math.sqrt(460.0**2 - 400.0**2)) == read[12]
    assert pytest.approx(400.0 / 460.0) == read[15]
    assert pytest.approx(math.degrees(math.acos(400.0 / 460.0)), rel=1e-6) == read[18]


def test_totals_and_frequency() -> None:
    """Sums, averages, hertz at 70, volts between the phases at 200, the neutral's current at 224."""

    async def talk(master: Master) -> list[float]:
        return [(await floats(master, at, 1))[0] for at in (42, 46, 48, 52, 70, 200, 206, 224)]

    read = master_of(EastronSdm630("meter", FakeLeads(there=dict(MAINS))), talk)
    between = math.sqrt(230.0**2 + 231.0**2 + 230.0 * 231.0)
    assert pytest.approx([231.0, 4.0, 12.0, 2400.0, 50.0, between], rel=1e-6) == read[:6]
    assert pytest.approx(231.0 * math.sqrt(3.0), rel=1e-3) == read[6]
    assert pytest.approx(math.sqrt(12.0), rel=1e-5) == read[7]


def test_energy_is_power_by_time() -> None:
    """An hour at 2400 watts."""

    async def talk(master: Master) -> tuple[float, ...]:
        await floats(master, 72, 2)
        await asyncio.sleep(3600.0 - 0.061 - (8 + 13) / 960 - 0.005)
        return await floats(master, 72, 2)

    imported, exported = master_of(EastronSdm630("meter", FakeLeads(there=dict(MAINS))), talk)
    assert pytest.approx(2.4, rel=1e-4) == imported
    assert 0.0 == exported


def test_its_limits() -> None:
    """Forty parameters in one request, even addresses and counts, nothing beyond the last; no holding registers in between."""

    async def talk(master: Master) -> list[tuple[int, ...]]:
        said = []
        for address, count, function in ((0, 82, 4), (1, 2, 4), (0, 3, 4), (0x17E, 2, 4), (4, 2, 3), (0, 2, 1)):
            await asyncio.sleep(0.061)
            said.append(await master.read(address, count, function))
        await asyncio.sleep(0.061)
        return [*said, (len(await master.read(0, 80, 4)),)]

    assert [(-3,), (-2,), (-3,), (-2,), (-2,), (-1,), (80,)] == master_of(EastronSdm630("meter", FakeLeads()), talk)


def test_it_wants_sixty_milliseconds_of_silence() -> None:
    """A request that comes earlier is not answered."""

    async def talk(master: Master) -> list[bool]:
        heard = [await master.ask(bytes.fromhex("04 0000 0002")) is not None]
        await asyncio.sleep(0.055)
        heard.append(await master.ask(bytes.fromhex("04 0000 0002")) is not None)
        await asyncio.sleep(0.061)
        heard.append(await master.ask(bytes.fromhex("04 0000 0002")) is not None)
        return heard

    assert [True, False, True] == master_of(EastronSdm630("meter", FakeLeads()), talk)


def test_settings_and_the_serial_number() -> None:
    """Floats by function 3; what may be written is kept; the serial number is a number of 32 bits."""
    leads = FakeLeads(plate="SIM-20394857")

    async def talk(master: Master) -> list[object]:
        said: list[object] = [await floats(master, 20, 1, 3), await floats(master, 28, 1, 3)]
        for address, words in ((2, (0x4120, 0)), (36, (0, 0)), (2, (0x7FC0, 0)), (2, (0,))):
            await asyncio.sleep(0.061)
            said.append(await master.write(address, *words))
        said.append(await floats(master, 2, 1, 3))
        await asyncio.sleep(0.061)
        return [*said, await master.read(0xFC00, 2)]

    expected = [(7.0,), (2.0,), 0, 2, 3, 3, (10.0,), (20394857 >> 16, 20394857 & 0xFFFF)]
    slave = EastronSdm630("meter", leads)
    slave.unit = 7
    assert expected == master_of(slave, talk)


def test_its_error_is_within_its_class() -> None:
    """However unlucky: half a percent of volts, one of watts, and noise far below."""

    async def talk(master: Master) -> tuple[float, ...]:
        return await floats(master, 0, 9)

    read = master_of(EastronSdm630("meter", FakeLeads(there=dict(MAINS), deviate=3.0)), talk)
    assert 230.0 < read[0] < 230.0 * 1.005
    assert 400.0 < read[6] < 400.0 * 1.01


def test_no_number() -> None:
    """B109: the float that is none, when the meter has no number."""

    async def talk(master: Master) -> tuple[int, ...]:
        return await master.read(0, 2, 4)

    assert (0x7FC0, 0) == master_of(EastronSdm630("meter", FakeLeads(trouble="nan")), talk)
