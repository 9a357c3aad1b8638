"""The GPT-9800's driver, against the public facts of its manual, exchange by exchange."""

import asyncio
import math

import pytest

from drivers.errors import BadReply, LinkError, LinkTimeout, Refused, Unsupported, WrongInstrument
from drivers.links.dialogue import LineLink
from drivers.links.scripted import Exchange, scripted
from drivers.power_roles import SafetyTester
from drivers.reading import State
from drivers.roles import Identity, Instrument
from drivers.safety.gwinstek_gpt9804 import MODELS, GwInstekGpt9804
from tests.drivers.fake_wire import FakeWire, table, virtual

OK: Exchange = ("SYST:ERR ?", "0,No Error")
IDN: Exchange = ("*IDN?", "GPT-9804, EM100001, V1.00")


def told(*commands: str) -> list[Exchange]:
    """Commands that it takes, each with its empty error queue."""
    return [exchange for command in commands for exchange in ((command, None), OK)]


def shows(*replies: str) -> list[Exchange]:
    """What it says of a test, look after look."""
    return [("MEAS ?", reply) for reply in replies]


OFF: list[Exchange] = [("FUNC:TEST OFF", None), *told("*CLS", "FUNC:TEST OFF")]


def stopped(function: str = "ACW") -> list[Exchange]:
    """How a test is ended, and what an earlier one has left is put away."""
    nothing = {"ACW": "0.000kV,0.000 mA", "DCW": "0.000kV,0.000 mA", "IR": "0.000kV,0 M ohm", "GB": "00.00A,0.0 m ohm"}
    return [*OFF, *shows(f"{function},VIEW ,{nothing[function]},T=000.0S")]


def programmed(*commands: str) -> list[Exchange]:
    """How step 1 is programmed."""
    return told("MAIN:FUNC MANU", "MANU:STEP 1", *commands)


AC: list[Exchange] = programmed(
    "MANU:EDIT:MODE ACW", "MANU:RTIM 0.5", "MANU:ACW:VOLT 1.500", "MANU:ACW:CLOS 0", "MANU:ACW:CHIS 10.00", "MANU:ACW:CLOS 0.10",
    "MANU:ACW:TTIM 1.0", "MANU:ACW:FREQ 50", "MANU:ACW:REF 0", "MANU:UTIL:ARCM ON_STOP",
)  # fmt: skip
AC_SHOWN: list[Exchange] = [
    ("MANU1:EDIT:SHOW ?", "ACW,1.500kV,H=10.00mA,L=00.10mA,R=000.5S,T=001.0S"),
    ("MANU:ACW:REF ?", "0.000"),
    ("MANU:ACW:FREQ ?", "50"),
]
READY = shows("ACW,VIEW ,0.000kV,0.000 mA ,T=000.0S")
RAMP = "ACW,TEST ,0.750kV,0.512 mA ,R=000.3S"
DWELL = "ACW,TEST ,1.500kV,1.021 mA ,T=000.4S"
PASS = "ACW,PASS ,1.500kV,1.020 mA ,T=001.0S"  # noqa: S105 - no password
FAIL = "ACW, FAIL , 0.024kV ,0.013 mA ,R=000.1S"
START: list[Exchange] = told("FUNC:TEST ON")
BEGIN: list[Exchange] = [*stopped(), *AC, *AC_SHOWN, *READY, *START]


async def passes(tester: GwInstekGpt9804) -> bool:
    """Whether the withstand test of these scripts passes."""
    proof = await tester.withstand(volts=1500.0, hertz=50.0, seconds=1.0, highest=0.010, lowest=1e-4)
    return proof.passed


async def asked(tester: GwInstekGpt9804, function: str) -> None:
    """A test of a function."""
    if function == "DCW":
        await tester.withstand(volts=1000.0, hertz=0.0, seconds=1.0, highest=0.01, lowest=0.0)
    elif function == "IR":
        await tester.insulation(volts=500.0, seconds=1.0, lowest=1e8)
    else:
        await tester.ground_bond(amperes=25.0, seconds=1.0, highest=0.1)


def test_it_is_a_safety_tester() -> None:
    """The catalogue's entry makes a driver that plays its role; lines end with CR LF both ways."""
    (model,) = MODELS
    with scripted() as link:
        tester = model.connect(link)
    assert isinstance(tester, SafetyTester)
    assert isinstance(tester, Instrument)
    assert ("gwinstek-gpt9804", (SafetyTester,)) == (model.name, model.roles)
    assert (b"\r\n", b"\r\n") == (model.ends_with, model.replies_end_with)


async def test_it_says_who_it_is() -> None:
    """The family says model, serial number and firmware, and no maker; another family is not spoken to."""
    named: Exchange = ("*IDN?", "GWINSTEK,GPT-9803,EM100002,V1.10")
    with scripted(IDN, named, ("*IDN?", "GPT-9904, EM1, V1.00"), ("*IDN?", "1.0")) as link:
        tester = GwInstekGpt9804(link)
        assert Identity("", "GPT-9804", "EM100001", "V1.00") == await tester.identify()
        assert Identity("GWINSTEK", "GPT-9803", "EM100002", "V1.10") == await tester.identify()
        with pytest.raises((WrongInstrument, BadReply)):
            await tester.identify()
        with pytest.raises(BadReply):
            await tester.identify()


@virtual
async def test_a_withstand_test() -> None:
    """Programmed, read back, started, waited for, ended, read back again; the proof says what was really applied."""
    looks = shows(RAMP, DWELL, PASS)
    with scripted(IDN, *BEGIN, *looks, OK, *stopped(), *AC_SHOWN, at=9.0, name="hipot") as link:
        proof = await GwInstekGpt9804(link).withstand(
            volts=1500.0, hertz=50.0, seconds=1.0, highest=0.010, lowest=0.0001
        )
    assert proof.passed
    assert (1500.0, "V", 9.0, "hipot") == (
        proof.stimulus.value,
        proof.stimulus.unit,
        proof.stimulus.at,
        proof.stimulus.by,
    )
    assert (1.020, "A") == (round(1e3 * proof.result.value, 9), proof.result.unit)
    assert (1.0, "s") == (proof.seconds.value, proof.seconds.unit)
    limit = 0.015 * 1.020e-3 + 3 * 1e-5
    assert pytest.approx(2 * math.sqrt(limit**2 / 3 + 1e-10 / 12)) == proof.result.uncertainty


@virtual
async def test_a_breakdown_is_its_judgement() -> None:
    """FAIL in the ramp: the voltage was not reached, and it was applied for no time at all."""
    with scripted(IDN, *BEGIN, *shows(FAIL), OK, *stopped(), *AC_SHOWN) as link:
        proof = await GwInstekGpt9804(link).withstand(
            volts=1500.0, hertz=50.0, seconds=1.0, highest=0.010, lowest=0.0001
        )
    assert (False, 24.0, 0.0) == (proof.passed, proof.stimulus.value, proof.seconds.value)


@virtual
async def test_direct_current() -> None:
    """No frequency; a limit below 1.11 mA has microamperes; rounding makes no limit more lenient."""
    commands = programmed(
        "MANU:EDIT:MODE DCW", "MANU:RTIM 0.5", "MANU:DCW:VOLT 2.121", "MANU:DCW:CLOS 0", "MANU:DCW:CHIS 1.000", "MANU:DCW:CLOS 0.002",
        "MANU:DCW:TTIM 1.0", "MANU:DCW:REF 0", "MANU:UTIL:ARCM ON_STOP",
    )  # fmt: skip
    back: list[Exchange] = [
        ("MANU1:EDIT:SHOW ?", "DCW,2.120kV,H=1.000mA,L=0.002mA,R=000.5S,T=001.0S"),
        ("MANU:DCW:REF ?", "0.000mA"),
    ]
    looks = shows("DCW,TEST ,2.120kV,12 uA ,T=000.2S", "DCW,PASS ,2.120kV,11.0uA ,T=001.0S")
    ready = shows("DCW,VIEW ,0.000kV,0.000 mA ,T=000.0S")
    with scripted(IDN, *stopped(), *commands, *back, *ready, *START, *looks, OK, *stopped("DCW"), *back) as link:
        proof = await GwInstekGpt9804(link).withstand(
            volts=2121.0, hertz=0, seconds=1.0, highest=1.0005e-3, lowest=1.1e-6
        )
    assert (True, 11.0) == (proof.passed, round(1e6 * proof.result.value, 9))


@virtual
@pytest.mark.parametrize(
    ("ohms", "value", "state"),
    [("0523 M ohm", 523e6, State.OK), ("1.250 G ohm", 1.25e9, State.OK), ("9999 M ohm", 8.4e9, State.AT_LEAST)],
)
async def test_insulation(ohms: str, value: float, state: State) -> None:
    """Limits in plain megohms, none above; from the end of its range on, a bound is all that is known."""
    commands = programmed(
        "MANU:EDIT:MODE IR", "MANU:RTIM 0.5", "MANU:IR:VOLT 0.500", "MANU:IR:RHIS NULL", "MANU:IR:RLOS 100",
        "MANU:IR:TTIM 1.0", "MANU:IR:REF 0",
    )  # fmt: skip
    back: list[Exchange] = [
        ("MANU1:EDIT:SHOW ?", "IR,0.500kV,H=NULL,L=0100M ohm,R=000.5S,T=001.0S"),
        ("MANU:IR:REF ?", "0 M ohm"),
    ]
    looks = shows("IR,TEST ,0.500kV,0400 M ohm,T=000.2S", f"IR,PASS ,0.500kV,{ohms},T=001.0S")
    ready = shows("IR,VIEW ,0.000kV,0 M ohm ,T=000.0S")
    with scripted(IDN, *stopped(), *commands, *back, *ready, *START, *looks, OK, *stopped("IR"), *back) as link:
        proof = await GwInstekGpt9804(link).insulation(volts=500.0, seconds=1.0, lowest=100e6)
    assert (True, "ohm", state) == (proof.passed, proof.result.unit, proof.result.state)
    assert pytest.approx(value, rel=1e-3) == proof.result.value
    assert proof.result.is_number


@virtual
async def test_a_ground_bond() -> None:
    """Amperes are the stimulus, milliohms the result."""
    commands = programmed(
        "MANU:EDIT:MODE GB", "MANU:GB:CURR 25.00", "MANU:GB:RHIS 100.0", "MANU:GB:RLOS 0.0", "MANU:GB:TTIM 2.0",
        "MANU:GB:FREQ 50", "MANU:GB:REF 0",
    )  # fmt: skip
    back: list[Exchange] = [
        ("MANU1:EDIT:SHOW ?", "GB,25.00A,H=100.0m ohm,L=000.0m ohm,T=002.0S"),
        ("MANU:GB:REF ?", "0.0 m ohm"),
        ("MANU:GB:FREQ ?", "50Hz"),
    ]
    looks = shows("GB,TEST ,25.01A,45.1 m ohm,T=000.4S", "GB,PASS ,25.02A,45.2 m ohm,T=002.0S")
    ready = shows("GB,VIEW ,00.00A,0.0 m ohm ,T=000.0S")
    with scripted(IDN, *stopped(), *commands, *back, *ready, *START, *looks, OK, *stopped("GB"), *back) as link:
        proof = await GwInstekGpt9804(link).ground_bond(amperes=25.0, seconds=2.0, highest=0.1)
    assert (25.02, "A", 2.0) == (proof.stimulus.value, proof.stimulus.unit, proof.seconds.value)
    assert (45.2, "ohm") == (round(1e3 * proof.result.value, 9), proof.result.unit)
    assert pytest.approx(2 * math.sqrt((0.01 * 0.0452 + 0.002) ** 2 / 3 + 1e-8 / 12)) == proof.result.uncertainty


@virtual
@pytest.mark.parametrize(
    ("shown", "why"),
    [
        ("ACW,0.150kV,H=10.00mA,L=00.10mA,R=000.5S,T=001.0S", "150 for 1500"),
        ("ACW,1.500kV,H=42.00mA,L=00.10mA,R=000.5S,T=001.0S", "the highest 0.042 for 0.01"),
        ("ACW,1.500kV,H=10.00mA,L=00.00mA,R=000.5S,T=001.0S", "the lowest 0 for 0.0001"),
        ("ACW,1.500kV,H=10.00mA,L=00.10mA,R=000.1S,T=001.0S", "the ramp 0.1 for 0.5"),
        ("ACW,1.500kV,H=10.00mA,L=00.10mA,R=000.5S,T=000.5S", "the time 0.5 for 1"),
        ("DCW,1.500kV,H=10.00mA,L=00.10mA,R=000.5S,T=001.0S", "DCW for ACW"),
    ],
)
async def test_a_step_that_differs_is_never_started(shown: str, why: str) -> None:
    """Whichever setting it is."""
    with scripted(IDN, *stopped(), *AC, ("MANU1:EDIT:SHOW ?", shown)) as link, pytest.raises(Refused, match=why):
        await passes(GwInstekGpt9804(link))


@virtual
async def test_an_offset_or_another_frequency_is_never_started_with() -> None:
    """An offset would be taken off the current that is judged."""
    offset: list[Exchange] = [AC_SHOWN[0], ("MANU:ACW:REF ?", "0.500")]
    with scripted(IDN, *stopped(), *AC, *offset) as link, pytest.raises(Refused, match=r"REF \? says 0\.5"):
        await passes(GwInstekGpt9804(link))
    frequency: list[Exchange] = [*AC_SHOWN[:2], ("MANU:ACW:FREQ ?", "60")]
    with scripted(IDN, *stopped(), *AC, *frequency) as link, pytest.raises(Refused, match=r"FREQ \? says 60"):
        await passes(GwInstekGpt9804(link))


@virtual
async def test_an_open_interlock_is_refused() -> None:
    """Whether it is said as an error, or the test just does not start, or breaks off: never a verdict, and it is off."""
    minds: list[Exchange] = [("FUNC:TEST ON", None), ("SYST:ERR ?", "28,Interlock Open"), OK]
    with scripted(IDN, *BEGIN[:-2], *minds, *stopped()) as link, pytest.raises(Refused, match="Interlock Open"):
        await passes(GwInstekGpt9804(link))
    with scripted(IDN, *BEGIN, *(READY * 12), *stopped()) as link, pytest.raises(Refused, match="does not start"):
        await passes(GwInstekGpt9804(link))
    breaks_off = [*shows(RAMP), *READY]
    with scripted(IDN, *BEGIN, *breaks_off, *stopped()) as link, pytest.raises(Refused, match="broken off"):
        await passes(GwInstekGpt9804(link))


@virtual
async def test_the_result_of_an_earlier_test_is_none() -> None:
    """Where it cannot be put away, the new test must be seen to go on before a judgement counts."""
    kept: list[Exchange] = [*OFF, *shows(PASS)]
    begin: list[Exchange] = [*kept, *AC, *AC_SHOWN, *shows(PASS), *START]
    with (
        scripted(IDN, *begin, *(shows(PASS) * 12), *kept) as link,
        pytest.raises(Refused, match="shows the PASS of an earlier test"),
    ):
        await passes(GwInstekGpt9804(link))
    with scripted(IDN, *begin, *shows(PASS, DWELL, FAIL), OK, *kept, *AC_SHOWN) as link:
        assert not await passes(GwInstekGpt9804(link))


@virtual
async def test_a_test_that_does_not_end() -> None:
    """It is switched off and refused; and so is one that goes on when it is told to end."""
    with scripted(IDN, *BEGIN, *(shows(DWELL) * 65), *stopped()) as link, pytest.raises(Refused, match="has not ended"):
        await passes(GwInstekGpt9804(link))
    going_on: list[Exchange] = [*OFF, *(shows(DWELL) * 20)]
    with scripted(*going_on) as link, pytest.raises(Refused, match="says that it goes on"):
        await GwInstekGpt9804(link).make_safe()


@virtual
async def test_errors_during_a_test_are_no_pass() -> None:
    """Its judgement counts only with an empty queue."""
    said: list[Exchange] = [*shows(DWELL, PASS), ("SYST:ERR ?", "25,Voltage setting error"), OK]
    with scripted(IDN, *BEGIN, *said, *stopped()) as link, pytest.raises(Refused, match="25,Voltage setting error"):
        await passes(GwInstekGpt9804(link))


@virtual
async def test_another_function_than_told() -> None:
    """What it tests is what it was told to."""
    looks = shows("IR,TEST ,0.500kV,0400 M ohm,T=000.2S")
    with scripted(IDN, *BEGIN, *looks, *stopped("IR")) as link, pytest.raises(Refused, match="it tests IR"):
        await passes(GwInstekGpt9804(link))


@virtual
async def test_a_step_that_was_changed_during_the_test_is_no_proof() -> None:
    """Read back again at the end."""
    changed: list[Exchange] = [("MANU1:EDIT:SHOW ?", "ACW,1.500kV,H=42.00mA,L=00.10mA,R=000.5S,T=001.0S")]
    with (
        scripted(IDN, *BEGIN, *shows(DWELL, PASS), OK, *stopped(), *changed, *stopped()) as link,
        pytest.raises(Refused, match="another step"),
    ):
        await passes(GwInstekGpt9804(link))


@virtual
async def test_a_lost_link_in_a_test() -> None:
    """What broke first is told, and it is tried to switch off at once."""
    lost = LinkTimeout("hipot", "silent")
    with scripted(IDN, *BEGIN, ("MEAS ?", lost), ("FUNC:TEST OFF", lost)) as link, pytest.raises(LinkTimeout):
        await passes(GwInstekGpt9804(link))


@virtual
@pytest.mark.parametrize(
    ("digit", "missing"), [("1", ("DCW", "IR", "GB")), ("2", ("IR", "GB")), ("3", ("GB",)), ("4", ())]
)
async def test_what_a_model_of_the_family_has_not(digit: str, missing: tuple[str, ...]) -> None:
    """Told before anything is programmed."""
    for function in missing:
        who: Exchange = ("*IDN?", f"GPT-980{digit}, EM1, V1.00")
        with scripted(who) as link, pytest.raises(Unsupported, match=f"no {function}"):
            await asked(GwInstekGpt9804(link), function)


@pytest.mark.parametrize(
    ("volts", "hertz", "seconds", "highest", "lowest"),
    [
        (5001.0, 50.0, 1.0, 0.01, 0.0),
        (99.0, 50.0, 1.0, 0.01, 0.0),
        (math.nan, 50.0, 1.0, 0.01, 0.0),
        (6101.0, 0.0, 1.0, 0.01, 0.0),
        (1500.0, 400.0, 1.0, 0.01, 0.0),
        (1500.0, 50.0, 0.1, 0.01, 0.0),
        (1500.0, 50.0, 1000.0, 0.01, 0.0),
        (1500.0, 50.0, 1.0, 0.043, 0.0),
        (1500.0, 0.0, 1.0, 0.012, 0.0),
        (1500.0, 50.0, 1.0, 0.01, 0.01),
        (1500.0, 50.0, 1.0, 0.01, -0.01),
        (1500.0, 50.0, 1.0, 0.010, 0.009999),
    ],
)
async def test_withstand_tests_that_it_cannot_do(
    volts: float, hertz: float, seconds: float, highest: float, lowest: float
) -> None:
    """Refused before a word is said."""
    with scripted() as link, pytest.raises(Unsupported, match="known to do"):
        await GwInstekGpt9804(link).withstand(volts=volts, hertz=hertz, seconds=seconds, highest=highest, lowest=lowest)


async def test_other_tests_that_it_cannot_do() -> None:
    """Steps of 50 V, whole megohms up to 9999, 3 to 30 A, up to 650 mohm."""
    with scripted() as link:
        tester = GwInstekGpt9804(link)
        for volts, seconds, lowest in ((510.0, 1.0, 1e8), (1050.0, 1.0, 1e8), (500.0, 0.5, 1e8), (500.0, 1.0, 1e10)):
            with pytest.raises(Unsupported):
                await tester.insulation(volts=volts, seconds=seconds, lowest=lowest)
        for amperes, seconds, highest in ((2.0, 1.0, 0.1), (40.0, 1.0, 0.1), (25.0, 0.1, 0.1), (25.0, 1.0, 0.7)):
            with pytest.raises(Unsupported):
                await tester.ground_bond(amperes=amperes, seconds=seconds, highest=highest)


@virtual
async def test_well_and_safe() -> None:
    """Errors that come again are told, and a test that goes on; made safe no test goes on, at the second try if need be."""
    ill: list[Exchange] = [("*CLS", None), ("SYST:ERR ?", "31,Calibration lost"), OK]
    with scripted(*told("*CLS"), *READY, *ill, *told("*CLS"), *shows(DWELL)) as link:
        await GwInstekGpt9804(link).self_check()
        with pytest.raises(Refused, match="Calibration lost"):
            await GwInstekGpt9804(link).self_check()
        with pytest.raises(Refused, match="going on"):
            await GwInstekGpt9804(link).self_check()
    lost = LinkTimeout("hipot", "silent")
    with scripted(("FUNC:TEST OFF", lost), *OFF, *shows(DWELL), *READY) as link:
        await GwInstekGpt9804(link).make_safe()
    with scripted(("FUNC:TEST OFF", lost), ("FUNC:TEST OFF", lost)) as link, pytest.raises(LinkError):
        await GwInstekGpt9804(link).make_safe()


@virtual
async def test_made_safe_the_voltage_goes_at_once() -> None:
    """Also over a link that has lost an answer, and so has to wait for silence before it believes another one."""
    wire = FakeWire(table())
    link = LineLink("hipot", wire, ends_with=b"\r\n", within=2.0)
    await link.open()
    await link.query("*IDN?")
    with pytest.raises(LinkTimeout):
        await link.query("MEAS ?")
    safe = asyncio.get_running_loop().create_task(GwInstekGpt9804(link).make_safe())
    await asyncio.sleep(0.01)
    assert "FUNC:TEST OFF" in wire.sent
    safe.cancel()
