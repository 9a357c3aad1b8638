"""A bay: the operator, the cover, the contactors and the safety tester's leads of one slot, whatever lies in it."""

import math
from typing import Protocol

from sim.hands import Hands
from sim.here import Here
from sim.power.insulation import Insulation
from sim.power.spec import Bay
from sim.quantity import Quantity

CONTACT = 1.5e-3
"""Ohms of a contactor in the ground bond's path."""
TYING = 0.2
"""Seconds in which what the tester has charged loses all but 1/e once it discharges."""
LOST = 1e3
"""Seconds in which it does when nobody discharges it."""


class Earthed(Protocol):
    """The unit in a bay, as the safety tester meets it."""

    @property
    def insulation(self) -> Insulation:
        """Between all its live conductors together and protective earth."""
        ...

    def earth(self, name: str) -> float:
        """Ohms from the earth contact that a contactor leads to, to the inlet's."""
        ...


class Place:
    """What is closed and charged here. At first the bay is empty and its cover open."""

    def __init__(self, bay: Bay, label: str, here: Here) -> None:
        self.bay = bay
        self.hands = Hands(label)
        self.closed: set[str] = set()
        self.lead_broken = self.latch_open = False
        self._here = here
        self._names = {place: name for name, place in bay.relays.items()}
        self._outputs: dict[str, bool] = {}
        self._test: dict[Quantity, float] = {}
        self._charged = (0.0, 0.0, TYING)

    @property
    def mated(self) -> bool:
        """Whether a unit is connected."""
        return self.hands.mated

    @property
    def covered(self) -> bool:
        """Whether the cover is closed: the operator closes it once the unit is connected."""
        return self.mated and not self.latch_open

    def strike(self, fault: str) -> None:
        """Let a fault of the jig or of the operator begin. Raises KeyError for one that is none."""
        match fault:
            case "hv-lead-broken":
                self.lead_broken = True
            case "interlock-open":
                self.latch_open = True
            case _:
                self.hands.strike(fault)

    def heal(self) -> None:
        """Nothing is wrong with the jig or the operator any more."""
        self.lead_broken = self.latch_open = False
        self.hands.heal()

    def drive(self, device: str, quantity: Quantity, place: str, value: float) -> None:
        """Move a contactor, a lamp, or the tester's voltage."""
        if quantity is Quantity.RELAY and device == self.bay.contactors and place in self._names:
            (self.closed.add if value else self.closed.discard)(self._names[place])
        elif quantity is Quantity.OUTPUT and device == self.bay.io:
            self._light(place, on=bool(value))
        elif device == self.bay.safety:
            self._apply(quantity, value)

    def _light(self, place: str, *, on: bool) -> None:
        was, self._outputs[place] = self._outputs.get(place, False), on
        if place == str(self.bay.lamp) and was and not on:
            self.hands.mated = False  # the lamp goes out: the unit is taken off

    def _apply(self, quantity: Quantity, value: float) -> None:
        self._test[quantity] = value
        if quantity is Quantity.TEST_DC_VOLTS and "hv" in self.closed and not self.lead_broken:
            before = self.residual()
            self._charged = (value or before, self._here.now(), LOST if value else TYING)

    def residual(self) -> float:
        """Volts of direct current between the live conductors and earth."""
        volts, since, tau = self._charged
        return volts * math.exp(-(self._here.now() - since) / tau) if self.mated else 0.0

    def proven(self, quantity: Quantity) -> float | None:
        """Volts at the voltmeter from the jig's proving voltages; None where it is at neither."""
        mine = {Quantity.DC_VOLTS: "proving_dc", Quantity.AC_VOLTS: "proving_ac"}.get(quantity)
        if mine is None or not self.closed & {"proving_dc", "proving_ac"}:
            return None
        return self.bay.proving if mine in self.closed else 0.0

    def sense(self, device: str, quantity: Quantity, place: str, unit: Earthed) -> float | None:
        """What the tester, the inputs and the voltmeter at the inlet find here; None where they are not connected."""
        bay = self.bay
        if quantity is Quantity.INPUT:
            return self._input(device, place)
        if device != bay.safety:
            return None
        match quantity:
            case Quantity.BOND_OHMS:
                return self._bond(unit)
            case Quantity.LEAK_AMPS:
                return self._leak(unit)
            case Quantity.ARC:
                return float(self._reaches("hv") and unit.insulation.breaks(self._crest())) if self.mated else None
            case Quantity.INSULATION:
                return self._resistance(unit)
            case _:
                return None

    def _input(self, device: str, place: str) -> float | None:
        if device == self.bay.io:
            return float(place == str(self.bay.cover) and self.covered)
        if device == self.bay.safety and self._outputs.get(str(self.bay.release)):
            return float(self.covered)
        return None

    def _reaches(self, name: str) -> bool:
        return name in self.closed and not self.lead_broken

    def _bond(self, unit: Earthed) -> float | None:
        paths = [self.bay.bond_reference] if "bond_reference" in self.closed else []
        paths += [
            unit.earth(name) if self.mated else math.inf
            for name in sorted(self.closed)
            if name == "bond" or (name.startswith("pe") and name[2:].isdecimal())
        ]
        if not paths:
            return None
        siemens = sum(1.0 / (ohms + CONTACT) for ohms in paths)
        return 1.0 / siemens if siemens else math.inf

    def _leak(self, unit: Earthed) -> float | None:
        ac, dc = self._test.get(Quantity.TEST_AC_VOLTS, 0.0), self._test.get(Quantity.TEST_DC_VOLTS, 0.0)
        if not self.closed & {"hv", "hv_reference"}:
            return None
        amps = (ac + dc) / self.bay.hv_reference if self._reaches("hv_reference") else 0.0
        if self._reaches("hv") and self.mated:
            amps = math.hypot(amps, unit.insulation.amps(ac, dc))
        return amps

    def _resistance(self, unit: Earthed) -> float | None:
        ohms = [self.bay.hv_reference] if self._reaches("hv_reference") else []
        ohms += [unit.insulation.ohms] if self._reaches("hv") and self.mated else []
        return 1.0 / sum(1.0 / each for each in ohms) if ohms else None

    def _crest(self) -> float:
        return max(
            self._test.get(Quantity.TEST_AC_VOLTS, 0.0), self._test.get(Quantity.TEST_DC_VOLTS, 0.0) / math.sqrt(2)
        )
