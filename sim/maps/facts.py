"""What an emulator needs to know of a map of registers, whatever form it is written in."""

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sim.modbus.slave import bytes_of, words_of

TEXT, INTEGER, FIXED, FLOAT, FLAGS, RAW = "text", "integer", "fixed", "float32", "flags", "raw"
_PARITIES = {"EVEN": "E", "ODD": "O", "NONE": "N"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One register of `words` words. Its value is shift + scale x integer / 2^precision, or a text."""

    name: str
    address: int
    words: int = 1
    kind: str = INTEGER
    precision: int = 0
    scale: float = 1.0
    shift: float = 0.0
    signed: bool = False
    little: bool = False
    unit: str = ""
    writable: bool = False

    def encoded(self, value: float | str) -> tuple[int, ...]:
        """The words of a value; a number that does not fit is the nearest that does, a text is cut or padded with blanks."""
        size = 2 * self.words
        if isinstance(value, str):
            return words_of(value.encode("ascii", "replace")[:size].ljust(size))
        if self.kind == FLOAT:
            data = struct.pack(">f", value)
        else:
            data = self._integer(value).to_bytes(size, "big", signed=self.signed)
        return words_of(data[::-1] if self.little else data)

    def decoded(self, words: Sequence[int]) -> float:
        """The value of words that were written."""
        data = bytes_of(words)[::-1] if self.little else bytes_of(words)
        if self.kind == FLOAT:
            return float(struct.unpack(">f", data)[0])
        integer = int.from_bytes(data, "big", signed=self.signed)
        return self.shift + self.scale * integer / 2.0**self.precision

    def _integer(self, value: float) -> int:
        bits = 16 * self.words
        lowest, highest = (-(1 << bits - 1), (1 << bits - 1) - 1) if self.signed else (0, (1 << bits) - 1)
        exact = (value - self.shift) / self.scale * 2.0**self.precision
        if not math.isfinite(exact):
            return highest if exact > 0 else lowest
        return max(lowest, min(highest, round(exact)))


@dataclass(frozen=True, slots=True)
class Facts:
    """A whole map: its registers, its serial line, what stands where a device says who it is."""

    name: str
    entries: tuple[Entry, ...]
    baudrate: int = 19200
    parity: str = "E"
    texts: Mapping[str, str] = field(default_factory=dict)
    """What registers hold that must hold something certain."""
    numbers: Mapping[str, float] = field(default_factory=dict)
    serial: str = ""
    """The register with the number of the plate; empty where there is none."""
    functions: frozenset[int] = frozenset({3, 6, 16})


def parity_of(word: str) -> str:
    """E, O or N, from the word or its first letter."""
    return _PARITIES.get(word.upper(), word.upper()[:1])
