"""The codec of a register: words to what they mean, and back, exactly.

A fixed-point number is worked out in whole numbers and rounded once, so that 215 tenths are 21.5 and 3 tenths are 0.3.
Sources: Modbus application protocol 1.1b3; the formats of OpenBMC's rackmon (facebook/openbmc, common/recipes-core/
rackmon2), whose little endian turns the words and the bytes of each around.
"""

import math
import struct
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache

from drivers.maps.map import Format, Register

Decoded = float | str | Mapping[str, bool]
LARGEST_STEP = 2.0 / math.sqrt(12.0)
"""Expanded uncertainty (k = 2) of a number that is right to the nearest step, in steps."""


def decode(register: Register, words: Sequence[int]) -> Decoded:
    """What `words` mean. NaN is what the device has not measured. Raises ValueError for text that is no text."""
    if len(words) != register.length:
        raise ValueError(f"{len(words)} words for the {register.length} of {register.name}")
    match register.format:
        case Format.TEXT:
            return _text(_bytes(words))
        case Format.FLAGS:
            bits = int.from_bytes(_bytes(words), "big")
            return {flag: bool(bits >> bit & 1) is (flag not in register.low) for flag, bit in register.flags.items()}
        case Format.FLOAT32:
            (value,) = struct.unpack(">f", _ordered(register, words))
            return float(value) if math.isfinite(value) else math.nan
        case Format.RAW:
            return _bytes(words).hex()
        case Format.INTEGER:
            return float(_integer(register, words))
        case Format.FIXED:
            step, shift, parts = _steps(register)
            return (_integer(register, words) * step + shift) / parts


def uncertainty(register: Register, value: float) -> float:
    """Expanded uncertainty (k = 2) of a decoded number: half of its last digit, rectangular."""
    if register.format is Format.FLOAT32:
        _, exponent = math.frexp(value)
        return LARGEST_STEP * 2.0 ** max(exponent - 24, -149)
    scale = register.scale if register.format is Format.FIXED else 1.0
    return LARGEST_STEP * max(abs(scale) / 2.0**register.precision, math.ulp(value))


def encode(register: Register, value: float | str) -> tuple[int, ...]:
    """The words that mean `value`, the nearest there are. Raises ValueError for what does not fit."""
    return _text_words(register, value) if isinstance(value, str) else _number_words(register, value)


def with_flag(register: Register, words: Sequence[int], flag: str, *, on: bool) -> tuple[int, ...]:
    """The words of flags with one of them as wanted, all others as they are."""
    bit = 1 << register.flags[flag]
    bits = int.from_bytes(_bytes(words), "big")
    return _words(
        (bits | bit if on is (flag not in register.low) else bits & ~bit).to_bytes(2 * register.length, "big")
    )


@cache
def _steps_of(scale: float, shift: float, precision: int) -> tuple[int, int, int]:
    step, offset = Fraction(repr(scale)) / 2**precision, Fraction(repr(shift))
    parts = math.lcm(step.denominator, offset.denominator)
    return int(step * parts), int(offset * parts), parts


def _steps(register: Register) -> tuple[int, int, int]:
    """`step`, `shift` and `parts`, whole numbers with value = (integer x step + shift) / parts."""
    return _steps_of(float(register.scale), float(register.shift), register.precision)


def _integer(register: Register, words: Sequence[int]) -> int:
    return int.from_bytes(_ordered(register, words), "big", signed=register.signed)


def _integer_words(register: Register, value: int) -> tuple[int, ...]:
    try:
        raw = value.to_bytes(2 * register.length, "big", signed=register.signed and register.format is not Format.FLAGS)
    except OverflowError:
        raise ValueError(f"{value} does not fit into {16 * register.length} bits") from None
    return _words(raw[::-1] if register.little else raw)


def _float32_words(register: Register, value: float) -> tuple[int, ...]:
    try:
        raw = struct.pack(">f", value)
    except OverflowError:
        raise ValueError(f"{value:g} does not fit into 32 bits") from None
    return _words(raw[::-1] if register.little else raw)


def _number_words(register: Register, value: float) -> tuple[int, ...]:
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number")
    match register.format:
        case Format.FIXED:
            step, shift, parts = _steps(register)
            return _integer_words(register, round((Fraction(repr(float(value))) * parts - shift) / step))
        case Format.INTEGER | Format.FLAGS:
            if value != int(value):
                raise ValueError(f"{value:g} is no whole number")
            return _integer_words(register, int(value))
        case Format.FLOAT32:
            return _float32_words(register, value)
        case _:
            raise ValueError(f"{register.format} is not written as a number")


def _text_words(register: Register, value: str) -> tuple[int, ...]:
    size = 2 * register.length
    match register.format:
        case Format.TEXT:
            if not (value.isascii() and value.isprintable()) or value != value.strip(" "):
                raise ValueError(f"{value!a} is no ASCII text without blanks around it")
            raw = value.encode()
        case Format.RAW:
            raw = bytes.fromhex(value)
        case _:
            raise ValueError(f"{register.format} is not written as text")
    if len(raw) > size or (register.format is Format.RAW and len(raw) < size):
        raise ValueError(f"{len(raw)} bytes, where {size} are its length")
    return _words(raw.ljust(size, b"\0"))


def _text(raw: bytes) -> str:
    text = raw.partition(b"\0")[0].decode("ascii").strip(" ")
    if not text.isprintable():
        raise ValueError(f"{text!a} holds control characters")
    return text


def _ordered(register: Register, words: Sequence[int]) -> bytes:
    """The bytes of a number, the highest first."""
    return _bytes(words)[::-1] if register.little else _bytes(words)


def _bytes(words: Sequence[int]) -> bytes:
    return struct.pack(f">{len(words)}H", *words)


def _words(raw: bytes) -> tuple[int, ...]:
    return struct.unpack(f">{len(raw) // 2}H", raw)
