"""The 63804 as its manual has it."""

import asyncio
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.quantity import Quantity
from tests.sim.fake_leads import FakeLeads
from tests.sim.talking import Client, talk_to

LOAD = "chroma-63804"
AC, DC, AMPS, WATTS = ((each, "") for each in (Quantity.AC_VOLTS, Quantity.DC_VOLTS, Quantity.AMPS, Quantity.WATTS))
FACTOR = (Quantity.POWER_FACTOR, "")


def terminals(alternating: float = 0.0, direct: float = 0.0, amps: float = 0.0, watts: float = 0.0) -> FakeLeads:
    """What is at the load's terminals."""
    return FakeLeads(there={AC: alternating, DC: direct, AMPS: amps, WATTS: watts})


def answer(leads: FakeLeads, *lines: str) -> str:
    """The answer to the last of these lines."""

    async def talk(load: Client) -> str:
        for line in lines[:-1]:
            await load.write(line)
        return await load.ask(lines[-1])

    return talk_to(LOAD, leads, talk)


def test_it_says_who_it_is() -> None:
    """Maker, model, serial number, firmware."""
    assert "Chroma,63804,638040000123,1.00" == answer(FakeLeads(plate="638040000123"), "*IDN?")


def test_it_draws_what_it_is_set_to_while_it_is_closed() -> None:
    """Nothing before, nothing after; a change while it is closed acts at once."""

    async def talk(load: Client) -> list[float]:
        drawn = []
        await load.write(":LOAD:MODE CURR;:LOAD:CURR 10.5;:SYST:SET:CFPF:MODE PF;:PFAC 0.8")
        drawn.append(leads.driven.get(AMPS, 0.0))
        for line in (":LOAD 1", ":LOAD:CURR 2 A", ":LOAD 0", ":LOAD:CURR 3"):
            await load.write(line)
            drawn.append(leads.driven[AMPS])
        assert "0" == await load.ask(":LOAD?")
        return drawn

    leads = terminals(230.0)
    assert [0.0, 10.5, 2.0, 0.0, 0.0] == talk_to(LOAD, leads, talk)
    assert 0.8 == leads.driven[FACTOR]


@pytest.mark.parametrize("end", [":LOAD 0", ":LOAD:STATE OFF", "*RST", "power"])
def test_it_can_always_be_opened(end: str) -> None:
    """And stays open."""

    async def talk(load: Client) -> str:
        await load.write(":LOAD:CURR 10;:LOAD 1")
        if end == "power":
            load.emulator.power_on()
        else:
            await load.write(end)
        assert 0.0 == leads.driven[AMPS]
        await asyncio.sleep(60)
        assert 0.0 == leads.driven[AMPS]
        return await load.ask(":LOAD?")

    leads = terminals(230.0)
    assert "0" == talk_to(LOAD, leads, talk)


@pytest.mark.parametrize(
    ("alternating", "direct", "factor", "amps"),
    [
        (230.0, 0.0, "1", 10.0),
        (230.0, 0.0, "0.5", 20.0),
        (0.0, 115.0, "0.5", 20.0),
        (10.0, 0.0, "1", 45.0),
        (0.0, 0.0, "1", 0.0),
    ],
)
def test_power_is_made_by_current(alternating: float, direct: float, factor: str, amps: float) -> None:
    """Of the volts that are there; never more than the load has; nothing without volts."""
    leads = terminals(alternating, direct)
    answer(leads, f":LOAD:MODE POW;:LOAD:POW 2300;:PFAC {factor};:LOAD 1", ":LOAD?")
    assert pytest.approx(amps) == leads.driven[AMPS]


def test_constant_power_follows_the_volts() -> None:
    """Within a second."""

    async def talk(load: Client) -> float:
        await load.write(":LOAD:MODE POW;:LOAD:POW 2300;:LOAD 1")
        leads.there[AC] = 115.0
        leads.stir()
        await asyncio.sleep(1.1)
        return leads.driven[AMPS]

    leads = terminals(230.0)
    assert pytest.approx(20.0) == talk_to(LOAD, leads, talk)


def test_too_many_volts_open_the_load() -> None:
    """It refuses to close while they are there, and says why."""

    async def talk(load: Client) -> list[str]:
        await load.write(":LOAD:CURR 5;:LOAD 1")
        leads.there[AC] = 400.0
        leads.stir()
        await asyncio.sleep(1.1)
        assert 0.0 == leads.driven[AMPS]
        said = [await load.ask(":LOAD?"), await load.ask("STAT:QUES:COND?")]
        await load.write(":LOAD 1")
        return [*said, await load.ask("SYST:ERR?"), await load.ask(":LOAD?")]

    leads = terminals(230.0)
    assert ["0", "+1", '-221,"Settings conflict"', "0"] == talk_to(LOAD, leads, talk)


def test_it_measures_what_really_flows() -> None:
    """Not what it was set to; apparent and reactive power and the factor follow from it."""
    leads = terminals(230.0, amps=2.0, watts=368.0)
    questions = ("VOLT?", "CURR?", "POW:REAL?", "POW:APP?", "POW:REAC?", "POW:PFAC?")
    said = answer(leads, ":LOAD:CURR 10;:LOAD 1", ";".join(f":MEAS:{each}" for each in questions))
    assert "+2.300000E+02;+2.000000E+00;+3.680000E+02;+4.600000E+02;+2.760000E+02;+8.000000E-01" == said


def test_it_shows_whichever_volts_are_there() -> None:
    """Direct ones with their sign."""
    assert "-4.800000E+01" == answer(terminals(direct=-48.0), ":MEAS:VOLT?")
    assert "+0.000000E+00" == answer(terminals(), ":MEAS:POW:PFAC?")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (":LOAD:CURR 45.1", -222),
        (":LOAD:POW 4501", -222),
        (":LOAD:CURR 5 V", -131),
        (":LOAD:MODE RES", -224),
        (":PFAC 1.1", -222),
        (":LOAD 2", -224),
        (":LOAD:CURR:PEAK:MAX 10;:LOAD:CURR 8", -221),
        (":LOAD:CURR 8;:LOAD:CURR:PEAK:MAX 10", -221),
        (":SYST:SET:CFPF:MODE CF;:PFAC 0.5", -221),
        (":CFAC 2", -221),
        (":LOAD:CURR", -109),
        (":NO:SUCH", -113),
    ],
)
def test_what_cannot_be_done_is_refused(line: str, code: int) -> None:
    """One entry in the queue; nothing flows."""
    leads = terminals(230.0)

    async def talk(load: Client) -> list[str]:
        await load.write(line)
        return [await load.ask("SYST:ERR?"), await load.ask("SYST:ERR?")]

    first, second = talk_to(LOAD, leads, talk)
    assert code == int(first.split(",")[0])
    assert '+0,"No error"' == second
    assert not leads.driven.get(AMPS)


def test_settings_are_said() -> None:
    """As they were made."""
    line = (
        ":SYST:SET:CFPF:MODE BOTH;:CFAC 2;:PFAC -0.5;:LOAD:CURR 4;:LOAD:POW 100;:LOAD:CURR:PEAK:MAX 20;:LOAD:MODE POW"
    )
    asked = ":SYST:SET:CFPF:MODE?;:CFAC?;:PFAC?;:LOAD:CURR?;:LOAD:POW?;:LOAD:CURR:PEAK:MAX?;:LOAD:MODE?"
    said = "BOTH;+2.000000E+00;-5.000000E-01;+4.000000E+00;+1.000000E+02;+2.000000E+01;POW"
    assert said == answer(terminals(), line, asked)


@settings(deadline=None)
@given(st.floats(0, 350), st.floats(0, 45), st.floats(-6, 6))
def test_measurements_lie_within_their_class(volts: float, amps: float, deviate: float) -> None:
    """0.1 % of reading and of range."""
    leads = terminals(volts, amps=amps)
    leads.deviate = deviate
    across, through = map(float, answer(leads, ":MEAS:VOLT?;:MEAS:CURR?").split(";"))
    assert abs(across - volts) <= 1e-3 * (volts + 350) + 1e-5
    assert abs(through - amps) <= 1e-3 * (amps + 45) + 1e-5
    assert math.isfinite(across)
