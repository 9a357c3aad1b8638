"""The Keller 33X's driver, against the public facts of its protocol, exchange by exchange."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.cooling_roles import PressureSensor
from drivers.errors import BadReply, WrongInstrument
from drivers.links.functions import READ_HOLDING
from drivers.links.scripted import RegisterExchange, scripted_registers
from drivers.pressure.keller_33x import MODELS, Keller33x
from drivers.reading import Reading, State
from drivers.roles import Identity
from drivers.words import Order, words_of_float32
from tests.drivers.fake_wire import virtual

SERIAL: RegisterExchange = (READ_HOLDING, 0x0202, 2, (0x0001, 0xE240))


def block(bar: float, celsius: float, order: Order = Order.ABCD) -> RegisterExchange:
    """The one request for P1 and TOB1."""
    return (READ_HOLDING, 0x0100, 4, words_of_float32(bar, order) + words_of_float32(celsius, order))


def test_it_is_a_pressure_sensor() -> None:
    """The catalogue's entry."""
    (model,) = MODELS
    with scripted_registers() as link:
        assert isinstance(model.connect(link), PressureSensor)
    assert ("keller-33x", (PressureSensor,), "registers", "modbus-rtu", 9600, "N") == (
        model.name,
        model.roles,
        model.speaks,
        model.links[0],
        model.baudrate,
        model.parity,
    )
    assert "engineering practice" in model.accuracy


@virtual
async def test_it_says_who_it_is() -> None:
    """Its serial number; proven by a temperature that can be."""
    with scripted_registers(SERIAL, block(1.01325, 23.5), SERIAL, block(1.0, -10.0)) as link:
        sensor = Keller33x(link)
        assert Identity("Keller", "33X", "123456", "") == await sensor.identify()
        await sensor.self_check()


@pytest.mark.parametrize(
    "exchanges",
    [
        pytest.param((SERIAL, block(1.0, 23.5, Order.CDAB)), id="F045 I27 CDAB"),
        pytest.param((SERIAL, block(1.0, 23.5, Order.BADC)), id="F045 I27 BADC"),
        pytest.param((SERIAL, block(1.0, 23.5, Order.DCBA)), id="F045 I27 DCBA"),
        pytest.param((SERIAL, (READ_HOLDING, 0x0100, 4, (0, 0x41BC, 0, 0x3F80))), id="F046 I28 off by one"),
        pytest.param((SERIAL, block(1.0, math.nan)), id="no temperature"),
        pytest.param(((READ_HOLDING, 0x0202, 2, (0, 0)), block(0.0, 0.0)), id="F046 all zero"),
    ],
)
@virtual
async def test_another_word_order_or_address_is_refused(exchanges: tuple[RegisterExchange, ...]) -> None:
    """F045, F046: a temperature of known magnitude is read before anything is believed."""
    with scripted_registers(*exchanges) as link, pytest.raises(WrongInstrument, match="another word order"):
        await Keller33x(link).identify()


@virtual
async def test_pressure_and_temperature_from_one_request() -> None:
    """I26: bar become pascals, absolute; 0.05 % of 10 bar, k = 2."""
    with scripted_registers(block(2.5, 21.5), at=4.0, name="p1") as link:
        pressure, temperature = await Keller33x(link).gas()
    assert Reading(250_000.0, "Pa", pressure.uncertainty, 4.0, "p1") == pressure
    assert Reading(21.5, "degC", temperature.uncertainty, 4.0, "p1") == temperature
    assert pytest.approx((1000 / math.sqrt(3), 4 / math.sqrt(3))) == (pressure.uncertainty, temperature.uncertainty)


@virtual
async def test_what_is_not_there_is_no_reading() -> None:
    """NaN and infinity, of a channel that is not active or has overflowed, are no numbers; the other one stays."""
    with scripted_registers(block(math.inf, 21.5), block(1.0, math.nan)) as link:
        sensor = Keller33x(link)
        assert [State.NO_READING, State.OK] == [each.state for each in await sensor.gas()]
        assert [State.OK, State.NO_READING] == [each.state for each in await sensor.gas()]


@pytest.mark.parametrize(
    ("bar", "celsius"),
    [(12.1, 20.0), (-0.5, 20.0), (101325.0, 20.0), (1.0, 126.0), (1.0, -41.0), (1e-30, 20.0)],
)
@virtual
async def test_what_it_cannot_have_measured_is_no_number(bar: float, celsius: float) -> None:
    """I26, I28: pascals in place of bar, another register, less than vacuum."""
    with scripted_registers(block(bar, celsius)) as link, pytest.raises(BadReply):
        await Keller33x(link).gas()


@given(st.lists(st.integers(0, 0xFFFF), min_size=4, max_size=4))
def test_any_words_make_numbers_that_can_be_or_a_bad_reply(words: list[int]) -> None:
    """Nothing outside the transmitter's range becomes a reading."""

    @virtual
    async def ask() -> None:
        with scripted_registers((READ_HOLDING, 0x0100, 4, tuple(words))) as link:
            try:
                pressure, temperature = await Keller33x(link).gas()
            except BadReply:
                return
        assert not pressure.is_number or -1e3 <= pressure.value <= 1.2e6
        assert not temperature.is_number or -40.0 <= temperature.value <= 125.0

    ask()


@virtual
async def test_it_is_safe_as_it_is() -> None:
    """It drives nothing, so nothing is asked."""
    with scripted_registers() as link:
        await Keller33x(link).make_safe()
