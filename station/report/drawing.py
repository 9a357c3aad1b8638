"""A drawing: what the picture of a cable needs to know, and nothing else."""

from dataclasses import dataclass

from sequences.cabling.cable import Cable
from sequences.cabling.places import expand


@dataclass(frozen=True, slots=True)
class DrawnPin:
    """A pin's full name (`J1.3`), its name in the connector (`3`), and what it carries."""

    place: str
    name: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class DrawnConnector:
    """A connector with its pins in order."""

    name: str
    title: str
    pins: tuple[DrawnPin, ...]


@dataclass(frozen=True, slots=True)
class DrawnWire:
    """A conductor between two places (a pin `J1.3`, a joint `S1`).

    `kind` is wire, shield or mate; `pair` names its twisted pair; `length` is in metres, None where the drawing is silent.
    """

    name: str
    a: str
    b: str
    kind: str = "wire"
    color: str = ""
    pair: str = ""
    length: float | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """Connectors and the conductors between them, in the order in which they are drawn."""

    connectors: tuple[DrawnConnector, ...]
    wires: tuple[DrawnWire, ...]

    @property
    def joints(self) -> tuple[str, ...]:
        """The ends that are no pins, in the order of the wires."""
        pins = {pin.place for connector in self.connectors for pin in connector.pins}
        return tuple(dict.fromkeys(end for wire in self.wires for end in (wire.a, wire.b) if end not in pins))


def drawing_of(cable: Cable) -> Drawing:
    """The drawing of a cable product. Raises ValueError where the cable's `problems` has something to say."""
    colors = {name: span.color for span in cable.wires for name in expand(span.name)}
    pairs = {wire: name for name, wires in cable.pairs.items() for wire in wires}
    connectors = tuple(
        DrawnConnector(
            name,
            connector.title,
            tuple(DrawnPin(f"{name}.{pin}", pin, connector.labels.get(pin, "")) for pin in connector.names),
        )
        for name, connector in cable.connectors.items()
    )
    wires = tuple(
        DrawnWire(
            each.name, each.a, each.b, each.kind, colors.get(each.name, ""), pairs.get(each.name, ""), each.length
        )
        for each in cable.netlist.drawn
    )
    return Drawing(connectors, wires)
