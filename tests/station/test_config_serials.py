"""Serial numbers: a strict grammar, and patterns that cannot keep the station busy."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.config.serials import checked_pattern, checked_serial

BAD = [
    "",
    " ",
    " \t ",
    "SN\x00001",
    "SN1\nSN2",
    "SN1\n",
    "SN1\x1b[2J\x1b]0;pwn\x07",
    "SN\u202e1000",
    "\ufeffSN1",
    "SN-0\u041e1",
]
WORSE = [
    "\uff11\uff12",
    "\u0661\u0662",
    "SN\U0001f4a5",
    "A" * 65,
    "A" * 65536,
    "+1+1",
    "-2+3",
    "=1",
    "<script>",
    "{0}",
    "%s%n",
    "sn1",
]
WORST = [
    "1; DROP TABLE runs;--",
    "%_",
    "/dev/ttyUSB0",
    "SN1/cmd",
    "$SYS/broker",
    "$(reboot)",
    "-o/tmp/x",
    "\x1d0104",
    "\x03",
    ".A",
    "_A",
]


@pytest.mark.parametrize("text", [*BAD, *WORSE, *WORST])
def test_what_is_no_serial_number_is_refused_and_shown_escaped(text: str) -> None:
    """In ASCII that no terminal obeys, and never at full length."""
    with pytest.raises(ValueError, match="a serial number is A-Z") as caught:
        checked_serial(text)
    said = str(caught.value)
    assert (True, True, True) == (said.isascii(), said.isprintable(), len(said) < 1000)


@given(st.from_regex(re.compile(r"[A-Z0-9][A-Z0-9._-]{0,63}", re.ASCII), fullmatch=True))
def test_a_serial_number_stays_the_text_that_it_is(text: str) -> None:
    """00123 is no number."""
    assert text == checked_serial(text)


def test_a_products_own_pattern_must_fit_the_whole() -> None:
    """Not only the beginning."""
    pattern = checked_pattern("SN[0-9]{4}(?:-R)?")
    assert ["SN1234", "SN1234-R"] == [checked_serial(each, pattern) for each in ("SN1234", "SN1234-R")]
    for text in ("SN123", "SN12345", "XSN1234", "SN1234-"):
        with pytest.raises(ValueError, match="fits SN"):
            checked_serial(text, pattern)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(", "is no regular expression: missing"),
        ("[[a]", "is no regular expression: Possible nested set"),
        ("(a+)+", "not repeated"),
        ("(?:a|a)*", "not repeated"),
        ("(a){50}", "not repeated"),
        ("(?=a)a", "only (?:"),
        ("(?i)a", "only (?:"),
        ("(?P<x>a)", "only (?:"),
        ("a*a*a*a*a*b", "too much of it may vary"),
        ("a?a?a?a?a?b", "too much of it may vary"),
        ("(a|a)(a|a)" * 11, "too much of it may vary"),
        ("a" * 201, "at most 200 characters"),
    ],
)
def test_a_pattern_that_is_wrong_or_could_take_for_ever_is_refused(text: str, message: str) -> None:
    """Groups are not repeated, little may vary."""
    with pytest.raises(ValueError, match=re.escape(message)):
        checked_pattern(text)


@pytest.mark.parametrize(
    "text", ["[A-Z*+?|]{2}[0-9]+", r"A\*\+\(\)", "[]]+", "[^]a]{2,3}", "(?:HOU|DAL|AUS)-[0-9]{6}", r"\d{8}"]
)
def test_sensible_patterns_are_taken(text: str) -> None:
    """What stands in a class or behind a backslash is no repetition."""
    assert text == checked_pattern(text).pattern


def test_digits_are_ascii_digits() -> None:
    r"""Also where the pattern says \d."""
    assert checked_pattern(r"\d").fullmatch("\u0661") is None


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "text",
    ["[A-Z]*[A-Z]*[A-Z]*[A-Z]*0", "A*A*A*A*B", "[A-Z]?[A-Z]*[A-Z]+[A-Z]{0,60}0", "(A|A)(A|A)(A|A)(A|A)(A|A)A*A*A*B"],
)
def test_the_worst_pattern_that_is_taken_is_quick(text: str) -> None:
    """Against the longest serial number that almost fits."""
    assert checked_pattern(text).fullmatch("A" * 64) is None
