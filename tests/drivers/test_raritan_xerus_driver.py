"""The Xerus PDU's driver, against the public facts of its Modbus interface, exchange by exchange."""

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import BadReply, Declined, Refused, Unsupported, WrongInstrument
from drivers.links.functions import READ_COILS, READ_HOLDING, WRITE_COIL
from drivers.links.scripted import RegisterExchange, scripted_registers
from drivers.pdus.raritan_xerus import MODELS, RaritanXerus
from drivers.power_roles import RackPdu
from drivers.reading import State
from drivers.roles import Identity
from drivers.words import Order, words_of_float32
from tests.drivers.fake_wire import virtual

LAYOUT: RegisterExchange = (READ_HOLDING, 0, 5, (0x0203, 3, 6, 24, 0))
FED: RegisterExchange = (READ_HOLDING, 0x3000 + 34, 2, (0x4248, 0))
WHO: tuple[RegisterExchange, ...] = (LAYOUT, FED)
LOAD = {8: 230.5, 10: 4.25, 18: 979.625, 34: 50.0}


def block(first: int, values: Mapping[int, float], order: Order = Order.ABCD) -> RegisterExchange:
    """The one request for a block's sensors, and what the PDU answers."""
    words = [0] * 36
    for at, value in values.items():
        words[at : at + 2] = words_of_float32(value, order)
    return (READ_HOLDING, first + 8, 28, tuple(words[8:]))


def test_it_is_a_rack_pdu() -> None:
    """The catalogue's entry; no accuracy is claimed of a meter under test."""
    (model,) = MODELS
    with scripted_registers() as link:
        assert isinstance(model.connect(link), RackPdu)
    assert ("raritan-xerus", (RackPdu,), "registers", ("modbus-tcp",)) == (
        model.name,
        model.roles,
        model.speaks,
        model.links,
    )
    assert model.accuracy.startswith("none is claimed")
    assert 4 == len(model.gaps)


@virtual
async def test_it_says_what_it_is_made_of() -> None:
    """The version of its registers, by function 3; the counts are asked once."""
    coils = (True,) * 23 + (False,)
    with scripted_registers(*WHO, (READ_COILS, 0, 24, coils)) as link:
        pdu = RaritanXerus(link)
        assert Identity("Raritan", "Xerus", "", "registers 2.3") == await pdu.identify()
        assert 24 == await pdu.outlets()
        assert coils == await pdu.switched()


@pytest.mark.parametrize(
    "exchanges",
    [
        pytest.param(((READ_HOLDING, 0, 5, (3, 6, 24, 0, 0)),), id="F046 I28 off by one"),
        pytest.param(((READ_HOLDING, 0, 5, (0x0203, 0, 6, 24, 0)),), id="no inlets"),
        pytest.param(((READ_HOLDING, 0, 5, (0, 3, 6, 24, 0)),), id="no version"),
        pytest.param(((READ_HOLDING, 0, 5, (0x0203, 0x0300, 6, 24, 0)),), id="I27 bytes the other way round"),
        pytest.param(((READ_HOLDING, 0, 5, (0x0203, 3, 6, 129, 0)),), id="more outlets than the map has"),
        pytest.param((LAYOUT, (READ_HOLDING, 0x3022, 2, (0, 0x4248))), id="F045 frequency CDAB"),
        pytest.param((LAYOUT, (READ_HOLDING, 0x3022, 2, (0x4842, 0))), id="F045 frequency BADC"),
    ],
)
@virtual
async def test_another_device_is_refused(exchanges: tuple[RegisterExchange, ...]) -> None:
    """F045, F046: nothing is believed of a device that counts itself as no PDU does, or whose mains is none."""
    with scripted_registers(*exchanges) as link, pytest.raises(WrongInstrument):
        await RaritanXerus(link).identify()


@virtual
async def test_an_outlet_from_one_request() -> None:
    """Outlet 1 is at 8000h, the next 100h further; the uncertainty is the last digit of single precision."""
    with scripted_registers(*WHO, block(0x8000, LOAD), block(0x8000 + 23 * 0x100, LOAD), at=3.0, name="pdu") as link:
        pdu = RaritanXerus(link)
        first, last = await pdu.outlet(1), await pdu.outlet(24)
    assert first == last
    assert (230.5, 4.25, 979.625, 50.0) == (
        first.volts.value,
        first.amps.value,
        first.watts.value,
        first.hertz.value,
    )
    assert pytest.approx(2**-16 / math.sqrt(3)) == first.volts.uncertainty


@virtual
async def test_an_inlet_where_each_phase_is_one() -> None:
    """Phases that it counts as inlets are read; where the poles of one inlet are is not public, so they are refused."""
    one: RegisterExchange = (READ_HOLDING, 0, 5, (0x0203, 1, 6, 24, 0))
    with scripted_registers(*WHO, block(0x3200, LOAD), one, FED) as link:
        pdu = RaritanXerus(link)
        assert 230.5 == (await pdu.inlet(3)).volts.value
        await pdu.identify()
        with pytest.raises(Unsupported, match="1 inlets"):
            await pdu.inlet(2)


@virtual
async def test_outlets_are_commanded_one_by_one() -> None:
    """Coil by coil in ascending order, each echoed; an outlet that it has not is Unsupported before anything moves."""
    refusal = Declined("pdu", "illegal data value", 3)
    script: tuple[RegisterExchange, ...] = (
        (WRITE_COIL, 0, True, None),
        (WRITE_COIL, 4, True, None),
        (WRITE_COIL, 1, False, refusal),
    )
    with scripted_registers(*WHO, *script) as link:
        pdu = RaritanXerus(link)
        await pdu.switch({5, 1}, on=True)
        for wrong in ([25], [0, 1]):
            with pytest.raises(Unsupported, match="24 outlets"):
                await pdu.switch(wrong, on=True)
        with pytest.raises(Refused):
            await pdu.switch([2], on=False)


@virtual
async def test_what_it_does_not_say_is_no_reading() -> None:
    """NaN is no measurement; what no PDU can measure is a BadReply."""
    with scripted_registers(
        *WHO, block(0x8000, {**LOAD, 10: math.nan}), block(0x8000, {**LOAD, 8: 2000.0}), block(0x8000, LOAD, Order.CDAB)
    ) as link:
        pdu = RaritanXerus(link)
        assert State.NO_READING is (await pdu.outlet(1)).amps.state
        for _ in ("I28 another register", "F045 another order"):
            with pytest.raises(BadReply):
                await pdu.outlet(1)
        with pytest.raises(Unsupported):
            await pdu.outlet(25)


@given(st.lists(st.integers(0, 0xFFFF), min_size=28, max_size=28))
def test_any_words_make_numbers_or_a_bad_reply(words: list[int]) -> None:
    """Nothing that no PDU can measure becomes a reading."""

    @virtual
    async def ask() -> None:
        with scripted_registers(*WHO, (READ_HOLDING, 0x8008, 28, tuple(words))) as link:
            try:
                read = await RaritanXerus(link).outlet(1)
            except BadReply:
                return
        for each, most in ((read.volts, 1e3), (read.amps, 1e3), (read.watts, 1e6), (read.hertz, 100.0)):
            assert each.is_number is (each.state is State.OK)
            assert not each.is_number or abs(each.value) <= most

    ask()


@given(st.lists(st.integers(0, 0xFFFF), min_size=5, max_size=5))
def test_any_layout_is_one_or_another_device(words: list[int]) -> None:
    """A count is believed within the map's bounds only."""

    @virtual
    async def ask() -> None:
        with scripted_registers((READ_HOLDING, 0, 5, tuple(words)), FED) as link:
            try:
                await RaritanXerus(link).identify()
            except WrongInstrument:
                link._left.clear()
                return
        assert 1 <= words[1] <= 16
        assert 1 <= words[3] <= 128

    ask()


@virtual
async def test_it_makes_nothing_safe_and_must_stay_itself() -> None:
    """A unit under test is made safe by what feeds it; one that counts itself otherwise than before is not well."""
    other: RegisterExchange = (READ_HOLDING, 0, 5, (0x0203, 3, 6, 12, 0))
    with scripted_registers(*WHO, *WHO, other, FED) as link:
        pdu = RaritanXerus(link)
        await pdu.make_safe()
        await pdu.self_check()
        await pdu.self_check()
        with pytest.raises(Refused, match="outlets=24"):
            await pdu.self_check()
