"""Witnesses: two instruments that see the same thing must say the same, or neither of them judges a unit.

How far two readings differ counts beyond what both instruments are sure to together: their expanded uncertainties in
quadrature (JCGM 100, k = 2). A meter that has drifted says too much or too little; one that is stuck says what was true before.
"""

import math
from collections.abc import Awaitable, Callable, Sequence

from drivers.errors import InstrumentError
from drivers.reading import Reading
from sequences.measurement import Point
from sequences.power.readings import together
from sequences.take import Take
from sequences.verdict import Verdict

AGAIN = 4
"""Readings, all alike to the last digit, of a meter that does not move."""
RESTS = 0.1
"""Amperes that a load may say, beyond its uncertainty, when it draws none."""
MOVES = 0.5
"""Of a step of what is measured by which a meter must at least move."""


def apart(one: Reading, other: Reading, scale: float, known: float = 0.0) -> Reading:
    """How far two readings differ beyond their uncertainties, in percent of `scale`; 0 where they agree.

    `known` is by how much the second one is less for a known reason, such as the drop of the leads between them.
    """
    unsure = math.hypot(one.uncertainty, other.uncertainty)
    beyond = max(0.0, abs(one.value - other.value - known) - unsure)
    return together(100.0 * beyond / scale, "%", 0.0, one, other)


def agree(take: Take, point: Point, one: Reading, other: Reading, scale: float, known: float = 0.0) -> None:
    """Sample how far two witnesses are apart. Raises InstrumentError, naming both, where that is outside the station's limit."""
    if take.sample(point, apart(one, other, scale, known)) is not Verdict.PASSED:
        raise InstrumentError(f"{one.by} and {other.by}", f"disagree: {said(one)} and {said(other)} of the same thing")


def must_agree(one: Reading, other: Reading, scale: float, percent: float) -> None:
    """The same where nothing is sampled: raises InstrumentError where they are apart by more than `percent`."""
    found = apart(one, other, scale)
    if not found.is_number or found.value > percent:
        raise InstrumentError(f"{one.by} and {other.by}", f"disagree: {said(one)} and {said(other)} of the same thing")


def must_rest(amps: Reading) -> None:
    """Raise InstrumentError where a load that was released still says that it draws: it does, or it is stuck."""
    if not amps.is_number or amps.value - amps.uncertainty > RESTS:
        raise InstrumentError(amps.by, f"says {said(amps)} after it was released")


def must_move(before: Reading, after: Reading, step: float) -> None:
    """Raise InstrumentError where a meter has not followed a step of what it measures."""
    if not (before.is_number and after.is_number and abs(after.value - before.value) > MOVES * abs(step)):
        raise InstrumentError(
            after.by, f"says {said(before)}, then {said(after)}, while it went by {step:g} {after.unit}"
        )


async def moving(read: Callable[[], Awaitable[Reading]], before: Reading | None) -> Reading:
    """A reading that is not, digit by digit, the one from another state. Raises InstrumentError for a meter that is stuck.

    A good meter may say the same twice; it does not say it again and again.
    """
    now = await read()
    for _ in range(AGAIN):
        if before is None or now.value != before.value:
            return now
        now = await read()
    raise InstrumentError(now.by, f"says {said(now)} again and again: it is stuck")


def must_differ(before: Sequence[Reading], now: Sequence[Reading]) -> None:
    """Raise InstrumentError where many channels all say what they said before, digit by digit: the scanner is stuck."""
    if now and [each.value for each in before] == [each.value for each in now]:
        raise InstrumentError(now[0].by, f"says the same of {len(now)} channels as the last time: it is stuck")


def said(reading: Reading) -> str:
    """A reading in words."""
    return f"{reading.value:.5g} {reading.unit}" if reading.is_number else f"no number ({reading.state})"
