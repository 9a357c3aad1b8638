"""A cable panel over a few lines of bench: copper, leaks and capacitances as one says, and relays that are counted."""

import asyncio
import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from drivers.errors import Refused, Unsupported
from drivers.reading import Reading, State
from drivers.roles import Crosspoint, Identity
from sequences.cabling.cable import Cable
from sequences.cabling.panel import CablePanel
from sequences.cabling.parts import Connector, Span
from sequences.cabling.wiring import CableWiring, Mainframe, Resistor
from sequences.uut import Uut

REFERENCE, LEADS = 5e6, 1.0
"""Ohms of the jig's reference resistor, and of the multimeter's path."""
CABLE = Cable(
    {"J1": Connector(8), "J2": Connector(8)},
    [Span("W1-8", ["J1.1-8", "J2.1-8"])],
    pairs={"TP1": ["W1", "W2"], "TP2": ["W3", "W4"], "TP3": ["W5", "W6"]},
    gauge="24 AWG",
    length=2.0,
)
WIRING = CableWiring(
    [Mainframe(["DAQM901A", "DAQM904A", "DAQM904A"]), Mainframe(["DAQM904A"] * 3)],
    {"J1": "1-8", "J2": "9-16"},
    bar=[17, 18],
    reference=Resistor([19, 20], REFERENCE, 0.002),
    identity=Resistor([21, 22], 4700.0, 0.02),
)


@dataclass
class Copper:
    """What the meters would see: groups of joined pins, ohms between couples of pins, and what lies across the rows."""

    joined: list[set[str]] = field(default_factory=list)
    ohms: dict[frozenset[str], float] = field(default_factory=dict)
    leaks: dict[frozenset[str], float] = field(default_factory=dict)
    farads: dict[frozenset[str], float] = field(default_factory=dict)
    stray: float = 180e-12
    dead: bool = False
    """The multimeter's path is broken."""
    no_farads: bool = False
    ohmmeter: State = State.OK
    rows: dict[int, set[str]] = field(default_factory=lambda: {row: set() for row in (1, 2, 3, 4)})
    asked: list[tuple[frozenset[str], frozenset[str]]] = field(default_factory=list)
    """What the multimeter has been asked: the labels on its two rows."""

    def island(self, pin: str) -> frozenset[str]:
        """The pins that copper joins to one."""
        return frozenset(next((group for group in self.joined if pin in group), {pin}))

    def between(self) -> float:
        """Ohms across rows 3 and 4."""
        high, low = self.rows[3], self.rows[4]
        self.asked.append((frozenset(high), frozenset(low)))
        if self.dead:
            return math.inf
        if {"bar"} <= high & low or any(self.island(pin) & low for pin in high - {"bar", "reference"}):
            return LEADS
        siemens = 1 / REFERENCE if "reference" in high & low else 0.0
        for pair, ohms in self.leaks.items():
            one, other = (self.island(pin) for pin in pair)
            if (one & high and other & low) or (other & high and one & low):
                siemens += 1 / ohms
        return 1 / siemens + LEADS if siemens else math.inf


@dataclass
class FakeMatrix:
    """Moves relays, and keeps what it was told; refuses when told to."""

    copper: Copper
    labels: dict[Crosspoint, str]
    told: list[tuple[list[Crosspoint], list[Crosspoint]]] = field(default_factory=list)
    closed: set[Crosspoint] = field(default_factory=set)
    refuses: bool = False

    async def identify(self) -> Identity:
        """Who it is."""
        return Identity("fake", "matrix", "1", "1")

    async def make_safe(self) -> None:
        """Open everything."""
        await self.open_all()

    async def self_check(self) -> None:
        """It is well."""

    async def cards(self) -> tuple[str, ...]:
        """None of interest."""
        return ()

    async def switch(self, to_open: Iterable[Crosspoint], to_close: Iterable[Crosspoint]) -> None:
        """Open, then close; refusing, it has done half of it."""
        away, to = list(to_open), list(to_close)
        self.told.append((away, to))
        self._set(self.closed - set(away))
        if self.refuses:
            raise Refused("mux", "-113 undefined header")
        self._set(self.closed | set(to))

    async def open_all(self) -> None:
        """Open everything."""
        self._set(set())

    def _set(self, closed: set[Crosspoint]) -> None:
        for relay in self.closed - closed:
            self.copper.rows[relay.row].discard(self.labels[relay._replace(row=0)])
        for relay in closed - self.closed:
            self.copper.rows[relay.row].add(self.labels[relay._replace(row=0)])
        self.closed = closed


@dataclass
class FakeMeters:
    """The ohmmeter and the multimeter over the copper."""

    copper: Copper
    highest: list[float] = field(default_factory=list)

    async def identify(self) -> Identity:
        """Who it is."""
        return Identity("fake", "meters", "1", "1")

    async def make_safe(self) -> None:
        """Nothing is energised."""

    async def self_check(self) -> None:
        """They are well."""

    async def prepare(self, highest: float) -> None:
        """Keep the range."""
        self.highest.append(highest)

    async def resistance(self) -> Reading:
        """Ohms between rows 1 and 2."""
        (one,), (other,) = self.copper.rows[1], self.copper.rows[2]
        ohms = self.copper.ohms.get(frozenset((one, other)), math.inf)
        state = self.copper.ohmmeter if self.copper.ohmmeter is not State.OK else State.OK
        if ohms > 1.2 * self.highest[-1]:
            state = State.OVER_RANGE
        return self._read(ohms, "ohm", 0.001 * ohms, state)

    async def two_wire(self, channel: int) -> Reading:
        """Ohms between rows 3 and 4."""
        ohms = self.copper.between()
        return self._read(ohms, "ohm", 0.24 + 2e-5 * ohms, State.OK if math.isfinite(ohms) else State.OVER_RANGE)

    async def capacitance(self, channel: int) -> Reading:
        """Farads between rows 3 and 4; an overload where copper or a leak joins them."""
        if self.copper.no_farads:
            raise Unsupported("mux", "measures no capacitance")
        high, low = self.copper.rows[3], self.copper.rows[4]
        if math.isfinite(self.copper.between()):
            return self._read(math.nan, "F", math.nan, State.OVER_RANGE)
        farads = self.copper.stray + 1e-12 * (len(high) + len(low))
        for pair, more in self.copper.farads.items():
            one, other = (self.copper.island(pin) for pin in pair)
            if (one & high and other & low) or (other & high and one & low):
                farads += more
        return self._read(farads, "F", 2.5e-11 + 0.02 * farads, State.OK)

    async def temperature(self, channel: int) -> Reading:
        """A mild day."""
        return self._read(23.0, "degC", 1.0, State.OK)

    async def answer(self, prompt: str) -> str:
        """Nobody is asked."""
        return ""

    @staticmethod
    def _read(value: float, unit: str, uncertainty: float, state: State) -> Reading:
        value = value if state is State.OK else math.nan
        return Reading(value, unit, uncertainty, asyncio.get_running_loop().time(), "fake", state)


def as_drawn(cable: Cable = CABLE) -> Copper:
    """The copper of a good unit."""
    netlist = cable.netlist
    copper = Copper([set(net.pins) for net in netlist.nets])
    copper.ohms = {frozenset((path.a, path.b)): netlist.nominal(path) or 0.1 for path in netlist.paths}
    return copper


def panel_of(copper: Copper, cable: Cable = CABLE, wiring: CableWiring = WIRING) -> CablePanel:
    """A panel whose reference and temperature have been measured already."""
    columns = wiring.at({name: each.names for name, each in cable.connectors.items()})
    labels: list[dict[Crosspoint, str]] = [{} for _ in wiring.cards]
    for pin, column in columns.items():
        labels[column.mainframe][column.at(0)] = pin
    for name, points in (
        ("bar", wiring.bar),
        ("reference", wiring.reference.points),
        ("identity", wiring.identity.points),
    ):
        for point in points:
            column = wiring.column(point)
            labels[column.mainframe][column.at(0)] = name
    meters = FakeMeters(copper)
    matrices = tuple(FakeMatrix(copper, each) for each in labels)
    panel = CablePanel(cable, wiring, Uut("SN1", "PN", "A"), meters, matrices, meters, meters)
    panel.reference = Reading(REFERENCE + LEADS, "ohm", 100.0, 0.0, "fake")
    panel.celsius = Reading(20.0, "degC", 0.0, 0.0, "fake")
    panel.path = LEADS
    return panel
