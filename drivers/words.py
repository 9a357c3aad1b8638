"""Words: numbers of 32 bits as two Modbus registers carry them, in every order of words and bytes. Pure, no I/O.

A register is 16 bits and comes high byte first (Modbus application protocol 1.1b3, section 4.2); how two of them make one
number is the maker's choice. What cannot be a number of its device is a ValueError; `scpi.reply_of` makes it the BadReply
of an instrument.
"""

import math
import struct
from collections.abc import Sequence
from enum import StrEnum

from drivers.reading import State

_TWO = struct.Struct(">HH")
SMALLEST = 1e-6
"""No instrument measures less than this but zero; a float whose words or bytes are swapped is often far below it."""


class Order(StrEnum):
    """Where the four bytes of a number are, A the most significant, in the order of the wire."""

    ABCD = "ABCD"
    """High word first, high byte first: big endian."""
    CDAB = "CDAB"
    """Low word first, high byte first."""
    BADC = "BADC"
    """High word first, low byte first."""
    DCBA = "DCBA"
    """Low word first, low byte first: little endian."""


def float32(words: Sequence[int], order: Order = Order.ABCD) -> float:
    """The IEEE 754 number of two words, NaN and infinities as they are."""
    (value,) = struct.unpack(">f", _bytes(words, order))
    return float(value)


def words_of_float32(value: float, order: Order = Order.ABCD) -> tuple[int, int]:
    """The two words of the nearest number of single precision. Raises OverflowError above 3.4e38."""
    return _words(struct.pack(">f", value), order)


def uint32(words: Sequence[int], order: Order = Order.ABCD) -> int:
    """The unsigned number of two words."""
    return int.from_bytes(_bytes(words, order), "big")


def int32(words: Sequence[int], order: Order = Order.ABCD) -> int:
    """The signed number of two words, two's complement."""
    return int.from_bytes(_bytes(words, order), "big", signed=True)


def words_of_int32(value: int, order: Order = Order.ABCD) -> tuple[int, int]:
    """The two words of a signed number. Raises OverflowError for one that does not fit."""
    return _words(value.to_bytes(4, "big", signed=True), order)


def swapped(word: int) -> int:
    """One word with its bytes the other way round."""
    if not 0 <= word <= 0xFFFF:
        raise ValueError(f"not a word of 16 bits: {word}")
    return (word & 0xFF) << 8 | word >> 8


def measured(words: Sequence[int], highest: float, order: Order = Order.ABCD) -> tuple[float, State]:
    """A measured float and what kind of statement it is: NaN and infinities say that there is no reading.

    Raises ValueError for what the instrument cannot have measured: more than `highest` either way, or next to nothing.
    """
    value = float32(words, order)
    if not math.isfinite(value):
        return math.nan, State.NO_READING
    if abs(value) > highest or 0.0 < abs(value) < SMALLEST:
        raise ValueError(f"{shown(words)} is {value:g}, which it cannot have measured (word order?)")
    return value, State.OK


def last_digit(value: float) -> float:
    """The distance from `value` to the next number of single precision."""
    return math.ulp(value) * 2.0**29 if abs(value) >= 2.0**-126 else 2.0**-149


def shown(words: Sequence[int]) -> str:
    """The words in hexadecimal, for an error message."""
    return " ".join(f"{word:04X}" for word in words)


def _bytes(words: Sequence[int], order: Order) -> bytes:
    """The four bytes, most significant first."""
    try:
        wire = _TWO.pack(*words)
    except struct.error:
        raise ValueError(f"not two words of 16 bits: {list(words)}") from None
    return wire if order is Order.ABCD else bytes(wire[order.index(letter)] for letter in "ABCD")


def _words(most_significant_first: bytes, order: Order) -> tuple[int, int]:
    wire = bytes(most_significant_first["ABCD".index(letter)] for letter in order)
    high, low = struct.unpack(">HH", wire)
    return high, low
