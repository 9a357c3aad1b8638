"""A question to a Modbus unit, and the only reply to it that is believed (application protocol 1.1b3, section 6)."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from drivers.links import pdus
from drivers.links.functions import WRITE_COIL, WRITE_REGISTER, WRITE_REGISTERS, Function

MOST_WORDS, MOST_BITS, MOST_WRITTEN = 125, 2000, 123
LAST = 0xFFFF
ECHO = 5
"""Bytes of the reply to a write: function, address, and what was written or how many."""


class Misfit(ValueError):
    """A reply that is not the one to this question."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One request without its frame, and what its reply must look like."""

    function: Function
    address: int
    count: int
    pdu: bytes
    length: int
    """Bytes of a good reply, the function included."""
    head: bytes
    """What a good reply begins with: function and count of bytes; of a write, all of it: the echo."""
    words: struct.Struct | None = None
    """How the reply's payload is cut; None for bits, and for writes."""
    is_write: bool = False
    """Whether it changes something."""
    shape: int = field(init=False)
    """What tells its reply from others on a wire without transactions: function and length."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", self.function << 16 | self.length)

    def __str__(self) -> str:
        several = f", {self.count} of them" if self.count > 1 else ""
        return f"{self.function.name.lower().replace('_', ' ')} {self.address:#06x}{several}"

    def begun_wrong(self, reply: bytes) -> str:
        """What is wrong already with a reply that is still coming; empty while nothing is, or it is an exception."""
        if reply[:1] in {b"", bytes((self.function | 0x80,))}:
            return ""
        if reply[0] != self.function:
            return f"the reply is of function {reply[0]:#04x}, not {int(self.function):#04x}"
        if not self.is_write and len(reply) > 1 and reply[1] != self.length - 2:
            return f"the reply has {reply[1]} bytes of payload, not {self.length - 2}"
        return ""

    def refusal(self, reply: bytes) -> int | None:
        """The code of an exception reply; None for any other. Raises Misfit for an exception of the wrong length."""
        if not reply or reply[0] != self.function | 0x80:
            return None
        if len(reply) != 2:
            raise Misfit(f"an exception reply has 2 bytes, not {len(reply)}")
        return reply[1]

    def values(self, reply: bytes) -> tuple[int, ...]:
        """The words that were asked for; bits as 0 and 1; nothing for a write. Raises Misfit for any other reply."""
        if len(reply) != self.length or not reply.startswith(self.head):
            raise Misfit(self._wrong(reply))
        if self.words is not None:
            return self.words.unpack_from(reply, 2)
        if self.is_write:
            return ()
        bits = int.from_bytes(reply[2:], "little")
        return tuple(bits >> place & 1 for place in range(self.count))

    def _wrong(self, reply: bytes) -> str:
        if len(reply) != self.length:
            return self.begun_wrong(reply) or f"the reply has {len(reply)} bytes, not {self.length}"
        return self.begun_wrong(reply) or f"the reply echoes {reply[1:].hex(' ')}, not {self.head[1:].hex(' ')}"


@lru_cache(maxsize=4096)
def reading_words(function: Function, address: int, count: int) -> Question:
    """A read of holding or input registers. Raises ValueError for what the protocol does not allow."""
    _check(address, count, MOST_WORDS)
    return _read(function, address, count, 2 * count, struct.Struct(f">{count}H"))


@lru_cache(maxsize=4096)
def reading_bits(function: Function, address: int, count: int) -> Question:
    """A read of coils or discrete inputs, likewise."""
    _check(address, count, MOST_BITS)
    return _read(function, address, count, (count + 7) // 8, None)


def writing_register(address: int, word: int) -> Question:
    """A write of one register, likewise."""
    _check(address, 1, 1)
    _check_words((word,))
    return _write(WRITE_REGISTER, address, 1, pdus.write_register_request(address, word))


def writing_registers(address: int, words: Sequence[int]) -> Question:
    """A write of several registers, likewise."""
    _check(address, len(words), MOST_WRITTEN)
    _check_words(words)
    return _write(WRITE_REGISTERS, address, len(words), pdus.write_registers_request(address, words))


def writing_coil(address: int, *, on: bool) -> Question:
    """A write of one coil, likewise."""
    _check(address, 1, 1)
    return _write(WRITE_COIL, address, 1, pdus.write_coil_request(address, on=on))


def _read(function: Function, address: int, count: int, payload: int, words: struct.Struct | None) -> Question:
    request = pdus.read_request(function, address, count)
    return Question(function, address, count, request, 2 + payload, bytes((function, payload)), words)


def _write(function: Function, address: int, count: int, request: bytes) -> Question:
    return Question(function, address, count, request, ECHO, request[:ECHO], is_write=True)


def _check(address: int, count: int, most: int) -> None:
    if not 1 <= count <= most:
        raise ValueError(f"{count} at once is not in 1..{most}")
    if not 0 <= address <= LAST + 1 - count:
        raise ValueError(f"{address:#x} and {count} from there are not in 0..{LAST:#x}")


def _check_words(words: Sequence[int]) -> None:
    for word in words:
        if not 0 <= word <= LAST:
            raise ValueError(f"{word} is no word of 16 bits")
