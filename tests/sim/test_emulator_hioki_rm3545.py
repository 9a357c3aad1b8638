"""The RM3545 as its manual has it."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sim.fake_leads import FakeLeads
from tests.sim.talking import Client, talk_to

METER = "hioki-rm3545"
OVER_RANGE, FAULT = "+10.0000E+19", "+10.0000E+29"


def read(leads: FakeLeads, *commands: str) -> str:
    """One triggered reading after these commands."""

    async def talk(meter: Client) -> str:
        for each in commands:
            await meter.write(each)
        return await meter.ask(":READ?")

    return talk_to(METER, leads, talk)


def test_it_says_who_it_is() -> None:
    """Maker, model, the plate's serial number, firmware; another instrument in its place is noticed at once."""

    async def talk(meter: Client) -> list[str]:
        first = await meter.ask("*IDN?")
        leads.plate = "OTHER"
        return [first, await meter.ask("*IDN?")]

    leads = FakeLeads(plate="160912345")
    assert ["HIOKI,RM3545,160912345,V1.14", "HIOKI,RM3545,OTHER,V1.14"] == talk_to(METER, leads, talk)


@pytest.mark.parametrize(
    ("ohms", "range_", "said"),
    [
        (0.00123456, "10E-3", "+1.23456E-03"),
        (0.0119, "10E-3", "+11.90000E-03"),
        (0.0123456, "100E-3", "+12.3456E-03"),
        (1.0345678, "1", "+1034.568E-03"),
        (11.5, "10", "+11.50000E+00"),
        (115, "100", "+115.0000E+00"),
        (999.5, "1000", "+999.500E+00"),
        (4700, "10E+3", "+4.70000E+03"),
        (0.0, "10E-3", "+0.00000E-03"),
        (0.0121, "10E-3", OVER_RANGE),
        (1e9, "10E-3", OVER_RANGE),
        (float("inf"), "10E-3", OVER_RANGE),
    ],
)
def test_a_value_is_written_as_its_range_writes_it(ohms: float, range_: str, said: str) -> None:
    """Seven digits, the unit's thousand in the exponent; above 120 % of the range it is over-range."""
    assert said == read(FakeLeads(ohms=ohms), f":RES:RANG {range_}")


def test_an_open_sense_lead_is_a_measurement_fault() -> None:
    """Whatever is between the current leads."""
    assert FAULT == read(FakeLeads(sense_open=True))


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("0", "10.00000E-03"),
        ("1.00E-3", "10.00000E-03"),
        ("10E-3", "10.00000E-03"),
        ("0.0101", "100.0000E-03"),
        ("1", "1000.000E-03"),
        ("1.5", "10.00000E+00"),
        ("100E+3", "100.0000E+03"),
    ],
)
def test_the_smallest_range_that_holds_the_value_is_chosen(wanted: str, said: str) -> None:
    """And said when asked."""

    async def talk(meter: Client) -> str:
        await meter.write(f":SENS:RES:RANG {wanted}")
        assert "OFF" == await meter.ask(":RES:RANG:AUTO?")
        return await meter.ask(":RES:RANG?")

    assert said == talk_to(METER, FakeLeads(), talk)


def test_after_a_reset_the_meter_chooses_its_range_itself() -> None:
    """Autoranging is how it starts."""
    assert "+47.0000E+00" == read(FakeLeads(ohms=47), ":RES:RANG 10E-3", "*RST")


@pytest.mark.parametrize(
    ("rate", "mains", "seconds", "said"),
    [
        ("FAST", "50", 0.0022, "FAST"),
        ("MED", "50", 0.021, "MEDIUM"),
        ("MEDIUM", "60", 0.017, "MEDIUM"),
        ("SLOW1", "50", 0.101, "SLOW1"),
        ("slow2", "60", 0.401, "SLOW2"),
    ],
)
def test_a_reading_takes_its_integration_time(rate: str, mains: str, seconds: float, said: str) -> None:
    """READ? triggers, waits, and answers with what is there at the end."""

    async def talk(meter: Client) -> tuple[float, str]:
        await meter.write(f":SYST:LFR {mains};:SAMP:RATE {rate}")
        assert mains == await meter.ask(":SYST:LFR?")
        asyncio.get_running_loop().call_later(0.001, setattr, leads, "ohms", 2.0)
        assert "+2.00000E+00" == await meter.ask(":READ?")
        return meter.now(), await meter.ask(":SAMP:RATE?")

    leads = FakeLeads(ohms=1.0)
    took, heard = talk_to(METER, leads, talk)
    assert pytest.approx(seconds) == took
    assert said == heard


def test_in_free_run_a_fetched_value_may_be_stale() -> None:
    """The last completed measurement is repeated until the next one is complete."""

    async def talk(meter: Client) -> list[str]:
        await meter.write(":RES:RANG 10;:SAMP:RATE SLOW2;:INIT:CONT ON;:TRIG:SOUR IMM")
        said = [await meter.ask(":FETC?")]
        leads.ohms = 2.0
        for wait in (0.1, 0.4):
            await asyncio.sleep(wait)
            said.append(await meter.ask(":FETCH?"))
        return said

    leads = FakeLeads(ohms=1.0)
    assert ["+1.00000E+00", "+1.00000E+00", "+2.00000E+00"] == talk_to(METER, leads, talk)


def test_without_free_run_a_fetched_value_is_the_last_triggered_one() -> None:
    """However old."""

    async def talk(meter: Client) -> str:
        await meter.write("*CLS;:INIT:CONT OFF;:FETC?")
        assert "16" == await meter.ask("*ESR?")
        await meter.write(":INIT")
        await meter.ask("*OPC?")
        leads.ohms = 2.0
        await asyncio.sleep(100)
        return await meter.ask(":FETC?")

    leads = FakeLeads(ohms=1.0)
    assert "+1000.000E-03" == talk_to(METER, leads, talk)


@pytest.mark.parametrize(
    ("line", "events"),
    [
        pytest.param(":NO:SUCH?", "32", id="command error"),
        pytest.param(":SYST:ERR?", "32", id="there is no error queue"),
        pytest.param(":RES:RANG", "32", id="missing parameter"),
        pytest.param(":RES:RANG 2E9", "16", id="no such range"),
        pytest.param(":SYST:LFR 55", "16", id="no such mains"),
        pytest.param(":TRIG:SOUR EXT;:READ?", "16", id="nothing would trigger it"),
    ],
)
def test_what_is_wrong_has_no_reply_and_shows_in_the_events(line: str, events: str) -> None:
    """Only the event register tells."""

    async def talk(meter: Client) -> str:
        await meter.write("*CLS")
        await meter.write(line)
        return await meter.ask("*ESR?")

    assert events == talk_to(METER, FakeLeads(), talk)


@settings(deadline=None)
@given(
    ohms=st.floats(1e-4, 1.1e-2) | st.floats(1.3e-2, 0.11) | st.floats(0.15, 1.1),
    deviate=st.floats(-4, 4),
    rate=st.sampled_from(["FAST", "SLOW2"]),
)
def test_a_reading_lies_within_the_published_accuracy(ohms: float, deviate: float, rate: str) -> None:
    """0.06 % + 0.02 % (FAST 0.05 %) at 10 mohm, 0.06 % + 0.01 % at 100 mohm, 0.012 % + 0.01 % at 1 ohm, four sigma."""
    full = next(each for each in (0.01, 0.1, 1.0) if ohms <= 1.2 * each)
    of_reading = {0.01: 60e-5, 0.1: 60e-5, 1.0: 12e-5}[full]
    of_range = {0.01: 50e-5 if rate == "FAST" else 20e-5, 0.1: 10e-5, 1.0: 10e-5}[full]
    said = float(read(FakeLeads(ohms=ohms, deviate=deviate), f":RES:RANG {full};:SAMP:RATE {rate}"))
    assert abs(said - ohms) <= of_reading * ohms + of_range * full + 1e-9


def test_a_drifted_meter_reads_wrong() -> None:
    """The world's faults of the instrument act on the reading: factor, then addend."""
    assert "+1100.500E-03" == read(FakeLeads(ohms=1.0, gain=1.1, offset=0.0005), ":RES:RANG 1")
