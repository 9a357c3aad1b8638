"""The Eastron SDM630's driver, against the public facts of its protocol document, exchange by exchange."""

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import BadReply, InstrumentError, LinkTimeout, Unsupported, WrongInstrument
from drivers.links.functions import READ_HOLDING, READ_INPUT
from drivers.links.scripted import RegisterExchange, scripted_registers
from drivers.power_meters.eastron_sdm630 import MODELS, EastronSdm630
from drivers.power_roles import Electrical, PowerMeter
from drivers.reading import Reading, State
from drivers.roles import Identity
from drivers.words import Order, words_of_float32
from tests.drivers.fake_wire import virtual

SERIAL: RegisterExchange = (READ_HOLDING, 0xFC00, 2, (0x0102, 0x0304))
FED: RegisterExchange = (READ_INPUT, 70, 2, (0x4248, 0x0000))
DEAD: RegisterExchange = (READ_INPUT, 70, 2, (0, 0))
THREE_WIRES: RegisterExchange = (READ_HOLDING, 10, 2, (0x4040, 0x0000))
MAINS = {0: 230.0, 2: 231.0, 4: 232.0, 6: 10.0, 8: 0.2, 10: 0.0, 12: 2300.0, 14: -23.0, 16: 0.0, 70: 50.0}


def block(values: Mapping[int, float], order: Order = Order.ABCD) -> RegisterExchange:
    """The one request for registers 0 to 71, and what the meter answers."""
    words = [0] * 72
    for at, value in values.items():
        words[at : at + 2] = words_of_float32(value, order)
    return (READ_INPUT, 0, 72, tuple(words))


def test_it_is_a_power_meter() -> None:
    """The catalogue's entry: role, link, unit, line settings, and 60 ms of silence between requests."""
    (model,) = MODELS
    with scripted_registers() as link:
        assert isinstance(model.connect(link), PowerMeter)
    assert ("eastron-sdm630", (PowerMeter,), "registers") == (model.name, model.roles, model.speaks)
    assert ("modbus-rtu", 1, 9600, "N", 0.06) == (
        model.links[0],
        model.unit,
        model.baudrate,
        model.parity,
        model.after_query,
    )
    assert model.accuracy
    assert model.source
    assert model.gaps


@virtual
async def test_it_says_who_it_is() -> None:
    """Its serial number; proven by the frequency, or by its wiring where no mains is connected."""
    with scripted_registers(SERIAL, FED, SERIAL, DEAD, THREE_WIRES) as link:
        meter = EastronSdm630(link)
        expected = Identity("Eastron", "SDM630", "16909060", "")
        assert expected == await meter.identify()
        assert expected == await meter.identify()


@pytest.mark.parametrize(
    "exchanges",
    [
        pytest.param((SERIAL, (READ_INPUT, 70, 2, (0x0000, 0x4248))), id="F045 I27 frequency CDAB"),
        pytest.param((SERIAL, (READ_INPUT, 70, 2, (0x4842, 0x0000))), id="F045 I27 frequency BADC"),
        pytest.param((SERIAL, (READ_INPUT, 70, 2, (0x0000, 0x4242))), id="F046 I28 off by one: half of each neighbour"),
        pytest.param((SERIAL, (READ_INPUT, 70, 2, (0x447A, 0))), id="F046 I28 another value: 1000"),
        pytest.param((SERIAL, (READ_INPUT, 70, 2, (0x7F80, 0))), id="infinity"),
        pytest.param((SERIAL, DEAD, (READ_HOLDING, 10, 2, (0x0000, 0x4040))), id="F045 wiring CDAB"),
        pytest.param((SERIAL, DEAD, (READ_HOLDING, 10, 2, (0, 0))), id="F046 no wiring: all zero"),
        pytest.param(((READ_HOLDING, 0xFC00, 2, (0, 0)), FED), id="F046 no serial number"),
    ],
)
@virtual
async def test_another_word_order_or_address_is_refused(exchanges: tuple[RegisterExchange, ...]) -> None:
    """F045, F046: registers of known magnitude are read before anything is believed; then nothing may be energised."""
    with scripted_registers(*exchanges) as link, pytest.raises(WrongInstrument, match="another word order"):
        await EastronSdm630(link).identify()


@virtual
async def test_a_phase_from_one_request() -> None:
    """Volts, amperes, watts and hertz of one moment; 36 values, of the 40 that one request may ask for."""
    with scripted_registers(block(MAINS), block(MAINS), at=7.0, name="meter") as link:
        meter = EastronSdm630(link)
        one, two = await meter.electrical(), await meter.electrical(2)
    assert (230.0, 10.0, 2300.0, 50.0) == values(one)
    assert "V" == one.volts.unit
    assert pytest.approx((231.0, 0.2, -23.0, 50.0)) == values(two)
    assert Reading(50.0, "Hz", one.hertz.uncertainty, 7.0, "meter") == one.hertz
    assert pytest.approx(0.2 / math.sqrt(3)) == one.hertz.uncertainty


@pytest.mark.parametrize(
    ("amps", "watts", "limit"),
    [
        pytest.param(10.0, 2300.0, 23.0, id="1 % from 0.2 Ib"),
        pytest.param(2.0, 230.0, 2.3, id="1 % at power factor 0.5"),
        pytest.param(1.0, 230.0, 3.45, id="1.5 % below 0.2 Ib"),
        pytest.param(10.0, 115.0, 11.5, id="below power factor 0.5 the limit at 0.5"),
        pytest.param(0.0, 0.0, 0.8625, id="below 0.05 Ib the limit there"),
    ],
)
@virtual
async def test_uncertainty_of_power_is_that_of_its_class(amps: float, watts: float, limit: float) -> None:
    """IEC 62053-21 class 1, k = 2; never less than where the standard ends."""
    with scripted_registers(block({0: 230.0, 6: amps, 12: watts, 70: 50.0})) as link:
        read = (await EastronSdm630(link).electrical()).watts
    assert pytest.approx(2 * limit / math.sqrt(3)) == read.uncertainty


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({0: 400.0}, id="volts"),
        pytest.param({6: -130.0}, id="amperes"),
        pytest.param({12: 1e6}, id="watts"),
        pytest.param({70: 80.0}, id="too fast"),
        pytest.param({70: 16.7}, id="too slow"),
        pytest.param({70: -50.0}, id="backwards"),
        pytest.param({0: 1e-40}, id="F045 next to nothing"),
    ],
)
@virtual
async def test_what_it_cannot_have_measured_is_no_number(wrong: dict[int, float]) -> None:
    """I26, I27, I28: out of its range is another register, another unit or another order."""
    with scripted_registers(block({**MAINS, **wrong})) as link, pytest.raises(BadReply):
        await EastronSdm630(link).electrical()


@virtual
async def test_a_block_in_another_order_is_no_reading() -> None:
    """F045: even after a good start."""
    with scripted_registers(block(MAINS, Order.CDAB)) as link, pytest.raises(BadReply, match="word order"):
        await EastronSdm630(link).electrical()


@pytest.mark.parametrize("nothing", [math.nan, math.inf, -math.inf])
@virtual
async def test_no_number_is_no_reading(nothing: float) -> None:
    """NaN and infinity are no measurement, and power without volts has no uncertainty."""
    with scripted_registers(block({**MAINS, 0: nothing})) as link:
        read = await EastronSdm630(link).electrical()
    assert [State.NO_READING, State.OK, State.NO_READING, State.OK] == [
        each.state for each in (read.volts, read.amps, read.watts, read.hertz)
    ]


@given(st.lists(st.integers(0, 0xFFFF), min_size=72, max_size=72))
def test_any_words_make_numbers_that_can_be_or_a_bad_reply(words: list[int]) -> None:
    """Whatever comes, nothing outside the meter's range becomes a reading."""

    @virtual
    async def ask() -> None:
        with scripted_registers((READ_INPUT, 0, 72, tuple(words))) as link:
            try:
                read = await EastronSdm630(link).electrical(3)
            except BadReply:
                return
        for each, most in ((read.volts, 347.0), (read.amps, 120.0), (read.watts, 34680.0), (read.hertz, 79.3)):
            assert each.is_number is (each.state is State.OK)
            assert not each.is_number or abs(each.value) <= most

    ask()


@virtual
async def test_what_it_cannot_measure_is_refused() -> None:
    """No fourth phase, no 400 V, no 125 A; what it can measure needs no preparation."""
    with scripted_registers() as link:
        meter = EastronSdm630(link)
        await meter.prepare(volts=230.0, amps=16.0)
        for volts, amps in ((290.0, 1.0), (230.0, 101.0), (math.nan, 1.0), (-1.0, 1.0)):
            with pytest.raises(Unsupported):
                await meter.prepare(volts=volts, amps=amps)
        for phase in (0, 4):
            with pytest.raises(Unsupported, match="no phase"):
                await meter.electrical(phase)


@virtual
async def test_safe_as_it_is_and_well_if_itself() -> None:
    """It drives nothing, so a silent meter keeps nobody from being safe; its check is that it is still itself."""
    silent = LinkTimeout("meter", "silent")
    with scripted_registers(SERIAL, FED, (READ_HOLDING, 0xFC00, 2, silent)) as link:
        meter = EastronSdm630(link)
        await meter.make_safe()
        await meter.self_check()
        with pytest.raises(InstrumentError):
            await meter.self_check()


def values(read: Electrical) -> tuple[float, float, float, float]:
    """The four numbers."""
    return (read.volts.value, read.amps.value, read.watts.value, read.hertz.value)
