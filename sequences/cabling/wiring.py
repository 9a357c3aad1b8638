"""How a cable jig is wired: which pin lies at which column of the matrix, and the parts that prove the jig itself."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from drivers.roles import Crosspoint, Matrix, Multimeter, Ohmmeter, Operator
from sequences.cabling.cable import Cable
from sequences.cabling.parts import Place
from sequences.cabling.places import PLACE, numbers
from sequences.family import CONSOLE, Need, Problem

COLUMNS = {"DAQM904A": 8, "34904A": 8}
"""Columns of the matrix cards; every one has four rows of two wires, so that a column carries a pin's force and sense."""
CHANNELS = {"DAQM900A": 20, "DAQM901A": 20, "DAQM902A": 16, "DAQM908A": 40, "34901A": 20, "34902A": 16, "34908A": 40}
"""Multiplexer cards and how many channels of each can measure ohms and temperature."""
SLOTS = 3
MOST_FRAMES = 200


class Column(NamedTuple):
    """One column of the combined matrix: which mainframe (from 0), its card (from 1), and the column there (from 1)."""

    mainframe: int
    card: int
    column: int

    def at(self, row: int) -> Crosspoint:
        """The relay that joins it to `row`."""
        return Crosspoint(self.card, row, self.column)


@dataclass(frozen=True, slots=True)
class Mainframe:
    """The cards of one mainframe, slot 1 first, or of `count` alike ones."""

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid", "strict": True, "use_attribute_docstrings": True}
    cards: list[str]
    """Three card models, slot 1 first; '' for an empty slot."""
    count: int = 1
    """How many mainframes in a row have these cards."""


@dataclass(frozen=True, slots=True)
class Resistor:
    """A part on the jig between two points of the matrix."""

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid", "strict": True, "use_attribute_docstrings": True}
    points: list[int]
    """The two points."""
    ohms: float
    """Its value."""
    tolerance: float
    """How far it may be off, as a fraction (0.01 is 1 %)."""


@dataclass(frozen=True)
class CableWiring:
    """The wiring of a cable jig. Points count the columns of all matrix cards, mainframe after mainframe, from 1.

    Rows 1 and 2 lead to the micro-ohmmeter (four wires), rows 3 and 4 to the multimeter's isolation channel.
    """

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid", "strict": True, "use_attribute_docstrings": True}
    mainframes: list[Mainframe]
    """The mainframes that act as one matrix, in the order of the slot's `matrix` role."""
    points: dict[str, str]
    """Connector to points, pin after pin: J1 = '1-50'."""
    bar: list[int]
    """The two points that the shorting bar joins."""
    reference: Resistor
    """The resistor that proves the isolation path alive: a good unit reads this value, never 'overload'."""
    identity: Resistor
    """The resistor by which this jig is known."""
    isolation_channel: int = 101
    """The multiplexer channel of the first mainframe at rows 3 and 4."""
    ambient_channel: int = 102
    """The multiplexer channel of the ambient sensor (RTD)."""
    settle: float = 0.02
    """Seconds that relays and charges need before a reading counts."""
    bar_at_most: float = 0.005
    """The most that the shorting bar may read, in ohms."""
    empty_at_least: float = 1e9
    """The least insulation in ohms between the points of the empty jig."""

    def problems(self) -> list[Problem]:
        """Everything that the types cannot say, all at once."""
        return [*self._odd_frames(), *self._odd_channels(), *self._odd_values()] or self._odd_points()

    def needs(self) -> dict[str, Need]:
        """The instruments that a slot with this jig names."""
        return {
            "ohmmeter": Need(Ohmmeter),
            "matrix": Need(Matrix, count=sum(frame.count for frame in self.mainframes)),
            "multimeter": Need(Multimeter, otherwise="matrix"),
            "operator": Need(Operator, otherwise=CONSOLE),
        }

    def _odd_frames(self) -> list[Problem]:
        found: list[Problem] = []
        for at, frame in enumerate(self.mainframes):
            here = ("mainframes", at)
            if len(frame.cards) != SLOTS:
                found.append(((*here, "cards"), f"a mainframe has {SLOTS} slots, not {len(frame.cards)}"))
            found += [
                ((*here, "cards", slot), f"found {card!r}; allowed: {', '.join((*COLUMNS, *CHANNELS))} or ''")
                for slot, card in enumerate(frame.cards)
                if card and card not in COLUMNS and card not in CHANNELS
            ]
            if not 1 <= frame.count <= MOST_FRAMES:
                found.append(((*here, "count"), f"found {frame.count}; allowed: 1 to {MOST_FRAMES}"))
        if not self.mainframes:
            found.append((("mainframes",), "a cable jig has at least one mainframe"))
        if not found and sum(frame.count for frame in self.mainframes) > MOST_FRAMES:
            found.append((("mainframes",), f"more than {MOST_FRAMES} mainframes"))
        return found

    def _odd_channels(self) -> list[Problem]:
        cards = self.mainframes[0].cards if self.mainframes else []
        known = {
            slot * 100 + number
            for slot, card in enumerate(cards, start=1)
            for number in range(1, CHANNELS.get(card, 0) + 1)
        }
        found: list[Problem] = [
            ((key,), f"the first mainframe has no multiplexer channel {channel}: its cards are {', '.join(cards)}")
            for key, channel in (
                ("isolation_channel", self.isolation_channel),
                ("ambient_channel", self.ambient_channel),
            )
            if channel not in known
        ]
        if self.isolation_channel == self.ambient_channel:
            found.append((("ambient_channel",), f"channel {self.ambient_channel} is the isolation channel already"))
        return found

    def _odd_values(self) -> list[Problem]:
        found: list[Problem] = []
        ranges: tuple[tuple[Place, float, float, float], ...] = (
            (("settle",), self.settle, 0.001, 10.0),
            (("bar_at_most",), self.bar_at_most, 1e-6, 1.0),
            (("empty_at_least",), self.empty_at_least, 1e5, 1e12),
            (("reference", "ohms"), self.reference.ohms, 1e5, 1e8),
            (("reference", "tolerance"), self.reference.tolerance, 1e-6, 0.5),
            (("identity", "ohms"), self.identity.ohms, 10.0, 1e6),
            (("identity", "tolerance"), self.identity.tolerance, 1e-6, 0.5),
        )
        for where, value, low, high in ranges:
            if not low <= value <= high:
                found.append((where, f"found {value:g}; allowed: {low:g} to {high:g}"))
        return found

    def _odd_points(self) -> list[Problem]:
        found: list[Problem] = []
        taken: list[tuple[Place, int]] = []
        where: Place
        for name, text in self.points.items():
            where = ("points", name)
            if not PLACE.fullmatch(name) or "." in name:
                found.append((where, f"{name!r} is no connector's name: a letter, then letters, digits and _"))
            try:
                taken += [(where, point) for point in numbers(text)]
            except ValueError as odd:
                found.append((where, str(odd)))
        for where, points in (
            (("bar",), self.bar),
            (("reference", "points"), self.reference.points),
            (("identity", "points"), self.identity.points),
        ):
            if len(points) != 2:
                found.append((where, f"found {len(points)}; allowed: two points"))
            taken += [(where, point) for point in points]
        total = len(self.columns)
        first: dict[int, Place] = {}
        for where, point in taken:
            if not 1 <= point <= total:
                found.append((where, f"point {point} does not exist: the matrix cards have points 1 to {total}"))
            elif point in first:
                found.append((where, f"point {point} is taken already, by {'.'.join(map(str, first[point]))}"))
            first.setdefault(point, where)
        return found

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Every column of the combined matrix, point 1 first."""
        frames = [frame.cards for frame in self.mainframes for _ in range(frame.count)]
        return tuple(
            Column(frame, slot, column)
            for frame, cards in enumerate(frames)
            for slot, card in enumerate(cards, start=1)
            for column in range(1, COLUMNS.get(card, 0) + 1)
        )

    @cached_property
    def cards(self) -> tuple[tuple[str, ...], ...]:
        """The cards of each mainframe, in order."""
        return tuple(tuple(frame.cards) for frame in self.mainframes for _ in range(frame.count))

    def column(self, point: int) -> Column:
        """The column of a point."""
        return self.columns[point - 1]

    def misfits(self, structure: Cable) -> list[str]:
        """Why a cable cannot be mated with this jig, as sentences; none when it can."""
        whys = (self._misfit(name, len(each.names)) for name, each in structure.connectors.items())
        return [why for why in whys if why]

    def at(self, connectors: dict[str, tuple[str, ...]]) -> dict[str, Column]:
        """The column of every pin (`J1.3`) of connectors given by their pins' names. Raises ValueError where none is."""
        found: dict[str, Column] = {}
        for name, pins in connectors.items():
            if why := self._misfit(name, len(pins)):
                raise ValueError(why)
            points = numbers(self.points[name])
            found |= {f"{name}.{pin}": self.column(point) for pin, point in zip(pins, points, strict=False)}
        return found

    def _misfit(self, name: str, pins: int) -> str:
        if name not in self.points:
            return f"the jig has no place for connector {name} (it has {', '.join(self.points)})"
        points = len(numbers(self.points[name]))
        return "" if pins <= points else f"connector {name} has {pins} pins, the jig only {points} points for it"
