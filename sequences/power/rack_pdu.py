"""A rack PDU as its product file writes it: outlets by branch and phase, what it is rated for, how it is tried."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from sequences.family import Problem
from sequences.power.numbers import checked, numbers
from sequences.power.parts import STRICT, Bond, Insulation, Withstand, odd_safety, outside

PHASES = ("L1", "L2", "L3")
MOST_OUTLETS = 24
"""Columns of three matrix cards."""
LOOKS = 8
"""At the contacts, that each set's turn must have room for."""


@dataclass(frozen=True, slots=True)
class Branch:
    """The outlets behind one breaker."""

    __pydantic_config__: ClassVar[Any] = STRICT
    phase: str
    """L1, L2 or L3."""
    outlets: str
    """Their numbers: '1-4'."""
    amps: float
    """What the breaker carries for ever."""


@dataclass(frozen=True, slots=True)
class Metering:
    """How the outlets' meters are tried against the reference."""

    __pydantic_config__: ClassVar[Any] = STRICT
    amps: float
    """The load at which every meter is tried, at power factors 1 and 0.5."""
    corners: str
    """The outlets whose meters are tried at more loads."""
    loads: list[float]
    """Those loads, in amperes."""
    settle: float = 2.0
    """Seconds that a meter needs after a step of the load."""


@dataclass(frozen=True, slots=True)
class Soak:
    """The burn-in: sets of outlets of one branch, one set after the other, together through all outlets."""

    __pydantic_config__: ClassVar[Any] = STRICT
    hours: float
    """For all sets together."""
    amps: float
    """Through each outlet."""
    together: int
    """How many outlets of a branch make a set."""
    every: float
    """Seconds between two looks at the contacts."""
    trip: float
    """Kelvin above the air at which the load is dropped at once."""
    cools_within: float
    """Seconds after which every contact may be touched again."""


@dataclass(frozen=True)
class Pdu:
    """The structure of a rack PDU with a three-phase inlet in star."""

    __pydantic_config__: ClassVar[Any] = STRICT
    volts: float
    """Volts rms from phase to neutral."""
    hertz: float
    """Of its mains."""
    amps: float
    """What an outlet is rated for."""
    branches: dict[str, Branch]
    """The branches, by name."""
    bond: Bond
    """The ground bond test of each outlet."""
    withstand: Withstand
    """The withstand voltage test."""
    insulation: Insulation
    """The insulation test."""
    metering: Metering
    """How the outlets' meters are tried."""
    soak: Soak
    """The burn-in."""
    low_volts: float = 60.0
    """At which the phases are told apart before the full voltage comes."""

    @cached_property
    def branch_of(self) -> dict[int, Branch]:
        """The branch of each outlet, in the order of their numbers."""
        found = {number: branch for branch in self.branches.values() for number in numbers(branch.outlets)}
        return dict(sorted(found.items()))

    @cached_property
    def outlets(self) -> tuple[int, ...]:
        """The numbers of all outlets."""
        return tuple(self.branch_of)

    @cached_property
    def corners(self) -> tuple[int, ...]:
        """The outlets whose meters are tried at more loads."""
        return numbers(self.metering.corners)

    @cached_property
    def sets(self) -> dict[str, tuple[int, ...]]:
        """The outlets that are loaded together in the burn-in, by name: `outlet1+outlet2`."""
        size = self.soak.together
        groups = [
            inside[at : at + size]
            for inside in (numbers(branch.outlets) for branch in self.branches.values())
            for at in range(0, len(inside), size)
        ]
        return {"+".join(map(outlet, group)): group for group in groups}

    def phase(self, number: int) -> int:
        """The phase of an outlet, 1 to 3."""
        return PHASES.index(self.branch_of[number].phase) + 1

    def lacks(self, point: str) -> str:
        """Nothing of it has a nominal value that the structure would have to say."""
        return f"{point} has no nominal value"

    def problems(self) -> list[Problem]:
        """Everything that the types cannot say, all at once."""
        found: list[Problem] = [*odd_safety(self.bond, self.withstand, self.insulation), *self._odd_values()]
        taken: dict[int, str] = {}
        for name, branch in self.branches.items():
            here = ("branches", name)
            if branch.phase not in PHASES:
                found.append(((*here, "phase"), f"found {branch.phase!r}; allowed: {', '.join(PHASES)}"))
            found += outside((*here, "amps"), branch.amps, 1.0, 63.0)
            for number in checked(branch.outlets, found, (*here, "outlets")):
                if number < 1:
                    found.append(((*here, "outlets"), "outlets count from 1"))
                if number in taken:
                    found.append(((*here, "outlets"), f"outlet {number} is in {taken[number]} already"))
                taken.setdefault(number, name)
        if not 2 <= len(taken) <= MOST_OUTLETS:
            found.append((("branches",), f"found {len(taken)} outlets; allowed: 2 to {MOST_OUTLETS}"))
        corners = checked(self.metering.corners, found, ("metering", "corners"))
        found += [(("metering", "corners"), f"there is no outlet {each}") for each in corners if each not in taken]
        if len(set(corners)) < len(corners):
            found.append((("metering", "corners"), f"{self.metering.corners} names an outlet twice"))
        return found or list(self._odd_turn())

    def _odd_turn(self) -> Iterator[Problem]:
        turn = self.soak.hours * 3600.0 / len(self.sets)
        if turn < LOOKS * self.soak.every:
            yield (
                ("soak", "every"),
                f"found {self.soak.every:g} s; allowed: {turn / LOOKS:.3g} at most, {LOOKS} looks in each set's {turn:.0f} s",
            )

    def _odd_values(self) -> Iterator[Problem]:
        yield from outside(("volts",), self.volts, 90.0, 300.0)
        yield from outside(("hertz",), self.hertz, 45.0, 66.0)
        yield from outside(("amps",), self.amps, 1.0, 32.0)
        yield from outside(("low_volts",), self.low_volts, 50.0, 0.5 * self.volts)
        yield from outside(("metering", "amps"), self.metering.amps, 0.5, self.amps)
        yield from outside(("metering", "settle"), self.metering.settle, 0.1, 60.0)
        if not self.metering.loads:
            yield ("metering", "loads"), "found none; allowed: one or more"
        if len({f"{each:g}" for each in self.metering.loads}) < len(self.metering.loads):
            yield ("metering", "loads"), "found the same load twice"
        for at, each in enumerate(self.metering.loads):
            yield from outside(("metering", "loads", at), each, 0.1, self.amps)
        soak = self.soak
        yield from outside(("soak", "hours"), soak.hours, 0.1, 200.0)
        yield from outside(("soak", "amps"), soak.amps, 0.5, self.amps)
        yield from outside(("soak", "together"), soak.together, 1, 8)
        yield from outside(("soak", "every"), soak.every, 1.0, 300.0)
        yield from outside(("soak", "trip"), soak.trip, 5.0, 100.0)
        yield from outside(("soak", "cools_within"), soak.cools_within, 1.0, 7200.0)
        for name, branch in self.branches.items():
            if soak.amps * soak.together > branch.amps:
                yield ("soak", "amps"), f"{soak.together} outlets at {soak.amps:g} A are too much for {name}"


def outlet(number: int) -> str:
    """An outlet as points and places are written: `outlet7`."""
    return f"outlet{number}"
