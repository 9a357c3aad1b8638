"""Names of pins and wires, and ranges of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequences.cabling.places import MOST, connector_of, expand, numbers, spoken


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("W3", ["W3"]),
        ("J1.A", ["J1.A"]),
        ("W9-11", ["W9", "W10", "W11"]),
        ("J1.3-1", ["J1.3", "J1.2", "J1.1"]),
        ("J12.7-7", ["J12.7"]),
        ("P10.08-10", ["P10.08", "P10.09", "P10.10"]),
        ("X_2-3", ["X_2", "X_3"]),
    ],
)
def test_a_range_is_every_name_in_it(text: str, names: list[str]) -> None:
    """Upwards, downwards, and with as many digits as are written."""
    assert names == list(expand(text))


NO_NAMES = [
    "",
    "1",
    "W 1",
    "J1..3",
    "J1.3.4",
    "J1.",
    ".3",
    "W\u0661",
    "W1\n",
    "W" * 32,
    "J1." + "9" * 21,
    "a" * 100_000,
]
NO_RANGES = ["1-8", "W1-", "W-1", "W1-2-3", "W1 - 2", "W1-5000", "W1-99999999999", "W\u0661-\u0663", "J1.1-8\n"]


@pytest.mark.parametrize("text", [*NO_NAMES, *NO_RANGES])
def test_what_is_no_name_is_refused(text: str) -> None:
    """Letters, digits and _ of ASCII; a range of at most MOST; and quickly."""
    with pytest.raises(ValueError, match=r"name|range"):
        expand(text)


@given(st.integers(0, 99_999), st.integers(0, MOST - 1))
def test_a_range_and_its_reverse_are_the_same_names(first: int, span: int) -> None:
    """W1-8 and W8-1 differ in their order only."""
    last = min(first + span, 99_999)
    up, down = expand(f"W{first}-{last}"), expand(f"W{last}-{first}")
    assert list(up) == list(reversed(down))
    assert last - first + 1 == len(set(up))


@pytest.mark.parametrize(
    ("text", "points"),
    [("5", [5]), ("1-4,9", [1, 2, 3, 4, 9]), ("4-1", [4, 3, 2, 1]), (" 1 , 2-3 ", [1, 2, 3])],
)
def test_points_are_counted_out(text: str, points: list[int]) -> None:
    """Single points and ranges, in the order in which they are written."""
    assert points == list(numbers(text))


@pytest.mark.parametrize(
    "text", ["", ",", "1,", "a", "1-", "-1", "1.5", "\u0661", "1-99999", "123456", "1-4000,1-4000"]
)
def test_what_is_no_list_of_points_is_refused(text: str) -> None:
    """And a list that would be longer than any jig."""
    with pytest.raises(ValueError, match="points"):
        numbers(text)


def test_people_say_connector_and_pin() -> None:
    """J1.3 is J1 pin 3; a joint is called by its name."""
    assert ["J1", "S1"] == [connector_of("J1.3"), connector_of("S1")]
    assert ["J1 pin 3", "S1"] == [spoken("J1.3"), spoken("S1")]
