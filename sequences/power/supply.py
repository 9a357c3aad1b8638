"""A power supply as its product file writes it: what feeds it, what it puts out, and what its registers mean."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from sequences.family import Place, Problem
from sequences.power.parts import STRICT, Bond, Insulation, Withstand, odd_safety, outside

QUANTITIES = (
    "output_volts",
    "output_amps",
    "output_watts",
    "input_volts",
    "input_watts",
    "bulk_volts",
    "fan",
    "inlet_temperature",
    "outlet_temperature",
    "hottest",
)
"""What a supply must tell of itself."""
OPTIONAL = ("input_amps", "hertz", "power_factor", "distortion")
"""What it may tell besides."""


@dataclass(frozen=True)
class Psu:
    """The structure of a power supply with one phase at its inlet and direct current at its output."""

    __pydantic_config__: ClassVar[Any] = STRICT
    volts: float
    """Volts rms that feed it."""
    hertz: float
    """Of its mains."""
    output_volts: float
    """Its set-point, without load."""
    rated_amps: float
    """What it puts out at most, for ever."""
    loads: list[float]
    """Amperes at which it is tried, the first 0, in rising order."""
    dwell: float
    """Seconds at the greatest of them before its temperatures count."""
    map: str
    """The register map that it speaks, which is the model of the slot's `psu` role."""
    registers: dict[str, str]
    """The register behind each quantity, by what it means."""
    alarms: dict[str, str]
    """The registers of its alarms, each flag of which must be clear, by name."""
    identity: dict[str, str]
    """What registers of text must say, exactly."""
    serial: str
    """The register that holds the serial number of the label."""
    rpm: float
    """The nominal speed of its fan at two thirds of its load."""
    bond: Bond
    """The ground bond test of its chassis."""
    withstand: Withstand
    """The withstand voltage test, primary to chassis."""
    insulation: Insulation
    """The insulation test."""
    settle: float = 3.0
    """Seconds that its own readings need after a step of the load."""

    def spoken(self) -> dict[Place, str]:
        """Where the product file names a register of `map`."""
        found: dict[Place, str] = {("serial",): self.serial}
        found |= {("registers", what): name for what, name in self.registers.items()}
        found |= {("alarms", what): name for what, name in self.alarms.items()}
        return found | {("identity", name): name for name in self.identity}

    def lacks(self, point: str) -> str:
        """Nothing of it has a nominal value that the structure would have to say."""
        return f"{point} has no nominal value"

    def problems(self) -> list[Problem]:
        """Everything that the types cannot say, all at once."""
        found: list[Problem] = [*odd_safety(self.bond, self.withstand, self.insulation), *self._odd_values()]
        missing = [name for name in QUANTITIES if name not in self.registers]
        if missing:
            found.append((("registers",), f"nothing says which register is {', '.join(missing)}"))
        known = {*QUANTITIES, *OPTIONAL}
        found += [
            (("registers", name), f"nothing is called {name!r}; allowed: {', '.join(sorted(known))}")
            for name in self.registers
            if name not in known
        ]
        if not self.alarms:
            found.append((("alarms",), "a supply has at least one register of alarms"))
        if not self.identity:
            found.append((("identity",), "at least one register must say what it is"))
        return found

    def _odd_values(self) -> Iterator[Problem]:
        yield from outside(("volts",), self.volts, 90.0, 300.0)
        yield from outside(("hertz",), self.hertz, 45.0, 66.0)
        yield from outside(("output_volts",), self.output_volts, 1.0, 90.0)
        yield from outside(("rated_amps",), self.rated_amps, 0.1, 1000.0)
        yield from outside(("settle",), self.settle, 0.1, 60.0)
        yield from outside(("dwell",), self.dwell, 1.0, 7200.0)
        yield from outside(("rpm",), self.rpm, 100.0, 50000.0)
        if len(self.loads) < 3 or self.loads[0] or sorted(set(self.loads)) != self.loads:
            yield ("loads",), "found no 0, then two or more rising loads"
        for at, each in enumerate(self.loads):
            yield from outside(("loads", at), each, 0.0, self.rated_amps)
