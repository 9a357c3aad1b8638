"""A pumping unit as its product file writes it: which register holds what, its pumps, its loop, and how it is burnt in."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from sequences.cooling.manifold import STRICT
from sequences.cooling.resistance import Curve
from sequences.family import Place, Problem

SENSORS = ("flow", "T_out", "T_in", "p_out", "p_in")
"""What every unit says: its flow, and temperature and pressure at its outlet and inlet."""


@dataclass(frozen=True, slots=True)
class Pump:
    """One pump: its registers."""

    __pydantic_config__: ClassVar[Any] = STRICT
    duty: str
    """The register of its duty in percent."""
    tach: str
    """The register of its speed in revolutions per minute."""
    watts: str
    """The register of its power."""


@dataclass(frozen=True, slots=True)
class Hydraulics:
    """What pumps and loop are drawn to do; flows in l/min, heads in kPa."""

    __pydantic_config__: ClassVar[Any] = STRICT
    head: float
    """Head of one pump at full speed without flow."""
    droop: float
    """kPa/(l/min)^2 by which a pump's head falls with its flow."""
    rpm: float
    """Speed of a pump at full duty."""
    watts: float
    """Power of a pump at full duty."""
    a: float
    """kPa/(l/min)^2 of the whole loop, at 25 degrees Celsius."""
    b: float
    """kPa/(l/min) of the whole loop, at 25 degrees Celsius."""

    @property
    def loop(self) -> Curve:
        """The loop's drop at 25 degrees Celsius."""
        return Curve(self.a, self.b)


@dataclass(frozen=True, slots=True)
class Burn:
    """How it is burnt in. Temperatures in degrees Celsius, times in seconds."""

    __pydantic_config__: ClassVar[Any] = STRICT
    seconds: float
    """How long it stays hot."""
    every: float
    """Between two looks at everything."""
    bath: float
    """What the chiller aims at meanwhile."""
    hottest: float
    """Above this anywhere the heater goes off at once."""
    cool: float
    """Below this everywhere the pumps may stop."""
    lowest_flow: float
    """Litres per minute below which no heater may be on."""
    duty: float
    """Percent at which its pumps run while it is hot."""


@dataclass(frozen=True)
class PumpingUnit:
    """The structure of a reservoir and pumping unit."""

    __pydantic_config__: ClassVar[Any] = STRICT
    map: str
    """The register map by which it speaks."""
    sensors: dict[str, str]
    """Registers of flow, T_out, T_in, p_out, p_in, and of more thermometers by names that begin with T_."""
    pumps: dict[str, Pump]
    """Its pumps by name, in order."""
    manual: list[str]
    """Flags, as REGISTER.FLAG, that let us command its pumps."""
    leak_sensing: list[str]
    """Flags that make it look for leaks."""
    leaks: dict[str, str]
    """Flags that say that it leaks, and where."""
    broken_sensors: dict[str, str]
    """Flags that say that a leak sensor is broken, and which."""
    alarms: dict[str, str]
    """Flags of its other alarms, and what each means: the cause of a finding."""
    hydraulics: Hydraulics
    """What pumps and loop are drawn to do."""
    burn: Burn
    """How it is burnt in."""
    duties: list[float] = field(default_factory=lambda: [45.0, 65.0, 85.0])
    """Percent at which flow and pressure are compared, all pumps together."""
    solo: float = 80.0
    """Percent at which each pump is tried alone."""

    @cached_property
    def thermometers(self) -> tuple[str, ...]:
        """The names of all its thermometers."""
        return tuple(name for name in self.sensors if name.startswith("T_"))

    @cached_property
    def flag_registers(self) -> tuple[str, ...]:
        """The registers of leaks and alarms."""
        flags = (*self.leaks, *self.broken_sensors, *self.alarms)
        return tuple(dict.fromkeys(flag.partition(".")[0] for flag in flags))

    def spoken(self) -> dict[Place, str]:
        """Where the product file names a register of `map`, or a flag of one as REGISTER.FLAG."""
        found: dict[Place, str] = {("sensors", what): name for what, name in self.sensors.items()}
        for name, pump in self.pumps.items():
            found |= {("pumps", name, key): getattr(pump, key) for key in ("duty", "tach", "watts")}
        for key in ("manual", "leak_sensing"):
            found |= {(key, at): flag for at, flag in enumerate(getattr(self, key))}
        for key in ("leaks", "broken_sensors", "alarms"):
            found |= {(key, flag): flag for flag in getattr(self, key)}
        return found

    def problems(self) -> list[Problem]:
        """Everything that the types cannot say, all at once."""
        found: list[Problem] = [(("sensors",), f"nothing for {name}") for name in SENSORS if name not in self.sensors]
        found += [
            (("sensors", name), f"{name!r} is neither {', '.join(SENSORS)} nor another thermometer T_...")
            for name in self.sensors
            if name not in SENSORS and not name.startswith("T_")
        ]
        if len(self.pumps) < 2:
            found.append((("pumps",), "a unit has two pumps or more: one must be able to fail"))
        for key in ("manual", "leak_sensing", "leaks", "broken_sensors", "alarms"):
            found += [((key,), f"{flag!r} is not REGISTER.FLAG") for flag in getattr(self, key) if "." not in flag]
        if not self.leaks:
            found.append((("leaks",), "nothing would say that it leaks"))
        if len(set(self.duties)) < 3:
            found.append((("duties",), "three or more different duties"))
        for at, duty in enumerate(self.duties):
            found += _out(("duties", at), duty, 10.0, 100.0)
        found += _out(("solo",), self.solo, 10.0, 100.0)
        for name in ("head", "droop", "rpm", "watts", "a", "b"):
            found += _out(("hydraulics", name), getattr(self.hydraulics, name), 1e-6, 1e5)
        for name, low, high in (
            ("seconds", 60.0, 1e6), ("every", 1.0, 600.0), ("bath", 5.0, 80.0), ("hottest", 30.0, 95.0),
            ("cool", 20.0, 60.0), ("lowest_flow", 0.5, 1e3), ("duty", 10.0, 100.0),
        ):  # fmt: skip
            found += _out(("burn", name), getattr(self.burn, name), low, high)
        if not self.burn.bath < self.burn.hottest:
            found.append(
                (("burn", "hottest"), f"found {self.burn.hottest:g}; allowed: more than the bath's {self.burn.bath:g}")
            )
        return found

    def lacks(self, point: str) -> str:
        """What the structure must say for a point to have a nominal value: it says all."""
        return "" if point in self.pumps or not point else f"there is no pump {point}"


def _out(where: tuple[str | int, ...], value: float, low: float, high: float) -> list[Problem]:
    return [] if low <= value <= high else [(where, f"found {value:g}; allowed: {low:g} to {high:g}")]
