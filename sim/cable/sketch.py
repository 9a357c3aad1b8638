"""Copper being laid: nodes get their numbers while resistors, pieces of strands and insulation are added."""

import math
from dataclasses import dataclass, field
from itertools import pairwise

from sim.cable.harness import Run
from sim.cable.insulation import Film
from sim.cable.network import Resistor
from sim.cable.plates import Piece
from sim.cable.spec import Column
from sim.noise import normal, uniform
from sim.population import AS_DRAWN, Key, Member

PIN = 2e-3
"""Ohms of a pin's contact with its probe: the median of a log-normal spread."""
MATED = 1e-3
"""Ohms of two mated contacts, and of a splice from wire to wire."""
TOLERANCE = 0.015
"""How far a wire's resistance may lie from its nominal one, as a fraction."""
SLEEVE = 1e11
"""Ohm-metres of insulation between strands that lie side by side."""
BOARD = 1e12
"""Ohms between neighbouring columns of an empty jig."""
_CONTACTS = 0.2  # spread of a contact's logarithm
_PATCHES = 0.3  # spread of an insulation's logarithm


@dataclass(slots=True)
class Sketch:
    """What has been laid so far; `jig` and `unit` name the chance of what belongs to each."""

    jig: Key
    unit: Key
    points: dict[Column, int]
    mating: Key = ()
    """Names the chance of what belongs to both: the contacts of pins with probes."""
    member: Member = AS_DRAWN
    resistors: list[Resistor] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    films: list[Film] = field(default_factory=list)
    size: int = 0
    _nodes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.size = len(self.points)

    def fresh(self) -> int:
        """A node that has no name."""
        self.size += 1
        return self.size - 1

    def node(self, name: str) -> int:
        """The number of the unit's node of that name."""
        if name not in self._nodes:
            self._nodes[name] = self.fresh()
        return self._nodes[name]

    def resist(self, a: int, b: int, ohms: float, *, copper: float = 0.0) -> None:
        """Lay a resistor of `ohms` that stay, and of `copper` ohms at 20 degrees Celsius that warm up."""
        self.resistors.append(Resistor(a, b, copper, ohms))

    def contact(self, a: int, b: int, median: float, name: str, extra: float = 0.0, *, key: Key = ()) -> None:
        """Lay a contact, as good or bad as the chance of `key` makes it (else the unit's), and `extra` ohms worse."""
        key = key or self.unit
        times = self.member.logarithmic(key, "contact", _spread(_CONTACTS, *key, "contact", name), name)
        self.resist(a, b, median * times + extra)

    def board(self) -> None:
        """Lay the insulation of the empty jig: a film between neighbouring columns of a card."""
        ordered = sorted(self.points, key=lambda at: (at.mainframe, at.card, at.column))
        for left, right in pairwise(ordered):
            if neighbours(left, right):
                ohms = BOARD * _spread(_PATCHES, *self.jig, "board", left.mainframe, left.card, left.column)
                self.films.append(Film(self.points[left], self.points[right], 1.0 / ohms))

    def strand(self, run: Run, number: int, taps: list[tuple[float, int]], crimps: tuple[float, float]) -> list[Piece]:
        """Lay a strand from tap to tap, broken at its cuts; `crimps` are the ohms that its two ends add."""
        ohms = run.ohms_per_metre * (1.0 if self.member.number else off(self.unit, run.name))
        stops = sorted([*taps, *((cut, -1) for cut in run.cuts)])
        here, metres, start, extra = self.node(run.a), 0.0, 0.0, crimps[0]
        pieces: list[Piece] = []
        for mark, tap in stops:
            stop = min(mark, run.length)
            there = self.fresh() if tap < 0 else tap
            self.resist(here, there, extra, copper=ohms * (stop - metres))
            here, metres, extra = there, stop, 0.0
            if tap < 0:
                pieces.append(Piece(number, (stop - start) / run.length, there))
                here, start = self.fresh(), stop
        there = self.node(run.b)
        self.resist(here, there, extra + crimps[1] + run.at_b, copper=ohms * (run.length - metres))
        pieces.append(Piece(number, (run.length - start) / run.length, there))
        return [piece for piece in pieces if piece.share > 0]

    def beside(self, left: list[Piece], right: list[Piece], metres: float, name: str) -> None:
        """Lay the insulation between two strands that lie side by side over `metres`."""
        siemens = metres / (SLEEVE * _spread(_PATCHES, *self.unit, "sleeve", name))
        self.films += [Film(one.node, other.node, siemens * one.share * other.share) for one in left for other in right]


def off(unit: Key, strand: str) -> float:
    """By what factor a strand's resistance usually differs from its nominal one."""
    return 1.0 + TOLERANCE * (2.0 * uniform(*unit, "strand", strand) - 1.0)


def _spread(width: float, *key: object) -> float:
    return math.exp(width * normal(*key))


def neighbours(left: Column, right: Column) -> bool:
    """Whether `right` is the column after `left` on the same card."""
    return (left.mainframe, left.card, left.column + 1) == (right.mainframe, right.card, right.column)
