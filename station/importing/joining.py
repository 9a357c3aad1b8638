"""From a drawn harness to the structure of a product: what the jig reaches becomes a connector, what it does not a joint.

A splice is a joint. A ferrule on a free wire is a connector of one pin, a place for a probe. A ferrule that is crimped into
a terminal, and the pins of two mated connectors, are joints with a mated contact between them. Where a wire or a shield
would lead nowhere, the jig is given a probe there, so that every conductor is proven.
"""

from collections import Counter
from dataclasses import replace

from sequences.cabling.cable import Cable
from sequences.cabling.parts import Connector, Kind, Span
from station.importing.harness import Conductor, DrawnConnector, DrawnHarness, Mated, Pin
from station.importing.reach import reach_of
from station.importing.words import Names


def joined(harness: DrawnHarness) -> tuple[Cable, list[str]]:
    """The cable, and notes for the person who imports it."""
    joiner = _Joiner(harness)
    for connector in harness.connectors:
        joiner.loops(connector)
    for conductor in harness.conductors:
        joiner.conductor(conductor)
    for mate in joiner.reach.mates:
        joiner.mate(mate)
    return probed(Cable(joiner.connectors, joiner.wires, joiner.joints), joiner.notes)


def probed(cable: Cable, notes: list[str]) -> tuple[Cable, list[str]]:
    """The cable with a probe of the jig at every joint where only one wire ends, and the notes with a word about each."""
    notes = list(notes)
    ends = Counter(end for wire in cable.wires for end in wire.ends)
    lonely = {joint: f"{joint}.1" for joint in cable.joints if ends[joint] == 1}
    for joint, probe in lonely.items():
        notes.append(f"{joint}: only one wire ends there, so the jig needs a probe ({probe})")
    return Cable(
        cable.connectors | {joint: Connector(1, "a probe") for joint in lonely},
        [replace(wire, ends=[lonely.get(end, end) for end in wire.ends]) for wire in cable.wires],
        [joint for joint in cable.joints if joint not in lonely],
    ), notes


class _Joiner:
    """The parts of the cable while the harness is gone through. Every name is given once, whatever it names."""

    def __init__(self, harness: DrawnHarness) -> None:
        self.reach = reach_of(harness)
        self.notes = [*harness.notes, *self.reach.notes]
        self.connectors: dict[str, Connector] = {}
        self.joints: list[str] = []
        self.wires: list[Span] = []
        self._names = Names()
        self._drawn = {each.name: each for each in harness.connectors}
        self._places: dict[Pin, str] = {}
        mated = {name for mate in self.reach.mates for name in (mate.one, mate.other)}
        for each in harness.connectors:
            if each.name not in self.reach.inner and each.name in self.reach.wired | mated:
                self._connector(each)

    def loops(self, connector: DrawnConnector) -> None:
        """The jumpers within a connector."""
        for number, (one, other) in enumerate(connector.loops, start=1):
            ends = [self._place((connector.name, one)), self._place((connector.name, other))]
            self._wire(f"{connector.name}_L{number}", ends)

    def conductor(self, each: Conductor) -> None:
        """A wire or a shield. What is drawn at one end only, and there twice, has both its ends drawn so."""
        starts, stops = each.starts, each.stops
        what = f"{each.cable}'s shield" if each.shield else f"{each.cable} wire {each.number}"
        if not (starts or stops):
            self.notes.append(f"{what} is connected nowhere and is left out")
            return
        if len(starts or stops) > 1 and not (starts and stops):
            starts, stops = (starts or stops)[:1], (starts or stops)[1:]
        name = self._names.take(f"{each.cable}_{each.number}", "W")
        ends = [self._end(each, name, pins, what) for pins in (starts, stops)]
        if ends[0] == ends[1]:
            self.notes.append(f"{what} begins and ends at {ends[0]} and is left out")
            return
        kind: Kind = "shield" if each.shield else "wire"
        self.wires.append(Span(name, ends, each.gauge, each.length, kind, each.color))

    def mate(self, mate: Mated) -> None:
        """The contacts between two mated connectors: of those pins that lead on, on both sides."""
        one, other = self._drawn[mate.one], self._drawn[mate.other]
        if mate.pins is not None:
            pairs = [mate.pins]
        elif set(one.pins) == set(other.pins):
            pairs = [(pin, pin) for pin in one.pins]
        else:
            pairs = list(zip(one.pins, other.pins, strict=False))
            self.notes.append(f"{one.name} and {other.name} are mated, but their pins differ: mated in their order")
        for pins in pairs:
            ends = [(one.name, pins[0]), (other.name, pins[1])]
            if all(end in self._places or self.reach.ends[end] for end in ends):
                places = [self._place(end) for end in ends]
                joint = next(place for place in places if "." not in place)
                self._wire(f"{joint}_M", places, "mate")

    def _connector(self, drawn: DrawnConnector) -> None:
        name, pins = self._names.take(drawn.name, "J"), Names(20, "A-Za-z0-9")
        names = {pin: pins.take(pin, "P") for pin in drawn.pins}
        self._places |= {(drawn.name, pin): f"{name}.{each}" for pin, each in names.items()}
        labels = {each: drawn.labels.get(pin, pin if pin != each else "") for pin, each in names.items()}
        plain = list(names.values()) == [str(number) for number in range(1, len(names) + 1)]
        self.connectors[name] = Connector(
            len(names) if plain else list(names.values()),
            drawn.title,
            {pin: label for pin, label in labels.items() if label},
        )

    def _place(self, pin: Pin) -> str:
        if pin not in self._places:
            connector, number = pin
            simple = len(self._drawn[connector].pins) == 1
            self._places[pin] = self._joint(connector if simple else f"{connector}_{number}")
        return self._places[pin]

    def _joint(self, wanted: str) -> str:
        joint = self._names.take(wanted, "S")
        self.joints.append(joint)
        return joint

    def _end(self, each: Conductor, name: str, pins: tuple[Pin, ...], what: str) -> str:
        """The place of one end: a pin or joint, a probe where nothing is drawn, a joint of its own where several are."""
        if not pins:
            probe = self._names.take(f"{each.cable}S" if each.shield else f"{name}_END", "P")
            self.connectors[probe] = Connector(1, f"a probe at the free end of {what}")
            self.notes.append(f"{what} is connected at one end only: the jig needs a probe at its free end ({probe}.1)")
            return f"{probe}.1"
        if len(pins) == 1:
            return self._place(pins[0])
        joint = self._joint(f"{name}_J")
        for pin in pins:
            self._wire(f"{joint}_M", [joint, self._place(pin)], "mate")
        self.notes.append(f"{what} is drawn to several pins at one end: taken as one crimp ({joint})")
        return joint

    def _wire(self, wanted: str, ends: list[str], kind: Kind = "wire") -> None:
        self.wires.append(Span(self._names.take(wanted, "W"), ends, kind=kind))
