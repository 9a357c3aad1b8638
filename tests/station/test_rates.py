"""Rates: the interval of Clopper and Pearson, as published."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.rates import interval


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 5
        (81, 263, 0.2527, 0.3676),
        (15, 148, 0.0578, 0.1617),
        (0, 20, 0.0, 0.1684),
        (1, 29, 0.0009, 0.1776),
        # the tables of Clopper and Pearson 1934 for n = 10
        (1, 10, 0.0025, 0.4450),
        (5, 10, 0.1871, 0.8129),
        (10, 10, 0.6915, 1.0),
    ],
)
def test_the_published_intervals_are_found(k: int, n: int, low: float, high: float) -> None:
    """To their last digit."""
    assert (low, high) == tuple(round(each, 4) for each in interval(k, n))


@given(st.integers(1, 10**7), st.floats(0.5, 0.999))
def test_without_an_event_the_end_has_a_closed_form(n: int, confidence: float) -> None:
    """(1 - p)^n is what is left over on that side; 299 good units show 99 %, at 95 % confidence on one side."""
    end = -math.expm1(math.log((1 - confidence) / 2) / n)
    assert pytest.approx((0.0, end), rel=1e-8) == interval(0, n, confidence)
    assert pytest.approx((1 - end, 1.0)) == interval(n, n, confidence)
    assert pytest.approx(0.01, rel=4e-3) == interval(0, 299, 0.9)[1]


@given(st.integers(1, 40), st.data())
def test_the_ends_are_where_the_binomial_tails_say(n: int, data: st.DataObject) -> None:
    """Summed term by term."""
    k = data.draw(st.integers(1, n - 1)) if n > 1 else 1
    low, high = interval(k, n, 0.9)
    tail = sum(math.comb(n, each) * low**each * (1 - low) ** (n - each) for each in range(k, n + 1))
    assert pytest.approx(0.05, rel=1e-9) == tail
    if k < n:
        tail = sum(math.comb(n, each) * high**each * (1 - high) ** (n - each) for each in range(k + 1))
        assert pytest.approx(0.05, rel=1e-9) == tail


def test_many_trials_are_as_a_normal_says() -> None:
    """0.5 give or take 1.96 sigma, of a million."""
    low, high = interval(500_000, 1_000_000)
    assert pytest.approx((0.49902, 0.50098), abs=1e-5) == (low, high)


def test_no_trials_say_nothing_and_impossible_counts_are_refused() -> None:
    """0 of 0 is any rate."""
    assert (0.0, 1.0) == interval(0, 0)
    for k, n in ((-1, 3), (4, 3), (0, -1)):
        with pytest.raises(ValueError, match="cannot come"):
            interval(k, n)
    with pytest.raises(ValueError, match="confidence"):
        interval(1, 2, 1.0)
