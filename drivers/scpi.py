"""SCPI as replies are really written: numbers, channel lists, error queues, identities. Strict, pure, no I/O.

What is not in the grammar is a ValueError; `reply_of` makes it the BadReply of an instrument.
"""

import math
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from drivers.errors import BadReply
from drivers.reading import State
from drivers.roles import Identity

OVER_RANGE = 9.9e37
"""SCPI's infinity. The 34970A spells it 9.90000200E+37, so anything from here up to NOT_A_NUMBER is meant."""
NOT_A_NUMBER = 9.91e37
SHOWN = 80
"""Characters of a bad reply that an error message shows."""

_NUMBER = re.compile(r"[+-]?(?P<mantissa>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[Ee][+-]?[0-9]{1,4})?")
_ERROR = re.compile(r"(?P<code>[+-]?[0-9]{1,6}) *, *(?P<quote>\"?)(?P<text>[^\"]*(?:\"\"[^\"]*)*)(?P=quote)")


class ScpiError(NamedTuple):
    """One entry of an error queue; code 0 means that the queue is empty."""

    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code:+d},{self.text}"


@contextmanager
def reply_of(instrument: str) -> Iterator[None]:
    """A ValueError of the body becomes that instrument's BadReply."""
    try:
        yield
    except ValueError as error:
        raise BadReply(instrument, str(error)) from error


def number(text: str) -> float:
    """The NR1, NR2 or NR3 number that `text` is. No nan, inf, hex, underscore, comma, unit or blank; no overflow."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise ValueError(f"not a number: {shown(text)}")
    value = float(text)
    if math.isinf(value) or (value == 0.0 and found["mantissa"].strip("0.")):
        raise ValueError(f"a number that no instrument can mean: {shown(text)}")
    return value


def quantity(text: str) -> tuple[float, State]:
    """A measured number and what kind of statement it is; the value is NaN unless the state is OK."""
    value = number(text)
    size = abs(value)
    if size < OVER_RANGE:
        return value, State.OK
    return math.nan, State.OVER_RANGE if size < NOT_A_NUMBER else State.NO_READING


def channel_list(channels: Iterable[int]) -> str:
    """The channels in ascending order, runs as ranges: `(@111:118,121)`."""
    runs: list[tuple[int, int]] = []
    for channel in sorted(set(channels)):
        if runs and channel == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], channel)
        else:
            runs.append((channel, channel))
    return "(@" + ",".join(f"{first}" if first == last else f"{first}:{last}" for first, last in runs) + ")"


def error(text: str) -> ScpiError:
    """One reply to SYST:ERR?, as Keysight (`+0,"No error"`) or as GW Instek (`0,No Error`) spells it."""
    found = _ERROR.fullmatch(text)
    if found is None:
        raise ValueError(f"not an entry of an error queue: {shown(text)}")
    return ScpiError(int(found["code"]), printable(found["text"].replace('""', '"')))


def identity(text: str) -> Identity:
    """Who a reply to *IDN? says it is: maker, model, serial, firmware. Three fields or five are tolerated."""
    fields = [printable(field.strip()) for field in text.split(",")]
    if not 3 <= len(fields) <= 5 or not fields[0] or not fields[1]:
        raise ValueError(f"not an identity: {shown(text)}")
    return Identity(fields[0], fields[1], fields[2], ",".join(fields[3:]))


def printable(text: str) -> str:
    """`text` with everything but printable ASCII escaped, so that it can do nothing to a terminal or a log."""
    return "".join(each if " " <= each <= "~" else each.encode("unicode_escape").decode("ascii") for each in text)


def shown(text: str) -> str:
    """A bad reply as an error message shows it: escaped, and not endless."""
    return ascii(text) if len(text) <= SHOWN else f"{text[:SHOWN]!a}..."
