"""What a GPT-9800 says: its units, its results, its steps; and what it cannot have said."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.safety.gpt_replies import Function, Status, amount, result, setting, step


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("0.500kV", "V", 500.0),
        ("0.001 mA ", "A", 1e-6),
        ("15uA", "A", 15e-6),
        (" 45.2 m ohm", "ohm", 0.0452),
        ("45.2mohm", "ohm", 0.0452),
        ("523M ohm", "ohm", 523e6),
        ("1.2Gohm", "ohm", 1.2e9),
    ],
)
def test_units_are_what_they_say(text: str, unit: str, value: float) -> None:
    """A milliohm is not a megohm, a microampere not a milliampere."""
    assert pytest.approx(value) == amount(text, unit)


@pytest.mark.parametrize(
    "text", ["0.5", "0.5 kA", "0.5KV", "-0.5kV", "nan kV", "1e3V", ">42.00mA", "0.5kV 1", "", "kV"]
)
def test_an_amount_without_its_unit_is_none(text: str) -> None:
    """Nor one in another unit."""
    with pytest.raises(ValueError, match="not "):
        amount(text, "V")


def test_replies_of_the_manual() -> None:
    """The manual's own example, and the public code's."""
    failed = result("ACW, FAIL , 0.024kV ,0.013 mA ,R=000.1S")
    assert (Function.ACW, Status.FAIL, 0.0) == (failed.function, failed.status, failed.seconds)
    passed = result("ACW,PASS ,0.500kV,0.001 mA ,T=001.0S")
    assert (500.0, 1.0) == (passed.stimulus, passed.seconds)
    shown = step("IR,0.500kV,H=NULL,L=0100M,T=001.0S")
    assert (math.inf, 100e6, None) == (shown.high, shown.low, shown.ramp)


@given(
    st.sampled_from(["ACW", "DCW"]),
    st.sampled_from(list(Status)),
    st.integers(0, 6100),
    st.integers(0, 42000),
    st.integers(0, 9999),
    st.booleans(),
)
def test_a_result_is_read_as_it_was_written(
    function: str, status: str, volts: int, microamperes: int, tenths: int, spaced: bool
) -> None:
    """Volts to the volt, microamperes, tenths of a second; blanks wherever the manual has them."""
    blank = " " if spaced else ""
    text = f"{function},{blank}{status} ,{blank}{volts / 1e3:.3f}kV{blank},{microamperes / 1e3:.3f}{blank}mA ,T={tenths / 10:05.1f}S"
    read = result(text)
    assert (function, status) == (read.function, read.status)
    assert (volts, microamperes, tenths) == (
        round(read.stimulus),
        round(1e6 * read.result),
        round(10 * read.seconds),
    )


def mangled() -> st.SearchStrategy[str]:
    """Replies of the manual with a piece cut out, doubled or replaced, and plain text."""
    good = st.sampled_from(
        [
            "ACW,PASS ,0.500kV,0.001 mA ,T=001.0S",
            "GB,PASS ,25.02A,45.2 m ohm,T=002.0S",
            "ACW,1.500kV,H=10.00mA,L=00.10mA,R=000.5S,T=001.0S",
            "IR,0.500kV,H=NULL,L=0100M ohm,R=000.5S,T=001.0S",
        ]
    )
    piece = st.text(st.characters(codec="ascii"), max_size=6)

    def cut(text: str, start: int, length: int, other: str) -> str:
        at = start % len(text)
        return text[:at] + other + text[at + length :]

    return st.one_of(st.builds(cut, good, st.integers(0, 99), st.integers(0, 9), piece), st.text(max_size=60))


@given(mangled())
def test_whatever_comes_is_a_value_or_a_refusal(text: str) -> None:
    """Finite, not negative, of its grammar; or a ValueError that shows the text, printable. Never anything else."""
    for read in (result, step, lambda each: amount(each, "V"), lambda each: setting(each, "Hz")):
        why = ""
        try:
            said = read(text)
        except ValueError as error:
            why = str(error)
        else:
            numbers = [said] if isinstance(said, float) else [said.stimulus, said.seconds]
            assert all(math.isfinite(each) and each >= 0 for each in numbers)
        assert not why or why.isprintable()
