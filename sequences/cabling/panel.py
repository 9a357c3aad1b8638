"""The cable panel: one unit, its jig, and what its roles can measure together. States of the matrix are made here only.

Rows 1 and 2 carry the micro-ohmmeter (force and sense side by side), rows 3 and 4 the multimeter. The jig's reference
resistor lies across rows 3 and 4 in every isolation measurement: a live path reads it or less, a broken one reads
'overload', so silence can never look like good insulation.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from drivers.errors import InstrumentError, Unsupported
from drivers.reading import Reading, State
from drivers.roles import Matrix, Multimeter, Ohmmeter, Operator
from sequences.arithmetic import square
from sequences.cabling.cable import Cable
from sequences.cabling.clusters import Clusters
from sequences.cabling.copper import ALPHA_20, at_20_degrees
from sequences.cabling.crossbar import FORCE, HIGH, LOW, RETURN, Closed, Crossbar
from sequences.cabling.netlist import Netlist, Path
from sequences.cabling.places import spoken
from sequences.cabling.wiring import CableWiring
from sequences.sequence import SafeOrder
from sequences.uut import Uut

OVERFLOW = 1.2
"""Times its nominal value that a range of the micro-ohmmeter reaches."""
TOP_RANGE = 1.0
"""Ohms: the largest range of the micro-ohmmeter whose accuracy is known."""
JOINED = 1e3
"""Ohms below which two pins are joined by copper, however badly."""
PATH_SPREAD = 0.3
"""Ohms by which the relays and leads of one two-wire path may differ from another's."""
STRAY_SPREAD = 3e-12
"""Farads by which the stray of one point may differ from another's."""
TOP_FARADS = 1e-4
"""Farads that the multimeter's largest range holds."""
RESOLVED = 20.0
"""How many times its uncertainty a leakage must be to be a value and not a bound."""


@dataclass(frozen=True, slots=True)
class Stray:
    """Farads of the jig: those of its rows and leads, and those of each closed point; the reading's uncertainty."""

    rows: float
    each: float
    uncertainty: float

    def at(self, points: int) -> float:
        """What it adds with that many points closed."""
        return self.rows + self.each * points


@dataclass
class CablePanel:
    """The fixture of cabling. It lives for one run and remembers what the run has found out."""

    SAFE_ORDER: ClassVar[SafeOrder] = (("ohmmeter",), ("matrix", "multimeter"), ("operator",))

    structure: Cable
    wiring: CableWiring
    uut: Uut
    ohmmeter: Ohmmeter
    matrix: tuple[Matrix, ...]
    multimeter: Multimeter
    operator: Operator
    celsius: Reading | None = None
    reference: Reading | None = None
    path: float = 0.0
    """Ohms of leads and relays between the multimeter and a jig point."""
    stray: Stray | None = None
    """What jig and leads add to every capacitance; None where nobody can measure it."""
    crossed: set[frozenset[int]] = field(default_factory=set)
    """Pairs of drawn nets that the conduction step has found mixed up: their short circuit is explained."""
    clusters: Clusters = field(default_factory=Clusters)
    """Drawn nets that hang together though they should not, as far as the isolation step has come."""
    explained: set[str] = field(default_factory=set)
    """Wires that a finding has named: whatever else is odd about them follows from that."""
    measured: dict[str, float] = field(default_factory=dict)
    """Ohms at 20 degrees Celsius of the copper of wires that were measured alone, or of whose path no gauge is drawn."""
    learned: list[tuple[str, str, float]] = field(default_factory=list)
    """Pins found joined, and the ohms between them at 20 degrees Celsius, when a golden unit is learned."""
    last: Reading | None = None
    """What the micro-ohmmeter has said last of the unit."""

    @cached_property
    def crossbar(self) -> Crossbar:
        """The matrix of all mainframes."""
        connectors = {name: each.names for name, each in self.structure.connectors.items()}
        return Crossbar(self.wiring, self.matrix, connectors)

    @cached_property
    def netlist(self) -> Netlist:
        """The drawing."""
        return self.structure.netlist

    async def rest(self) -> None:
        """Take the unit off the ohmmeter, which another slot may share: only the reference lies across rows 3 and 4."""
        await self.crossbar.set(self.crossbar.part(self.wiring.reference.points, HIGH, LOW))

    async def four_wire(self, a: str, b: str, expected: float | None = None) -> Reading:
        """Ohms between two pins by the micro-ohmmeter, contacts included, at the unit's temperature."""
        self.last = await self._four_wire({self.crossbar.spot(a, FORCE), self.crossbar.spot(b, RETURN)}, expected)
        return self.last

    async def bar(self) -> Reading:
        """Ohms of the jig's shorting bar: the zero of everything that the micro-ohmmeter says."""
        return await self._four_wire(self.crossbar.part(self.wiring.bar, FORCE, RETURN), 0.0)

    async def leads(self) -> Reading:
        """Ohms of the multimeter's own path, over the same bar."""
        return await self.two_wire(self.crossbar.part(self.wiring.bar, HIGH, LOW))

    async def reference_alone(self) -> Reading:
        """Ohms of the jig's reference resistor, the path included."""
        return await self.two_wire(self.crossbar.part(self.wiring.reference.points, HIGH, LOW))

    async def two_wire(self, wanted: set[Closed]) -> Reading:
        """Ohms between rows 3 and 4 in a state, leads and all. Overload means that the station's path is broken."""
        await self.crossbar.set(wanted)
        return await self.multimeter.two_wire(self.wiring.isolation_channel)

    async def between(self, high: Iterable[str], low: Iterable[str]) -> Reading:
        """Insulation in ohms between two groups of pins, with the reference resistor and the leads taken off.

        Where the leakage is too small to be a value the reading is AT_LEAST. Raises InstrumentError when the path is dead.
        """
        return await self.beyond_reference(
            {self.crossbar.spot(p, HIGH) for p in high} | {self.crossbar.spot(p, LOW) for p in low}
        )

    async def beyond_reference(self, wanted: set[Closed]) -> Reading:
        """What lies across rows 3 and 4 besides the reference resistor."""
        known = self.reference
        if known is None:
            raise InstrumentError("the jig", "its reference resistor has not been measured in this run")
        parts = self.crossbar.part(self.wiring.reference.points, HIGH, LOW)
        read = await self.two_wire(wanted | parts)
        if not read.is_number or read.value > known.value * 1.05:
            raise InstrumentError(read.by, f"the isolation path is broken: its reference resistor reads {_said(read)}")
        leak = 1 / max(read.value - self.path, 1e-3) - 1 / known.value
        spread = math.hypot(read.uncertainty / square(read.value), known.uncertainty / square(known.value))
        if read.value < JOINED:
            return Reading(max(read.value - self.path, 0.0), "ohm", read.uncertainty + PATH_SPREAD, read.at, read.by)
        if leak < RESOLVED * spread:
            return Reading(1 / (max(leak, 0.0) + spread), "ohm", 0.0, read.at, read.by, State.AT_LEAST)
        return Reading(1 / leak, "ohm", spread / square(leak), read.at, read.by)

    async def joined(self, high: Iterable[str], low: Iterable[str]) -> bool:
        """Whether copper joins two groups of pins."""
        read = await self.between(high, low)
        return read.value < JOINED

    async def capacitance(self, high: Iterable[str], low: Iterable[str]) -> Reading | None:
        """Farads between two groups of pins, less the stray of the jig; None where the station has no way.

        What conducts has no capacitance: the reading is OVER_RANGE then.
        """
        if self.stray is None:
            return None
        wanted = {self.crossbar.spot(p, HIGH) for p in high} | {self.crossbar.spot(p, LOW) for p in low}
        await self.crossbar.set(wanted)
        read = await self.multimeter.capacitance(self.wiring.isolation_channel)
        if not read.is_number:
            return read
        # Both readings are of one range, whose offset cancels; what remains is the gain, and the points' differences.
        spread = abs(read.uncertainty - self.stray.uncertainty) + STRAY_SPREAD
        return Reading(read.value - self.stray.at(len(wanted)), "F", spread, read.at, read.by)

    async def find_stray(self) -> None:
        """Measure on the empty jig what the jig itself adds to every capacitance; a model without it leaves None."""
        pins = self.netlist.pins
        few = {self.crossbar.spot(pins[0], HIGH), self.crossbar.spot(pins[-1], LOW)}
        many = {self.crossbar.spot(pins[0], HIGH)} | {self.crossbar.spot(p, LOW) for p in pins[1:]}
        reads = []
        for wanted in (few, many):
            await self.crossbar.set(wanted)
            try:
                reads.append(await self.multimeter.capacitance(self.wiring.isolation_channel))
            except Unsupported:
                return
        if all(read.is_number for read in reads):
            each = (reads[1].value - reads[0].value) / max(1, len(many) - len(few))
            self.stray = Stray(reads[0].value - each * len(few), each, reads[0].uncertainty)

    async def pair_capacitance(self, first: str, second: str) -> Reading:
        """Farads between two wires, all others floating. Raises Unsupported where the station has no way.

        Of wires that are known to touch the meter's overload says that no range is large enough, and so does the reading.
        """
        read = await self.capacitance(self._pins_at(first)[:1], self._pins_at(second)[:1])
        if read is None:
            raise Unsupported("the multimeter", "measures no capacitance, so twisted pairs cannot be proven here")
        if read.state is State.OVER_RANGE and self.touch(first, second):
            return Reading(TOP_FARADS, "F", 0.0, read.at, read.by, State.AT_LEAST)
        return read

    def touch(self, first: str, second: str) -> bool:
        """Whether two wires of different nets are known to hang together."""
        one, other = (self.clusters.first(self.netlist.net_with[name]) for name in (first, second))
        return one == other

    def _pins_at(self, name: str) -> list[str]:
        """Pins from which a wire is reached, those at its own ends first."""
        wire = self.netlist.wires[name]
        own = [end for end in (wire.a, wire.b) if end in self.crossbar.columns]
        return [*own, *self.netlist.nets[self.netlist.net_with[name]].pins]

    async def partners(self, pin: str, others: Sequence[str]) -> list[str]:
        """Those of `others` that copper joins to `pin`, by halving."""
        if not others or not await self.joined([pin], others):
            return []
        return await self._halve(pin, others)

    async def _halve(self, pin: str, others: Sequence[str]) -> list[str]:
        if len(others) == 1:
            return list(others)
        left, right = others[: len(others) // 2], others[len(others) // 2 :]
        if not await self.joined([pin], left):
            return await self._halve(pin, right)
        return [*await self._halve(pin, left), *await self.partners(pin, right)]

    async def unmated(self) -> list[str]:
        """Connectors through which nothing conducts at all: surely not plugged, rather than all broken."""
        found = []
        for name, connector in self.structure.connectors.items():
            here = {f"{name}.{pin}" for pin in connector.names}
            away = [
                net
                for net in self.netlist.nets
                if any(p in here for p in net.pins) and any(p not in here for p in net.pins)
            ]
            if len(away) < 2:
                continue
            mine = [pin for net in away for pin in net.pins if pin in here]
            theirs = [pin for net in away for pin in net.pins if pin not in here]
            if not await self.joined(mine, theirs):
                found.append(name)
        return found

    def to_20_degrees(self, read: Reading) -> Reading:
        """A copper resistance at 20 degrees Celsius; the thermometer's uncertainty adds to the reading's."""
        if self.celsius is None:
            raise InstrumentError("the jig", "its temperature has not been measured in this run")
        if not read.is_number or read.state is State.AT_LEAST:
            return read
        return read.scaled(at_20_degrees(self.celsius.value), uncertainty=ALPHA_20 * self.celsius.uncertainty)

    async def conduction(self, a: str, b: str, expected: float | None) -> Reading:
        """Ohms between two pins, by the micro-ohmmeter or, where that is out of its range, by the multimeter.

        The second witness decides between a broken wire and a broken station: raises InstrumentError for the latter.
        """
        read = await self.four_wire(a, b, expected)
        if read.state is State.OK:
            return read
        witness = await self.between([a], [b])
        surely = witness.value - witness.uncertainty
        beyond = surely >= _range_for(expected) * OVERFLOW or (expected is not None and expected > TOP_RANGE)
        if witness.value < JOINED and (read.state is State.NO_READING or not beyond):
            raise InstrumentError(
                read.by,
                f"says {read.state} between {spoken(a)} and {spoken(b)}, where the multimeter reads {witness.value:.2f} ohm: "
                f"a lead of the ohmmeter, or {self.crossbar.relay(self.crossbar.spot(a, FORCE))} or {self.crossbar.relay(self.crossbar.spot(b, RETURN))}, is open",
            )
        return witness

    def share_out(self, path: Path, ohms: float) -> None:
        """Remember what a path's copper was measured to be; of wires without a gauge each gets its part by length."""
        wires = [self.netlist.wires[name] for name in path.wires]
        metres = sum(wire.length or 0.0 for wire in wires)
        if len(wires) == 1:
            self.measured[path.name] = max(ohms, 1e-5)
        elif metres and all(wire.length is not None for wire in wires) and any(wire.ohms is None for wire in wires):
            for wire in wires:
                self.measured.setdefault(wire.name, max(ohms, 1e-5) * (wire.length or 0.0) / metres)

    async def _four_wire(self, wanted: set[Closed], expected: float | None) -> Reading:
        await self.crossbar.set(wanted)
        highest = _range_for(expected)
        await self.ohmmeter.prepare(highest)
        read = await self.ohmmeter.resistance()
        if read.state is State.OVER_RANGE and highest < TOP_RANGE:
            await self.ohmmeter.prepare(TOP_RANGE)
            read = await self.ohmmeter.resistance()
        if read.is_number and read.value < -read.uncertainty:
            raise InstrumentError(
                read.by,
                f"says {_said(read)}, less than nothing: its sense leads are exchanged, or are not equally warm",
            )
        return read


def _range_for(expected: float | None) -> float:
    """The most ohms to be ready for: half more than expected, or all that the micro-ohmmeter can."""
    return TOP_RANGE if expected is None else min(TOP_RANGE, expected * 1.5 + 0.01)


def _said(read: Reading) -> str:
    return f"{read.value:.3g} {read.unit}" if read.is_number else read.state.value
