"""Inside a rack PDU: its outlets' relays and contacts, its meters, and how chance and faults make one differ from another."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sim.noise import normal, uniform
from sim.population import Key
from sim.power.heat import Warmth
from sim.power.insulation import Insulation
from sim.power.metering import Meter
from sim.power.spec import PduUnit

RATED = 10.0
"""Amperes at which a saturated transformer is judged."""
EARTH = 15e-3
"""Ohms of the path from an outlet's earth contact to the inlet's."""
CONTACT = 6e-3
"""Ohms of a relay and its outlet's contacts."""
WARMING = 8.0
"""Kelvin of a contact above the air, per watt."""
INSULATION = 1e9
"""Ohms from all live conductors together to protective earth."""


@dataclass(slots=True)
class Socket:
    """One outlet. `follows` is the outlet whose command moves its relay, `metered` the one whose current its meter sees."""

    phase: int
    earth: float
    contact: float
    meter: Meter
    volts_gain: float
    warmth: Warmth
    follows: int
    metered: int
    welded: bool = False
    dead: bool = False
    swapped: bool = False
    commanded: bool = False


@dataclass(slots=True)
class Distribution:
    """A whole PDU, of the make that its label gives it."""

    sockets: dict[int, Socket]
    insulation: Insulation
    volts_gain: list[float] = field(default_factory=lambda: [1.0, 1.0, 1.0])
    neutral_open: bool = False

    @classmethod
    def made(cls, unit: PduUnit, key: Key) -> "Distribution":
        """One unit of many alike, whose chance `key` names."""
        member = unit.member

        def spread(width: float, *name: object) -> float:
            return width * max(-2.0, min(2.0, normal(*key, *name)))

        sockets = {
            each.number: Socket(
                each.phase,
                member.logarithmic(key, "earth", EARTH * (1.0 + spread(0.15, "earth", each.number)), each.number),
                member.logarithmic(key, "contact", CONTACT * (1.0 + spread(0.12, "contact", each.number)), each.number),
                Meter(
                    member.linear(key, "ct", 1.0 + spread(1e-3, "ct", each.number), each.number),
                    member.linear(key, "phase", spread(0.02, "phase", each.number), each.number),
                    RATED,
                ),
                member.linear(key, "volts", 1.0 + spread(5e-4, "volts", each.number), each.number),
                Warmth(WARMING, 300.0 + 60.0 * uniform(*key, "tau", each.number)),
                each.number,
                each.number,
            )
            for each in unit.outlets
        }
        farads = member.linear(key, "farads", unit.farads * (1.0 + spread(0.05, "farads")))
        ohms = member.logarithmic(key, "insulation", INSULATION * (1.0 + spread(0.2, "insulation")))
        return cls(sockets, Insulation(ohms, farads))

    def go_on(self, was: "Distribution") -> None:
        """Take over what was told to the same unit before it changed, and how warm it had become."""
        for number, socket in self.sockets.items():
            socket.commanded, socket.warmth = was.sockets[number].commanded, was.sockets[number].warmth

    def closed(self, number: int) -> bool:
        """Whether an outlet's relay is closed."""
        socket = self.sockets[number]
        return socket.welded or (not socket.dead and self.sockets[socket.follows].commanded)

    def strike(self, fault: str, places: tuple[str, ...], value: float) -> bool:
        """Let a fault begin; whether it is one of a PDU."""
        known: dict[str, Callable[[], None]] = {
            "neutral-open": self._open_neutral,
            "insulation-weak": lambda: setattr(self.insulation, "breakdown", value),
            "y-capacitor": lambda: setattr(self.insulation, "farads", value),
            "surge-arrester": lambda: setattr(self.insulation, "ohms", value),
            "phase-swap": lambda: self._swap_phases(places),
            "voltage-gain": lambda: self._gain(places[0], value),
        }
        if fault in known:
            known[fault]()
            return True
        if not places[0].startswith("outlet"):
            return False
        struck = [int(place.removeprefix("outlet")) for place in places]
        return self._strike_outlet(fault, struck, value)

    def _strike_outlet(self, fault: str, struck: list[int], value: float) -> bool:
        first, last = self.sockets[struck[0]], self.sockets[struck[-1]]
        changes: dict[str, Callable[[], None]] = {
            "pe-loose": lambda: setattr(first, "earth", first.earth + value),
            "pe-open": lambda: setattr(first, "earth", float("inf")),
            "neutral-live-swapped": lambda: setattr(first, "swapped", True),
            "relay-welded": lambda: setattr(first, "welded", True),
            "relay-dead": lambda: setattr(first, "dead", True),
            "contact-worn": lambda: setattr(first, "contact", first.contact + value),
            "ct-reversed": lambda: setattr(first.meter, "reversed", True),
            "ct-gain": lambda: setattr(first.meter, "gain", first.meter.gain * value),
            "ct-phase": lambda: setattr(first.meter, "degrees", first.meter.degrees + value),
            "ct-saturated": lambda: setattr(first.meter, "saturated", True),
            "meter-offset": lambda: setattr(first.meter, "offset", value),
        }
        if fault == "relay-crossed":
            first.follows, last.follows = last.follows, first.follows
        elif fault == "meter-swapped":
            first.metered, last.metered = last.metered, first.metered
        elif fault in changes:
            changes[fault]()
        else:
            return False
        return True

    def _open_neutral(self) -> None:
        self.neutral_open = True

    def _swap_phases(self, places: tuple[str, ...]) -> None:
        one, other = (int(place[1:]) for place in places)
        turned = {one: other, other: one}
        for socket in self.sockets.values():
            socket.phase = turned.get(socket.phase, socket.phase)

    def _gain(self, phase: str, value: float) -> None:
        self.volts_gain[int(phase[1:]) - 1] = value
