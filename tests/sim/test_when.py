"""When a fault is there: how moments are written, and what is refused."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.faults import catalogue, parse
from sim.when import OFTEN, When, read

MOMENTS = st.decimals(0, 10_000, places=3).map(float)
LENGTHS = st.decimals("0.001", 1_000, places=3).map(float)
WHENS = st.one_of(
    MOMENTS.map(When),
    st.builds(lambda at, more: When(at, at + more), MOMENTS, LENGTHS),
    st.builds(lambda at, more, rest: When(at, at + more, OFTEN + more + rest), MOMENTS, LENGTHS, LENGTHS),
)
WORDS = st.text("ABJW0123456789./+", min_size=1, max_size=12).filter(str.strip)


@given(WHENS)
def test_what_is_written_is_read_back(when: When) -> None:
    """To the last digit, with an end and a repetition or without."""
    assert when == read(str(when))


@given(st.sampled_from(catalogue()), WORDS, st.floats(0.0, 1.0), WHENS)
def test_a_fault_that_is_written_in_full_is_read_back(kind: object, where: str, part: float, when: When) -> None:
    """Whatever its kind, its place, its value and its moments."""
    fault = next(each for each in catalogue() if each is kind)
    value = fault.value.low + part * (fault.value.high - fault.value.low) if fault.value else None
    if fault.value and not fault.value.admits(value or 0.0):
        return
    when = when._replace(until=math.inf, every=math.inf) if fault.lasting else when
    text = f"{fault.name}:{where}{'' if value is None else f'={value!r}'}@{when}"
    first = parse(text)
    again = parse(str(first))
    assert (fault, where, value, when) == (first.fault, first.where, first.value, first.when)
    assert (first.fault, first.where, first.value, first.when) == (again.fault, again.where, again.value, again.when)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2s", When(2.0)),
        ("2s-2.5s", When(2.0, 2.5)),
        ("30s-32s/10m", When(30.0, 32.0, 600.0)),
        ("0s-0.05s/1s", When(0.0, 0.05, 1.0)),
        ("1h-90m", When(3600.0, 5400.0)),
    ],
)
def test_moments_are_seconds(text: str, when: When) -> None:
    """From the start of the world; minutes and hours are as good."""
    assert when == read(text)


def test_repetitions_do_not_drift() -> None:
    """Each is counted from the first one."""
    when = read("1s-1.1s/0.3s")
    assert (1.0 + 1_000_000 * 0.3, 1.1 + 1_000_000 * 0.3) == (when.strikes(1_000_000), when.ends(1_000_000))
    assert math.inf == read("1s").ends(0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("open:W3@30", "'30' is no time: a time is a number and s, m or h, for example @30s"),
        ("open:W3@1d", "'1d' is no time: a time is a number and s, m or h"),
        ("open:W3@", "a time is a number and s, m or h"),
        ("open:W3@1s-", "a time is a number and s, m or h"),
        ("open:W3@1s-2s/", "a time is a number and s, m or h"),
        ("open:W3@1s/2s", "@30s-32s/10m"),
        ("open:W3@1s-2s-3s", "@30s-32s/10m"),
        ("open:W3@2s-2s", "gone (2s) before it has struck (2s)"),
        ("open:W3@2s-1s", "gone (1s) before it has struck (2s)"),
        ("open:W3@2s-5s/3s", "it lasts 3s: EVERY must be longer than that, for example 2s-5s/30s"),
        ("open:W3@2s-2.01s/0.05s", "EVERY is at least 0.1s"),
        (f"open:W3@{'9' * 400}s", "is no time"),
        ("removed@2s-3s", "removed does not end: nobody brings the unit back"),
        ("card-swapped:mux1@2s-3s", "card-swapped does not end"),
    ],
)
def test_moments_that_mean_nothing_are_refused(text: str, said: str) -> None:
    """The message says what would be allowed, and repeats what was written."""
    with pytest.raises(ValueError, match=re.escape(said)):
        parse(text)
    with pytest.raises(ValueError, match=re.escape(repr(text))):
        parse(text)
