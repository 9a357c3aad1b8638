"""The physics of a hot loop: pumps and coolant, heater, chiller, and leaks. Time passes exactly between two looks.

All coolant and metal is one heat capacity at one mean temperature; the heater's watts over flow and heat capacity are the
difference between both ends. The chiller's bath goes to its set-point exponentially, and the air of the hall wanders: the mean
follows both by a formula, so it is the same however often somebody looks. Only what depends on the mean itself is looked at every
STEP seconds of the world's time: a joint that leaks when it is warm, and the flow through a filter that clogs.
"""

import math
from dataclasses import dataclass, field

from sim.cooling.coolant import PG25, Coolant
from sim.cooling.hydraulics import Pump, operating_point
from sim.cooling.spec import LoopSlot
from sim.here import Here
from sim.noise import uniform
from sim.traits import Traits

HEAT_CAPACITY = 70_000.0
"""Joules per kelvin of coolant and metal."""
EXCHANGE = 1_500.0
"""Watts per kelvin between coolant and the chiller's bath, while both flow."""
LOST = 3.0
"""Watts per kelvin from the loop to the air."""
BATH_TAU = 300.0
"""Seconds in which the chiller reaches its set-point."""
CLOGGING_TAU = 3600.0
PRESSED = 1.5
"""kPa above the air of the coolant that stands: the reservoir's level."""
STEP = 10.0
REFERENCE = 25.0
"""Degrees Celsius at which resistances are drawn."""
DENSITY, VISCOSITY = PG25.density(REFERENCE), PG25.viscosity(REFERENCE)
"""Of the coolant with which they are drawn."""


@dataclass(slots=True)
class Wrong:
    """What is wrong with the unit and with the jig, as far as physics is concerned."""

    worn: dict[str, float] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    leaky: set[str] = field(default_factory=set)
    dragging: dict[str, float] = field(default_factory=dict)
    coolant: Coolant = PG25
    blocked: float = 1.0
    air: float = 0.0
    """The part of the loop's volume that is bubbles."""
    clogging: float = 0.0
    """Growth of the filter's resistance per hour, as a fraction of the loop's."""
    clogging_since: float = 0.0
    drips: set[str] = field(default_factory=set)
    hot_leaks: dict[str, float] = field(default_factory=dict)
    """Degrees Celsius above which a joint leaks, by its place."""
    welded: bool = False

    def clog(self, growth: float, since: float) -> None:
        """The filter begins to fill up: by that part of the loop's resistance in an hour."""
        self.clogging, self.clogging_since = growth, since


class Loop:
    """State of one loop. `settle` before anything is looked at or moved."""

    def __init__(self, slot: LoopSlot, here: Here) -> None:
        self.unit, self.jig, self.here = slot.unit, slot.jig, here
        self.wrong = Wrong()
        self.mated = False
        self.duty = dict.fromkeys(slot.unit.pumps, 0.0)
        """Of each pump that is told to run, as a fraction."""
        self.heating = False
        self.open: set[str] = set()
        self.set_point, self.chilling = 20.0, False
        self.dry_heat = 0.0
        """Seconds that the heater was on while nothing flowed: never, if the station does its work."""
        self.dripped: dict[str, float] = {}
        """Seconds that each place has been leaking."""
        self._traits = Traits(slot.unit.member, slot.unit.member.key(here.seed, slot.name))
        self._jig_key = here.seed, slot.name
        self._at = here.now()
        self.mean = self.bath = here.celsius
        self._point: tuple[float, float] | None = None
        self._risen: float | None = None

    @property
    def watts(self) -> float:
        """Of the heater, into the coolant."""
        on = self.heating or self.wrong.welded
        return self.jig.watts * (1.0 + 0.01 * (uniform(*self._jig_key, "heater") - 0.5)) if on else 0.0

    @property
    def flow(self) -> float:
        """Litres per minute of coolant."""
        return self._meet()[0]

    @property
    def lift(self) -> float:
        """KPa between outlet and inlet of the unit."""
        return self._meet()[1]

    def kilopascal(self, end: str) -> float:
        """Above the air, at the unit's outlet (`out`) or inlet (`in`)."""
        standing = 0.0 if "vent" in self.open else PRESSED
        return standing + (self.lift if end == "out" else 0.0)

    @property
    def hot(self) -> float:
        """Degrees Celsius of what returns to the unit."""
        return self.mean + self._rise() / 2.0

    @property
    def cold(self) -> float:
        """Degrees Celsius of what the unit delivers."""
        return self.mean - self._rise() / 2.0

    def speed(self, pump: str) -> float:
        """Of a pump, 1 is full."""
        return 0.0 if pump in self.wrong.failed else self.duty.get(pump, 0.0) * self._traits.linear("speed", 1.0, pump)

    def pump_watts(self, pump: str) -> float:
        """What a pump takes: with the cube of its speed."""
        spread = self._traits.linear("watts", 1.0 + 0.02 * (self._traits.chance(f"watts {pump}") - 0.5), pump)
        return self.unit.watts * self.speed(pump) ** 3 * spread * self.wrong.dragging.get(pump, 1.0)

    def settle(self) -> None:
        """Let the time since the last look pass."""
        now, wrong = self.here.now(), self.wrong
        while now - self._at > 1e-9:
            ahead = (math.floor(self._at / STEP + 1e-9) + 1.0) * STEP if wrong.hot_leaks or wrong.clogging else now
            self._pass(min(now, ahead))
            self.stir()

    def stir(self) -> None:
        """Something is not as it was: flow and temperatures have to be found again."""
        self._point = self._risen = None

    def _pass(self, until: float) -> None:
        since, before, flow = self._at, self.mean, self.flow
        seconds = until - since
        if self.watts > 0.0 and flow < 0.5:
            self.dry_heat += seconds
        self._warm(since, until, EXCHANGE if self.chilling and flow >= 0.5 else 0.0)
        for place in self.wrong.drips:
            self.dripped[place] = self.dripped.get(place, 0.0) + seconds
        for place, bound in self.wrong.hot_leaks.items():
            if place not in self.wrong.drips and (part := _above(bound, before, self.mean)) > 0.0:
                self.dripped[place] = self.dripped.get(place, 0.0) + part * seconds
        self._at = until

    def _warm(self, since: float, until: float, exchange: float) -> None:
        """C dT/dt = watts + exchange (bath - T) + LOST (air - T), whose solution is written down."""
        seconds, pull = until - since, exchange + LOST
        kept, aim = math.exp(-seconds * pull / HEAT_CAPACITY), self.set_point if self.chilling else self.bath
        cooled = math.exp(-seconds / BATH_TAU)
        inside = self.watts + sum(self.pump_watts(each) for each in self.unit.pumps)
        lag = HEAT_CAPACITY / pull
        late = (cooled - kept) / (1.0 - lag / BATH_TAU)  # the bath's distance from its aim, as the mean follows it
        self.mean = (
            self.mean * kept
            + (inside + exchange * aim) / pull * (1.0 - kept)
            + exchange / pull * (self.bath - aim) * late
            + LOST / pull * self.here.air.followed(since, until, lag)
        )
        self.bath = aim + (self.bath - aim) * cooled

    def _rise(self) -> float:
        """Kelvins from cold to hot."""
        if self._risen is None:
            flow, coolant, mean = self.flow, self.wrong.coolant, self.mean
            heat = flow / 60_000.0 * coolant.density(mean) * (1.0 - self.wrong.air) * coolant.heat(mean)
            self._risen = 0.0 if flow < 0.5 else self.watts / heat
        return self._risen

    def _meet(self) -> tuple[float, float]:
        if self._point is None:
            self._point = self._operating_point()
        return self._point

    def _operating_point(self) -> tuple[float, float]:
        unit, wrong, coolant = self.unit, self.wrong, self.wrong.coolant
        pumps = [
            Pump(
                self.speed(each),
                unit.head
                * self._traits.linear("head", 1.0 + 0.02 * (self._traits.chance(f"head {each}") - 0.5), each)
                * wrong.worn.get(each, 1.0),
                unit.droop,
                each in wrong.leaky,
            )
            for each in unit.pumps
        ]
        if not self.mated or not {"supply", "back"} <= self.open:
            return 0.0, max(each.head * each.speed**2 for each in pumps)
        dense = coolant.density(self.mean) * (1.0 - wrong.air) / DENSITY
        thick = coolant.viscosity(self.mean) / VISCOSITY
        spread = self._traits.linear("loop", 1.0 + 0.03 * (self._traits.chance("loop") - 0.5))
        hours = max(0.0, self._at - wrong.clogging_since) / CLOGGING_TAU if wrong.clogging else 0.0
        a = unit.a * spread * dense * (wrong.blocked + wrong.clogging * hours)
        return operating_point(pumps, a, unit.b * spread * thick * math.sqrt(wrong.blocked))


def _above(bound: float, before: float, after: float) -> float:
    """The part of a step in which what goes from `before` to `after` is above a bound."""
    low, high = sorted((before, after))
    return float(low > bound) if low == high else min(1.0, max(0.0, (high - bound) / (high - low)))
