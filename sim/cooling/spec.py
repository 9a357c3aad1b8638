"""What a slot for manifolds, or for pumping units, is made of, as plain data. Litres, pascals, kelvins, watts."""

from dataclasses import dataclass
from typing import NamedTuple

from sim.population import AS_DRAWN, Member


class Port(NamedTuple):
    """One output or input of a module: the module's name on the bench, and the number from 0."""

    device: str
    number: int


@dataclass(frozen=True, slots=True)
class Branch:
    """What a branch resists to air: `a` Pa/(l/min)^2 and `b` Pa/(l/min), flows at 25 degrees Celsius and 101,325 Pa."""

    a: float
    b: float


@dataclass(frozen=True, slots=True)
class Manifold:
    """The unit as drawn: its volume in litres, the branch behind each quick disconnect, its label.

    `ends` gives each branch its quick disconnect.
    """

    litres: float
    branches: dict[str, Branch]
    ends: dict[str, str]
    label: str = ""
    member: Member = AS_DRAWN
    """Ranges: `volume` and `branch` as factors of what is drawn, `leak` of the header and of each quick disconnect in sccm."""


@dataclass(frozen=True, slots=True)
class LeakBench:
    """The jig: names of the instruments, where its valves and couplings sit, and what it is made of.

    The valves are `fill` and `leak` (on is open), `isolate` and `vent` (on is shut), `through` (on is open: the couplings'
    collector leads to the air). `couplings` gives each quick disconnect its actuator; the input of the same number is its
    switch. Inputs of the valves' module: `cover` and `seat` (a unit is in place).
    """

    name: str
    pressure: str
    flow: str
    operator: str
    valves: dict[str, Port]
    couplings: dict[str, Port]
    cover: Port
    seat: Port
    litres: float
    collector: float
    calibrated: float
    """Standard cubic centimetres per minute of the calibrated leak at `pascal`."""
    pascal: float
    """The test pressure at which leaks are stated."""
    supply: float = 800_000.0


@dataclass(frozen=True, slots=True)
class ManifoldSlot:
    """A leak bench for manifolds, with its own plant."""

    name: str
    jig: LeakBench
    unit: Manifold


@dataclass(frozen=True, slots=True)
class PumpingUnit:
    """The unit as drawn. Heads in kPa at full speed, flows in l/min, resistances at 25 degrees Celsius in its coolant.

    A pump lifts `head` x speed^2 - `droop` x flow^2; the whole loop resists `a` x flow^2 + `b` x flow.
    """

    pumps: tuple[str, ...]
    head: float
    droop: float
    rpm: float
    """Of a pump at a duty of 100 %."""
    watts: float
    """Of a pump at full speed, and with the cube of its speed below."""
    a: float
    b: float
    label: str = ""
    member: Member = AS_DRAWN
    """Ranges: as factors of what is drawn `head`, `speed` and `watts` of each pump, `loop` and `flow`; `zero` of each
    pressure in kPa, and `thermometer` in kelvins.
    """


@dataclass(frozen=True, slots=True)
class LoopBench:
    """The jig: names of the instruments, and what is wired to which port.

    `supply` and `back` are the loop's valves (on is open), `vent` opens the loop to the air. The rope's relay is closed
    while it is whole and dry, `lock` while the unit's hoses are locked; `cover` is the interlock.
    """

    name: str
    cdu: str
    chiller: str
    meter: str
    pressure: str
    operator: str
    heater: Port
    cover: Port
    rope: Port
    lock: Port
    supply: Port
    back: Port
    vent: Port
    watts: float
    """Of the heater."""


@dataclass(frozen=True, slots=True)
class LoopSlot:
    """A hot loop for pumping units, with its own plant."""

    name: str
    jig: LoopBench
    unit: PumpingUnit
