"""Keller 33X, ADAM-6060 and the Xerus rack PDU: what stands at which address, and what they do."""

import asyncio
import math

import pytest

from sim.emulators.advantech_adam6060 import AdvantechAdam6060
from sim.emulators.keller_33x import Keller33x
from sim.emulators.raritan_xerus import RaritanXerus
from sim.quantity import Quantity
from tests.sim.fake_leads import FakeLeads
from tests.sim.slave_talk import Master, master_of

GAS = {(Quantity.PASCAL, ""): 101_325.0, (Quantity.TEMPERATURE, ""): 21.5}


def test_pressure_in_bar_and_the_sensors_temperature() -> None:
    """At both of their places; in one request at 0100h."""

    async def talk(master: Master) -> list[float]:
        single = [await master.read_float(at) for at in (0x0002, 0x0006, 0x0100, 0x0102)]
        assert 4 == len(await master.read(0x0100, 4))
        return single

    read = master_of(Keller33x("gas", FakeLeads(there=dict(GAS))), talk)
    assert pytest.approx([1.01325, 21.5, 1.01325, 21.5], abs=1e-6) == read


def test_a_transmitter_says_who_it_is() -> None:
    """Serial number, bus address, active channels; P1's place is no serial number's."""

    async def talk(master: Master) -> list[tuple[int, ...]]:
        return [await master.read(*at) for at in ((0x0202, 2), (0x020D, 1), (0x020E, 2), (0x0000, 2), (0x0202, 3))]

    slave = Keller33x("gas", FakeLeads(plate="123456"))
    slave.unit = 9
    assert [(1, 57920), (9,), (0, 0b10010), (-2,), (-2,)] == master_of(slave, talk)


def test_a_transmitters_error_is_within_its_accuracy() -> None:
    """0.05 % of ten bar at most, most of it constant."""

    async def talk(master: Master) -> float:
        return await master.read_float(2)

    for deviate in (-3.0, 3.0):
        read = master_of(Keller33x("gas", FakeLeads(there=dict(GAS), deviate=deviate)), talk)
        assert 0.0 < abs(read - 1.01325) < 0.005


def test_a_transmitter_without_gas_has_no_number() -> None:
    """Nothing at its port is no zero."""

    async def talk(master: Master) -> float:
        return await master.read_float(2)

    nowhere = FakeLeads(there={(Quantity.PASCAL, ""): math.nan})
    assert math.isnan(master_of(Keller33x("gas", nowhere), talk))


def test_inputs_are_read_and_relays_driven() -> None:
    """Inputs at 0, relays at 16: read back by function 1 only; the relay moves after five milliseconds."""
    leads = FakeLeads(there={(Quantity.INPUT, "0"): 1.0, (Quantity.INPUT, "5"): 1.0})

    async def talk(master: Master) -> None:
        assert (1, 0, 0, 0, 0, 1) == await master.read_bits(0, 6) == await master.read_bits(0, 6, 2)
        assert 0 == await master.put(17, 0xFF00, 5)
        assert {} == leads.driven
        await asyncio.sleep(0.006)
        assert {(Quantity.OUTPUT, "1"): 1.0} == leads.driven
        assert b"\x0f\x00\x10\x00\x06" == await master.ask(bytes.fromhex("0f 0010 0006 01 21"))
        assert (1, 0, 0, 0, 0, 1) == await master.read_bits(16, 6)
        await asyncio.sleep(0.006)

    master_of(AdvantechAdam6060("io", leads), talk)
    assert 6 == len(leads.driven)


def test_what_the_module_refuses() -> None:
    """Inputs that are written, relays as inputs, the gap between them, registers, a coil that is neither on nor off."""

    async def talk(master: Master) -> list[object]:
        said: list[object] = [await master.put(0, 0xFF00, 5), await master.read_bits(16, 1, 2)]
        said += [await master.read_bits(5, 2), await master.read_bits(16, 7), await master.put(16, 1, 5)]
        return [*said, await master.put(22, 0xFF00, 5), await master.read(0)]

    assert [2, (-2,), (-2,), (-2,), 3, 2, (-1,)] == master_of(AdvantechAdam6060("io", FakeLeads()), talk)


def test_after_power_on_all_relays_have_dropped() -> None:
    """Whatever they were."""
    leads = FakeLeads()
    module = AdvantechAdam6060("io", leads)

    async def talk(master: Master) -> tuple[int, ...]:
        await master.put(16, 0xFF00, 5)
        module.power_on()
        await asyncio.sleep(0.01)
        return await master.read_bits(16, 6)

    assert (0,) * 6 == master_of(module, talk)
    assert {0.0} == set(leads.driven.values())


RACK = {
    **{(Quantity.AC_VOLTS, each): 230.0 for each in ("inlet1", "inlet3", "outlet24")},
    **{(Quantity.AMPS, each): amps for each, amps in (("inlet1", 8.0), ("outlet24", 2.0), ("outlet23", 1.0))},
    (Quantity.WATTS, "outlet24"): 414.0,
    (Quantity.HERTZ, ""): 50.0,
}


def test_a_rack_pdu_counts_its_parts() -> None:
    """Version, inlets, overcurrent protectors, outlets, transfer switches; and nothing behind them."""

    async def talk(master: Master) -> list[tuple[int, ...]]:
        return [await master.read(0, 5), await master.read(0, 6), await master.read(3, 1, 4)]

    assert [(1, 3, 6, 24, 0), (-2,), (-1,)] == master_of(RaritanXerus("pdu", FakeLeads()), talk)


def test_its_circuits() -> None:
    """Inlets from 12288, outlets from 32768, 256 registers each; protectors see the outlets that they feed."""

    async def talk(master: Master) -> list[float]:
        last = 32768 + 256 * 23
        at = (12296, 12298, 12288 + 512 + 8, last + 8, last + 10, last + 18, last + 22, last + 34, 16384 + 5 * 256 + 10)
        return [await master.read_float(each) for each in at]

    read = master_of(RaritanXerus("pdu", FakeLeads(there=dict(RACK))), talk)
    assert pytest.approx([230.0, 8.0, 230.0, 230.0, 2.0, 414.0, 0.9, 50.0, 3.0]) == read


def test_what_lies_outside_its_blocks_is_illegal() -> None:
    """Beyond a block, beyond the last outlet; inside, what is not measured is no number."""

    async def talk(master: Master) -> list[tuple[int, ...]]:
        where = ((12288 + 39, 2), (12288 + 100, 2), (12288 + 3 * 256, 2), (32768 + 24 * 256, 2), (5, 1))
        return [await master.read(*at) for at in where] + [await master.read(12288, 2)]

    assert [*[(-2,)] * 5, (0x7FC0, 0)] == master_of(RaritanXerus("pdu", FakeLeads()), talk)


def test_outlets_are_switched() -> None:
    """One or many; relay and coil follow after 50 milliseconds."""
    leads = FakeLeads()

    async def talk(master: Master) -> None:
        assert 0 == await master.put(1, 0xFF00, 5)
        assert (0, 0, 0) == await master.read_bits(0, 3)
        await asyncio.sleep(0.051)
        assert (0, 1, 0) == await master.read_bits(0, 3)
        assert {(Quantity.OUTLET, "2"): 1.0} == leads.driven
        assert b"\x0f\x00\x00\x00\x18" == await master.ask(bytes.fromhex("0f 0000 0018 03 010080"))
        await asyncio.sleep(0.051)
        assert (1, *[0] * 22, 1) == await master.read_bits(0, 24)
        assert (-2,) == await master.read_bits(0, 25)
        assert 2 == await master.put(24, 0xFF00, 5)

    master_of(RaritanXerus("pdu", leads), talk)
    assert 2.0 == sum(leads.driven.values())


def test_it_identifies_itself() -> None:
    """Maker, product and firmware by function 43; registers may not be written."""

    async def talk(master: Master) -> tuple[object, ...]:
        return (
            await master.ask(bytes.fromhex("2b 0e 01 00")),
            await master.ask(bytes.fromhex("2b 0e 04 80")),
            await master.put(0, 1),
        )

    basic, serial, code = master_of(RaritanXerus("pdu", FakeLeads()), talk)
    assert isinstance(basic, bytes)
    assert isinstance(serial, bytes)
    assert b"\x00\x07Raritan\x01\x09PX3-5190R\x02\x064.0.40" == basic[7:]
    assert (b"\x80\x05MY123", 2) == (serial[7:], code)
