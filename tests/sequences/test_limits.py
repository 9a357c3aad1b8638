"""Limits: three-valued, guard-banded, and never fooled by what is not a number."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.reading import Reading, State
from sequences.limits import Limit, Tolerance, at_least, at_most, between
from sequences.verdict import Verdict, worst

NUMBERS = st.floats(-1e12, 1e12, allow_nan=False)


def read(value: float, uncertainty: float = 0.0, state: State = State.OK) -> Reading:
    """A reading in volts."""
    return Reading(value, "V", uncertainty, 0.0, "meter", state)


@given(NUMBERS, NUMBERS, st.floats(0, 1e6))
def test_what_is_accepted_is_inside_the_tolerance_by_its_uncertainty(
    high: float, value: float, uncertainty: float
) -> None:
    """An accepted reading cannot be out of tolerance within its uncertainty."""
    verdict, _ = at_most(high, "V").judge(read(value, uncertainty))
    assert (Verdict.PASSED is verdict) == (value <= high - uncertainty)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("limit", [at_most(1, "V"), at_least(1, "V"), between(-1, 1, "V")])
def test_what_is_not_a_number_judges_nobody(value: float, limit: Limit) -> None:
    """Not even an infinity against a one-sided limit."""
    assert Verdict.ERROR is limit.judge(read(value))[0]


@pytest.mark.parametrize(
    ("limit", "bound", "verdict"),
    [
        (at_least(5, "V"), 6, Verdict.PASSED),
        (at_least(5, "V"), 4, Verdict.ERROR),
        (at_most(5, "V"), 6, Verdict.FAILED),
        (at_most(5, "V"), 4, Verdict.ERROR),
        (between(1, 5, "V"), 6, Verdict.FAILED),
        (between(1, 5, "V"), 3, Verdict.ERROR),
    ],
)
def test_a_bound_decides_only_what_it_can(limit: Limit, bound: float, verdict: Verdict) -> None:
    """'At least 4' neither passes nor fails a limit of at least 5."""
    assert verdict is limit.judge(read(bound, state=State.AT_LEAST))[0]


def test_an_uncertainty_wider_than_the_tolerance_judges_nobody() -> None:
    """A meter that cannot tell is a station that cannot judge."""
    assert Verdict.ERROR is between(1, 2, "V").judge(read(1.5, 0.6))[0]


@pytest.mark.parametrize("ends", [(None, None), (math.nan, 1), (1, math.inf), (2, 1)])
def test_a_limit_that_means_nothing_is_refused(ends: tuple[float | None, float | None]) -> None:
    """No end, not a number, or upside down."""
    with pytest.raises(ValueError, match=r"limit|at_least"):
        Limit(*ends, "V")


def test_a_tolerance_is_drawn_around_the_nominal_and_contacts_add_above_only() -> None:
    """10 % and 20 mohm around 1 ohm."""
    limit = Tolerance(0.1, 0.02, "ohm").around(1.0)
    assert limit.low == 0.9
    assert limit.high == pytest.approx(1.12)


@given(st.lists(st.sampled_from(Verdict)), st.lists(st.sampled_from(Verdict)))
def test_a_whole_is_as_bad_as_its_worst_part(left: list[Verdict], right: list[Verdict]) -> None:
    """However it is put together."""
    assert worst([*left, *right]) is worst([worst(left), worst(right)])
