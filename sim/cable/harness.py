"""One unit as it was really built: the drawing's strands, with whatever went wrong in making them."""

from dataclasses import dataclass, field
from typing import NamedTuple

from sim.cable.spec import Unit


@dataclass(slots=True)
class Run:
    """One strand as built. `cuts` are metres from end a; `at_b` is what a bad contact adds at end b."""

    name: str
    a: str
    b: str
    length: float
    ohms_per_metre: float
    farads_per_metre: float
    cuts: list[float] = field(default_factory=list)
    at_b: float = 0.0


class Touch(NamedTuple):
    """Two strands that meet where they should not, `metres` from their ends a."""

    one: str
    other: str
    metres: float
    ohms: float


class Joint(NamedTuple):
    """Two nodes that meet where they should not."""

    one: str
    other: str
    ohms: float


def pins(unit: Unit, connector: str) -> tuple[str, ...]:
    """The nodes of a connector in order: pin `3` of connector `J1` is node `J1.3`."""
    return tuple(f"{connector}.{pin}" for pin in unit.connectors[connector])


class Harness:
    """A unit to which defects can be added."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.runs = {
            each.name: Run(each.name, each.a, each.b, each.length, each.ohms_per_metre, each.farads_per_metre)
            for each in unit.strands
        }
        self.twins = dict(unit.pairs)
        self.touches: list[Touch] = []
        self.joints: list[Joint] = []
        self.unplugged: list[str] = []
        """Pins of connectors that were not mated with the jig."""
        self.probes: dict[str, float] = {}
        """Ohms that the jig's probes at some pins have gained."""
