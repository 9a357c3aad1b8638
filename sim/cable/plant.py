"""The plant of one slot: the jig, the unit that is mated with it or not, and what is wrong with both."""

from dataclasses import replace

from sim.cable.copper import Copper
from sim.cable.defects import DEFECTS, add
from sim.cable.harness import Harness, pins
from sim.cable.making import as_made
from sim.cable.spec import BAR, IDENTITY, CableSlot, Column, Jig
from sim.cable.wiring import wire
from sim.hands import Hands
from sim.here import Here
from sim.quantity import Quantity


class CablePlant:
    """One slot. At first the jig is empty."""

    def __init__(self, slot: CableSlot, here: Here) -> None:
        self.slot = slot
        self._hands = Hands(slot.unit.label)
        self._here = here
        self._jig: Jig = slot.jig
        self._leaks: list[tuple[Column, Column, float]] = []
        self._unit = as_made(slot.unit, here.seed)
        self._harness = Harness(self._unit)
        self.copper = Copper(wire(self._jig, [], None, here.seed, slot.name), here.seed, slot.name)

    @property
    def mated(self) -> bool:
        """Whether a unit is plugged in."""
        return self._hands.mated

    @property
    def devices(self) -> frozenset[str]:
        """The instruments that are wired to the jig."""
        jig = self.slot.jig
        return frozenset(
            {
                jig.ohmmeter,
                jig.isolation[0],
                jig.ambient[0],
                jig.operator,
                *(column.mainframe for column in self.copper.points),
            }
        )

    @property
    def operator(self) -> str:
        """The scanner of this slot."""
        return self.slot.jig.operator

    def sense(self, device: str, quantity: Quantity, place: str) -> float | None:
        """What a meter's leads find here; None where they end at no row of this panel."""
        jig, celsius = self.slot.jig, self._here.celsius
        match quantity:
            case Quantity.FOUR_WIRE if device == jig.ohmmeter:
                return self.copper.four_wire(celsius)
            case Quantity.TWO_WIRE if (device, int(place)) == jig.isolation:
                return self.copper.two_wire(celsius)
            case Quantity.CAPACITANCE if (device, int(place)) == jig.isolation:
                return self.copper.capacitance()
            case Quantity.TEMPERATURE if (device, int(place)) == jig.ambient:
                return celsius
            case _:
                return None

    def drive(self, device: str, quantity: Quantity, place: str, value: float) -> None:
        """Move a relay of the matrix."""
        if quantity is Quantity.RELAY:
            card, row, column = map(int, place.split("."))
            point = self.copper.points.get(Column(device, card, column))
            if point is not None:
                self._switch(row, point, closed=bool(value))

    def _switch(self, row: int, point: int, *, closed: bool) -> None:
        """When the next test begins on a panel at rest, the last unit is off already."""
        at = self._here.now()
        if closed and self._hands.begin(at):
            self.unmate()
        self.copper.switch(row, point, closed=closed)
        if not closed and self.copper.at_rest:
            self._hands.rest(at)

    def mate(self) -> None:
        """Plug the unit in."""
        self._hands.mate()
        self._rewire()

    def unmate(self) -> None:
        """Unplug the unit."""
        self._hands.mated = False
        self._rewire()

    def scan(self) -> str:
        """What the scanner reads here."""
        return self._hands.scan()

    def strike(self, fault: str, places: tuple[str, ...], value: float | None) -> None:
        """Let a fault of the unit, of the jig or of the operator begin."""
        if fault in DEFECTS:
            add(self._harness, fault, places, value)
        else:
            self._begin(fault, places, value or 0.0)
        self._rewire()

    def _begin(self, fault: str, places: tuple[str, ...], value: float) -> None:
        match fault:
            case "bar-worn":
                self._alter(BAR, 1.0, value)
            case "jig-swapped":
                self._alter(IDENTITY, 2.0, 0.0)
            case "jig-leak":
                one, other = (self._jig.points[pin] for pin in places)
                self._leaks.append((one, other, value))
            case "unmated":
                self._harness.unplugged += pins(self.slot.unit, places[0])
            case _:
                self._hands.strike(fault)

    def _alter(self, name: str, factor: float, more: float) -> None:
        self._jig = replace(
            self._jig,
            parts=tuple(
                replace(part, ohms=part.ohms * factor + more) if part.name == name else part for part in self._jig.parts
            ),
        )

    def _rewire(self) -> None:
        harness = self._harness if self.mated else None
        self.copper.rewire(wire(self._jig, self._leaks, harness, self._here.seed, self.slot.name))
