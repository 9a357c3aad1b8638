"""SCPI replies are read strictly: what the grammar does not know is an error, never a number."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drivers.errors import BadReply
from drivers.reading import State
from drivers.roles import Identity
from drivers.scpi import ScpiError, channel_list, error, identity, number, printable, quantity, reply_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0.0),
        ("+1", 1.0),
        ("-007", -7.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("+1.23456789E-03", 1.23456789e-3),
        ("-1.5e+2", -150.0),
        ("1E5", 1e5),
        ("1.0000000000000000001", 1.0),
        ("0E-999", 0.0),
        ("4.9E-324", 5e-324),
    ],
)
def test_numbers_of_the_standard_are_read(text: str, value: float) -> None:
    """NR1, NR2 and NR3, as instruments write them."""
    assert value == number(text)


@pytest.mark.parametrize(
    "text",
    [
        *["", " ", "\n", "+", ".", "-.", "E5", "1E", "1E+", "--1", "+-1", "1.2.3", "1 2", " 1", "1 ", "1\n", "\t1"],
        *["nan", "NaN", "inf", "-INF", "Infinity", "1_000", "0x10", "1e400", "-1e400", "1E-400", "1E99999"],
        *["1,234", "1,5", "1.0 V", "1.0OHM", "12%", "OVLD", "O.L", "----", ">1G", "+1.0E+00,+2.0E+00", "1;2"],
        *["\u0661\u0662", "\u00b2", "1\u00a0", "\uff11", "1.0\xb5A", "#9999999999", "#14abcd", "None", "True"],
    ],
)
def test_everything_else_is_no_number(text: str) -> None:
    """`float` takes many of these; an instrument means none of them."""
    with pytest.raises(ValueError, match="number"):
        number(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_survives(value: float) -> None:
    """Written in full, in scientific notation or plainly, a number reads as itself."""
    assert value == number(f"{value:+.17E}")
    assert value == number(f"{value:.400f}") or abs(value) < 1e-300


@given(st.text(max_size=30))
@example("\u0661")
def test_any_text_is_a_finite_number_or_a_value_error(text: str) -> None:
    """And the message of the error can do nothing to a terminal."""
    refusal = ""
    try:
        assert math.isfinite(number(text))
    except ValueError as error_of_text:
        refusal = str(error_of_text)
    assert refusal.isascii()
    assert refusal.isprintable()


def test_a_bad_number_is_shown_in_part() -> None:
    """A reply without end does not fill the trace."""
    with pytest.raises(ValueError, match="number") as caught:
        number("1" * 60_000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("+9.9E+37", State.OVER_RANGE),
        ("-9.9E+37", State.OVER_RANGE),
        ("+9.90000000E+37", State.OVER_RANGE),
        ("9.90000200E+37", State.OVER_RANGE),
        ("9.91E37", State.NO_READING),
        ("+9.91000000E+37", State.NO_READING),
        ("-9.91E37", State.NO_READING),
        ("1E38", State.NO_READING),
    ],
)
def test_scpis_great_numbers_are_no_values(text: str, state: State) -> None:
    """Infinity is over-range, not-a-number is no reading, and neither can be compared with a limit."""
    value, said = quantity(text)
    assert state is said
    assert math.isnan(value)


def test_a_measured_number_is_a_value() -> None:
    """Whatever its sign."""
    assert (-1.5e37, State.OK) == quantity("-1.5E+37")
    with pytest.raises(ValueError, match="number"):
        quantity("nan")


def test_channels_are_written_as_ranges() -> None:
    """Ascending, once each, runs as ranges."""
    assert "(@)" == channel_list([])
    assert "(@101)" == channel_list([101])
    assert "(@101:102)" == channel_list([102, 101, 101])
    assert "(@111:118,121,238)" == channel_list([238, 121, *range(118, 110, -1)])


@given(st.sets(st.integers(101, 348)))
def test_a_channel_list_names_exactly_its_channels(channels: set[int]) -> None:
    """Nothing is lost in the ranges and nothing comes in."""
    parts = [part.split(":") for part in channel_list(channels)[2:-1].split(",") if part]
    named = [channel for part in parts for channel in range(int(part[0]), int(part[-1]) + 1)]
    assert sorted(channels) == named


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ('+0,"No error"', 0, "No error"),
        ("0,No Error", 0, "No Error"),
        ('-113,"Undefined header"', -113, "Undefined header"),
        ('+305,"Not able to perform requested operation"', 305, "Not able to perform requested operation"),
        ('-350, "Queue overflow"', -350, "Queue overflow"),
        ('-222,"Data ""1E9"" out of range; was (@999)"', -222, 'Data "1E9" out of range; was (@999)'),
        ("-100,\x1b[31mred", -100, "\\x1b[31mred"),
        ("0,", 0, ""),
    ],
)
def test_an_error_queue_is_read(text: str, code: int, message: str) -> None:
    """Both spellings; only the code tells whether there is an error, never the words 'no error' in a text."""
    assert ScpiError(code, message) == error(text)


@pytest.mark.parametrize("text", ["", "No error", "0", '+0;"No error"', '"No error",0', 'x,"No error"', '0,"No error'])
def test_no_entry_of_an_error_queue(text: str) -> None:
    """Silence and nonsense do not mean that all is well."""
    with pytest.raises(ValueError, match="error queue"):
        error(text)


def test_an_error_reads_like_the_instruments_own() -> None:
    """With its sign, as the manual lists it."""
    assert "-113,Undefined header" == str(ScpiError(-113, "Undefined header"))


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("HIOKI,RM3545,123456789,V1.00", Identity("HIOKI", "RM3545", "123456789", "V1.00")),
        ("HEWLETT-PACKARD, 34970A, 0, 13-2-2", Identity("HEWLETT-PACKARD", "34970A", "0", "13-2-2")),
        ("A,B,C", Identity("A", "B", "C", "")),
        ("A,B,C,D,E", Identity("A", "B", "C", "D,E")),
        ("ACME\x1b[31m,X,1,1", Identity("ACME\\x1b[31m", "X", "1", "1")),
    ],
)
def test_an_identity_is_read(text: str, who: Identity) -> None:
    """Three fields or five are tolerated; nothing in it can do anything to a terminal."""
    assert who == identity(text)


@pytest.mark.parametrize("text", ["", "A,B", "A,B,C,D,E,F", "+1.0E-03", ",B,C,D", "A,,C,D"])
def test_no_identity(text: str) -> None:
    """A number, or half a name, is nobody."""
    with pytest.raises(ValueError, match="not an identity"):
        identity(text)


@given(st.text(max_size=30))
def test_printable_text_is_printable_ascii(text: str) -> None:
    """Whatever an instrument says, a person sees plain characters."""
    shown = printable(text)
    assert shown.isascii()
    assert not shown or shown.isprintable()


def test_a_value_error_becomes_the_instruments_bad_reply() -> None:
    """So that the trace says who wrote nonsense; other errors pass."""
    with pytest.raises(BadReply, match="ohms: not a number: 'OVLD'"), reply_of("ohms"):
        number("OVLD")
    with pytest.raises(KeyError), reply_of("ohms"):
        raise KeyError
