"""The GPT-9804 as its manual has it."""

import asyncio
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.quantity import Quantity
from tests.sim.fake_leads import FakeLeads
from tests.sim.talking import Client, talk_to

TESTER = "gwinstek-gpt9804"
AC, DC, BOND = (Quantity.TEST_AC_VOLTS, ""), (Quantity.TEST_DC_VOLTS, ""), (Quantity.BOND_AMPS, "")


class Bench(FakeLeads):
    """A unit at the terminals, a closed interlock, and a record of what was put out."""

    def __init__(self, **there: float) -> None:
        places = {Quantity(name): value for name, value in there.items()}
        super().__init__(there={(each, ""): value for each, value in places.items()})
        self.there[Quantity.INPUT, "interlock"] = 1.0
        self.history: list[tuple[float, float]] = []

    def drive(self, device: str, quantity: Quantity, value: float, place: str = "") -> None:
        """Remember when, too."""
        super().drive(device, quantity, value, place)
        self.history.append((round(asyncio.get_running_loop().time(), 3), value))


def answer(leads: FakeLeads, *lines: str) -> str:
    """The answer to the last of these lines."""

    async def talk(tester: Client) -> str:
        for line in lines[:-1]:
            await tester.write(line)
        return await tester.ask(lines[-1])

    return talk_to(TESTER, leads, talk)


def errors_after(leads: FakeLeads, *lines: str) -> list[str]:
    """What is in the error queue after these lines."""

    async def talk(tester: Client) -> list[str]:
        for line in lines:
            await tester.write(line)
        said = []
        while (error := await tester.ask("SYST:ERR ?")) != "0,No Error":
            said.append(error)
        return said

    return talk_to(TESTER, leads, talk)


def result(leads: FakeLeads, seconds: float, *lines: str) -> str:
    """What the tester says so long after the start of a test."""

    async def talk(tester: Client) -> str:
        for line in (*lines, "FUNC:TEST ON"):
            await tester.write(line)
        await asyncio.sleep(seconds)
        return await tester.ask("MEAS?")

    return talk_to(TESTER, leads, talk)


HIPOT = (
    "MANU:STEP 3",
    "MANU:EDIT:MODE ACW",
    "MANU:ACW:VOLT 1.5",
    "MANU:ACW:CHIS 5",
    "MANU:ACW:TTIM 1",
    "MANU:RTIM 0.5",
)
DIRECT = ("MANU:EDIT:MODE DCW", "MANU:DCW:VOLT 2", "MANU:DCW:CHIS 1", "MANU:DCW:TTIM 1")
INSULATION = ("MANU:EDIT:MODE IR", "MANU:IR:VOLT 0.5", "MANU:IR:RLOS 100", "MANU:IR:TTIM 1")
GROUND = ("MANU:EDIT:MODE GB", "MANU:GB:CURR 25", "MANU:GB:RHIS 100", "MANU:GB:TTIM 1")


def test_it_says_who_it_is() -> None:
    """Model, serial number, firmware; lines end in CR and LF both ways."""
    assert "GPT-9804,GES123456,V1.00" == answer(FakeLeads(plate="GES123456"), "*IDN?")


@pytest.mark.parametrize("question", ["MEAS?", "MEAS ?", "MEASURE?", "meas1 ?"])
def test_a_question_mark_may_stand_apart(question: str) -> None:
    """Both spellings are accepted, in both forms."""
    assert "ACW,VIEW ,0.000kV,0.000 mA ,T=000.0S" == answer(Bench(), question)


def test_a_withstand_test_passes() -> None:
    """The states and the times of the line: ramp, test, verdict; the judgement stays until it is cleared."""

    async def talk(tester: Client) -> list[str]:
        for line in HIPOT:
            await tester.write(line)
        said = [await tester.ask("FUNC:TEST ?")]
        await tester.write("FUNC:TEST ON")
        for pause in (0.25, 0.5, 10.0):
            await asyncio.sleep(pause)
            said.append(await tester.ask("MEAS ?"))
        await tester.write("FUNC:TEST OFF")
        return [*said, await tester.ask("MEAS ?"), await tester.ask("SYST:ERR ?")]

    assert [
        "TEST OFF",
        "ACW,TEST ,0.600kV,0.200 mA ,R=000.2S",
        "ACW,TEST ,1.500kV,0.200 mA ,T=000.2S",
        "ACW,PASS ,1.500kV,0.200 mA ,T=001.0S",
        "ACW,VIEW ,0.000kV,0.000 mA ,T=000.0S",
        "0,No Error",
    ] == talk_to(TESTER, Bench(leak_amps=0.2e-3), talk)


def test_the_voltage_rises_in_steps_is_held_and_ends_at_nothing() -> None:
    """0.5 s of ramp, 1 s of test."""
    leads = Bench(leak_amps=0.2e-3)
    result(leads, 10, *HIPOT)
    expected = [(0.1, 300.0), (0.2, 600.0), (0.3, 900.0), (0.4, 1200.0), (0.5, 1500.0), (0.5, 1500.0), (1.5, 0.0)]
    assert [when for when, _ in expected] == [when for when, _ in leads.history]
    assert pytest.approx([value for _, value in expected]) == [value for _, value in leads.history]
    assert 0.0 == leads.driven[AC]


def test_direct_voltage_is_discharged_before_the_verdict() -> None:
    """Two tenths of a second after the end it has gone; until then the tester tests."""

    async def talk(tester: Client) -> list[str]:
        for line in (*DIRECT, "MANU:RTIM 0.5", "FUNC:TEST ON"):
            await tester.write(line)
        await asyncio.sleep(1.65)
        assert 0.0 < leads.driven[DC] < 2000.0
        said = [(await tester.ask("MEAS?")).split(",")[1]]
        await asyncio.sleep(0.1)
        assert 0.0 == leads.driven[DC]
        return [*said, await tester.ask("MEAS?")]

    leads = Bench(leak_amps=12.3e-6)
    assert ["TEST ", "DCW,PASS ,2.000kV,12.3 uA ,T=001.0S"] == talk_to(TESTER, leads, talk)


@pytest.mark.parametrize(
    ("lines", "there", "said"),
    [
        (DIRECT, {"leak_amps": 0.9e-3}, "DCW,PASS ,2.000kV,900.0 uA ,T=001.0S"),
        ((*DIRECT, "MANU:DCW:CHIS 11"), {"leak_amps": 10.5e-3}, "DCW,PASS ,2.000kV,10.50 mA ,T=001.0S"),
        (INSULATION, {"insulation": 1.2345e9}, "IR,PASS ,0.500kV,1234 M ohm ,T=001.0S"),
        (INSULATION, {"insulation": 12.3e9}, "IR,PASS ,0.500kV,12.30 G ohm ,T=001.0S"),
        (INSULATION, {"insulation": math.inf}, "IR,PASS ,0.500kV,50.00 G ohm ,T=001.0S"),
        (INSULATION, {"insulation": 99e6}, "IR,FAIL ,0.500kV,99 M ohm ,T=001.0S"),
        ((*INSULATION, "MANU:IR:RHIS 1000"), {"insulation": 2e9}, "IR,FAIL ,0.500kV,2000 M ohm ,T=001.0S"),
        (GROUND, {"bond_ohms": 0.0213}, "GB,PASS ,25.00A,21.3 m ohm ,T=001.0S"),
        (GROUND, {"bond_ohms": 0.1001}, "GB,FAIL ,25.00A,100.1 m ohm ,R=000.0S"),
        (GROUND, {"bond_ohms": math.inf}, "GB,FAIL ,0.00A,650.0 m ohm ,R=000.0S"),
        ((*GROUND, "MANU:GB:RLOS 30"), {"bond_ohms": 0.02}, "GB,FAIL ,25.00A,20.0 m ohm ,T=001.0S"),
        ((*HIPOT, "MANU:ACW:CHIS 20"), {"leak_amps": 12.34e-3}, "ACW,PASS ,1.500kV,12.34 mA ,T=001.0S"),
        (HIPOT, {"leak_amps": 5.1e-3}, "ACW,FAIL ,0.300kV,5.100 mA ,R=000.1S"),
        ((*HIPOT, "MANU:ACW:CLOS 0.1"), {"leak_amps": 0.0}, "ACW,FAIL ,1.500kV,0.000 mA ,T=001.0S"),
        ((*HIPOT, "MANU:ACW:REF 0.1"), {"leak_amps": 0.3e-3}, "ACW,PASS ,1.500kV,0.200 mA ,T=001.0S"),
        ((*HIPOT, "MANU:UTIL:ARCM ON_STOP"), {"leak_amps": 1e-4, "arc": 1.0}, "ACW,FAIL ,0.300kV,0.100 mA ,R=000.1S"),
        ((*HIPOT, "MANU:UTIL:ARCM ON_CONT"), {"leak_amps": 1e-4, "arc": 1.0}, "ACW,FAIL ,1.500kV,0.100 mA ,T=001.0S"),
        (HIPOT, {"leak_amps": 1e-4, "arc": 1.0}, "ACW,PASS ,1.500kV,0.100 mA ,T=001.0S"),
    ],
)
def test_a_verdict(lines: tuple[str, ...], there: dict[str, float], said: str) -> None:
    """HI at once, LO at the end; arcs as they were asked for; units as large as the value wants them; nothing stays on."""
    leads = Bench(**there)
    assert said == result(leads, 30, *lines)
    assert {0.0} == set(leads.driven.values())


def test_the_bond_current_is_what_six_volts_drive() -> None:
    """An open earth draws nothing; what is measured says so."""
    leads = Bench(bond_ohms=0.4)
    said = result(leads, 30, "MANU:EDIT:MODE GB", "MANU:GB:CURR 8", "MANU:GB:RHIS 650")
    assert "GB,PASS ,8.00A,400.0 m ohm ,T=001.0S" == said
    leads = Bench(bond_ohms=0.8)
    assert "GB,FAIL ,7.50A,650.0 m ohm ,R=000.0S" == result(leads, 30, "MANU:EDIT:MODE GB", "MANU:GB:CURR 8")
    assert 7.5 == leads.history[0][1]
    assert 0.0 == leads.driven[BOND]


def test_an_open_interlock_does_not_start() -> None:
    """It says so, it puts nothing out, and the state is not a verdict."""

    async def talk(tester: Client) -> list[str]:
        for line in (*HIPOT, "FUNC:TEST ON"):
            await tester.write(line)
        await asyncio.sleep(5)
        return [await tester.ask(each) for each in ("MEAS?", "SYST:ERR?", "SYST:ERR?")]

    leads = Bench()
    leads.there[Quantity.INPUT, "interlock"] = 0.0
    assert ["ACW,VIEW ,0.000kV,0.000 mA ,T=000.0S", "28,Interlock Open", "0,No Error"] == talk_to(TESTER, leads, talk)
    assert [] == leads.history


def test_an_interlock_that_opens_ends_the_test_without_a_verdict() -> None:
    """Within a tenth of a second; the voltage goes."""

    async def talk(tester: Client) -> list[str]:
        for line in (*DIRECT, "MANU:DCW:TTIM 60", "FUNC:TEST ON"):
            await tester.write(line)
        await asyncio.sleep(10)
        leads.there[Quantity.INPUT, "interlock"] = 0.0
        await asyncio.sleep(0.4)
        assert 0.0 == leads.driven[DC]
        return [(await tester.ask("MEAS?"))[:9], await tester.ask("SYST:ERR?")]

    leads = Bench(leak_amps=1e-6)
    assert ["DCW,VIEW ", "28,Interlock Open"] == talk_to(TESTER, leads, talk)


def test_a_test_that_is_stopped_in_the_middle_is_discharged() -> None:
    """No verdict, no voltage."""

    async def talk(tester: Client) -> str:
        for line in (*DIRECT, "MANU:DCW:TTIM 60", "FUNC:TEST ON"):
            await tester.write(line)
        await asyncio.sleep(10)
        assert 2000.0 == leads.driven[DC]
        await tester.write("FUNC:TEST OFF")
        assert (await tester.ask("MEAS?")).startswith("DCW,TEST ")
        await asyncio.sleep(0.3)
        return (await tester.ask("MEAS?"))[:9]

    leads = Bench(leak_amps=1e-6)
    assert "DCW,VIEW " == talk_to(TESTER, leads, talk)
    assert 0.0 == leads.driven[DC]


def test_reset_loses_the_settings() -> None:
    """A tester that is reset before the test does another test: the real bug of a public script."""
    leads = Bench(leak_amps=0.2e-3)
    said = result(leads, 30, *HIPOT, "*RST")
    assert "ACW,PASS ,0.100kV,0.200 mA ,T=001.0S" == said


@pytest.mark.parametrize("end", ["*RST", "power"])
def test_no_voltage_outlives_a_reset_or_a_loss_of_power(end: str) -> None:
    """At once."""

    async def talk(tester: Client) -> float:
        for line in (*HIPOT, "FUNC:TEST ON"):
            await tester.write(line)
        await asyncio.sleep(1)
        assert 1500.0 == leads.driven[AC]
        if end == "power":
            tester.emulator.power_on()
        else:
            await tester.write(end)
        await asyncio.sleep(0)
        return leads.driven[AC]

    leads = Bench()
    assert 0.0 == talk_to(TESTER, leads, talk)
    assert 0.0 == leads.driven[AC]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (HIPOT, "ACW,1.500kV,H=5.000mA,L=0.000mA,R=000.5S,T=001.0S"),
        (("MANU:STEP 3", *DIRECT), "DCW,2.000kV,H=1.000mA,L=0.000mA,R=000.1S,T=001.0S"),
        (("MANU:STEP 3", *INSULATION), "IR,0.500kV,H=NULL,L=100M ohm,R=000.1S,T=001.0S"),
        (("MANU:STEP 3", *GROUND), "GB,25.00A,H=100.0m ohm,L=0.0m ohm,T=001.0S"),
    ],
)
def test_a_step_is_shown_whole(lines: tuple[str, ...], said: str) -> None:
    """Before anything is energised."""
    assert said == answer(Bench(), *lines, "MANU3:EDIT:SHOW ?")
    assert said == answer(Bench(), *lines, "MANU:EDIT:SHOW?")


@pytest.mark.parametrize(
    ("lines", "question", "said"),
    [
        (HIPOT, "MANU:STEP ?", "3"),
        (HIPOT, "MANU:ACW:FREQ ?", "60 Hz"),
        ((*HIPOT, "MANU:ACW:FREQ 50"), "MANU:ACW:FREQUENCY?", "50 Hz"),
        (HIPOT, "MANU:ACW:VOLTAGE?", "1.500kV"),
        ((*HIPOT, "MANU:ACW:CHIS 12.344"), "MANU:ACW:CHIS ?", "12.34mA"),
        (HIPOT, "MANU:UTIL:ARCM ?", "ARC OFF"),
        (HIPOT, "MANU:RTIM?", "000.5S"),
        (("MANU:EDIT:MODE IR", "MANU:IR:RHIS 9999"), "MANU:IR:RHIS?", "9999M ohm"),
        (("MANU:EDIT:MODE IR", "MANU:IR:RHIS 9999", "MANU:IR:RHIS NULL"), "MANU:IR:RHIS?", "NULL"),
        (("MAIN:FUNC AUTO",), "MAIN:FUNC?", "AUTO"),
        (("SYST:PID:SETT SN0001",), "SYST:PID:SETT?", "SN0001"),
        (("MANU:UTIL:GROUNDMODE ON",), "MANU:UTIL:GROUNDMODE ?", "ON"),
        (("MANU:NAME EARTH_1",), "MANU:NAME?", "EARTH_1"),
    ],
)
def test_settings_are_said(lines: tuple[str, ...], question: str, said: str) -> None:
    """Each with its unit."""
    assert said == answer(Bench(), *lines, question)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        pytest.param(["NO:SUCH"], "20,Command Error", id="no such command"),
        pytest.param(["MANU:ACW:VOLT"], "20,Command Error", id="no value"),
        pytest.param(["MANU:EDIT:MODE CONT"], "21,Value Error", id="continuity is not in this model"),
        pytest.param(["MANU:ACW:VOLT 5.001"], "21,Value Error", id="above 5 kV"),
        pytest.param(["MANU:ACW:VOLT 1500"], "21,Value Error", id="volts where there are kilovolts"),
        pytest.param(["MANU:ACW:CHIS 42.1"], "21,Value Error", id="above 42 mA"),
        pytest.param(["MANU:ACW:CLOS 1"], "21,Value Error", id="LO not below HI"),
        pytest.param(["MANU:ACW:FREQ 55"], "21,Value Error", id="no such mains"),
        pytest.param(["MANU:ACW:TTIM 0.4"], "21,Value Error", id="too short"),
        pytest.param(["MANU:DCW:VOLT 1"], "24,Mode Error", id="another function is chosen"),
        pytest.param(["MANU:STEP 101"], "21,Value Error", id="no such step"),
        pytest.param(["MANU101:EDIT:SHOW ?"], "21,Value Error", id="no such step to show"),
        pytest.param(["MANU:NAME 1st"], "22,String Error", id="a name begins with a letter"),
        pytest.param(["MANU:ACW:CHIS 31", "MANU:ACW:TTIM 240"], "25,Time Error", id="more than 30 mA for 240 s"),
        pytest.param(["MANU:ACW:CHIS 31", "MANU:ACW:TTIM 100", "MANU:RTIM 140"], "25,Time Error", id="with the ramp"),
        pytest.param(
            ["MANU:EDIT:MODE DCW", "MANU:DCW:VOLT 6", "MANU:DCW:CHIS 9"], "26,DC Over 50W", id="too much power"
        ),
        pytest.param(["MANU:EDIT:MODE GB", "MANU:GB:RHIS 300", "MANU:GB:CURR 25"], "27,GBV Over 5.4V", id="bond volts"),
        pytest.param(["MANU:EDIT:MODE GB", "MANU:GB:CURR 31"], "21,Value Error", id="above 30 A"),
        pytest.param(["MAIN:FUNC AUTO", "FUNC:TEST ON"], "24,Mode Error", id="no automatic tests here"),
        pytest.param(["FUNC:TEST ON", "MANU:ACW:VOLT 1"], "24,Mode Error", id="while it tests"),
        pytest.param(["FUNC:TEST ON", "FUNC:TEST ON"], "24,Mode Error", id="twice"),
    ],
)
def test_what_cannot_be_done_is_refused(lines: list[str], said: str) -> None:
    """No sign, no quotes; the setting is as it was."""
    assert [said] == errors_after(Bench(), *lines)


def test_a_refused_setting_changes_nothing() -> None:
    """Neither itself nor another."""
    lines = ("MANU:ACW:VOLT 1.5", "MANU:ACW:VOLT 9", "MANU:ACW:CLOS 2", "MANU:RTIM 0.01")
    assert "ACW,1.500kV,H=1.000mA,L=0.000mA,R=000.1S,T=001.0S" == answer(Bench(), *lines, "MANU1:EDIT:SHOW?")


@settings(deadline=None)
@given(st.floats(0.1, 5.0), st.floats(-6, 6))
def test_volts_are_shown_to_one_percent(kilovolts: float, deviate: float) -> None:
    """Whatever this tester's own error is."""
    leads = Bench(leak_amps=1e-4)
    leads.deviate = deviate
    said = result(leads, 30, f"MANU:ACW:VOLT {kilovolts:.3f}").split(",")
    assert "PASS " == said[1]
    assert abs(float(said[2].removesuffix("kV")) - kilovolts) <= 0.01 * kilovolts + 0.001
