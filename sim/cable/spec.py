"""What a slot for cables is made of, as plain data.

A node is a place copper meets: a connector's pin `J1.3`, or a joint inside the unit such as a splice.
A point is one column of the matrix on a jig. Resistances are ohms at 20 degrees Celsius, lengths metres.
"""

from dataclasses import dataclass, field

from sim.population import AS_DRAWN, Member

BAR = "bar"
"""What the shorting bar is called among a jig's parts."""
IDENTITY = "identity"
"""What the identity resistor is called among a jig's parts."""


@dataclass(frozen=True, slots=True)
class Strand:
    """One conductor of the unit from node `a` to node `b`; a mated contact has length 0 and `ohms_per_metre` 0."""

    name: str
    a: str
    b: str
    length: float
    ohms_per_metre: float
    farads_per_metre: float = 90e-12
    shield: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit under test as drawn: connectors with their pins in order, conductors, twisted pairs, and its label."""

    connectors: dict[str, tuple[str, ...]]
    strands: tuple[Strand, ...]
    pairs: dict[str, tuple[str, str]] = field(default_factory=dict)
    label: str = ""
    member: Member = AS_DRAWN
    """Ranges of strands, as factors of what is drawn: `length`, `ohms`, `farads`; and of contacts at pins: `contact`."""


@dataclass(frozen=True, slots=True)
class Column:
    """Where a point sits: the mainframe's name on the bench, the card (slot from 1) and the column (from 1)."""

    mainframe: str
    card: int
    column: int


@dataclass(frozen=True, slots=True)
class Part:
    """A resistor that is screwed to the jig between two points: shorting bar, reference resistor, identity resistor."""

    name: str
    a: Column
    b: Column
    ohms: float


@dataclass(frozen=True, slots=True)
class Jig:
    """How one slot is wired.

    `points` maps a node of the unit (a connector's pin) to its column. Rows 1 and 2 go to the ohmmeter, rows 3 and 4
    to `isolation` = (mainframe, multiplexer channel) of the multimeter; the ambient sensor sits at `ambient`.
    """

    name: str
    points: dict[str, Column]
    parts: tuple[Part, ...]
    ohmmeter: str
    isolation: tuple[str, int]
    ambient: tuple[str, int]
    operator: str


@dataclass(frozen=True, slots=True)
class CableSlot:
    """A panel for cables, with its own plant."""

    name: str
    jig: Jig
    unit: Unit
