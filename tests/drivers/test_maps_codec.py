"""Words become what they mean, exactly, and come back as the same words."""

import math
import struct
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.maps.codec import decode, encode, uncertainty, with_flag
from drivers.maps.map import Format, Register

WORD = st.integers(0, 0xFFFF)


def register(kind: Format, length: int = 1, **facts: Any) -> Register:
    """A register of a format."""
    return Register("it", 0, length, kind, **facts)


@pytest.mark.parametrize(
    ("facts", "words", "value"),
    [
        pytest.param({"precision": 10}, (51988,), 50.76953125, id="volts of a 3 kW supply, 10 bits"),
        pytest.param({"precision": 7, "signed": True}, (0xFF80,), -1.0, id="below freezing"),
        pytest.param({"scale": 0.1}, (3,), 0.3, id="three tenths, not 0.30000000000000004"),
        pytest.param({"scale": 0.1}, (215,), 21.5, id="tenths"),
        pytest.param({"scale": 0.1, "shift": -273.15}, (2981,), 24.95, id="tenths of a kelvin"),
        pytest.param({"scale": 10.0, "signed": True}, (0xFFFE,), -20.0, id="tens"),
    ],
)
def test_fixed_point_is_shift_and_scale_times_the_integer(
    facts: dict[str, Any], words: tuple[int, ...], value: float
) -> None:
    """The value is the one that the decimal numbers of the map mean, rounded once."""
    assert value == decode(register(Format.FIXED, **facts), words)


@given(
    raw=st.integers(-(2**31), 2**31 - 1),
    precision=st.integers(0, 31),
    scale=st.sampled_from([0.001, 0.01, 0.1, 0.378541, 1.0, 2.0, 10.0, -0.5]),
    shift=st.sampled_from([0.0, -273.15, 100.0, 1e-3]),
)
def test_fixed_point_round_trips(raw: int, precision: int, scale: float, shift: float) -> None:
    """Every integer comes back, and its value is the nearest to the exact one."""
    each = register(Format.FIXED, 2, precision=precision, scale=scale, shift=shift, signed=True)
    words = struct.unpack(">2H", struct.pack(">i", raw))
    value = decode(each, words)
    exact = Fraction(repr(shift)) + Fraction(repr(scale)) * raw / 2**precision
    assert float(exact) == value
    assert isinstance(value, float)
    step = abs(scale) / 2**precision
    if math.ulp(value) < step / 4:  # else the float itself cannot tell two neighbours apart
        assert words == encode(each, value)


@given(st.lists(WORD, min_size=1, max_size=4), st.booleans(), st.booleans())
def test_integers_round_trip(words: list[int], signed: bool, little: bool) -> None:
    """Of one to four words, of either sign and either end first."""
    each = register(Format.INTEGER, len(words), signed=signed, little=little)
    value = decode(each, words)
    assert isinstance(value, float)
    if abs(value) <= 2**53:
        assert tuple(words) == encode(each, value)


def test_little_endian_turns_words_and_bytes_around() -> None:
    """As rackmon has it: the last word is the highest, and each has its low byte first."""
    each = register(Format.INTEGER, 2, little=True)
    assert 0x44332211 == decode(each, (0x1122, 0x3344))


@given(st.floats(width=32, allow_nan=False, allow_infinity=False), st.booleans())
def test_float32_round_trips(value: float, little: bool) -> None:
    """Every finite number of 32 bits."""
    each = register(Format.FLOAT32, 2, little=little)
    assert value == decode(each, encode(each, value))


@pytest.mark.parametrize("words", [(0x7FC0, 0), (0x7F80, 0), (0xFF80, 0), (0x7F80, 1), (0xFFFF, 0xFFFF)])
def test_what_is_no_float_is_no_number(words: tuple[int, ...]) -> None:
    """NaN of every kind, and infinity: B109 of the bad inputs."""
    value = decode(register(Format.FLOAT32, 2), words)
    assert isinstance(value, float)
    assert math.isnan(value)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12))
def test_text_round_trips(text: str) -> None:
    """What fits, without the blanks around it."""
    each = register(Format.TEXT, 6)
    assert text == decode(each, encode(each, text))


@pytest.mark.parametrize(
    ("raw", "text"),
    [(b"DELTA\0\xff\xff", "DELTA"), (b"AB      ", "AB"), (b"\0BC\0\0\0\0\0", ""), (b"12345678", "12345678")],
)
def test_text_ends_at_a_nul_and_loses_its_padding(raw: bytes, text: str) -> None:
    """The high byte of each word comes first; behind the end anything may stand."""
    assert text == decode(register(Format.TEXT, 4), struct.unpack(">4H", raw))


@pytest.mark.parametrize("raw", [b"\xff" * 8, b"AB\xe9CDEF\0", b"A\x07BCDEFG"])
def test_what_is_no_text_is_a_bad_one(raw: bytes) -> None:
    """Bytes beyond ASCII, and control characters, are never passed on."""
    with pytest.raises(ValueError, match=r"control|ordinal"):
        decode(register(Format.TEXT, 4), struct.unpack(">4H", raw))


@given(st.lists(WORD, min_size=1, max_size=3))
def test_raw_round_trips(words: list[int]) -> None:
    """As hexadecimal digits."""
    each = register(Format.RAW, len(words))
    value = decode(each, words)
    assert isinstance(value, str)
    assert tuple(words) == encode(each, value)


@given(st.lists(WORD, min_size=2, max_size=2))
def test_flags_count_from_the_least_significant_bit_of_all_words(words: list[int]) -> None:
    """Bit 0 is in the last word, bit 16 in the one before."""
    each = register(Format.FLAGS, 2, flags={"low": 0, "high": 16, "top": 31})
    expected = {"low": bool(words[1] & 1), "high": bool(words[0] & 1), "top": bool(words[0] & 0x8000)}
    assert expected == decode(each, words)


@given(st.lists(WORD, min_size=2, max_size=2), st.booleans(), st.sampled_from(["a", "b", "not"]))
def test_a_flag_is_set_alone(words: list[int], on: bool, flag: str) -> None:
    """All other bits stay, and a flag that is set at 0 is set by 0."""
    each = register(Format.FLAGS, 2, flags={"a": 3, "b": 19, "not": 7}, low=frozenset({"not"}))
    changed = with_flag(each, words, flag, on=on)
    after = decode(each, changed)
    assert isinstance(after, dict)
    assert on is after[flag]
    bit = 1 << each.flags[flag]
    whole = [(two[0] << 16 | two[1]) & ~bit for two in (words, changed)]
    assert whole[0] == whole[1]


@pytest.mark.parametrize(
    ("each", "value"),
    [
        (register(Format.INTEGER), 65536.0),
        (register(Format.INTEGER), -1.0),
        (register(Format.INTEGER), 1.5),
        (register(Format.INTEGER), math.nan),
        (register(Format.INTEGER, signed=True), 32768.0),
        (register(Format.INTEGER), "7"),
        (register(Format.FIXED, scale=0.1), 6553.6),
        (register(Format.FIXED, scale=0.1), math.inf),
        (register(Format.FLOAT32, 2), 1e39),
        (register(Format.FLOAT32, 2), math.nan),
        (register(Format.TEXT, 2), "LONGER"),
        (register(Format.TEXT, 2), "é"),
        (register(Format.TEXT, 2), 1.0),
        (register(Format.RAW, 2), "00"),
        (register(Format.RAW, 1), "zz"),
        (register(Format.FLAGS, flags={"a": 0}), 65536.0),
    ],
)
def test_what_does_not_fit_is_not_written(each: Register, value: float | str) -> None:
    """Range and type are checked before anything is said to the device."""
    with pytest.raises(ValueError, match=r".+"):
        encode(each, value)


@given(st.lists(WORD, max_size=5), st.sampled_from(Format))
def test_a_short_or_long_reply_is_never_decoded(words: list[int], kind: Format) -> None:
    """The words are as many as the register has, or nothing is made of them."""
    if len(words) != 3:
        with pytest.raises(ValueError, match="words for the 3 of it"):
            decode(register(kind, 3), words)


def test_the_uncertainty_is_half_of_the_last_digit() -> None:
    """Expanded, k = 2, of a rectangle one step wide."""
    assert 2 * (1 / 1024) / math.sqrt(12) == pytest.approx(uncertainty(register(Format.FIXED, precision=10), 50.0))
    assert 2 * 0.1 / math.sqrt(12) == pytest.approx(uncertainty(register(Format.FIXED, scale=-0.1), 50.0))
    assert 2 / math.sqrt(12) == pytest.approx(uncertainty(register(Format.INTEGER), 50.0))
    assert 2 * 2.0**-23 / math.sqrt(12) == pytest.approx(uncertainty(register(Format.FLOAT32, 2), 1.0))
