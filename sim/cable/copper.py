"""The electrical world of one slot, as its four matrix rows see it.

Rows 1 and 2 end at the ohmmeter, which measures in the way of Kelvin: neither relays nor leads count. Rows 3 and 4 end at
the multimeter, where they do. A row that is not measured still ties its points together.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sim.cable.network import Resistor, between
from sim.cable.spec import Column
from sim.cable.wiring import Wiring
from sim.noise import normal, uniform

ALPHA = 0.00393
"""By how much copper's resistance grows per kelvin, of that at 20 degrees Celsius."""
RELAY = 0.1
"""Ohms of a closed crosspoint on a row that is not measured."""
LEADS = 1.0
"""Ohms of leads and relays between the multimeter and two points, about."""
STRAY = 180e-12
"""Farads of the jig and the row buses, about; one more picofarad for each closed crosspoint."""
_STRAY_OF_A_POINT = 1e-12


@dataclass(slots=True)
class _Row:
    """The points that are closed to one row, in order, and the same by island."""

    points: dict[int, None] = field(default_factory=dict)
    islands: dict[int, dict[int, None]] = field(default_factory=dict)

    def close(self, point: int, island: int) -> None:
        self.points[point] = None
        self.islands.setdefault(island, {})[point] = None

    def open(self, point: int, island: int) -> None:
        if self.points.pop(point, point) is None:
            here = self.islands[island]
            del here[point]
            if not here:
                del self.islands[island]


class Copper:
    """One slot's copper with the crosspoints that are closed on it. Opening and closing cost the same however large it is."""

    def __init__(self, wiring: Wiring, seed: int, slot: str) -> None:
        self._wiring = wiring
        self._rows = {row: _Row() for row in (1, 2, 3, 4)}
        self._leads = LEADS + 0.1 * (uniform(seed, slot, "leads") - 0.5)
        self._stray = STRAY + 2e-12 * normal(seed, slot, "stray")
        self.grown = 0.0
        """Farads that the jig has gained."""

    @property
    def points(self) -> Mapping[Column, int]:
        """The numbers of the jig's columns."""
        return self._wiring.points

    @property
    def at_rest(self) -> bool:
        """Whether no crosspoint is closed."""
        one, two, three, four = self._rows.values()
        return not (one.points or two.points or three.points or four.points)

    def rewire(self, wiring: Wiring) -> None:
        """Put another wiring of the same jig under the crosspoints, which stay as they are."""
        self._wiring = wiring
        for row in self._rows.values():
            points, row.points, row.islands = row.points, {}, {}
            for point in points:
                row.close(point, wiring.network.island_of[point])

    def switch(self, row: int, point: int, *, closed: bool) -> None:
        """Move the crosspoint of a row and a point of the jig."""
        island = self._wiring.network.island_of[point]
        if closed:
            self._rows[row].close(point, island)
        else:
            self._rows[row].open(point, island)

    def lies_between(self, points: Collection[int]) -> bool:
        """Whether rows 1 and 2 end at two different ones of some points."""
        high, low = ([each for each in self._rows[row].points if each in points] for row in (1, 2))
        return bool(high and low) and len({*high, *low}) > 1

    def four_wire(self, celsius: float) -> float:
        """Ohms from row 1 to row 2 without relays and leads; `inf` when no copper joins them."""
        return self._joined(1, 2, celsius)

    def two_wire(self, celsius: float) -> float:
        """Ohms from row 3 to row 4 through leads, relays, copper and insulation; `inf` when nothing does."""
        high, low = self._rows[3], self._rows[4]
        ohms = self._joined(3, 4, celsius)
        siemens = self._wiring.insulation.between(high.islands.keys(), low.islands.keys())
        if ohms == 0.0 or not siemens:
            return ohms + self._leads
        return 1.0 / (1.0 / ohms + siemens) + self._leads

    def capacitance(self) -> float:
        """Farads from row 3 to row 4, stray included; `inf`, an overload, when something conducts between them."""
        high, low = self._rows[3], self._rows[4]
        if self._joined(3, 4, 20.0) < float("inf"):
            return float("inf")
        stray = self._stray + self.grown + _STRAY_OF_A_POINT * (len(high.points) + len(low.points))
        return stray + self._wiring.plates.between(high.islands.keys(), low.islands.keys())

    def _joined(self, high: int, low: int, celsius: float) -> float:
        """Ohms between two rows through whatever conducts."""
        warmth = 1.0 + ALPHA * (celsius - 20.0)
        idle = [row for number, row in self._rows.items() if number not in {high, low} and len(row.points) > 1]
        if idle:
            return self._through(self._rows[high], self._rows[low], idle, warmth)
        few, many = self._rows[high].islands, self._rows[low].islands
        if len(many) < len(few):
            few, many = many, few
        siemens = 0.0
        for number, points in few.items():
            if number in many:
                ohms = self._wiring.network.island(number).ohms(points, many[number], warmth)
                if ohms == 0.0:
                    return 0.0
                siemens += 1.0 / ohms
        return 1.0 / siemens if siemens else float("inf")

    def _through(self, high: _Row, low: _Row, idle: list[_Row], warmth: float) -> float:
        """The same where rows that are not measured tie points together as well."""
        network = self._wiring.network
        touched = dict.fromkeys(island for row in (high, low, *idle) for island in row.islands)
        resistors = [each for island in touched for each in network.island(island).resistors]
        size = len(network.island_of)
        for bus, row in enumerate(idle, start=size):
            resistors += [Resistor(bus, point, 0.0, RELAY) for point in row.points]
        return between(resistors, high.points, low.points, warmth)
