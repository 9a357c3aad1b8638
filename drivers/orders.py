"""Orders to an instrument that speaks SCPI: a command, and what its error queue says of it; the self test.

An order is followed at once by the question for the next error, on a line of its own because an error ends its line: the
reply says that the command has been carried out, and whether the instrument minded.
"""

import re

from drivers.errors import Refused
from drivers.links.line import Lines
from drivers.scpi import ScpiError, error, reply_of, shown

QUEUE = 32
"""More entries than the error queues of our instruments hold: a 34970A 20, a Chroma 1905x 30. Reading is bounded by it."""
OVERFLOW = -350
"""The code of the entry that stands for all those which the queue could not hold (SCPI-99, 21.8.5)."""
ASK = "SYST:ERR?"
TESTED_WITHIN = 40.0
"""Seconds that a self test may take: a complete one of a 34970A takes about 20 (its user's guide)."""

_CODE = re.compile(r"[+-]?[0-9]{1,6}")


async def order(link: Lines, command: str, *, ask: str = ASK) -> None:
    """Give a command. Raises Refused with everything that the error queue holds, unless it is empty."""
    await link.write(command)
    if refusal := await drained(link, ask=ask):
        raise Refused(link.name, told(refusal))


async def drained(link: Lines, *, ask: str = ASK) -> tuple[ScpiError, ...]:
    """What the error queue held, oldest first; at most QUEUE entries are read, so one that never empties ends too."""
    entries: list[ScpiError] = []
    while len(entries) < QUEUE:
        reply = await link.query(ask)
        with reply_of(link.name):
            entry = error(reply)
        if entry.code == 0:
            break
        entries.append(entry)
    return tuple(entries)


def told(entries: tuple[ScpiError, ...]) -> str:
    """Entries of an error queue for people; an overflow is said to be one, for the first error may not be the cause."""
    lost = "; the queue overflowed: later errors are lost" if any(each.code == OVERFLOW for each in entries) else ""
    endless = f"; it does not empty in {QUEUE} readings" if len(entries) >= QUEUE else ""
    return "; ".join(map(str, entries)) + lost + endless


async def self_test(link: Lines, *, within: float = TESTED_WITHIN) -> None:
    """Have it test itself by `*TST?` (IEEE 488.2, 10.38). Raises Refused with the code, unless that is 0."""
    reply = await link.query("*TST?", within=within)
    with reply_of(link.name):
        if _CODE.fullmatch(reply) is None:
            raise ValueError(f"not the result of a self test: {shown(reply)}")
    if code := int(reply):
        raise Refused(link.name, f"its self test says {code}")
