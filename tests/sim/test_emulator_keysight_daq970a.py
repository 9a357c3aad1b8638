"""The DAQ970A and the 34970A as their manuals have them."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.quantity import Quantity
from tests.sim.fake_leads import FakeLeads
from tests.sim.talking import Client, talk_to

NEW, OLD = "keysight-daq970a", "keysight-34970a"
NO_ERROR = '+0,"No error"'
OVERLOAD = "+9.90000000E+37"


def old_leads() -> FakeLeads:
    """A world with the old generation's cards."""
    return FakeLeads(plugged=("34904A", "34901A"))


def errors_after(model: str, leads: FakeLeads, *lines: str) -> list[int]:
    """The codes in the error queue after these lines."""

    async def talk(mainframe: Client) -> list[int]:
        for line in lines:
            await mainframe.write(line)
        codes = []
        while (code := int((await mainframe.ask("SYST:ERR?")).split(",")[0])) != 0:
            codes.append(code)
        return codes

    return talk_to(model, leads, talk)


def answer(model: str, leads: FakeLeads, *lines: str) -> str:
    """The answer to the last of these lines."""

    async def talk(mainframe: Client) -> str:
        for line in lines[:-1]:
            await mainframe.write(line)
        return await mainframe.ask(lines[-1])

    return talk_to(model, leads, talk)


def test_they_say_who_they_are_and_what_is_plugged_in() -> None:
    """The new one knows its serial numbers, the old one says 0; an empty slot has model 0."""
    assert "Keysight Technologies,DAQ970A,MY123,A.02.04-01.00-02.01-00.02-02-01" == answer(NEW, FakeLeads(), "*IDN?")
    assert "HEWLETT-PACKARD,34970A,0,13-2-2" == answer(OLD, old_leads(), "*IDN?")
    cards = ";".join(f":SYST:CTYP? {slot}" for slot in (100, 200, 300))
    expected = "HEWLETT-PACKARD,34904A,0,2.3;HEWLETT-PACKARD,34901A,0,2.3;HEWLETT-PACKARD,0,0,0"
    assert expected == answer(OLD, old_leads(), cards)
    assert "Keysight Technologies,DAQM904A,MY1232,1.00" == answer(NEW, FakeLeads(), "SYST:CTYP? 200")
    assert [-222, -222] == errors_after(NEW, FakeLeads(), "SYST:CTYP? 400", "SYST:CTYP? 150")


def test_cards_that_are_moved_are_noticed() -> None:
    """What is plugged in is what is plugged in now, and a card that was pulled has its relays open."""

    async def talk(mainframe: Client) -> tuple[str, str]:
        await mainframe.write("ROUT:CLOS (@111)")
        assert "1" == await mainframe.ask("ROUT:CLOS? (@111)")
        leads.plugged = ("DAQM904A", "DAQM901A", "DAQM904A")
        return await mainframe.ask("SYST:CTYP? 200"), await mainframe.ask("ROUT:CLOS? (@111)")

    leads = FakeLeads()
    assert ("Keysight Technologies,DAQM901A,MY1232,1.00", "0") == talk_to(NEW, leads, talk)


def test_a_card_that_does_not_exist_is_refused() -> None:
    """A mistake in a station file shows when the bench is built."""
    with pytest.raises(ValueError, match="DAQM904A"):
        answer(NEW, FakeLeads(plugged=("DAQM999A",)), "*IDN?")


def test_relays_move_together_and_take_their_time() -> None:
    """4 ms for a command that closes, 4 ms for one that opens; until then nothing has moved."""

    async def talk(matrix: Client) -> list[float]:
        times = []
        await matrix.write("ROUT:CLOS (@111,248)")
        await asyncio.sleep(0.003)
        assert set() == leads.closed
        assert "1" == await matrix.ask("ROUT:DONE?")
        times.append(matrix.now())
        assert {(1, 1, 1), (2, 4, 8)} == leads.closed
        assert "1,0,1" == await matrix.ask("ROUT:CLOS? (@111,112,248)")
        assert "0,1,0" == await matrix.ask("ROUT:OPEN? (@111,112,248)")
        assert NO_ERROR == await matrix.ask("ROUT:OPEN (@111:118);:ROUT:CLOS (@112);:SYST:ERR?")
        times.append(matrix.now())
        assert {(1, 1, 2), (2, 4, 8)} == leads.closed
        await matrix.write("*RST")
        assert "1" == await matrix.ask("*OPC?")
        assert set() == leads.closed
        return [*times, matrix.now()]

    leads = FakeLeads()
    assert pytest.approx([0.004, 0.012, 0.016]) == talk_to(NEW, leads, talk)


def test_relays_that_were_told_to_move_do_move() -> None:
    """Who hangs up after the command does not stop them; commands that had not begun are lost."""

    async def talk(matrix: Client) -> None:
        await matrix.write("ROUT:CLOS (@111)\nROUT:CLOS (@112)")
        matrix.wire.close()
        await asyncio.sleep(1)

    leads = FakeLeads()
    talk_to(NEW, leads, talk)
    assert {(1, 1, 1)} == leads.closed


def test_a_span_of_channels_passes_over_numbers_that_no_card_has() -> None:
    """(@117:122) on a matrix is 117, 118, 121, 122."""
    assert "0,0,0,0" == answer(NEW, FakeLeads(), "ROUT:CLOS? (@117:122)")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        pytest.param("ROUT:CLOS (@119)", -222, id="no such column"),
        pytest.param("ROUT:CLOS (@151)", -222, id="no such row"),
        pytest.param("ROUT:CLOS (@401)", -222, id="no such slot"),
        pytest.param("ROUT:CLOS (@118:111)", -222, id="backwards"),
        pytest.param("ROUT:CLOS 111", -171, id="not a list"),
        pytest.param("ROUT:CLOS", -109, id="no list"),
        pytest.param("CONF:RES AUTO", -109, id="no list behind the range"),
        pytest.param("CONF:RES 1E9,(@301)", -222, id="no such range"),
        pytest.param("CONF:RES FULL,(@301)", -224, id="no such word"),
        pytest.param("CONF:TEMP PT100,(@301)", -224, id="no such sensor"),
        pytest.param("CONF:RES (@111)", -221, id="a matrix has no way to the multimeter"),
        pytest.param("ROUT:SCAN (@301,111)", -221, id="nor in a scan"),
        pytest.param("CONF:RES (@321)", -221, id="a current channel"),
        pytest.param("READ?", -221, id="nothing to scan"),
        pytest.param("FETC?", -230, id="nothing measured"),
        pytest.param("TRIG:SOUR BUS", -224, id="only the immediate trigger is here"),
    ],
)
def test_what_cannot_be_done_is_refused(line: str, code: int) -> None:
    """One entry in the queue, no reply, no relay moved."""
    leads = FakeLeads()
    assert [code] == errors_after(NEW, leads, line)
    assert set() == leads.closed


def test_the_old_one_has_no_capacitance() -> None:
    """34970A: undefined header."""
    assert [-113, -113] == errors_after(OLD, old_leads(), "CONF:CAP (@201)", "MEAS:CAP? (@201)")
    assert [] == errors_after(NEW, FakeLeads(), "CONF:CAP (@301)")


def test_twenty_errors_are_kept() -> None:
    """The twentieth says that there were more."""
    assert [*[-113] * 19, -350] == errors_after(OLD, old_leads(), *["NO:SUCH"] * 25)


@pytest.mark.parametrize(
    ("line", "said", "seconds"),
    [
        ("MEAS:RES? (@301)", "+1.00000000E+05", 0.020),
        ("MEAS:RES? AUTO,DEF,(@301)", "+1.00000000E+05", 0.020),
        ("MEAS:RES? 1000,(@301)", OVERLOAD, 0.020),
        ("MEAS:FRES? 1E6,(@301)", "+1.00000000E+05", 0.020),
        ("MEAS:CAP? (@320)", "+1.00000000E-10", 0.040),
        ("MEAS:TEMP? RTD,85,(@302)", "+2.30000000E+01", 0.020),
        ("MEAS:TEMP? TC,K,(@302)", "+2.30000000E+01", 0.020),
        ("MEAS:VOLT:DC? (@303)", "+0.00000000E+00", 0.020),
        ("MEAS:RES? (@301,302)", "+1.00000000E+05,+1.00000000E+05", 0.040),
    ],
)
def test_a_measurement(line: str, said: str, seconds: float) -> None:
    """The value, and the time that it took."""

    async def talk(meter: Client) -> tuple[str, float]:
        return await meter.ask(line), meter.now()

    heard, took = talk_to(NEW, FakeLeads(), talk)
    assert said == heard
    assert pytest.approx(seconds) == took


@pytest.mark.parametrize("ohms", [float("inf"), 1.3e8])
def test_an_open_channel_is_an_overload(ohms: float) -> None:
    """9.9E37 is not a resistance."""
    assert OVERLOAD == answer(NEW, FakeLeads(at_channel=ohms), "MEAS:RES? (@301)")


def test_a_shorted_channel_has_no_capacitance_and_a_missing_sensor_no_temperature() -> None:
    """What the world cannot say as a number, the meter says as overload."""
    assert OVERLOAD == answer(NEW, FakeLeads(farads=float("inf")), "MEAS:CAP? (@301)")
    assert OVERLOAD == answer(NEW, FakeLeads(celsius=float("nan")), "MEAS:TEMP? TC,K,(@301)")


def test_configuring_replaces_the_scan_list() -> None:
    """CONF overwrites it, ROUT:SCAN sets it, *RST empties it; it is said as a block."""

    async def talk(mainframe: Client) -> list[str]:
        said = [await mainframe.ask("ROUT:SCAN?")]
        await mainframe.write("ROUT:SCAN (@301:303)")
        said += [await mainframe.ask("ROUT:SCAN?"), await mainframe.ask("ROUT:SCAN:SIZE?")]
        await mainframe.write("CONF:RES (@305)")
        said.append(await mainframe.ask("ROUT:SCAN?"))
        await mainframe.write("*RST")
        return [*said, await mainframe.ask("ROUT:SCAN?")]

    assert ["#13(@)", "#214(@301,302,303)", "+3", "#16(@305)", "#13(@)"] == talk_to(NEW, FakeLeads(), talk)


def test_a_scan_runs_in_the_background() -> None:
    """INIT returns; DATA:POIN? counts; FETC? and *OPC? wait for the end; a second INIT is ignored."""

    async def talk(mainframe: Client) -> list[str]:
        await mainframe.write("CONF:RES (@301:304);:SENS:RES:NPLC 10,(@301:304);:ROUT:CHAN:DEL 0.05,(@304)")
        await mainframe.write("INIT")
        await asyncio.sleep(0.5)
        said = [await mainframe.ask("DATA:POIN?"), await mainframe.ask("ROUT:DONE?")]
        await mainframe.write("INIT")
        said.append(await mainframe.ask("*OPC?"))
        assert pytest.approx(0.85) == mainframe.now()
        assert 4 == len((await mainframe.ask("FETC?")).split(","))
        return [*said, await mainframe.ask("DATA:POIN?"), await mainframe.ask("SYST:ERR?")]

    expected = ["+2", "0", "1", "+4", '-213,"Init ignored"']
    assert expected == talk_to(NEW, FakeLeads(), talk)


def test_a_scan_can_be_aborted() -> None:
    """What has been taken stays in memory."""

    async def talk(mainframe: Client) -> list[str]:
        await mainframe.write("CONF:RES (@301:304);:INIT")
        await asyncio.sleep(0.045)
        await mainframe.write("ABOR")
        await asyncio.sleep(1)
        return [
            await mainframe.ask("DATA:POIN?"),
            await mainframe.ask("DATA:REM? 1"),
            await mainframe.ask("DATA:POIN?"),
        ]

    assert ["+2", "+1.00000000E+05", "+1"] == talk_to(NEW, FakeLeads(), talk)


def test_readings_carry_what_the_format_asks_for() -> None:
    """Reading, time, channel, alarm, in this order, each only if it is switched on."""

    async def talk(mainframe: Client) -> list[str]:
        await mainframe.write("CONF:RES (@301,302)")
        said = []
        for line in (
            "FORM:READ:UNIT ON",
            "FORM:READ:CHAN ON;UNIT OFF",
            "FORM:READ:TIME ON;TIME:TYPE REL",
            "FORM:READ:ALAR ON;TIME:TYPE ABS",
        ):
            await mainframe.write(line)
            said.append((await mainframe.ask("READ?")).removesuffix(",") + "|")
        return [each.replace("+1.00000000E+05", "R") for each in said]

    assert [
        "R OHM,R OHM|",
        "R,301,R,302|",
        "R,000000000.020,301,R,000000000.040,302|",
        "R,2026,01,01,00,00,00.140,301,0,R,2026,01,01,00,00,00.160,302,0|",
    ] == talk_to(NEW, FakeLeads(), talk)


@settings(deadline=None)
@given(ohms=st.floats(1, 1.1e8), deviate=st.floats(-4, 4))
def test_resistance_lies_within_the_class_of_the_instrument(ohms: float, deviate: float) -> None:
    """0.01 % + 4 mohm at 100 ohm, 0.01 % + 0.001 % to 1 Mohm, 0.04 % to 10 Mohm, 0.8 % + 0.01 % above; four sigma."""
    full = next(each for each in (1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8) if ohms <= 1.2 * each)
    of_reading = {1e7: 40e-5, 1e8: 800e-5}.get(full, 10e-5)
    of_range = {1e2: 4e-5, 1e8: 10e-5}.get(full, 1e-5)
    said = float(answer(NEW, FakeLeads(at_channel=ohms, deviate=deviate), "MEAS:RES? (@301)"))
    assert abs(said - ohms) <= of_reading * ohms + of_range * full + 1e-6


@settings(deadline=None)
@given(deviate=st.floats(-1, 1))
def test_a_small_capacitance_is_told_to_a_third_of_a_picofarad(deviate: float) -> None:
    """The noise of the 1 nF range: what finds an open in metres."""
    said = float(answer(NEW, FakeLeads(farads=0.0, deviate=deviate), "MEAS:CAP? (@301)"))
    assert 0.3e-12 >= abs(said)


def test_a_drifted_meter_reads_wrong() -> None:
    """The world's faults of the instrument act on the reading."""
    assert "+1.10000000E+03" == answer(NEW, FakeLeads(at_channel=1e3, gain=1.1), "MEAS:RES? (@301)")


def test_volts_are_measured_at_a_channel() -> None:
    """Direct and alternating; more than 120 % of the range is an overload; alternating ones take a second to settle."""

    async def talk(meter: Client) -> tuple[list[str], float]:
        lines = ("MEAS:VOLT:AC? (@301)", "MEAS:VOLT:DC? (@302)", "MEAS:VOLT:AC? 100,(@301)", "MEAS:VOLT:DC? 1,(@302)")
        return [await meter.ask(each) for each in lines], meter.now()

    leads = FakeLeads(there={(Quantity.AC_VOLTS, "301"): 230.0, (Quantity.DC_VOLTS, "302"): -12.5})
    said, took = talk_to(NEW, leads, talk)
    assert ["+2.30000000E+02", "-1.25000000E+01", OVERLOAD, OVERLOAD] == said
    assert pytest.approx(2.04) == took


@pytest.mark.parametrize(
    ("kind", "celsius", "said"),
    [
        ("K", 85.5, "+8.55000000E+01"),
        ("T", 399.0, "+3.99000000E+02"),
        ("T", 401.0, OVERLOAD),
        ("B", 23.0, OVERLOAD),
        ("DEF", 1100.0, "+1.10000000E+03"),
        ("k", float("nan"), OVERLOAD),
    ],
)
def test_a_thermocouple_is_measured_within_the_span_of_its_type(kind: str, celsius: float, said: str) -> None:
    """An open one is an overload."""
    leads = FakeLeads(there={(Quantity.TEMPERATURE, "305"): celsius})
    assert said == answer(NEW, leads, f"CONF:TEMP TC,{kind},(@305)", "READ?")


def test_a_thermocouple_of_no_type_is_refused() -> None:
    """-224."""
    assert [-224] == errors_after(NEW, FakeLeads(), "CONF:TEMP TC,X,(@301)")


@settings(deadline=None)
@given(deviate=st.floats(-4, 4))
def test_a_thermocouple_is_told_to_1_5_kelvin(deviate: float) -> None:
    """1 K of the instrument and its reference junction."""
    said = float(answer(NEW, FakeLeads(celsius=80.0, deviate=deviate), "MEAS:TEMP? TC,K,(@301)"))
    assert 1.5 >= abs(said - 80.0)


def test_relays_fall_open_when_the_power_goes() -> None:
    """Whatever was closed."""

    async def talk(matrix: Client) -> str:
        await matrix.write("ROUT:CLOS (@111,248)")
        await matrix.ask("*OPC?")
        assert {(1, 1, 1), (2, 4, 8)} == leads.closed
        matrix.emulator.power_on()
        assert set() == leads.closed
        return await matrix.ask("*ESR?;:ROUT:CLOS? (@111)")

    leads = FakeLeads()
    assert "+128;0" == talk_to(NEW, leads, talk)
