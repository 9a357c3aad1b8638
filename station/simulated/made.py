"""What one slot adds to a simulated bench."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.spec import Slot


@dataclass(frozen=True, slots=True)
class Made:
    """A slot in the sim's words, the cards that its jig counts on in each mainframe, and the serial numbers on the plates of
    units that are instruments themselves.
    """

    slot: Slot
    cards: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plates: Mapping[str, str] = field(default_factory=dict)
