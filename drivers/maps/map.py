"""A map of registers: what a device keeps at which Modbus addresses, and what it means.

Addresses are those on the wire, from 0. Where a map came from (our own form, OpenBMC's rackmon, a device profile of
phosphor-modbus) is no matter here: `station.config.registers` reads all of them into this.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Literal

MOST_WORDS = 125
"""Registers that one request may read (application protocol 1.1b3, functions 3 and 4)."""
MOST_WRITTEN = 123
"""Registers that one request may write (function 16)."""


class Format(StrEnum):
    """What the words of a register hold."""

    TEXT = "text"
    """ASCII, two characters a word, the high byte first; it ends at a NUL, and blanks pad it."""
    INTEGER = "integer"
    """A whole number of one to four words."""
    FIXED = "fixed"
    """shift + scale x integer / 2^precision, of one to four words."""
    FLOAT32 = "float32"
    """IEEE 754, two words, the high word first."""
    FLAGS = "flags"
    """Named bits, counted from the least significant bit of all words together, the first word the highest."""
    RAW = "raw"
    """Bytes that nothing is said about."""


NUMBERS = frozenset({Format.INTEGER, Format.FIXED, Format.FLOAT32})
"""What decodes to a number."""


@dataclass(frozen=True, slots=True)
class Register:
    """One named register: `length` words from `address` on. `scale` and `shift` are in `unit`."""

    name: str
    address: int
    length: int
    format: Format
    precision: int = 0
    scale: float = 1.0
    shift: float = 0.0
    signed: bool = False
    little: bool = False
    """The last word is the highest and the low byte comes first: rackmon's endianness L."""
    unit: str = ""
    flags: Mapping[str, int] = field(default_factory=dict, hash=False)
    """The bit of each flag."""
    low: frozenset[str] = frozenset()
    """The flags that are set when their bit is 0."""
    writable: bool = False
    input: bool = False
    """Read by function 4 instead of 3."""

    @property
    def end(self) -> int:
        """The address behind its last word."""
        return self.address + self.length


@dataclass(frozen=True, slots=True)
class Probe:
    """The register by which a device is known, and what must stand there; None: that it can be read is enough."""

    address: int
    length: int
    expected: int | str | None = None
    input: bool = False


@dataclass(frozen=True)
class RegisterMap:
    """A whole map. The registers that say who the device is are named; empty where the map has none."""

    name: str
    title: str
    kind: str
    registers: Mapping[str, Register]
    probe: Probe
    baudrate: int = 19200
    parity: Literal["N", "E", "O"] = "E"
    addresses: tuple[tuple[int, int], ...] = ()
    """First and last unit address of each range in which such devices live on their bus."""
    max_span: int = 120
    """The most registers that it gives in one reply."""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    maker: str = ""
    safe: Mapping[str, float] = field(default_factory=dict)
    """What is written, in this order, to make it safe: a register, or one flag of it as REGISTER.FLAG."""
    source: str = ""

    @property
    def unit(self) -> int:
        """The first unit address at which such a device lives; 1 where the map says none."""
        return self.addresses[0][0] if self.addresses else 1

    @cached_property
    def by_address(self) -> tuple[Register, ...]:
        """The registers in the order of their addresses."""
        return tuple(sorted(self.registers.values(), key=lambda each: (each.input, each.address)))
