"""Devices that are maps of registers: every form of document, and what stands at which address."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.emulators.register_map import RegisterMap
from sim.makers import emulator_for
from sim.maps.facts import FIXED, FLOAT, INTEGER, Entry
from sim.maps.reader import read
from sim.modbus.slave import Slave
from sim.quantity import Quantity
from tests.sim.fake_leads import FakeLeads
from tests.sim.slave_talk import Master, master_of

FIXTURES = Path(__file__).parents[2] / "fixtures" / "registers"

RACKMON: dict[str, Any] = {
    "name": "TEST_PSU",
    "address_range": [[200, 205]],
    "probe_register": 8,
    "baudrate": 115200,
    "registers": [
        {"begin": 8, "length": 4, "format": "STRING", "name": "MFR_Model"},
        {"begin": 12, "length": 4, "format": "STRING", "name": "MFR_Serial"},
        {"begin": 20, "length": 2, "format": "INTEGER", "name": "Up_Time"},
        {"begin": 22, "length": 1, "format": "FLOAT", "precision": 7, "sign": True, "name": "Inlet_Temp"},
        {"begin": 23, "length": 1, "format": "FLOAT", "precision": 0, "scale": 0.1, "shift": -273.15, "name": "Temp1"},
        {"begin": 24, "length": 1, "format": "FLAGS", "flags": [[3, "Fan"], [0, "PFC"]], "name": "Alarms"},
        {"begin": 25, "length": 2, "format": "INTEGER", "endian": "L", "name": "Little"},
    ],
}
PROFILE: dict[str, Any] = {
    "DeviceType": "Valve",
    "DeviceModel": "BelimoEV200ARXE",
    "Parity": "None",
    "BaudRate": 19200,
    "ProbeRegister": {"Offset": "0x3", "Size": 1, "ExpectedValue": 4},
    "InventoryRegisters": [{"Type": "SerialNumber", "Offset": "0x20", "Size": 4}],
    "SensorRegisters": [
        {"Name": "Flow", "Type": "LiquidFlow", "Offset": "0x8", "Size": 2, "Format": "Float32"},
        {"Name": "Position", "Type": "Valve", "Offset": "0x4", "Size": 1, "Format": "FixedPoint", "Scale": 0.01},
    ],
    "StatusRegisters": [{"Name": "Faults", "Offset": "0x9D", "Bits": []}],
    "ConfigRegisters": [{"Type": "UnixTime", "Offset": "0x50", "Size": 2, "Period": 3600}],
}


class Known(FakeLeads):
    """A plant that knows some registers and says nothing of the others."""

    def sense(self, device: str, quantity: Quantity, place: str = "") -> float:
        """NaN where it does not know."""
        return self.there.get((quantity, place), math.nan)


def made(tmp_path: Path, document: dict[str, Any], leads: FakeLeads) -> RegisterMap:
    """The device of a document."""
    file = tmp_path / "map.json"
    file.write_text(json.dumps(document))
    emulator = emulator_for("test", "psu", leads, str(file))
    assert isinstance(emulator, RegisterMap)
    return emulator


def test_what_the_plant_knows_is_what_is_read(tmp_path: Path) -> None:
    """Scaled by 2^precision, by scale and shift, with a sign, with the flags as a number, with the low byte first."""
    registers = {"Up_Time": 100_000, "Inlet_Temp": -1.5, "Temp1": 26.85, "Alarms": 0b1001, "Little": 0x01020304}
    leads = Known(there={(Quantity.REGISTER, name): value for name, value in registers.items()})

    async def talk(master: Master) -> tuple[int, ...]:
        return await master.read(20, 7)

    expected = (1, 34464, 0xFF40, 3000, 9, 0x0403, 0x0201)
    assert expected == master_of(made(tmp_path, RACKMON, leads), talk)


def test_who_it_is(tmp_path: Path) -> None:
    """Model and serial number are texts, padded with blanks; the line is that of the map, even parity unless it says more."""
    slave = made(tmp_path, RACKMON, Known())
    assert (115200, "E") == (slave.baudrate, slave.parity)

    async def talk(master: Master) -> bytes | None:
        return await master.ask(bytes((3, 0, 8, 0, 8)))

    assert b"\x03\x10TEST_PSUMY123   " == master_of(slave, talk)


def test_an_address_without_a_register_is_an_illegal_one(tmp_path: Path) -> None:
    """Alone, or within a span; a register of two words may be read in part."""

    async def talk(master: Master) -> list[tuple[int, ...]]:
        return [await master.read(*at) for at in ((16, 1), (15, 2), (24, 4), (21, 1))]

    assert [(-2,), (-2,), (-2,), (0,)] == master_of(made(tmp_path, RACKMON, Known()), talk)


def test_functions_are_those_of_the_real_devices(tmp_path: Path) -> None:
    """3, 6 and 16; no input registers."""

    async def talk(master: Master) -> tuple[int, ...]:
        return await master.read(20, 1, function=4)

    assert (-1,) == master_of(made(tmp_path, RACKMON, Known()), talk)


def test_a_write_is_driven_and_kept(tmp_path: Path) -> None:
    """In the map's unit; until the power fails."""
    leads = Known()
    slave = made(tmp_path, RACKMON, leads)

    async def talk(master: Master) -> tuple[object, ...]:
        codes = await master.write(22, 0x0C80), await master.put(20, 1), await master.write(8, 0)
        kept = await master.read(20, 3)
        slave.power_on()
        return codes, kept, await master.read(20, 3)

    assert ((0, 0, 2), (1, 0, 0x0C80), (0, 0, 0)) == master_of(slave, talk)
    assert {(Quantity.REGISTER, "Inlet_Temp"): 25.0, (Quantity.REGISTER, "Up_Time"): 65536.0} == leads.driven


def test_a_profile_shows_what_its_probe_expects(tmp_path: Path) -> None:
    """The number at the probe, the plate's serial number, floats; settings may be written, and nothing else."""
    leads = Known(there={(Quantity.REGISTER, "Flow"): 12.5, (Quantity.REGISTER, "Position"): 50.0})
    slave = made(tmp_path, PROFILE, leads)
    assert (19200, "N") == (slave.baudrate, slave.parity)

    async def talk(master: Master) -> tuple[object, ...]:
        read = [await master.read(3, 2), await master.read_float(8), await master.read(0x20, 4)]
        return *read, await master.write(0x50, 1, 2), await master.put(4, 1)

    expected = ((4, 5000), 12.5, (0x4D59, 0x3132, 0x3320, 0x2020), 0, 2)
    assert expected == master_of(slave, talk)


OWN = """
[map]
name = "pump"
baudrate = 9600
parity = "N"
probe = "Kind"
expected = 17
serial = "Plate"

[registers]
Kind = { at = 0, format = "integer" }
Plate = { at = 1, words = 4, format = "text" }
Flow = { at = 0x10, format = "float32", endian = "little", unit = "l/min", input = true }
Speed = { at = 0x12, format = "fixed", scale = 0.1, unit = "%", writable = true }
"""


def test_our_own_form(tmp_path: Path) -> None:
    """What the probe expects, little-endian floats, input registers, and what alone may be written."""
    file = tmp_path / "pump.toml"
    file.write_text(OWN)
    leads = Known(there={(Quantity.REGISTER, "Flow"): 1.5})
    slave = emulator_for("pump", "it", leads, str(file))

    async def talk(master: Master) -> tuple[object, ...]:
        read = await master.read(0, 5), await master.read(0x10, 2, function=4)
        return *read, await master.put(0x12, 455), await master.put(0, 1)

    expected = ((17, 0x4D59, 0x3132, 0x3320, 0x2020), (0x0000, 0xC03F), 0, 2)
    assert expected == master_of(slave, talk)
    assert {(Quantity.REGISTER, "Speed"): 45.5} == leads.driven


def test_no_number_is_a_float_that_is_none(tmp_path: Path) -> None:
    """B109."""

    async def talk(master: Master) -> tuple[int, ...]:
        return await master.read(8, 2)

    assert (0x7FC0, 0) == master_of(made(tmp_path, PROFILE, Known(trouble="nan")), talk)


@pytest.mark.parametrize("file", sorted(FIXTURES.glob("*.toml")), ids=lambda each: each.stem)
def test_every_shipped_map_is_a_device(file: Path) -> None:
    """It says its model and its number, and has every register of its map."""
    facts = read(file)
    slave = emulator_for(file.stem, "it", Known(), str(file))
    assert isinstance(slave, Slave)
    serial = next(entry for entry in facts.entries if entry.name == facts.serial)

    async def talk(master: Master) -> bytes | None:
        for entry in facts.entries:
            assert entry.words == len(await master.read(entry.address, entry.words)), entry.name
        return await master.ask(bytes((3, *serial.address.to_bytes(2, "big"), 0, serial.words)))

    heard = master_of(slave, talk)
    assert heard is not None
    assert b"MY123" == heard[2:].rstrip()


def test_what_is_no_map_is_refused(tmp_path: Path) -> None:
    """With its name."""
    file = tmp_path / "odd.json"
    file.write_text("{}")
    with pytest.raises(ValueError, match=r"odd\.json"):
        emulator_for("odd", "it", FakeLeads(), str(file))
    with pytest.raises(KeyError, match="no emulator"):
        emulator_for("odd", "it", FakeLeads())


@given(
    st.integers(-(2**31), 2**31 - 1),
    st.integers(0, 11),
    st.sampled_from([1.0, 0.1, 10.0]),
    st.booleans(),
)
def test_integers_come_back(raw: int, precision: int, scale: float, little: bool) -> None:
    """What is decoded is encoded to the same words."""
    entry = Entry("x", 0, 2, FIXED, precision, scale, 0.0, signed=True, little=little)
    words = Entry("y", 0, 2, INTEGER, signed=True, little=little).encoded(float(raw))
    assert words == entry.encoded(entry.decoded(words))


@given(st.floats(width=32, allow_nan=False))
def test_floats_come_back(value: float) -> None:
    """Infinities too."""
    entry = Entry("x", 0, 2, FLOAT)
    assert value == entry.decoded(entry.encoded(value))


@given(st.floats())
def test_every_number_fits_somehow(value: float) -> None:
    """What is too large for a register is its largest value."""
    for signed in (False, True):
        assert 1 == len(Entry("x", 0, 1, FIXED, 7, signed=signed).encoded(value))
