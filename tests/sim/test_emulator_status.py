"""What every SCPI instrument has: units, numbers in headers, the status byte, questionable and operation registers."""

from collections.abc import Mapping
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.emulator import Answer
from sim.parameters import ScpiError, number
from sim.scpi import Obeying, spellings
from sim.status import StatusScpi
from tests.sim.fake_leads import FakeLeads


class Supply(StatusScpi):
    """A toy: a supply with numbered outputs, too hot when it is told so."""

    hot = False

    def look(self) -> None:
        """Bit 4: too hot."""
        self.questionable.show(16 * self.hot)

    commands: ClassVar[Mapping[str, Obeying]] = {
        "*IDN?": lambda _: "SUPPLY",
        "SOURce<n>:VOLTage?": lambda _, output, what="now": f"output {output} {what}",
        "OUTPut[<n>]?": lambda _, output="1": output,
        "PHASe:P12?": lambda _: "120",
        "LIMit?": lambda _, text: f"{number(text, 0, 10, 5, 'V'):g}",
    }


def say(supply: Supply, line: str) -> Answer:
    """What it answers."""
    answer = supply.answer(line.encode())
    assert answer is None or isinstance(answer, bytes)
    return answer


@pytest.fixture
def supply() -> Supply:
    """A new one, past its power-on."""
    made = Supply("supply", FakeLeads())
    made.events = 0
    return made


def test_a_header_may_hold_a_number(supply: Supply) -> None:
    """It comes before the parameters; where it may be left out, it may; a word that ends in digits is a word."""
    assert b"output 12 now\n" == say(supply, "SOUR12:VOLT?")
    assert b"output 3 max\n" == say(supply, ":source3:voltage? max")
    assert b"1;4;120\n" == say(supply, "OUTP?;OUTP4?;PHAS:P12?")
    assert None is say(supply, "SOUR:VOLT?")
    assert b'-113,"Undefined header"\n' == say(supply, "SYST:ERR?")
    assert {"OUTP?", "OUTP<n>?", "OUTPUT?", "OUTPUT<n>?"} == set(spellings("OUTPut[<n>]?"))


@pytest.mark.parametrize(
    ("said", "value"),
    [("5", 5), ("5 V", 5), ("250mV", 0.25), ("0.002 KV", 2), ("5e3 MV", 5), ("5E-3kv", 5), ("1500000UV", 1.5)],
)
def test_a_number_may_have_its_unit(said: str, value: float) -> None:
    """And a multiple of it, with blanks or without, in any case."""
    assert pytest.approx(value) == number(said, 0, 10, 5, "V")


def test_m_is_milli_but_mega_for_ohms_and_hertz() -> None:
    """As IEEE 488.2 has it."""
    assert [1e6, 1e6, 1e-3] == [
        number("1 MOHM", 0, 1e9, 0, "OHM"),
        number("1MAOHM", 0, 1e9, 0, "OHM"),
        number("1 MS", 0, 1, 0, "S"),
    ]


@pytest.mark.parametrize(("said", "unit", "code"), [("5 A", "V", -131), ("5 XV", "V", -131), ("5 V", "", -138)])
def test_a_wrong_unit_is_refused(said: str, unit: str, code: int) -> None:
    """Never taken for the right one."""
    with pytest.raises(ScpiError, match=str(code)):
        number(said, 0, 10, 0, unit)


@given(st.floats(0, 10), st.sampled_from(["V", "MV", "UV", "KV"]))
def test_units_scale(value: float, unit: str) -> None:
    """Whatever the multiple, the value is the same."""
    scale = {"V": 1.0, "MV": 1e3, "UV": 1e6, "KV": 1e-3}[unit]
    assert pytest.approx(value, abs=1e-12) == number(f"{value * scale!r} {unit}", 0, 11, 0, "V")


def test_a_condition_becomes_an_event_that_reading_clears(supply: Supply) -> None:
    """The event stays after its condition has gone, and does not come again while the condition lasts."""
    supply.hot = True
    assert b"+16;+16;+0\n" == say(supply, "STAT:QUES:COND?;EVEN?;EVEN?")
    supply.hot = False
    assert b"+0;+0\n" == say(supply, "STAT:QUES:COND?;:STAT:QUES?")
    supply.hot = True
    say(supply, "STAT:QUES:COND?")
    supply.hot = False
    assert b"+0;+16\n" == say(supply, "STAT:QUES:COND?;:STAT:QUES?")
    assert b"+0\n" == say(supply, "STAT:OPER?")


def test_the_status_byte_sums_up_what_is_enabled(supply: Supply) -> None:
    """Bit 2 errors, bit 3 questionable, bit 5 events, bit 6 anything that *SRE asks for."""
    say(supply, "*ESE 32;*SRE 8;:STAT:QUES:ENAB 16")
    assert b"+32;+8;+16\n" == say(supply, "*ESE?;*SRE?;:STAT:QUES:ENAB?")
    say(supply, "NO:SUCH")
    assert b"+36\n" == say(supply, "*STB?")
    supply.hot = True
    assert b"+108\n" == say(supply, "*STB?")
    assert b"+0\n" == say(supply, "*CLS;*STB?")
    assert b"+8;+0\n" == say(supply, "*SRE?;:STAT:PRES;:STAT:QUES:ENAB?")


def test_query_errors_come_from_wires_of_whole_messages(supply: Supply) -> None:
    """A reply that nobody fetched, and one that was asked for in vain: -410 and -420, and the query-error bit."""
    supply.interrupted()
    supply.unterminated()
    assert b"+4\n" == say(supply, "*ESR?")
    assert b'-410,"Query INTERRUPTED";-420,"Query UNTERMINATED"\n' == say(supply, "SYST:ERR?;:SYST:ERR?")
