"""What every map of registers must fulfil, in whatever form it was written."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from drivers.maps.map import MOST_WORDS, Format, Register
from station.config.names import is_title
from station.config.problems import Flaw, Place, shown

MOST_REGISTERS = 4096
"""More than any rack device has, few enough to be told apart."""
LAST_ADDRESS = 0xFFFF
_NAME = "1 to 80 printable characters"


class Keys(NamedTuple):
    """What a form calls the things that can be wrong with a register."""

    address: str
    length: str
    precision: str
    scale: str
    flags: str


class Placed(NamedTuple):
    """A register, and where in its document it stands."""

    where: Place
    register: Register


def flaws_of(placed: Sequence[Placed], keys: Keys, max_span: int) -> Iterator[Flaw]:
    """All that is wrong with the registers of a map, each by itself and with each other."""
    for where, register in placed:
        yield from _odd_shape(where, register, keys, max_span)
        yield from _odd_numbers(where, register, keys)
        yield from _odd_flags((*where, keys.flags), register)
    yield from _twice(placed)
    yield from _overlaps(placed, keys)


def distinct(placed: Iterable[Placed]) -> list[Placed]:
    """The same without those that say again, word by word, what another has said: real maps of rackmon have such."""
    first: dict[tuple[str, int], Placed] = {}
    kept = []
    for each in placed:
        at = (each.register.name, each.register.address)
        if at not in first or first[at].register != each.register:
            kept.append(each)
        first.setdefault(at, each)
    return kept


def _odd_shape(where: Place, register: Register, keys: Keys, max_span: int) -> Iterator[Flaw]:
    if not (register.name and len(register.name) <= 80 and is_title(register.name)):
        yield Flaw(where, f"a register called {shown(register.name)}", _NAME)
    if not 0 <= register.address <= LAST_ADDRESS:
        yield Flaw((*where, keys.address), str(register.address), f"0 to {LAST_ADDRESS}")
    elif register.end > LAST_ADDRESS + 1:
        yield Flaw((*where, keys.length), f"its last word is at {register.end - 1}", f"addresses up to {LAST_ADDRESS}")
    most = {Format.INTEGER: 4, Format.FIXED: 4, Format.FLOAT32: 2}.get(register.format, min(max_span, MOST_WORDS))
    least = 2 if register.format is Format.FLOAT32 else 1
    if not least <= register.length <= most:
        words = f"{least} to {most} words" if least != most else f"{most} words"
        yield Flaw((*where, keys.length), str(register.length), f"{words} of {register.format}")
    if register.input and register.writable:
        yield Flaw((*where, "writable"), "true", "false: input registers cannot be written")


def _odd_numbers(where: Place, register: Register, keys: Keys) -> Iterator[Flaw]:
    if register.format is not Format.FIXED:
        return
    bits = min(16 * max(register.length, 1), 63)
    if not 0 <= register.precision <= bits:
        yield Flaw((*where, keys.precision), str(register.precision), f"0 to {bits} bits, what the register has")
    if register.scale == 0 or not math.isfinite(register.scale):
        yield Flaw((*where, keys.scale), f"{register.scale:g}", "a number other than 0")


def _odd_flags(where: Place, register: Register) -> Iterator[Flaw]:
    if register.format is not Format.FLAGS:
        return
    bits = 16 * register.length
    if not register.flags:
        yield Flaw(where, "no flag", "one or more")
    for flag, bit in register.flags.items():
        if not (flag and len(flag) <= 80 and is_title(flag)):
            yield Flaw(where, f"a flag called {shown(flag)}", _NAME)
        if not 0 <= bit < bits:
            yield Flaw(where, f"bit {bit} for {shown(flag)}", f"0 to {bits - 1}: it has {register.length} words")


def _twice(placed: Sequence[Placed]) -> Iterator[Flaw]:
    first: dict[str, Register] = {}
    for where, register in placed:
        if register.name in first:
            other = first[register.name]
            yield Flaw(where, f"another register is called {shown(register.name)}, at {other.address:#06x}")
        first.setdefault(register.name, register)


def _overlaps(placed: Sequence[Placed], keys: Keys) -> Iterator[Flaw]:
    """Registers that share words, unless they are two names of one thing: real maps of rackmon have such."""
    reach: Mapping[bool, list[Register]] = {True: [], False: []}
    for where, register in sorted(placed, key=lambda each: (each.register.address, each.register.length)):
        there = [each for each in reach[register.input] if each.end > register.address]
        clash = next((each for each in there if replace(each, name=register.name) != register), None)
        if clash is not None:
            said = f"{register.address:#06x} to {register.end - 1:#06x} overlaps {shown(clash.name)}"
            yield Flaw((*where, keys.address), f"{said}, {clash.address:#06x} to {clash.end - 1:#06x}")
        reach[register.input][:] = [*there, register]
