"""Two registers make one number, in the order that the maker chose and in no other."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.reading import State
from drivers.words import (
    Order,
    float32,
    int32,
    last_digit,
    measured,
    shown,
    swapped,
    uint32,
    words_of_float32,
    words_of_int32,
)

WORDS = st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
ORDERS = st.sampled_from(Order)


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (Order.ABCD, (0x4366, 0x8000)),
        (Order.CDAB, (0x8000, 0x4366)),
        (Order.BADC, (0x6643, 0x0080)),
        (Order.DCBA, (0x0080, 0x6643)),
    ],
)
def test_every_order_of_one_number(order: Order, words: tuple[int, int]) -> None:
    """230.5 is 43 66 80 00, most significant first."""
    assert 230.5 == float32(words, order)
    assert words == words_of_float32(230.5, order)


def test_longs_as_ateq_writes_them() -> None:
    """The manual's examples: 524000 is 7FEE0h, -108 is FFFFFF94h; low word first, and each word low byte first."""
    assert (0xE0FE, 0x0700) == words_of_int32(524_000, Order.DCBA)
    assert -108 == int32((0x94FF, 0xFFFF), Order.DCBA)
    assert 0x0200 == swapped(0x0002)


@given(WORDS, ORDERS)
def test_floats_go_round(words: tuple[int, int], order: Order) -> None:
    """Words, number, words: every bit is back, of every number that is one."""
    value = float32(words, order)
    assert math.isnan(value) or words == words_of_float32(value, order)


@given(WORDS, ORDERS)
def test_integers_go_round(words: tuple[int, int], order: Order) -> None:
    """Signed or not, the bits are the same."""
    signed = int32(words, order)
    assert words == words_of_int32(signed, order)
    assert uint32(words, order) == signed % 2**32
    assert words == tuple(swapped(swapped(word)) for word in words)


@given(st.lists(st.integers(-1, 0x1_0000), max_size=4))
def test_only_two_words_make_a_number(words: list[int]) -> None:
    """Too few, too many, or more than 16 bits: a ValueError, never a number."""
    if len(words) != 2 or not {-1, 0x1_0000}.isdisjoint(words):
        for decode in (float32, int32, uint32):
            with pytest.raises(ValueError, match="not two words"):
                decode(words)


@given(WORDS)
def test_what_is_measured_is_finite_and_possible(words: tuple[int, int]) -> None:
    """A number within its bounds, or no reading, or a ValueError that shows the words."""
    number = float32(words)
    if math.isfinite(number) and number != 0.0 and not 1e-6 <= abs(number) <= 500.0:
        with pytest.raises(ValueError, match=shown(words)):
            measured(words, 500.0)
        return
    value, state = measured(words, 500.0)
    assert (State.OK if math.isfinite(number) else State.NO_READING) is state
    assert math.isnan(value) if state is State.NO_READING else number == value


@pytest.mark.parametrize("value", [50.0, 230.0, 400.0, 16.0])
def test_a_swapped_word_order_shows(value: float) -> None:
    """F045: round numbers of the mains are next to nothing when their words are the other way round."""
    with pytest.raises(ValueError, match="word order"):
        measured(words_of_float32(value, Order.CDAB), 500.0)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_no_number_is_no_reading(value: float) -> None:
    """A device that has nothing to say says NaN or infinity."""
    got, state = measured(words_of_float32(value), 500.0)
    assert math.isnan(got)
    assert State.NO_READING is state


@given(st.floats(width=32, allow_nan=False, allow_infinity=False).filter(lambda value: abs(value) < 3e38))
def test_the_last_digit_is_that_of_single_precision(value: float) -> None:
    """The next number up differs by it."""
    (bits,) = struct.unpack(">i", struct.pack(">f", abs(value)))
    (after,) = struct.unpack(">f", struct.pack(">i", bits + 1))
    assert after - abs(value) == last_digit(value)
