"""The WT310's driver, against the public facts of its manual, exchange by exchange."""

import math

import pytest

from drivers.errors import BadReply, LinkError, Refused, Unsupported
from drivers.links.scripted import Exchange, scripted
from drivers.power_meters.yokogawa_wt310 import MODELS, ONE_WHOLE_UPDATE, YokogawaWt310
from drivers.power_roles import PowerMeter
from drivers.reading import State
from drivers.roles import Instrument
from tests.drivers.fake_wire import virtual

OK: Exchange = (":STAT:ERR?", '0,"No error"')
ITEMS = ("U,1", "I,1", "P,1", "FU,1")


def told(*commands: str) -> tuple[Exchange, ...]:
    """Commands that it takes, each with its empty error queue."""
    return tuple(exchange for command in commands for exchange in ((command, None), OK))


def set_up(
    volts: str = "300", amps: str = "10", *, volts_said: str = "300.0E+00", first: str = "U,1"
) -> list[Exchange]:
    """How ranges and items are set and read back."""
    return [
        OK,
        *told(
            ":COMM:REM ON", ":NUM:FORM ASCII", ":MEAS:AVER OFF", ":RATE 250MS", ":INP:CFAC 3",
            f":INP:VOLT:RANG {volts}", f":INP:CURR:RANG {amps}", ":NUM:NORM:NUM 4",
            *(f":NUM:NORM:ITEM{place} {item}" for place, item in enumerate(ITEMS, start=1)),
        ),
        (":INP:CFAC?", "3"),
        (":INP:VOLT:RANG?", volts_said),
        (":INP:CURR:RANG?", f"{float(amps):.1E}"),
        (":NUM:NORM:ITEM1?", first),
        *((f":NUM:NORM:ITEM{place}?", item) for place, item in enumerate(ITEMS[1:], start=2)),
    ]  # fmt: skip


VALUES: Exchange = (":NUM:NORM:VAL?", "230.01E+00,5.0002E+00,1.1503E+03,50.001E+00")


def test_it_is_a_power_meter() -> None:
    """The catalogue's entry makes a driver that plays its role."""
    (model,) = MODELS
    with scripted() as link:
        meter = model.connect(link)
    assert isinstance(meter, PowerMeter)
    assert isinstance(meter, Instrument)
    assert ("yokogawa-wt310", (PowerMeter,)) == (model.name, model.roles)


@virtual
async def test_all_four_of_one_update() -> None:
    """One question for all; it comes no sooner than a whole update can have begun and ended."""
    with scripted(*set_up(), VALUES, VALUES, at=7.0, name="meter") as link:
        meter = YokogawaWt310(link)
        await meter.prepare(volts=277.0, amps=8.0)
        it = await meter.electrical()
        await meter.electrical()
    assert (230.01, 5.0002, 1150.3, 50.001) == (it.volts.value, it.amps.value, it.watts.value, it.hertz.value)
    assert ("V", "A", "W", "Hz") == tuple(each.unit for each in (it.volts, it.amps, it.watts, it.hertz))
    assert {"meter"} == {each.by for each in (it.volts, it.amps, it.watts, it.hertz)}
    assert ONE_WHOLE_UPDATE >= 2 * 0.25


@virtual
@pytest.mark.parametrize(("model", "of_range"), [("WT310", 0.001), ("WT310E", 0.0005)])
async def test_the_uncertainty_is_of_reading_and_range(model: str, of_range: float) -> None:
    """0.1 % of reading and 0.1 % of range, half of that part for a WT310E; at power factor 1 nothing comes on top."""
    idn: Exchange = ("*IDN?", f"YOKOGAWA,{model},91N000001,F1.03")
    values: Exchange = (":NUM:NORM:VAL?", "230.00E+00,10.000E+00,2.3000E+03,50.000E+00")
    with scripted(idn, *set_up(), values) as link:
        meter = YokogawaWt310(link)
        await meter.identify()
        await meter.prepare(volts=300.0, amps=10.0)
        it = await meter.electrical()
    for read, value, full_scale in ((it.volts, 230.0, 300.0), (it.amps, 10.0, 10.0), (it.watts, 2300.0, 3000.0)):
        assert pytest.approx(2 * (0.001 * value + of_range * full_scale) / math.sqrt(3)) == read.uncertainty
    assert pytest.approx(2 * 0.0006 * 50 / math.sqrt(3)) == it.hertz.uncertainty


@virtual
async def test_nan_and_inf_are_states() -> None:
    """A dead circuit has no frequency; an overload no value."""
    with scripted(*set_up(), (":NUM:NORM:VAL?", "0.01E+00,INF,9.91E+37,NAN")) as link:
        meter = YokogawaWt310(link)
        await meter.prepare(volts=300.0, amps=10.0)
        it = await meter.electrical()
    states = (State.OK, State.OVER_RANGE, State.NO_READING, State.NO_READING)
    assert states == (it.volts.state, it.amps.state, it.watts.state, it.hertz.state)
    assert not any(each.is_number for each in (it.amps, it.watts, it.hertz))


@virtual
@pytest.mark.parametrize(
    "reply",
    [
        "",
        "230.0E+00,5.0E+00,1.15E+03",
        "230.0E+00,5.0E+00,1.15E+03,50.0E+00,1.0E+00",
        "nan,5.0E+00,1.15E+03,50.0E+00",
        "230.0E+00,----,1.15E+03,50.0E+00",
        "430.0E+00,5.0E+00,1.15E+03,50.0E+00",
        "230.0E+00,5.0E+00,9.0E+03,50.0E+00",
        "230.0E+00,,1.15E+03,50.0E+00",
    ],
)
async def test_what_is_not_in_the_manual_is_no_reading(reply: str) -> None:
    """Too few, too many, words, more than a range can show: a BadReply, and it is set up anew."""
    with scripted(*set_up(), (":NUM:NORM:VAL?", reply), *set_up(), VALUES) as link:
        meter = YokogawaWt310(link)
        await meter.prepare(volts=300.0, amps=10.0)
        with pytest.raises(BadReply):
            await meter.electrical()
        assert 230.01 == (await meter.electrical()).volts.value


@virtual
async def test_settings_that_it_does_not_have() -> None:
    """Another range, items in another order, an error: refused, and sent anew next time. A header before a value is none."""
    wrong_range = set_up(volts_said=":INP:VOLT:RANG 600.0E+00")[: 1 + 2 * 12 + 2]
    wrong_item = set_up(first="I,1")[: 1 + 2 * 12 + 4]
    headed = set_up(volts_said=":INP:VOLT:RANG 300.0E+00", first=":NUM:NORM:ITEM1 U,1")
    with scripted(*wrong_range, *wrong_item, *headed) as link:
        meter = YokogawaWt310(link)
        with pytest.raises(Refused, match="says 600, told was 300"):
            await meter.prepare(volts=300.0, amps=10.0)
        with pytest.raises(Refused, match="item 1"):
            await meter.prepare(volts=300.0, amps=10.0)
        await meter.prepare(volts=300.0, amps=10.0)
    refused: list[Exchange] = [OK, (":COMM:REM ON", None), (":STAT:ERR?", '113,"Undefined Header"'), OK]
    with scripted(*refused) as link, pytest.raises(Refused, match="113"):
        await YokogawaWt310(link).prepare(volts=300.0, amps=10.0)


@virtual
async def test_the_smallest_ranges_that_hold() -> None:
    """Another one is set up; the same one is not."""
    with scripted(*set_up("150", "0.5", volts_said="150.0E+00"), *set_up("15", "20", volts_said="15.0E+00")) as link:
        meter = YokogawaWt310(link)
        await meter.prepare(volts=115.0, amps=0.3)
        await meter.prepare(volts=100.0, amps=0.5)
        await meter.prepare(volts=15.0, amps=16.0)


@virtual
async def test_what_it_is_not() -> None:
    """Phase 2, more than its ranges, a reading without ranges, another frequency."""
    with scripted() as link:
        meter = YokogawaWt310(link)
        with pytest.raises(Unsupported, match="one circuit"):
            await meter.electrical(2)
        with pytest.raises(Unsupported, match="comes first"):
            await meter.electrical()
        for volts, amps in ((601.0, 1.0), (300.0, 21.0), (math.nan, 1.0)):
            with pytest.raises(Unsupported, match="largest range"):
                await meter.prepare(volts=volts, amps=amps)
    with scripted(*set_up(), (":NUM:NORM:VAL?", "230.0E+00,5.0E+00,1.15E+03,400.0E+00")) as link:
        meter = YokogawaWt310(link)
        await meter.prepare(volts=300.0, amps=10.0)
        with pytest.raises(Unsupported, match="400 Hz"):
            await meter.electrical()


@virtual
async def test_well_and_safe() -> None:
    """Old errors are read away, new ones are not; it drives nothing, and answers at the second try if need be."""
    old: Exchange = (":STAT:ERR?", '113,"Undefined Header"')
    with scripted(old, OK, ("*CLS", None), OK, OK, ("*CLS", None), old, OK) as link:
        await YokogawaWt310(link).self_check()
        with pytest.raises(Refused, match="113"):
            await YokogawaWt310(link).self_check()
    lost, idn = LinkError("meter", "lost"), "YOKOGAWA,WT310,91N000001,F1.03"
    with scripted(("*IDN?", lost), ("*IDN?", idn)) as link:
        await YokogawaWt310(link).make_safe()
