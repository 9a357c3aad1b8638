"""The plant of one leak bench, as instruments reach it."""

from collections.abc import Callable

from sim.ailments import Ailment, Ailments
from sim.cooling.gas import ATMOSPHERE
from sim.cooling.manifold import Rig, Wrong
from sim.cooling.spec import ManifoldSlot, Port
from sim.hands import Hands
from sim.here import Here
from sim.quantity import Quantity

MISSING = 300_000.0
"""Standard cubic centimetres per minute through a quick disconnect without its poppet, or a joint without its seal."""


class ManifoldPlant:
    """One slot. At first the bench is empty."""

    def __init__(self, slot: ManifoldSlot, here: Here) -> None:
        self.slot = slot
        self.rig = Rig(slot, here)
        self.seen: list[tuple[float, str, bool]] = []
        """Everything that was switched: when, what, on or off."""
        self._here = here
        self._hands = Hands(slot.unit.label)
        self._ailments = Ailments()
        self._covered = True
        jig = slot.jig
        self._names = {port: name for name, port in (*jig.valves.items(), *jig.couplings.items())}

    @property
    def mated(self) -> bool:
        """Whether a unit is in place."""
        return self._hands.mated

    @property
    def devices(self) -> frozenset[str]:
        """The instruments of the bench."""
        jig = self.slot.jig
        return frozenset(
            {jig.pressure, jig.flow, jig.operator, jig.cover.device, jig.seat.device, *(p.device for p in self._names)}
        )

    @property
    def operator(self) -> str:
        """The scanner of this slot."""
        return self.slot.jig.operator

    def sense(self, device: str, quantity: Quantity, place: str) -> float | None:
        """What an instrument finds here."""
        self.rig.settle()
        jig, rig = self.slot.jig, self.rig
        match quantity:
            case Quantity.PASCAL if device == jig.pressure:
                return rig.pascal + rig.wrong.offset
            case Quantity.TEMPERATURE if device == jig.pressure:
                return rig.block
            case Quantity.LITRES_PER_MINUTE if device == jig.flow:
                return rig.flow
            case Quantity.PASCAL if device == jig.flow:
                return rig.pascal if rig.stands("fill") else ATMOSPHERE
            case Quantity.TEMPERATURE if device == jig.flow:
                return self._here.celsius
            case Quantity.INPUT:
                return self._input(Port(device, int(place)))
            case _:
                return None

    def drive(self, device: str, quantity: Quantity, place: str, value: float) -> None:
        """Move a valve or a coupling, or set the flow."""
        self.rig.settle()
        if quantity is Quantity.LITRES_PER_MINUTE and device == self.slot.jig.flow:
            self.rig.set_point = value
        elif quantity is Quantity.OUTPUT and (name := self._names.get(Port(device, int(place)))) is not None:
            self._switch(name, on=bool(value))

    def mate(self) -> None:
        """Put the unit in place."""
        self.rig.settle()
        self._hands.mate()
        self._seat()

    def unmate(self) -> None:
        """Take the unit off."""
        self.rig.settle()
        self._hands.mated = False
        self._seat()

    def scan(self) -> str:
        """What the scanner reads here."""
        return self._hands.scan()

    def strike(self, fault: str, places: tuple[str, ...], value: float | None) -> None:
        """Let a fault of the unit, of the jig or of the operator begin."""
        self.rig.settle()
        self._ailments.begin(fault, places, value, self._here.now())
        self._build()

    def heal(self, fault: str, places: tuple[str, ...], value: float | None) -> None:
        """Let a fault end that has begun."""
        self.rig.settle()
        self._ailments.end(fault, places, value)
        self._build()

    def _build(self) -> None:
        """Put jig and unit together as drawn, and as they are now."""
        self.rig.wrong, self._covered = Wrong(), True
        self._hands.heal()
        for each in self._ailments:
            self._begin(each)
        self._seat()

    def _begin(self, ailment: Ailment) -> None:
        wrong, fault, place, size = self.rig.wrong, ailment.fault, ailment.places[0], ailment.size
        begin: dict[str, Callable[[], object]] = {
            "gas-leak": lambda: wrong.leaks.update({place: size}),
            "crack": lambda: wrong.cracks.update({place: size}),
            "seal-missing": lambda: wrong.leaks.update({place: MISSING}),
            "poppet-missing": lambda: wrong.leaks.update({place: MISSING}),
            "creep": lambda: setattr(wrong, "creep", size / 100.0),
            "wrong-volume": lambda: setattr(wrong, "volume", size),
            "branch-blocked": lambda: wrong.blocked.update({self.slot.unit.ends[place]: size}),
            "coupling-leak": lambda: wrong.seals.update({place: size}),
            "coupling-stuck": lambda: wrong.stuck.update({place: False}),
            "bench-leak": lambda: setattr(wrong, "bench", size),
            "calibrated-leak-blocked": lambda: setattr(wrong, "calibrated", 0.0),
            "fill-valve-passes": lambda: setattr(wrong, "fill", size),
            "isolate-stuck-open": lambda: wrong.stuck.update({"isolate": False}),
            "isolate-stuck-shut": lambda: wrong.stuck.update({"isolate": True}),
            "zero-shifted": lambda: setattr(wrong, "offset", size),
            "draught": lambda: wrong.cool(size, ailment.since),
            "cover-open": lambda: setattr(self, "_covered", False),
        }
        if fault in begin:
            begin[fault]()
        else:
            self._hands.strike(fault)

    def _seat(self) -> None:
        self.rig.mated = self.mated
        self.rig.join()

    def _switch(self, name: str, *, on: bool) -> None:
        """When the next test begins on a bench at rest, the last unit is off already."""
        rig, at = self.rig, self._here.now()
        if on and self._hands.begin(at):
            self.unmate()
        if (name in rig.on) != on:
            self.seen.append((at, name, on))
        (rig.on.add if on else rig.on.discard)(name)
        rig.join()
        if not rig.on:
            self._hands.rest(at)

    def _input(self, port: Port) -> float | None:
        jig, name = self.slot.jig, self._names.get(port)
        if port == jig.cover:
            return float(self._covered)
        if port == jig.seat:
            return float(self.mated)
        return float(self.rig.stands(name)) if name in jig.couplings else None
