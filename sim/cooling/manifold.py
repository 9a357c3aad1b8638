"""The plant of a leak bench: jig, manifold and couplings' collector as vessels of gas, joined by valves.

Vessels that are joined have one pressure. The metal follows the air of the hall slowly; the pressure sensor sits in the
jig's block and shows the metal's temperature there.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sim.cooling.gas import ATMOSPHERE, ZERO, Vessel, crack, pinholes, through
from sim.cooling.spec import Branch, ManifoldSlot
from sim.here import Here
from sim.traits import Traits

METAL_LAG = 1200.0
"""Seconds in which the metal follows the air."""
SEEN = 0.6
"""The part of a sudden draught that reaches the sensor's block."""
WIDE = 2e-3
"""Standard litres per minute and pascal through an open vent or a gap."""
SOURCE = 1e-4
"""The same through the flow controller with its valve wide open."""
BIGGEST_STEP = 10.0
WARM_STEP = 0.2
"""Seconds, while the gas has not taken the temperature of the metal."""

_Group = tuple[str, ...]
"""The names of vessels that are joined."""
_Leaks = tuple[Sequence[float], Sequence[float]]
"""Pinholes and cracks of a group, in standard cubic centimetres per minute at the test pressure."""
_Ways = tuple[float, float, float, float]
"""What flows into a group, what it loses per pascal above the air, its litres and its pressure."""


@dataclass(slots=True)
class Wrong:
    """What is wrong with unit and jig; leaks in standard cubic centimetres per minute at the test pressure."""

    leaks: dict[str, float] = field(default_factory=dict)
    cracks: dict[str, float] = field(default_factory=dict)
    """The same where flow is laminar."""
    creep: float = 0.0
    volume: float = 1.0
    blocked: dict[str, float] = field(default_factory=dict)
    seals: dict[str, float] = field(default_factory=dict)
    bench: float = 0.0
    calibrated: float = 1.0
    fill: float = 0.0
    stuck: dict[str, bool] = field(default_factory=dict)
    """Ports whose valve or coupling stands still, and how."""
    offset: float = 0.0
    cooling: float = 0.0
    cooling_since: float = 0.0

    def cool(self, kelvins_per_hour: float, since: float) -> None:
        """A draught begins to cool the metal."""
        self.cooling, self.cooling_since = kelvins_per_hour, since


class Rig:
    """Valves, couplings and gas of one leak bench. `settle` before anything is looked at or moved."""

    def __init__(self, slot: ManifoldSlot, here: Here) -> None:
        self.jig, self.unit, self.here = slot.jig, slot.unit, here
        self.on: set[str] = set()
        """Valves and couplings whose output is on, by name."""
        self.wrong = Wrong()
        self.set_point = 0.0
        self.mated = False
        self._traits = Traits(slot.unit.member, slot.unit.member.key(here.seed, slot.name))
        self._at = here.now()
        self._followed = (math.nan, math.nan)
        metal = self.metal
        self._pressed_since: float | None = None
        self._vessels = {name: Vessel.of_air(self._litres(name), metal + ZERO) for name in ("jig", "unit", "collector")}

    @property
    def metal(self) -> float:
        """Degrees Celsius of unit and jig."""
        return self._metal(1.0)

    @property
    def block(self) -> float:
        """Degrees Celsius of the block in which the pressure sensor sits."""
        return self._metal(SEEN)

    def stands(self, name: str) -> bool:
        """Whether a valve or a coupling has really moved to where its output says."""
        return self.wrong.stuck.get(name, name in self.on)

    @property
    def engaged(self) -> frozenset[str]:
        """The quick disconnects into which a coupling is pushed."""
        return frozenset(name for name in self.jig.couplings if self.stands(name))

    @property
    def pascal(self) -> float:
        """Absolute pressure in the jig."""
        return self._vessels["jig"].pascal(self._litres("jig"), self.metal + ZERO)

    @property
    def flow(self) -> float:
        """Standard litres per minute through the flow controller."""
        if not self.stands("fill"):
            return 0.0
        return max(0.0, min(self.set_point, SOURCE * (self.jig.supply - self.pascal)))

    def settle(self) -> None:
        """Let the time since the last look pass."""
        now = self.here.now()
        if now - self._at <= 1e-9:
            return
        leaks = {group: (self._holes(group), self._cracks(group)) for group in self._groups()}
        while (left := now - self._at) > 1e-9:
            metal = self.metal + ZERO
            ways = {group: self._ways(group, each, metal) for group, each in leaks.items()}
            step = min(left, self._step(ways))
            for group, each in ways.items():
                self._pass(group, each, step, metal)
            self._at += step
            self._watch(metal)

    def join(self) -> None:
        """What valves have just joined has one pressure from now on; what a coupling has left is open to the air."""
        if not self.engaged:
            self._vessels["collector"] = Vessel.of_air(self.jig.collector, self.metal + ZERO)
        if not self.mated:
            self._vessels["unit"] = Vessel.of_air(self._litres("unit"), self.metal + ZERO)
        for group in self._groups():
            whole = sum(self._litres(name) for name in group)
            amount = sum(self._vessels[name].amount for name in group)
            excess = sum(self._vessels[name].excess * self._vessels[name].amount for name in group) / amount
            for name in group:
                self._vessels[name] = Vessel(amount * self._litres(name) / whole, excess)
        self._watch(self.metal + ZERO)

    def _tight(self, where: str, usual: float) -> float:
        """Standard cubic centimetres per minute that a good unit leaks at a place."""
        return self._traits.logarithmic("leak", usual * self._traits.chance(where), where)

    def _metal(self, part: float) -> float:
        now, wrong = self._at, self.wrong
        lost = wrong.cooling / 3600.0 * max(0.0, now - wrong.cooling_since) if wrong.cooling else 0.0
        if now != self._followed[0]:
            self._followed = now, self.here.air.behind(now, METAL_LAG)
        return self._followed[1] - part * lost

    def _groups(self) -> list[_Group]:
        joined = self.mated and not self.stands("isolate")
        collected = self.mated and bool(self.engaged)
        if joined and collected:
            return [("jig", "unit", "collector")]
        if joined:
            return [("jig", "unit")]
        return [("jig",), ("unit", "collector")] if collected else [("jig",)]

    def _litres(self, name: str) -> float:
        match name:
            case "jig":
                return self.jig.litres
            case "collector":
                return self.jig.collector
            case _:
                since = self._at - self._pressed_since if self._pressed_since is not None else 0.0
                spread = self._traits.linear("volume", 1.0 + 0.02 * (self._traits.chance("volume") - 0.5))
                give = 1.0 + (self.wrong.creep + 2e-6) * math.log1p(since)
                return self.unit.litres * self.wrong.volume * spread * give

    def _watch(self, metal: float) -> None:
        """Elastic parts begin to give when pressure comes."""
        pressed = self._vessels["unit"].pascal(self.unit.litres, metal) > 2.0 * ATMOSPHERE
        if not pressed:
            self._pressed_since = None
        elif self._pressed_since is None:
            self._pressed_since = self._at

    def _step(self, ways: Mapping[_Group, _Ways]) -> float:
        """Seconds in which no pressure changes by much."""
        longest = BIGGEST_STEP
        for group, (inflow, conductance, _, pascal) in ways.items():
            amount = sum(self._vessels[name].amount for name in group)
            if abs(self._vessels[group[0]].excess) > 0.05:
                longest = min(longest, WARM_STEP)
            moved = abs(inflow - conductance * (pascal - ATMOSPHERE)) / 60.0
            if moved > 0.0:
                longest = min(longest, max(0.05, 0.02 * amount / moved))
        return longest

    def _pass(self, group: _Group, ways: _Ways, seconds: float, metal: float) -> None:
        inflow, conductance, litres, _ = ways
        whole = Vessel(sum(self._vessels[name].amount for name in group), self._vessels[group[0]].excess)
        whole.pass_time(seconds, inflow, conductance, litres, metal)
        for name in group:
            self._vessels[name] = Vessel(whole.amount * self._litres(name) / litres, whole.excess)

    def _ways(self, group: _Group, leaks: _Leaks, metal: float) -> _Ways:
        """What flows into a group, what it loses per pascal above the air, its litres and its pressure."""
        litres = sum(self._litres(name) for name in group)
        amount = sum(self._vessels[name].amount for name in group)
        pascal = Vessel(amount, self._vessels[group[0]].excess).pascal(litres, metal)
        above = max(pascal - ATMOSPHERE, 1.0)
        holes, cracks = leaks
        lost = pinholes(holes, self.jig.pascal, pascal, ATMOSPHERE)
        lost += sum(crack(each, self.jig.pascal, pascal, ATMOSPHERE) for each in cracks)
        conductance, inflow = lost / above, 0.0
        if "jig" in group:
            inflow = self.flow + self.wrong.fill / 1000.0
            conductance += WIDE if not self.stands("vent") else 0.0
            conductance += WIDE if not self.mated and not self.stands("isolate") else 0.0
        if "collector" in group and self.stands("through"):
            engaged = self.engaged
            for each in (
                self._branch(name) for name in self.jig.couplings if name in engaged
            ):  # the tangent of a curve, so that it is met at once
                out = through(each.a, each.b, above)
                steep = 1.0 / (2.0 * each.a * out + each.b)
                conductance += steep
                inflow += steep * above - out
        return inflow, conductance, litres, pascal

    def _branch(self, name: str) -> Branch:
        drawn, factor = self.unit.branches[name], self.wrong.blocked.get(name, 1.0)
        spread = self._traits.linear("branch", 1.0 + 0.03 * (self._traits.chance(f"branch {name}") - 0.5), name)
        return Branch(drawn.a * spread * factor, drawn.b * spread * math.sqrt(factor))

    def _cracks(self, group: _Group) -> list[float]:
        """The laminar ones of a group: a coupling that is pushed in has taken a disconnect's place."""
        return [each for place, each in self.wrong.cracks.items() if "unit" in group and place not in self.engaged]

    def _holes(self, group: _Group) -> list[float]:
        """Every leak of a group, in standard cubic centimetres per minute."""
        wrong, found = self.wrong, list[float]()
        if "jig" in group:
            found.append(wrong.bench + 0.002)
            if self.stands("leak"):
                found.append(self.jig.calibrated * wrong.calibrated)
        if "unit" in group:
            found.append(wrong.leaks.get("header", 0.0) + self._tight("header", 0.03))
            engaged = self.engaged
            for name in self.unit.branches:
                if name in engaged:
                    found.append(wrong.seals.get(name, 0.0))
                else:
                    found.append(wrong.leaks.get(name, 0.0) + self._tight(name, 0.01))
        return [each for each in found if each]
