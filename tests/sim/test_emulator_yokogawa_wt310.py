"""The WT310 as its manual has it."""

import asyncio
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.quantity import Quantity
from sim.wattmeter.ranges import spell
from tests.sim.fake_leads import FakeLeads
from tests.sim.talking import Client, talk_to

METER = "yokogawa-wt310"
VOLTS, AMPS, WATTS, HERTZ = ((each, "") for each in (Quantity.AC_VOLTS, Quantity.AMPS, Quantity.WATTS, Quantity.HERTZ))


def circuit(volts: float = 230.0, amps: float = 2.0, watts: float = 368.0, hertz: float = 50.0) -> FakeLeads:
    """What is at the element."""
    return FakeLeads(there={VOLTS: volts, AMPS: amps, WATTS: watts, HERTZ: hertz})


def answers(leads: FakeLeads, *lines: str, wait: float = 0.3) -> list[str]:
    """What it says to those lines that are questions, with a while between settings and questions."""

    async def talk(meter: Client) -> list[str]:
        said = []
        for line in lines:
            if "?" in line:
                await asyncio.sleep(wait)
                said.append(await meter.ask(line))
            else:
                await meter.write(line)
        return said

    return talk_to(METER, leads, talk)


def errors_after(*lines: str) -> list[str]:
    """What is in the error queue after these lines."""

    async def talk(meter: Client) -> list[str]:
        for line in lines:
            await meter.write(line)
        said = []
        while (error := await meter.ask(":STAT:ERR?")) != '0,"No error"':
            said.append(error)
        return said

    return talk_to(METER, circuit(), talk)


def test_it_says_who_it_is() -> None:
    """Maker, model, serial number, firmware."""
    assert ["YOKOGAWA,WT310,C2QG01001V,F1.04"] == answers(FakeLeads(plate="C2QG01001V"), "*IDN?")


def test_items_are_chosen_and_said_together() -> None:
    """As many as were asked for, in their order; each may be asked for alone."""
    said = answers(
        circuit(),
        ":NUM:FORM ASCII",
        ":NUM:NORM:NUM 8",
        *(f":NUM:NORM:ITEM{n} {item},1" for n, item in enumerate(("U", "I", "P", "S", "Q", "LAMB", "FU", "PHI"), 1)),
        ":NUM:NORM:VAL?",
        ":NUMERIC:NORMAL:VALUE? 3",
        ":NUM:NORM:ITEM7?",
        ":NUM:NUM?",
        ":NUM:FORM?",
    )
    values = "230.00E+00,2.0000E+00,368.00E+00,460.00E+00,276.00E+00,800.00E-03,50.000E+00,36.870E+00"
    assert [values, "368.00E+00", "FU,1", "8", "ASC"] == said


def test_an_item_that_is_none_is_not_a_number() -> None:
    """Nor is one that was never chosen, nor an energy that was never integrated."""
    said = answers(circuit(), "NUM:NUM 5;ITEM2 NONE;ITEM5 WH,1;:NUM:VAL?", "NUM:ITEM2?")
    assert ["230.00E+00,NAN,368.00E+00,NAN,NAN", "NONE"] == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0.0000E+00"),
        (1.0, "1.0000E+00"),
        (-12.345, "-12.345E+00"),
        (103.79, "103.79E+00"),
        (0.0005, "500.00E-06"),
        (99999.0, "99.999E+03"),
        (999.996, "1.0000E+03"),
        (9.99996, "10.000E+00"),
        (math.inf, "INF"),
        (-math.inf, "-INF"),
        (math.nan, "NAN"),
    ],
)
def test_how_numbers_are_written(value: float, said: str) -> None:
    """Five digits, an exponent of three."""
    assert said == spell(value)


@given(st.floats(1e-6, 1e6))
def test_a_number_survives_being_written(value: float) -> None:
    """To its fifth digit."""
    assert pytest.approx(value, rel=0.6e-4) == float(spell(value))


def test_values_change_with_an_update_and_at_no_other_time() -> None:
    """However often they are asked for; :COMM:WAIT waits for the next update."""

    async def talk(meter: Client) -> list[str]:
        await meter.write(":RATE 500MS")
        await asyncio.sleep(0.6)
        said = [await meter.ask(":NUM:NORM:VAL? 1")]
        leads.there[VOLTS] = 231.0
        await asyncio.sleep(0.3)
        said.append(await meter.ask(":NUM:NORM:VAL? 1"))
        await asyncio.sleep(0.2)
        said.append(await meter.ask(":NUM:NORM:VAL? 1"))
        leads.there[VOLTS] = 232.0
        await meter.write(":COMM:WAIT 1")
        said.append(await meter.ask(":NUM:NORM:VAL? 1"))
        assert pytest.approx(1.5) == meter.now()
        return said

    leads = circuit()
    assert ["230.00E+00", "230.00E+00", "231.00E+00", "232.00E+00"] == talk_to(METER, leads, talk)


def test_a_new_setting_leaves_nothing_until_the_next_update() -> None:
    """A value of the old range is never said in the new one."""

    async def talk(meter: Client) -> list[str]:
        said = [await meter.ask(":NUM:NORM:VAL? 1")]
        await meter.write(":INP:VOLT:RANG 300V")
        said.append(await meter.ask(":NUM:NORM:VAL? 1"))
        await asyncio.sleep(0.26)
        return [*said, await meter.ask(":NUM:NORM:VAL? 1")]

    assert ["230.00E+00", "NAN", "230.00E+00"] == talk_to(METER, circuit(), talk)


def test_what_is_beyond_its_range_is_infinite_and_so_is_its_power() -> None:
    """140 % of the range, 280 % at crest factor 6."""
    said = answers(circuit(210.0, 2.9), ":INP:VOLT:RANG 150;:INP:CURR:RANG 2", ":NUM:VAL?", wait=0.5)
    assert ["210.00E+00,INF,INF"] == said
    said = answers(circuit(-210.1, 1.0), ":INP:VOLT:RANG 150", ":NUM:VAL?", wait=0.5)
    assert ["INF,1.0000E+00,INF"] == said
    said = answers(circuit(200.0, 2.7, 540.0), ":INP:CFAC 6;:INP:VOLT:RANG 75;:INP:CURR:RANG 1", ":NUM:VAL?", wait=0.5)
    assert ["200.00E+00,2.7000E+00,540.00E+00"] == said


def test_an_automatic_range_moves_with_an_update_without_values() -> None:
    """Up above 130 %, down below 30 %; meanwhile there is no number."""

    async def talk(meter: Client) -> list[str]:
        await meter.write(":INP:VOLT:AUTO ON;:INP:CURR:AUTO ON")
        said = []
        for _ in range(3):
            await asyncio.sleep(0.26)
            said.append(await meter.ask(":NUM:VAL?"))
        said += [await meter.ask(each) for each in (":INP:VOLT:RANG?", ":INP:CURR:RANG?", ":INP:VOLT:AUTO?")]
        leads.there[AMPS] = 30.0
        await asyncio.sleep(0.5)
        return [*said, await meter.ask(":NUM:VAL? 2"), await meter.ask(":INP:CURR:RANG?")]

    leads = circuit(80.0, 0.25, 20.0)
    assert [
        *["NAN,NAN,NAN", "80.000E+00,250.00E-03,20.000E+00", "80.000E+00,250.00E-03,20.000E+00"],
        *["150.00E+00", "500.00E-03", "1"],
        *["INF", "20.000E+00"],
    ] == talk_to(METER, leads, talk)


def test_next_to_nothing_has_no_frequency_and_no_power_factor() -> None:
    """Less than a tenth of the range."""
    said = answers(circuit(10.0, 0.0, 0.0), ":NUM:NUM 3;ITEM1 FU,1;ITEM2 LAMB,1;ITEM3 FI,1", ":NUM:VAL?")
    assert ["NAN,NAN,NAN"] == said


def test_energy_is_integrated() -> None:
    """Reset, start, time up; watt-hours by what was shown at each update."""

    async def talk(meter: Client) -> list[str]:
        await meter.write(":RATE 1S;:NUM:NUM 2;ITEM1 WH,1;ITEM2 TIME;:INTEG:MODE NORM;TIM 0,1,0")
        said = [await meter.ask(":INTEG:STAT?")]
        await asyncio.sleep(2)
        await meter.write(":INTEG:STAR")
        said.append(await meter.ask(":INTEG:STAT?"))
        await asyncio.sleep(100)
        said += [await meter.ask(":INTEG:STAT?"), await meter.ask(":NUM:VAL?")]
        await meter.write(":INTEG:RES")
        return [*said, await meter.ask(":INTEG:STAT?"), await meter.ask(":INTEG:TIM?")]

    expected = ["RES", "STAR", "TIM", "6.0000E+00,60.000E+00", "RES", "0,1,0"]
    assert expected == talk_to(METER, circuit(watts=360.0), talk)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (":INP:WIR P1W2;:INP:WIR?", "P1W2"),
        (":INP:SYNC CURRENT;:INP:SYNC?", "CURR"),
        (":INP:CFAC 6;:INP:CFAC?", "6"),
        (":INP:CFAC 6;:INP:VOLT:RANG?", "300.00E+00"),
        (":INP:FILT:LINE ON;:INP:FILT?", "1"),
        (":INP:FILT:FREQ ON;:INP:FILT:FREQ?", "1"),
        (":MEAS:AVER ON;:MEAS:AVER:STAT?", "1"),
        (":RATE 100MS;:RATE?", "100.00E-03"),
        (":RATE 20S;:RATE?", "20.000E+00"),
        (":RATE 0.25;:RATE?", "250.00E-03"),
        (":COMM:REM ON;:COMM:REM?", "1"),
        (":COMM:HEAD OFF;:COMM:HEAD?", "0"),
        (":INP:CURR:RANG 500MA;:INP:CURR:RANG?", "500.00E-03"),
        (":INP:CURR:RANG 5;*RST;:INP:CURR:RANG?", "20.000E+00"),
    ],
)
def test_settings_are_said(lines: str, said: str) -> None:
    """As they were made."""
    assert [said] == answers(circuit(), lines)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (":NO:SUCH", '113,"Undefined header"'),
        (":INP:VOLT:RANG 200", '222,"Data out of range"'),
        (":INP:VOLT:RANG 1000", '222,"Data out of range"'),
        (":INP:CURR:RANG 5V", '131,"Invalid suffix"'),
        (":RATE 300MS", '222,"Data out of range"'),
        (":NUM:NORM:ITEM11 U,1", '114,"Header suffix out of range"'),
        (":NUM:NORM:ITEM1 U,2", '222,"Data out of range"'),
        (":NUM:NORM:ITEM1 VOLTS,1", '224,"Illegal parameter value"'),
        (":NUM:FORM FLOAT", '224,"Illegal parameter value"'),
        (":INP:WIR P3W4", '224,"Illegal parameter value"'),
        (":COMM:HEAD ON", '224,"Illegal parameter value"'),
        (":INTEG:STOP", '221,"Settings conflict"'),
        (":INTEG:STAR;STAR", '221,"Settings conflict"'),
        (":INTEG:STAR;RES", '221,"Settings conflict"'),
    ],
)
def test_what_cannot_be_done_is_refused(line: str, said: str) -> None:
    """One entry in the queue, without a sign."""
    assert [said] == errors_after(line)


@settings(deadline=None)
@given(st.floats(20, 400), st.floats(0.5, 15), st.floats(0, 1), st.floats(-6, 6))
def test_values_lie_within_the_published_accuracy(volts: float, amps: float, factor: float, deviate: float) -> None:
    """0.1 % of reading and 0.1 % of range, for volts, amperes and watts."""
    leads = circuit(volts, amps, volts * amps * factor)
    leads.deviate = deviate
    (said,) = answers(leads, ":INP:VOLT:RANG 300;:INP:CURR:RANG 20", ":NUM:VAL?")
    for value, truth, full in zip(map(float, said.split(",")), leads.there.values(), (300, 20, 6000), strict=False):
        assert abs(value - truth) <= 1e-3 * (truth + full) + 1e-4 * truth + 5e-4  # and half of the last digit


def test_a_drifted_meter_reads_wrong() -> None:
    """The world's faults of the instrument act on the reading."""
    leads = circuit()
    leads.gain = 1.1
    assert ["253.00E+00,2.2000E+00,404.80E+00"] == answers(leads, ":NUM:VAL?")
