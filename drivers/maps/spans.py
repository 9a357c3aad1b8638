"""Spans: the fewest requests that read some registers of a map."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from drivers.maps.map import MOST_WORDS, Register


@dataclass(frozen=True, slots=True)
class Span:
    """One request: `count` words from `address` on, and the wanted registers that lie in them."""

    address: int
    count: int
    input: bool
    registers: tuple[Register, ...]


def spans(wanted: Iterable[Register], known: Collection[Register], most: int) -> tuple[Span, ...]:
    """The fewest requests of at most `most` words (and never more than 125) that read `wanted`, by address.

    A request may reach over registers that are `known` to be there but not wanted; never over an address that no register
    has, because a device refuses the whole request for it. A register is never split, lest its halves be of two moments.
    """
    limit, asked = min(most, MOST_WORDS), set(wanted)
    there = _ends({*known, *asked})
    found: list[list[Register]] = []
    for each in sorted(asked, key=_place):
        last = found[-1] if found else None
        if last is not None and _reaches(last[-1], each, there) and each.end - last[0].address <= limit:
            last.append(each)
        else:
            found.append([each])
    return tuple(Span(each[0].address, each[-1].end - each[0].address, each[0].input, tuple(each)) for each in found)


def _place(each: Register) -> tuple[bool, int, int, str]:
    return each.input, each.address, each.length, each.name


def _ends(known: Iterable[Register]) -> dict[tuple[bool, int], int]:
    """Of every address at which a register begins: where it ends."""
    return {(each.input, each.address): each.end for each in known}


def _reaches(last: Register, each: Register, there: dict[tuple[bool, int], int]) -> bool:
    """Whether registers lie side by side all the way from `last` to `each`."""
    at = last.address  # another name of the same words is there already
    while at < each.address and (last.input, at) in there:
        at = there[last.input, at]
    return last.input == each.input and at == each.address
