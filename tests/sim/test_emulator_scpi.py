"""The SCPI front end: headers, messages, status, the error queue, parameters."""

import asyncio
from collections.abc import Mapping
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import clock
from sim.emulator import Answer
from sim.parameters import ScpiError, choice, number, spans, split, switch
from sim.scpi import Obeying, QueuedScpi, spellings
from tests.sim.fake_leads import FakeLeads


class Echo(QueuedScpi):
    """A toy: it says what it was told."""

    def _note(self, text: str, more: str = "") -> None:
        self.noted = [*getattr(self, "noted", []), text + more]

    async def _slow(self) -> str:
        await asyncio.sleep(3)
        return "slow"

    commands: ClassVar[Mapping[str, Obeying]] = {
        "*IDN?": lambda _: "ECHO",
        "ROUTe:CLOSe": _note,
        "ROUTe:CLOSe?": lambda _, listed: f"closed {listed}",
        "ROUTe:CHANnel:DELay?": lambda _: "0",
        "INITiate[:IMMediate]": lambda _: None,
        "[SENSe:]RESistance:RANGe?": lambda _: "100",
        "LIMit?": lambda _, text: str(number(text, 0, 10, 5)),
        "SLOW?": _slow,
    }


def echo() -> Echo:
    """A new one, past its power-on."""
    instrument = Echo("echo", FakeLeads())
    instrument.events = 0
    return instrument


def say(instrument: QueuedScpi, line: str) -> Answer:
    """What it answers to a line that needs no waiting."""
    answer = instrument.answer(line.encode())
    assert answer is None or isinstance(answer, bytes)
    return answer


def errors(instrument: QueuedScpi) -> list[int]:
    """Empty the queue."""
    found = []
    while (code := int((say(instrument, "SYST:ERR?") or b"").split(b",")[0])) != 0:
        found.append(code)
    return found


PATTERNS = ["ROUTe:CLOSe?", "ROUTe:CHANnel:DELay?", "[SENSe:]RESistance:RANGe?", "SYSTem:ERRor[:NEXT]?", "*ESR?"]


@settings(deadline=None)
@given(st.sampled_from(PATTERNS), st.data())
def test_short_form_and_long_form_are_understood_in_any_case(pattern: str, data: st.DataObject) -> None:
    """Capitals may be all that is sent, in capitals or not, with a leading colon or without."""
    way = data.draw(st.sampled_from(sorted(spellings(pattern))))
    cased = "".join(data.draw(st.sampled_from([each.lower(), each.upper()])) for each in way)
    colon = data.draw(st.sampled_from(["", ":"])) if way[0] != "*" else ""
    instrument = echo()
    parameter = " (@101)" if pattern == "ROUTe:CLOSe?" else ""
    assert say(instrument, colon + cased + parameter) is not None
    assert [] == errors(instrument)


@pytest.mark.parametrize("word", ["C", "CL", "CLO", "CLOSES", "CLOSE1", "CLOS:E"])
def test_only_the_short_and_the_long_form_are_understood(word: str) -> None:
    """Neither less, nor something between, nor more."""
    instrument = echo()
    assert say(instrument, f"ROUT:{word}? (@101)") is None
    assert [-113] == errors(instrument)


def test_the_spellings_of_a_header() -> None:
    """An optional node may be left out, and each node has two forms."""
    assert {"INIT", "INITIATE", "INIT:IMM", "INIT:IMMEDIATE", "INITIATE:IMM", "INITIATE:IMMEDIATE"} == set(
        spellings("INITiate[:IMMediate]")
    )


def test_a_message_holds_several_commands() -> None:
    """After a semicolon the header goes on from the last node; after `;:` it begins anew; the replies are one line."""
    instrument = echo()
    assert b"closed (@101,102);0;100\n" == say(instrument, "ROUT:CLOS? (@101,102);CHAN:DEL?;:RES:RANG?")
    assert b"0;ECHO;0\n" == say(instrument, ":ROUT:CHAN:DEL?;*IDN?;DEL?")
    assert [] == errors(instrument)
    assert say(instrument, "ROUT:CHAN:DEL?;RES:RANG?") == b"0\n"
    assert [-113] == errors(instrument)


def test_the_first_error_ends_a_message() -> None:
    """What stands before it is done, what stands behind it is not."""
    instrument = echo()
    say(instrument, "ROUT:CLOS one;CLOSED two;:ROUT:CLOS three")
    assert ["one"] == instrument.noted
    assert [-113] == errors(instrument)


@pytest.mark.parametrize(
    ("line", "code", "event"),
    [
        pytest.param("ROUT:SHUT (@101)", -113, 32, id="undefined header"),
        pytest.param("ROUT:CLOS", -109, 32, id="missing parameter"),
        pytest.param("ROUT:CLOS 1,2,3", -108, 32, id="too many parameters"),
        pytest.param("LIM? 11", -222, 16, id="out of range"),
        pytest.param("LIM? 1e400", -222, 16, id="more than a float"),
        pytest.param("LIM? FOO", -224, 16, id="illegal word"),
        pytest.param("LIM? 1_0", -224, 16, id="python's own idea of a number"),
        pytest.param("LIM? \u00b2", -101, 32, id="not ASCII"),
    ],
)
def test_what_is_wrong_is_queued_and_not_answered(line: str, code: int, event: int) -> None:
    """No reply; the code in the queue; the bit in the event register, which reading clears."""
    instrument = echo()
    assert say(instrument, line) is None
    assert f"+{event}\n".encode() == say(instrument, "*ESR?")
    assert b"+0\n" == say(instrument, "*ESR?")
    assert [code] == errors(instrument)


def test_the_error_queue_is_first_in_first_out_and_overflows_at_its_end() -> None:
    """The oldest errors are kept; the last place says that more were lost."""
    instrument = echo()
    say(instrument, "ROUT:CLOS")
    for _ in range(30):
        say(instrument, "NO:SUCH")
    assert b"+4\n" == say(instrument, "*STB?")
    assert [-109, *[-113] * 18, -350] == errors(instrument)
    assert b'+0,"No error"\n' == say(instrument, "SYST:ERR?")
    say(instrument, "NO:SUCH;")
    say(instrument, "*CLS")
    assert b"+0;+0\n" == say(instrument, "*STB?;*ESR?")


def test_power_on_shows_in_the_events() -> None:
    """Bit 7 tells a client that its settings are gone."""
    assert b"+128\n" == say(Echo("echo", FakeLeads()), "*ESR?")


def test_a_slow_command_holds_up_what_stands_behind_it() -> None:
    """Commands of a message are obeyed in order, however long one takes."""

    async def main() -> tuple[Answer, float]:
        answer = echo().answer(b"*IDN?;SLOW?;*OPC?")
        assert answer is not None
        assert not isinstance(answer, bytes)
        return await answer, asyncio.get_running_loop().time()

    assert (b"ECHO;slow;1\n", 3.0) == clock.run(main())


@settings(deadline=None)
@given(st.text(alphabet="ROUT:CLOS?;,*(@\"')101 \t", max_size=40))
def test_any_line_of_noise_is_survived(line: str) -> None:
    """Whatever comes, the next question gets its answer."""
    instrument = echo()
    instrument.answer(line.encode())
    assert b"ECHO\n" == say(instrument, "*IDN?")


def test_numbers_have_names_too() -> None:
    """MIN, MAX and DEF stand for numbers, in both forms."""
    assert [0, 10, 5, 5, 2.5] == [number(each, 0, 10, 5) for each in ("MIN", "maximum", "DEF", "Default", "25E-1")]


def test_words_and_switches() -> None:
    """A word is known by its short form; a switch by four."""
    assert "MED" == choice("medium", "FAST", "MEDium")
    assert [True, True, False, False] == [switch(each) for each in ("on", "1", "OFF", "0")]
    with pytest.raises(ScpiError, match="-224"):
        switch("2")


def test_channel_lists() -> None:
    """Spans and single channels, none at all, and no nonsense."""
    assert ((111, 118), (121, 121)) == spans("(@111:118, 121)")
    assert () == spans("(@)")
    for wrong in ("@111", "(111)", "(@111:)", "(@x)", "(@111,)", "(@11)", "(@111:118:121)"):
        with pytest.raises(ScpiError, match="-171"):
            spans(wrong)


def test_commas_in_lists_and_quotes_do_not_split() -> None:
    """A channel list is one parameter."""
    assert ("100", "DEF", "(@101,102)", '"a,b"') == split('100, DEF ,(@101,102),"a,b"')
