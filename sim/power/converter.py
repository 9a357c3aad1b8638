"""A power converter of 3 kW: its output droops with the load, it loses a + b I + c I^2, and it warms what cools it."""

from dataclasses import dataclass, field

from sim.noise import normal
from sim.population import Key
from sim.power.heat import Warmth
from sim.power.insulation import Insulation
from sim.power.spec import PsuUnit

DROOP = 0.5
"""Volts from no load to the rated one."""
LOSS = (14.0, 0.2, 0.0145)
"""Watts, watts per ampere, watts per square ampere: 97.8 % at two thirds of the load."""
WARMING = 0.75
"""Kelvin of the outgoing air above the incoming, per watt lost, at the fan's nominal speed."""
HOTTER = 15.0
"""Kelvin of the hottest part above the outgoing air, at two thirds of the load."""
TAU = 240.0
EARTH = 12e-3
"""Ohms from the inlet's earth contact to the chassis."""
BULK = 446.0
"""Volts of the bulk capacitor."""
INTAKE = 1.5
"""Kelvin of the incoming air below that of the hall."""
ALARMED = 75.0
"""Degrees Celsius of the outgoing air from which the supply complains."""


@dataclass(slots=True)
class Converter:
    """One supply, of the make that its label gives it."""

    unit: PsuUnit
    zero_volts: float
    losses: float
    """Watts more than LOSS, per watt put out."""
    rpm: float
    gains: dict[str, float]
    insulation: Insulation
    earth: float = EARTH
    bulk: float = BULK
    fan: float = 1.0
    """Of the speed it should have."""
    firmware: float | None = None
    """Its revision, where it is not the one it should be."""
    warmth: Warmth = field(default_factory=lambda: Warmth(WARMING, TAU))

    @classmethod
    def made(cls, unit: PsuUnit, key: Key) -> "Converter":
        """One unit of many alike, whose chance `key` names."""
        member = unit.member

        def spread(width: float, name: str) -> float:
            return width * max(-2.0, min(2.0, normal(*key, name)))

        names = ("volts", "amps", "watts", "input_volts", "input_amps", "input_watts")
        return cls(
            unit,
            member.linear(key, "volts", unit.volts - 0.06 + spread(0.012, "volts")),
            member.linear(key, "losses", spread(5e-4, "losses")),
            member.linear(key, "rpm", unit.rpm * (1.0 + spread(0.012, "rpm"))),
            {name: member.linear(key, "gain", 1.0 + spread(1e-3, f"gain of {name}"), name) for name in names},
            Insulation(member.logarithmic(key, "insulation", 2e7 * (1.0 + spread(0.1, "insulation"))), 2e-9, 3500.0),
            member.logarithmic(key, "earth", EARTH),
            member.linear(key, "bulk", BULK),
        )

    def volts(self, amps: float) -> float:
        """At the output, of direct current."""
        return self.zero_volts - DROOP * amps / self.unit.rated_amps

    def lost(self, amps: float) -> float:
        """Watts that do not come out."""
        a, b, c = LOSS
        return a + b * amps + c * amps * amps + self.losses * self.volts(amps) * amps

    def drawn(self, amps: float) -> float:
        """Watts that go in."""
        return self.volts(amps) * amps + self.lost(amps)

    def cooled(self) -> float:
        """How much warmer the air gets than with a good fan."""
        return 1.0 / max(self.fan, 0.25)

    def distortion(self, amps: float) -> float:
        """Percent of the input current: more at light load."""
        return 4.9 + 8.0 * max(0.0, 1.0 - amps / (0.66 * self.unit.rated_amps))

    def power_factor(self, amps: float) -> float:
        """Of the input."""
        return 0.996 - 0.04 * max(0.0, 1.0 - amps / (0.3 * self.unit.rated_amps))

    def strike(self, fault: str, value: float) -> bool:
        """Let a fault begin; whether it is one of a supply."""
        match fault:
            case "psu-low-efficiency":
                self.losses += value / 100.0
            case "psu-setpoint":
                self.zero_volts = value
            case "fan-failed":
                self.fan = 0.0
            case "fan-slow":
                self.fan = value
            case "wrong-firmware":
                self.firmware = 0.93
            case "pe-loose":
                self.earth += value
            case "pe-open":
                self.earth = float("inf")
            case "insulation-weak":
                self.insulation.breakdown = value
            case _:
                return False
        return True
