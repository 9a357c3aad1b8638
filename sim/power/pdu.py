"""The plant of a bay for rack PDUs: the source, the unit's relays and contacts, and one load behind the jig's contactors.

An outlet's voltage is sensed from its live contact to earth; the load and the reference meter lie from live to neutral, the
reference meter's voltage leads at the outlet's own contacts.
Outlets that are joined at the load share its current by their conductances, the jig's leads included.
"""

import math
from dataclasses import dataclass

from sim.ailments import Ailments
from sim.here import Here
from sim.noise import normal
from sim.power.bay import Place
from sim.power.distribution import Distribution
from sim.power.insulation import Insulation
from sim.power.mains import lagging, phasor
from sim.power.spec import PduSlot
from sim.quantity import Quantity

LEAD = 0.25
"""Ohms of the jig's leads from an outlet to the load's terminals: they make parallel outlets share alike."""
PICKUP = 0.003
"""Of its phase's voltage that an open outlet picks up."""
ALIVE = 5.0
"""Volts below which the load draws nothing."""
SAGGING = 1.0
"""Amperes of load above which a weak source sags."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What the load does: the voltage at its terminals and at the outlet, its current, and each outlet's part of it."""

    volts: complex
    outlet: complex
    current: complex
    outlets: dict[int, complex]


IDLE = Flow(0j, 0j, 0j, {})


class PduPlant:
    """One bay. At first it is empty."""

    def __init__(self, slot: PduSlot, here: Here) -> None:
        self.slot = slot
        self._here = here
        self.unit = self._made()
        self._ailments = Ailments()
        self._place = Place(slot.bay, slot.unit.label, here)
        self._lead = {n: LEAD * (1.0 + 0.02 * normal(here.seed, slot.name, "lead", n)) for n in self.unit.sockets}
        self._volts = [0.0, 0.0, 0.0]
        self._hertz = slot.unit.hertz
        self._asked, self._factor = 0.0, 1.0
        self._weak = self._sag = self._clamp = 1.0
        self._flows: Flow | None = None

    @property
    def mated(self) -> bool:
        """Whether a unit is connected."""
        return self._place.mated

    @property
    def devices(self) -> frozenset[str]:
        """The instruments that are wired to the bay."""
        bay = self.slot.bay
        wired = {bay.safety, bay.source, bay.load, bay.reference, bay.voltmeter, bay.contactors, bay.io, bay.operator}
        return frozenset(wired | {self.slot.pdu, self.slot.sensors})

    @property
    def operator(self) -> str:
        """The scanner of this bay."""
        return self.slot.bay.operator

    @property
    def insulation(self) -> Insulation:
        """Of the unit."""
        return self.unit.insulation

    def earth(self, name: str) -> float:
        """Ohms of the earth path of the outlet behind a contactor such as `pe7`."""
        return self.unit.sockets[int(name.removeprefix("pe"))].earth

    def scan(self) -> str:
        """What the scanner reads here."""
        return self._place.hands.scan()

    def mate(self) -> None:
        """The operator connects the unit and closes the cover."""
        self._place.hands.mate()
        self._warm()

    def unmate(self) -> None:
        """The operator takes the unit off."""
        self._place.hands.mated = False
        self._warm()

    def strike(self, fault: str, places: tuple[str, ...], value: float | None) -> None:
        """Let a fault of the unit, of the jig or of the operator begin."""
        self._ailments.begin(fault, places, value)
        self._build()

    def heal(self, fault: str, places: tuple[str, ...], value: float | None) -> None:
        """Let a fault end that has begun."""
        self._ailments.end(fault, places, value)
        self._build()

    def _made(self) -> Distribution:
        """The unit as it was made, by its label."""
        unit = self.slot.unit
        return Distribution.made(unit, unit.member.key(self._here.seed, self.slot.name, unit.label))

    def _build(self) -> None:
        """Put bay and unit together as they were made, and as they are now."""
        was, self.unit = self.unit, self._made()
        self.unit.go_on(was)
        self._weak = self._sag = self._clamp = 1.0
        self._place.heal()
        for each in self._ailments:
            match each.fault:
                case "load-weak":
                    self._weak = each.size
                case "source-sags":
                    self._sag = each.size
                case "reference-reversed":
                    self._clamp = -1.0
                case _ if not self.unit.strike(each.fault, each.places, each.size):
                    self._place.strike(each.fault)
        self._warm()

    def drive(self, device: str, quantity: Quantity, place: str, value: float) -> None:
        """An instrument acts on the bay."""
        bay = self.slot.bay
        if device == bay.source and quantity is Quantity.AC_VOLTS:
            self._volts[int(place) - 1] = value
        elif device == bay.source and quantity is Quantity.HERTZ:
            self._hertz = value
        elif device == bay.load and quantity is Quantity.AMPS:
            self._asked = value
        elif device == bay.load and quantity is Quantity.POWER_FACTOR:
            self._factor = value
        elif device == self.slot.pdu and quantity is Quantity.OUTLET:
            self._command(place, on=bool(value))
        else:
            self._place.drive(device, quantity, place, value)
        self._warm()

    def _command(self, place: str, *, on: bool) -> None:
        socket = self.unit.sockets.get(int(place))
        if socket is not None:
            socket.commanded = on

    def sense(self, device: str, quantity: Quantity, place: str) -> float | None:
        """What an instrument's leads find here; None where it is not connected now."""
        slot, bay = self.slot, self.slot.bay
        match device:
            case slot.pdu:
                return self._own(quantity, place)
            case slot.sensors:
                return self._sensed(quantity, place)
            case bay.load:
                return self._at_load(quantity, self._flow())
            case bay.reference if "reference" in self._place.closed:
                return self._at_reference(quantity, self._flow())
            case bay.source:
                return self._delivered(place) if quantity is Quantity.AMPS else None
            case bay.voltmeter:
                return self._at_voltmeter(quantity)
            case _:
                return self._place.sense(device, quantity, place, self)

    def _supply(self, phase: int) -> complex:
        """What the source puts on a phase of the inlet."""
        if "source" not in self._place.closed:
            return 0j
        loaded = self._asked > SAGGING and any(name.startswith("load") for name in self._place.closed)
        return phasor(self._volts[phase - 1] * (self._sag if loaded else 1.0), phase)

    def _outlet(self, number: int) -> complex:
        """The voltage of an outlet without load, from live to neutral."""
        closed = self._place.mated and self.unit.closed(number)
        return self._supply(self.unit.sockets[number].phase) if closed else 0j

    def _joined(self) -> list[int]:
        return [number for number in self.unit.sockets if f"load{number}" in self._place.closed]

    def _flow(self) -> Flow:
        """What the load does, as it was worked out when something has changed last."""
        if self._flows is None:
            self._flows = self._shared()
        return self._flows

    def _shared(self) -> Flow:
        """The load's current, shared by the outlets that are joined there. Outlets that differ short each other."""
        live = {number: self._outlet(number) for number in self._joined()}
        live = {number: volts for number, volts in live.items() if abs(volts) > ALIVE}
        if not live or self.unit.neutral_open:
            return IDLE
        ways = {volts * (-1 if self.unit.sockets[number].swapped else 1) for number, volts in live.items()}
        if len(ways) > 1:
            return IDLE
        volts = next(iter(live.values()))
        siemens = {number: 1.0 / (self._lead[number] + self.unit.sockets[number].contact) for number in live}
        current = lagging(volts, self._asked * self._weak, self._factor) if self._asked else 0j
        whole = sum(siemens.values())
        shares = {number: current * each / whole for number, each in siemens.items()}
        first = next(iter(live))
        outlet = volts - shares[first] * self.unit.sockets[first].contact
        return Flow(volts - current / whole, outlet, current, shares)

    def _at_load(self, quantity: Quantity, flow: Flow) -> float | None:
        match quantity:
            case Quantity.AC_VOLTS:
                return abs(flow.volts)
            case Quantity.DC_VOLTS:
                return 0.0
            case Quantity.AMPS:
                return abs(flow.current)
            case Quantity.WATTS:
                return (flow.volts * flow.current.conjugate()).real
            case _:
                return None

    def _at_reference(self, quantity: Quantity, flow: Flow) -> float | None:
        if quantity is Quantity.HERTZ:
            return self._hertz if flow.volts else 0.0
        if quantity is Quantity.WATTS:
            return (flow.outlet * flow.current.conjugate()).real * self._clamp
        return abs(flow.outlet) if quantity is Quantity.AC_VOLTS else self._at_load(quantity, flow)

    def _at_voltmeter(self, quantity: Quantity) -> float | None:
        if "voltmeter" not in self._place.closed:
            return self._place.proven(quantity)
        match quantity:
            case Quantity.DC_VOLTS:
                return self._place.residual()
            case Quantity.AC_VOLTS:
                return max(abs(self._supply(phase)) for phase in (1, 2, 3))
            case _:
                return None

    def _delivered(self, place: str) -> float:
        return abs(sum((each for each in self._by_phase(int(place))), 0j))

    def _by_phase(self, phase: int) -> list[complex]:
        flow = self._flow()
        return [each for number, each in flow.outlets.items() if self.unit.sockets[number].phase == phase]

    def _sensed(self, quantity: Quantity, place: str) -> float | None:
        slot, volts = self.slot, quantity is Quantity.AC_VOLTS
        if volts and place in slot.volts:
            socket = self.unit.sockets[slot.volts[place]]
            nearby = PICKUP * abs(self._supply(socket.phase)) if self._place.mated else 0.0
            return nearby if socket.swapped else max(abs(self._outlet(slot.volts[place])), nearby)
        if volts and place in slot.inlets:
            return abs(self._supply(slot.inlets[place]))
        if quantity is Quantity.TEMPERATURE and place in slot.contacts:
            warmth = self.unit.sockets[slot.contacts[place]].warmth
            return self._here.celsius + warmth.at(self._here.now())
        return self._here.celsius if quantity is Quantity.TEMPERATURE and place == slot.ambient else None

    def _own(self, quantity: Quantity, place: str) -> float | None:
        """What the unit's own meters see, with their errors."""
        if quantity is Quantity.HERTZ:
            return self._hertz if any(self._supply(phase) for phase in (1, 2, 3)) else 0.0
        name = place.rstrip("0123456789")
        number = int(place[len(name) :] or 0)
        found = self._own_outlet(quantity, number) if name == "outlet" else self._own_inlet(quantity, number)
        if found is None:
            return None
        return found * (1.0 + self._here.flicker(self.slot.name, self.slot.pdu, f"{quantity} {place}", 1e-4))

    def _own_outlet(self, quantity: Quantity, number: int) -> float | None:
        socket = self.unit.sockets.get(number)
        if socket is None:
            return None
        volts = self._outlet(number) * socket.volts_gain * self.unit.volts_gain[socket.phase - 1]
        current = self._flow().outlets.get(socket.metered, 0j)
        match quantity:
            case Quantity.AC_VOLTS:
                return abs(volts)
            case Quantity.AMPS:
                return socket.meter.amps(current)
            case Quantity.WATTS:
                return socket.meter.watts(volts, current)
            case _:
                return None

    def _own_inlet(self, quantity: Quantity, phase: int) -> float | None:
        if phase not in {1, 2, 3}:
            return None
        volts, current = self._supply(phase) * self.unit.volts_gain[phase - 1], sum(self._by_phase(phase), 0j)
        match quantity:
            case Quantity.AC_VOLTS:
                return abs(volts)
            case Quantity.AMPS:
                return abs(current)
            case Quantity.WATTS:
                return (volts * current.conjugate()).real
            case _:
                return None

    def _warm(self) -> None:
        """The currents have changed: each contact is heated by I^2 R from now on."""
        self._flows = None
        now, currents = self._here.now(), self._flow().outlets
        for number, socket in self.unit.sockets.items():
            current = abs(currents.get(number, 0j))
            socket.warmth.heat(0.0 if math.isnan(current) else current * current * socket.contact, now)
