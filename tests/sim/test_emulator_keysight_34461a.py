"""The 34461A as its manual has it."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.quantity import Quantity
from tests.sim.fake_leads import FakeLeads
from tests.sim.talking import Client, talk_to

METER = "keysight-34461a"
OVERLOAD = "+9.90000000E+37"


def volts(direct: float = 0.0, alternating: float = 0.0, **more: float) -> FakeLeads:
    """A world with so many volts at the meter's leads."""
    there = {(Quantity.DC_VOLTS, ""): direct, (Quantity.AC_VOLTS, ""): alternating}
    return FakeLeads(there=there, **more)  # type: ignore[arg-type]


def answer(leads: FakeLeads, *lines: str) -> str:
    """The answer to the last of these lines."""

    async def talk(meter: Client) -> str:
        for line in lines[:-1]:
            await meter.write(line)
        return await meter.ask(lines[-1])

    return talk_to(METER, leads, talk)


def errors_after(leads: FakeLeads, *lines: str) -> list[int]:
    """The codes in the error queue after these lines."""

    async def talk(meter: Client) -> list[int]:
        for line in lines:
            await meter.write(line)
        codes = []
        while (code := int((await meter.ask("SYST:ERR?")).split(",")[0])) != 0:
            codes.append(code)
        return codes

    return talk_to(METER, leads, talk)


def test_it_says_who_it_is() -> None:
    """Four fields; the options; a self test that takes a second; the mains."""

    async def talk(meter: Client) -> tuple[list[str], float]:
        said = [await meter.ask(each) for each in ("*IDN?", "*OPT?", "*TST?", "SYST:LFR?")]
        return said, meter.now()

    said, took = talk_to(METER, FakeLeads(plate="MY60001234"), talk)
    assert ["Keysight Technologies", "34461A", "MY60001234"] == said[0].split(",")[:3]
    assert ["0", "+0", "+50"] == said[1:]
    assert 1.0 == took


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("MEAS:VOLT:DC?", "+1.20000000E+01"),
        ("MEAS:VOLT?", "+1.20000000E+01"),
        ("MEAS?", "+1.20000000E+01"),
        ("MEAS:VOLT:DC? 10", "+1.20000000E+01"),
        ("MEAS:VOLT:DC? 1", OVERLOAD),
        ("MEAS:VOLT:DC? 100 V,0.001", "+1.20000000E+01"),
        ("MEASURE:VOLTAGE:AC?", "+2.30000000E+02"),
        ("MEAS:VOLT:AC? 100", OVERLOAD),
        ("MEAS:RES?", "+1.00000200E+05"),
        ("MEAS:RES? 1000,DEF", OVERLOAD),
        ("MEAS:FRES? 100", "+1.00000000E-01"),
    ],
)
def test_a_measurement(line: str, said: str) -> None:
    """Nine digits; more than 120 % of the range is an overload; two wires add 200 mohm."""
    assert said == answer(volts(12.0, 230.0), line)


@pytest.mark.parametrize(
    ("direct", "said"),
    [(1000.0, "+1.00000000E+03"), (1000.1, OVERLOAD), (-1000.1, "-9.90000000E+37"), (-0.11, "-1.10000000E-01")],
)
def test_an_overload_has_the_sign_of_the_volts(direct: float, said: str) -> None:
    """The largest range has no overhead."""
    assert said == answer(volts(direct), "MEAS:VOLT:DC?")


def test_an_open_circuit_is_an_overload_and_shows_in_the_questionable_register() -> None:
    """Bit 9 for ohms, bit 0 for volts; reading clears it."""

    async def talk(meter: Client) -> list[str]:
        said = [await meter.ask("MEAS:FRES?"), await meter.ask("STAT:QUES?"), await meter.ask("STAT:QUES?")]
        return [*said, await meter.ask("MEAS:VOLT:DC? 1"), await meter.ask("STAT:QUES:EVEN?")]

    leads = volts(12.0)
    leads.ohms = float("inf")
    assert [OVERLOAD, "+512", "+0", OVERLOAD, "+1"] == talk_to(METER, leads, talk)


@pytest.mark.parametrize(
    ("set_up", "seconds"),
    [
        ("CONF:VOLT:DC 10;:VOLT:NPLC 100", 4.0),
        ("CONF:VOLT:DC 10", 0.4),
        ("CONF:VOLT:DC 10;:VOLT:ZERO:AUTO OFF", 0.2),
        ("CONF:VOLT:DC 10;:VOLT:NPLC 0.02;ZERO:AUTO 0", 0.0004),
        ("CONF:VOLT:DC 10;:SENS:VOLT:DC:NPLC 5", 0.4),
        ("CONF:VOLT:DC 10;:VOLT:NPLC 1;ZERO:AUTO OFF;:SAMP:COUN 5;:TRIG:DEL 0.1", 0.6),
        ("CONF:VOLT:DC AUTO", 0.8),
        ("CONF:FRES 100", 0.4),
        ("CONF:VOLT:AC 1000 MV;:VOLT:AC:BAND 3", 2.5),
        ("CONF:VOLT:AC 1", 0.625),
        ("CONF:VOLT:AC 1;:VOLT:AC:BAND 1000", 0.025),
    ],
)
def test_a_reading_takes_its_integration_time(set_up: str, seconds: float) -> None:
    """NPLC cycles of 20 ms, twice that with automatic zero, and once more for an automatic range that changes."""

    async def talk(meter: Client) -> float:
        await meter.write(set_up)
        await meter.ask("READ?")
        return meter.now()

    assert pytest.approx(seconds) == talk_to(METER, volts(1.0), talk)


@pytest.mark.parametrize(
    ("wanted", "said"), [("0.02", 0.02), ("0.3", 1), ("1", 1), ("3", 10), ("100", 100), ("MAX", 100)]
)
def test_cycles_are_those_that_there_are(wanted: str, said: float) -> None:
    """Rounded up."""
    assert f"{said:+.8E}" == answer(FakeLeads(), f"FRES:NPLC {wanted}", "FRES:NPLC?")


def test_the_function_is_said_in_quotes() -> None:
    """And set in quotes, in either form; CONF? says function, range and resolution."""

    async def talk(meter: Client) -> list[str]:
        said = []
        for name in ('"FRES"', "'VOLT:AC'", '"VOLTAGE:DC"', '"RESISTANCE"'):
            await meter.write(f"SENS:FUNC {name}")
            said.append(await meter.ask("FUNC?"))
        await meter.write("CONF:FRES 80")
        return [*said, await meter.ask("CONF?"), await meter.ask("FRES:RANG?"), await meter.ask("FRES:RANG:AUTO?")]

    assert [
        '"FRES"',
        '"VOLT:AC"',
        '"VOLT"',
        '"RES"',
        '"FRES +1.00000000E+02,+1.00000000E-04"',
        "+1.00000000E+02",
        "0",
    ] == talk_to(METER, FakeLeads(), talk)


def test_the_bus_triggers() -> None:
    """INIT waits for *TRG; each trigger brings its samples; the operation register tells; FETC? says all of them."""

    async def talk(meter: Client) -> list[str]:
        await meter.write("CONF:VOLT:DC 10;:TRIG:SOUR BUS;COUN 2;:SAMP:COUN 2;:INIT")
        said = [await meter.ask("STAT:OPER:COND?"), await meter.ask("DATA:POIN?")]
        await meter.write("*TRG")
        said.append(await meter.ask("STAT:OPER:COND?"))
        await asyncio.sleep(10)
        said += [await meter.ask("STAT:OPER:COND?"), await meter.ask("DATA:POIN?")]
        await meter.write("*TRG")
        assert "1" == await meter.ask("*OPC?")
        said += [await meter.ask("STAT:OPER:COND?"), await meter.ask("FETC?")]
        return [*said, await meter.ask("SYST:ERR?")]

    reading = "+1.00000000E+00"
    expected = ["+32", "+0", "+16", "+32", "+2", "+0", ",".join([reading] * 4), '+0,"No error"']
    assert expected == talk_to(METER, volts(1.0), talk)


def test_operation_complete_comes_when_the_readings_are_there() -> None:
    """*OPC sets the bit after the measurement, not before."""

    async def talk(meter: Client) -> list[str]:
        await meter.write("*CLS;:CONF:VOLT:DC 10;:INIT;*OPC")
        said = [await meter.ask("*ESR?")]
        await asyncio.sleep(1)
        return [*said, await meter.ask("*ESR?")]

    assert ["+0", "+1"] == talk_to(METER, volts(), talk)


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        pytest.param(["FETC?"], [-230], id="nothing measured"),
        pytest.param(["*TRG"], [-211], id="nothing waits for a trigger"),
        pytest.param(["TRIG:SOUR BUS;:READ?"], [-214], id="the trigger could never come"),
        pytest.param(["TRIG:SOUR EXT;:INIT;:FETC?"], [-214], id="nobody triggers"),
        pytest.param(["INIT;INIT"], [-213], id="busy"),
        pytest.param(["INIT;:CONF:RES;:FETC?"], [-230], id="a new setting stops what is measured"),
        pytest.param(["VOLT:NPLC 101"], [-222], id="too many cycles"),
        pytest.param(["VOLT:APER 1"], [-113], id="apertures are for the 34465A"),
        pytest.param(["CONF:VOLT:DC 1001"], [-222], id="no such range"),
        pytest.param(["CONF:VOLT:AC 751"], [-222], id="no such AC range"),
        pytest.param(["CONF:VOLT:DC 1 OHM"], [-131], id="wrong unit"),
        pytest.param(['FUNC "CURR"'], [-224], id="no currents here"),
        pytest.param(["FUNC VOLT"], [-151], id="no quotes"),
        pytest.param(["TRIG:SOUR INT"], [-224], id="level triggers are for the 34465A"),
        pytest.param(["SAMP:COUN 0"], [-222], id="no samples"),
        pytest.param(["FRES:ZERO:AUTO ON"], [-113], id="four wires have no automatic zero"),
    ],
)
def test_what_cannot_be_done_is_refused(lines: list[str], codes: list[int]) -> None:
    """One entry in the queue, no reply."""
    assert codes == errors_after(FakeLeads(), *lines)


def test_twenty_errors_are_kept() -> None:
    """The twentieth says that there were more."""
    assert [*[-113] * 19, -350] == errors_after(FakeLeads(), *["NO:SUCH"] * 25)


def test_what_is_being_measured_can_be_stopped() -> None:
    """What has been taken stays."""

    async def talk(meter: Client) -> list[str]:
        await meter.write("CONF:VOLT:DC 10;:SAMP:COUN 10;:INIT")
        await asyncio.sleep(1.0)
        await meter.write("ABOR")
        await asyncio.sleep(10)
        said = [await meter.ask(each) for each in ("DATA:POIN?", "DATA:LAST?", "DATA:REM? 2", "DATA:POIN?")]
        await meter.write("FETC?")
        return [*said, await meter.ask("SYST:ERR?")]

    one = "+1.00000000E+00"
    assert ["+2", one, f"{one},{one}", "+0", '-230,"Data stale"'] == talk_to(METER, volts(1.0), talk)


def test_settings_are_lost_with_the_power() -> None:
    """And at *RST."""
    assert '"VOLT"' == answer(FakeLeads(), "CONF:FRES 100;*RST", "FUNC?")


ONE_YEAR = {
    "VOLT:DC": [(0.1, 8.5e-6), (1.0, 47e-6), (10.0, 400e-6), (100.0, 5.1e-3)],
    "FRES": [(100.0, 14e-3), (1e3, 110e-3), (1e4, 1.1)],
}
"""Full scales and their limits: 34401A service guide, page 69."""


@settings(deadline=None)
@given(st.sampled_from([(name, *each) for name, many in ONE_YEAR.items() for each in many]), st.floats(-6, 6))
def test_full_scale_lies_within_the_service_limits(case: tuple[str, float, float], deviate: float) -> None:
    """Whatever this meter's own error is, and its noise."""
    name, full, limit = case
    leads = volts(full)
    leads.ohms, leads.deviate = full, deviate
    assert abs(float(answer(leads, f"MEAS:{name}? {full}")) - full) <= limit


def test_a_drifted_meter_reads_wrong() -> None:
    """The world's faults of the instrument act on the reading."""
    assert "+1.10100000E+00" == answer(volts(1.0, gain=1.1, offset=0.001), "MEAS:VOLT:DC?")
