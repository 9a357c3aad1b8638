"""Trust: whether both meters still say something else of something else. One that repeats itself judges no unit."""

from dataclasses import dataclass

from drivers.errors import InstrumentError
from drivers.reading import Reading
from sequences.cabling.panel import JOINED, CablePanel


@dataclass(frozen=True, slots=True)
class Known:
    """What the meters say now of what they have read before the unit: the shorting bar, twice, and the reference resistor."""

    bar: Reading
    leads: Reading
    reference: Reading


async def known(panel: CablePanel) -> Known:
    """Read the parts of the jig again. The unit, still connected, is not on the rows meanwhile."""
    return Known(await panel.bar(), await panel.leads(), await panel.reference_alone())


async def must_move(panel: CablePanel) -> Known:
    """The parts of the jig, before a unit is called bad. Raises InstrumentError where a meter does not move, or has lost its zero."""
    parts = await known(panel)
    must_tell_apart(panel.last, parts)
    if not parts.bar.is_number or abs(parts.bar.value) > panel.wiring.bar_at_most:
        raise InstrumentError(
            parts.bar.by,
            f"says {_said(parts.bar)} of the shorting bar now: what it has said of the unit counts for nothing",
        )
    return parts


def must_tell_apart(last: Reading | None, parts: Known) -> None:
    """Raise InstrumentError where a meter says the same of two things: of the bar and the unit, of the bar and the resistor.

    No conductor is as short as the bar: two contacts alone are more than the meter's uncertainty.
    """
    bar = parts.bar
    if last is not None and bar.is_number and last.is_number:
        if abs(bar.value - last.value) <= bar.uncertainty + last.uncertainty:
            raise _repeats(bar, "the shorting bar and the unit")
    elif last is not None and bar.state is last.state:
        raise _repeats(bar, "the shorting bar and the unit")
    leads, reference = parts.leads, parts.reference
    if not (leads.is_number and reference.is_number and leads.value < JOINED < reference.value):
        raise InstrumentError(
            leads.by,
            f"says {_said(leads)} of the shorting bar and {_said(reference)} of the reference resistor now: it does not move, or its path is broken",
        )


def _repeats(read: Reading, what: str) -> InstrumentError:
    return InstrumentError(read.by, f"says {_said(read)} of both {what}: its reading does not move")


def _said(read: Reading) -> str:
    return f"{read.value:.4g} {read.unit}" if read.is_number else str(read.state)
