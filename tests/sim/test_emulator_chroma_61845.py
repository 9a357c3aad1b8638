"""The 61845 as its manual has it."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.quantity import Quantity
from tests.sim.fake_leads import FakeLeads
from tests.sim.talking import Client, talk_to

SOURCE = "chroma-61845"
HERTZ = (Quantity.HERTZ, "")
ON = "INST:EDIT ALL;:SOUR:VOLT:LIM:AC 250;:SOUR:FREQ 50;:SOUR:VOLT:AC 230;:OUTP:RELAY ON;:OUTP:STAT ON"


class Loaded(FakeLeads):
    """Resistors at the phases."""

    def __init__(self, *ohms: float) -> None:
        super().__init__()
        self.resistors = ohms or (1e9, 1e9, 1e9)

    def sense(self, device: str, quantity: Quantity, place: str = "") -> float:
        """Ohm's law."""
        if quantity is Quantity.AMPS:
            return self.driven.get((Quantity.AC_VOLTS, place), 0.0) / self.resistors[int(place) - 1]
        return super().sense(device, quantity, place)

    @property
    def volts(self) -> list[float]:
        """What is put out."""
        return [self.driven.get((Quantity.AC_VOLTS, each), 0.0) for each in "123"]


def answer(leads: FakeLeads, *lines: str) -> str:
    """The answer to the last of these lines."""

    async def talk(source: Client) -> str:
        for line in lines[:-1]:
            await source.write(line)
        return await source.ask(lines[-1])

    return talk_to(SOURCE, leads, talk)


def test_it_says_who_it_is() -> None:
    """Maker, model, serial number, firmware."""
    assert "Chroma ATE,61845,618450000066,1.00" == answer(FakeLeads(plate="618450000066"), "*IDN?")


def test_it_puts_out_what_it_is_set_to() -> None:
    """On all phases, at its frequency; nothing before, nothing after."""

    async def talk(source: Client) -> list[str]:
        await source.write("SOUR:VOLT:AC 230;:SOUR:FREQ 50")
        assert [0.0] * 3 == leads.volts
        await source.write(ON)
        assert [230.0] * 3 == leads.volts
        assert 50.0 == leads.driven[HERTZ]
        said = [await source.ask(each) for each in ("OUTP?", "OUTP:RELAY?", "MEAS:VOLT2?", "MEAS:CURR3?", "MEAS:FREQ?")]
        await source.write("OUTP OFF")
        assert [0.0] * 3 == leads.volts
        assert 0.0 == leads.driven[HERTZ]
        return [*said, await source.ask("MEAS:VOLT1?"), await source.ask("SYST:ERR?")]

    leads = Loaded(23.0, 46.0, 115.0)
    expected = ["1", "1", "+2.300000E+02", "+2.000000E+00", "+5.000000E+01", "+0.000000E+00", '+0,"No error"']
    assert expected == talk_to(SOURCE, leads, talk)


def test_phases_can_be_set_one_by_one() -> None:
    """EACH and NSEL; coupling sets them together again."""

    async def talk(source: Client) -> None:
        await source.write(ON)
        await source.write("INST:COUP NONE;:INST:NSEL 2;:SOUR:VOLT:AC 0;:INST:NSEL 3;:SOUR:VOLT:LEV:IMM:AMPL:AC 115 V")
        assert [230.0, 0.0, 115.0] == leads.volts
        assert "+1.150000E+02;+1.150000E+02" == await source.ask("SOUR:VOLT:AC?;:MEAS:VOLT?")
        await source.write("INST:EDIT ALL;:VOLT:AC 100")
        assert [100.0] * 3 == leads.volts

    leads = Loaded()
    talk_to(SOURCE, leads, talk)


@pytest.mark.parametrize("end", ["OUTP OFF", "OUTPUT:STATE 0", "*RST", "power"])
def test_it_can_always_be_switched_off(end: str) -> None:
    """And stays off."""

    async def talk(source: Client) -> list[float]:
        await source.write(f"OUTP:SLEW:VOLT:AC 0.1;:{ON}")
        await asyncio.sleep(0.5)
        if end == "power":
            source.emulator.power_on()
        else:
            await source.write(end)
        assert [0.0] * 3 == leads.volts
        await asyncio.sleep(60)
        return leads.volts

    leads = Loaded(2.0, 2.0, 2.0)
    assert [0.0] * 3 == talk_to(SOURCE, leads, talk)


def test_the_output_slews() -> None:
    """0.1 V/ms, in steps of 10 ms."""

    async def talk(source: Client) -> list[float]:
        await source.write(f"OUTP:SLEW:VOLT:AC 0.1;:{ON}")
        seen = []
        for _ in range(4):
            await asyncio.sleep(0.995)
            seen.append(leads.volts[0])
        return seen

    leads = Loaded()
    assert pytest.approx([100.0, 200.0, 230.0, 230.0], abs=1.0) == talk_to(SOURCE, leads, talk)


def test_a_phase_that_draws_too_much_sags_until_it_draws_the_limit() -> None:
    """Only that phase; the questionable register says so; it rises again when it can."""

    async def talk(source: Client) -> None:
        await source.write(f"SOUR:CURR:LIM 10;:{ON}")
        await asyncio.sleep(0.2)
        assert pytest.approx([115.0, 230.0, 230.0]) == leads.volts
        assert "+2;+1.150000E+02;+1.000000E+01" == await source.ask("STAT:QUES:COND?;:MEAS:VOLT1?;:MEAS:CURR1?")
        leads.resistors = (23.0, 23.0, 2.3)
        await asyncio.sleep(1.5)
        assert pytest.approx([230.0, 230.0, 23.0], rel=1e-2) == leads.volts
        leads.resistors = (100.0, 100.0, 100.0)
        await asyncio.sleep(3)
        assert [230.0] * 3 == leads.volts
        assert "+0;+2" == await source.ask("STAT:QUES:COND?;EVEN?")

    leads = Loaded(11.5, 1e6, 1e6)
    talk_to(SOURCE, leads, talk)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("SOUR:VOLT:AC 301", -222),
        ("SOUR:VOLT:AC -1", -222),
        ("SOUR:VOLT:LIM:AC 240;:SOUR:VOLT:AC 241", -222),
        ("SOUR:VOLT:RANG LOW;:SOUR:VOLT:AC 151", -222),
        ("SOUR:VOLT:AC 230;:SOUR:VOLT:LIM:AC 200", -221),
        ("SOUR:VOLT:AC 230;:VOLT:RANG LOW", -221),
        ("SOUR:FREQ 29", -222),
        ("SOUR:FREQ 101", -222),
        ("SOUR:CURR:LIM 76", -222),
        ("OUTP ON;:OUTP:REL OFF", -221),
        ("INST:NSEL 4", -222),
        ("INST:PHAS SINGLE", -224),
        ("OUTP:MODE LIST", -224),
        ("SOUR:FUNC:SHAP B", -224),
        ("MEAS:VOLT4?", -114),
        ("OUTP MAYBE", -224),
        ("SOUR:VOLT:AC", -109),
        ("ISNT:EDIT ALL", -113),
    ],
)
def test_what_cannot_be_done_is_refused(line: str, code: int) -> None:
    """One entry in the queue."""

    async def talk(source: Client) -> list[str]:
        await source.write(line)
        return [await source.ask("SYST:ERR?"), await source.ask("SYST:ERR?")]

    first, second = talk_to(SOURCE, Loaded(), talk)
    assert code == int(first.split(",")[0])
    assert '+0,"No error"' == second


def test_thirty_errors_are_kept() -> None:
    """The thirtieth says that there were more."""

    async def talk(source: Client) -> list[int]:
        for _ in range(40):
            await source.write("NO:SUCH")
        return [int((await source.ask("SYST:ERR?")).split(",")[0]) for _ in range(31)]

    assert [*[-113] * 29, -350, 0] == talk_to(SOURCE, Loaded(), talk)


def test_settings_are_said() -> None:
    """As they were made, in the words of a public driver."""
    line = "inst:phase three;:sour:phase:p12 120.0;:sour:phase:p13 240.0;:sour:func:shape a;:voltage:range hi;:output:mode fixed"
    asked = "inst:phase?;:sour:phase:p12?;p13?;:sour:func:shape?;:volt:range?;:output:mode?;:source:curr:lim?"
    assert "THREE;+1.200000E+02;+2.400000E+02;A;HIGH;FIXED;+7.500000E+01" == answer(Loaded(), line, asked)


@settings(deadline=None)
@given(st.floats(0, 300), st.floats(-6, 6))
def test_volts_are_measured_within_their_class(volts: float, deviate: float) -> None:
    """0.1 % of reading and 0.2 % of range."""
    leads = Loaded()
    leads.deviate = deviate
    said = float(answer(leads, f"SOUR:VOLT:AC {volts:.3f};:OUTP ON", "MEAS:VOLT1?"))
    assert abs(said - volts) <= 1e-3 * volts + 2e-3 * 300 + 1e-3
