"""The uncertainty of a reading follows from the data sheet."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.accuracy import Accuracy, autoranged

RANGES = (Accuracy(100.0, 1e-4, 4e-5), Accuracy(1000.0, 1e-4, 1e-5), Accuracy(10000.0, 1e-4, 1e-5))


def test_a_limit_of_error_is_rectangular() -> None:
    """U = 2 a / sqrt 3; the golden busbar case of 0.1 mohm on the 10 mohm range: 2.06 uohm become 2.4 uohm."""
    assert pytest.approx(2 * 2.06e-6 / math.sqrt(3)) == Accuracy(0.010, 0.0006, 0.0002).expanded(0.0001)


def test_every_part_counts() -> None:
    """Reading, range, offset and the last digit, whatever the sign of the value."""
    accuracy = Accuracy(10.0, 0.01, 0.001, floor=0.02, resolution=0.5)
    limit = 0.01 * 5 + 0.001 * 10 + 0.02
    assert pytest.approx(2 * math.sqrt(limit**2 / 3 + 0.25 / 12)) == accuracy.expanded(-5.0)


@pytest.mark.parametrize(
    ("value", "full_scale"), [(0.0, 100.0), (50.0, 100.0), (99.0, 100.0), (100.0, 1000.0), (-119.0, 1000.0), (5e4, 1e4)]
)
def test_an_autoranged_reading_is_given_its_worst_range(value: float, full_scale: float) -> None:
    """A meter that goes down at 10 % of range may have stayed on the greater one."""
    assert full_scale == autoranged(RANGES, value).full_scale


@given(st.floats(-1e4, 1e4))
def test_uncertainty_is_never_negative_and_grows(value: float) -> None:
    """More to measure is never less uncertain within one range."""
    accuracy = RANGES[0]
    assert 0.0 < accuracy.expanded(0.0) <= accuracy.expanded(value) <= accuracy.expanded(2 * value)


def test_no_number_has_no_uncertainty() -> None:
    """NaN stays NaN: it cannot be judged by accident."""
    assert math.isnan(autoranged(RANGES, math.nan).expanded(math.nan))
