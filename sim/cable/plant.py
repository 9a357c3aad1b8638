"""The plant of one slot: the jig, the unit that is mated with it or not, and what is wrong with both."""

from dataclasses import replace
from functools import lru_cache

from sim.ailments import Ailments
from sim.cable.copper import Copper
from sim.cable.defects import DEFECTS, add
from sim.cable.drawing import nets
from sim.cable.harness import Harness, pins
from sim.cable.making import as_made
from sim.cable.spec import BAR, IDENTITY, CableSlot, Column, Jig
from sim.cable.wiring import wire
from sim.hands import Hands
from sim.here import Here
from sim.quantity import Quantity


@lru_cache(maxsize=65536)
def _crosspoint(mainframe: str, place: str) -> tuple[int, Column]:
    """The row and the column of a relay, which is moved again and again."""
    card, row, column = map(int, place.split("."))
    return row, Column(mainframe, card, column)


class CablePlant:
    """One slot. At first the jig is empty."""

    def __init__(self, slot: CableSlot, here: Here) -> None:
        self.slot = slot
        self._hands = Hands(slot.unit.label)
        self._here = here
        self._ailments = Ailments()
        self._jig: Jig = slot.jig
        self._leaks: list[tuple[Column, Column, float]] = []
        self._unit = as_made(slot.unit, here.seed)
        self._harness = Harness(self._unit)
        self._copper = Copper(wire(self._jig, [], None, here.seed, slot.name), here.seed, slot.name)
        self._rewired = True
        self._too_warm = 0.0
        self._films: dict[str, frozenset[int]] = {}
        self._wetted: set[str] = set()

    @property
    def copper(self) -> Copper:
        """The copper as it is now: laid anew when it is looked at, however often it has changed."""
        if not self._rewired:
            harness = self._harness if self.mated else None
            self._copper.rewire(wire(self._jig, self._leaks, harness, self._here.seed, self.slot.name))
            self._rewired = True
        return self._copper

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
                self._wet()
                return self.copper.four_wire(celsius)
            case Quantity.TWO_WIRE if (device, int(place)) == jig.isolation:
                return self.copper.two_wire(celsius)
            case Quantity.CAPACITANCE if (device, int(place)) == jig.isolation:
                return self.copper.capacitance()
            case Quantity.TEMPERATURE if (device, int(place)) == jig.ambient:
                return celsius + self._too_warm
            case _:
                return None

    def drive(self, device: str, quantity: Quantity, place: str, value: float) -> None:
        """Move a relay of the matrix."""
        if quantity is Quantity.RELAY:
            row, column = _crosspoint(device, place)
            point = self._copper.points.get(column)
            if point is not None:
                self._switch(row, point, closed=bool(value))

    def _switch(self, row: int, point: int, *, closed: bool) -> None:
        """When the next test begins on a panel at rest, the last unit is off already."""
        if closed and self._hands.begin(self._here.now()):
            self.unmate()
        copper = self.copper
        copper.switch(row, point, closed=closed)
        if not closed and copper.at_rest:
            self._hands.rest(self._here.now())

    def mate(self) -> None:
        """Plug the unit in."""
        self._hands.mate()
        self._wetted.clear()
        self._build()

    def unmate(self) -> None:
        """Unplug the unit."""
        self._hands.mated = False
        self._rewired = False

    def scan(self) -> str:
        """What the scanner reads here."""
        return self._hands.scan()

    def strike(self, fault: str, places: tuple[str, ...], value: float | None) -> None:
        """Let a fault of the unit, of the jig or of the operator begin."""
        self._ailments.begin(fault, places, value)
        self._build()

    def heal(self, fault: str, places: tuple[str, ...], value: float | None) -> None:
        """Let a fault end that has begun."""
        self._ailments.end(fault, places, value)
        self._build()

    def _build(self) -> None:
        """Put jig and unit together as drawn, and as they are now."""
        self._jig, self._leaks, self._harness = self.slot.jig, [], Harness(self._unit)
        self._too_warm = self._copper.grown = 0.0
        self._films.clear()
        self._hands.heal()
        for each in self._ailments:
            if each.fault == "film" and each.places[0] not in self._wetted:
                self._films[each.places[0]] = self._ends(each.places[0])
            if each.fault == "film" and each.places[0] in self._wetted:
                continue
            if each.fault in DEFECTS:
                add(self._harness, each.fault, each.places, each.value)
            else:
                self._begin(each.fault, each.places, each.size)
        self._rewired = False

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
            case "probe-worn":
                self._harness.probes[places[0]] = self._harness.probes.get(places[0], 0.0) + value
            case "jig-capacitance":
                self._copper.grown += value
            case "ambient-offset":
                self._too_warm += value
            case _:
                self._hands.strike(fault)

    def _ends(self, strand: str) -> frozenset[int]:
        """The points of the jig that the strand's net leads to, as drawn."""
        net = nets((each.a, each.b) for each in self.slot.unit.strands)
        mine = next(net[each.a] for each in self.slot.unit.strands if each.name == strand)
        points = self._copper.points
        return frozenset(points[column] for pin, column in self._jig.points.items() if net.get(pin) == mine)

    def _wet(self) -> None:
        """The ohmmeter's current flows: it breaks the films in its way at once, for as long as the unit stays connected."""
        wet = (
            {name for name, points in self._films.items() if self._copper.lies_between(points)}
            if self._films
            else set()
        )
        if wet and self.mated:
            self._wetted |= wet
            self._build()

    def _alter(self, name: str, factor: float, more: float) -> None:
        self._jig = replace(
            self._jig,
            parts=tuple(
                replace(part, ohms=part.ohms * factor + more) if part.name == name else part for part in self._jig.parts
            ),
        )
