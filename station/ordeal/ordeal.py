"""An ordeal: what is put into one run of a campaign, all of it drawn from the campaign's seed and the run's number."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from station.ordeal.chance import Chance
from station.ordeal.disturbance import DISKS, KILLS, Disturbance, Kind
from station.ordeal.line import STORMY, TROUBLES, WEIGHTS, product

COUNTS = {0: 15.0, 1: 50.0, 2: 20.0, 3: 15.0}
"""How many disturbances befall a run."""
KINDS = {
    Kind.KILLED: 6.0,
    Kind.KILLED_AT_BEGIN: 1.0,
    Kind.KILLED_AT_END: 2.0,
    Kind.POWER_CUT: 4.0,
    Kind.NO_ROOM: 1.0,
    Kind.DISK_FULL: 5.0,
    Kind.DISK_NEARLY_FULL: 2.0,
    Kind.FSYNC_FAILS: 5.0,
    Kind.DISK_SLOW: 2.0,
    Kind.CLOCK_BACK: 2.0,
    Kind.CLOCK_FORWARD: 2.0,
    Kind.CLOCK_1970: 2.0,
    Kind.SUSPENDED: 4.0,
    Kind.TROUBLE: 30.0,
    Kind.ABORTED: 8.0,
    Kind.STOPPED: 4.0,
    Kind.CANCELLED: 5.0,
    Kind.SECOND_START: 4.0,
}
"""How often each kind comes. A trouble is a storm every third time."""
BAD = 0.35
"""Of all units have a fault."""
GATHERED = (1, 3, 10, 10**6)
"""After how many events a ledger on a bad disk writes without being asked."""
AGAIN = (0.0, 0.001, 0.01, 0.1, 1.0, 60.0)
"""Seconds after which the same is asked again: while it is being made safe, at once, or later."""
SLEEPS = (0.05, 1.0, 60.0, 3600.0)
"""Seconds for which the machine is suspended."""


@dataclass(frozen=True, slots=True)
class Ordeal:
    """One run of a campaign. `fault` is the unit's (empty: a good unit), and `unit` its number in the population."""

    campaign: int
    number: int
    part_number: str
    seed: int
    fault: str
    disturbances: tuple[Disturbance, ...]
    gathered: int

    @property
    def faults(self) -> tuple[str, ...]:
        """All that the simulated world is told."""
        troubles = (each.what for each in self.disturbances if each.kind is Kind.TROUBLE)
        return (*((self.fault,) if self.fault else ()), *troubles)

    @property
    def kinds(self) -> frozenset[Kind]:
        """What befalls it."""
        return frozenset(each.kind for each in self.disturbances)

    @property
    def kills(self) -> bool:
        """Whether its process is to be killed."""
        return not self.kinds.isdisjoint(KILLS)

    def __str__(self) -> str:
        what = [self.fault or "a good unit", *map(str, self.disturbances)]
        return f"{self.part_number}, seed {self.seed}: {'; '.join(what)}"


class Span(Protocol):
    """How long a good run of a product takes, in seconds and in events."""

    def __call__(self, part_number: str) -> tuple[float, int]:
        """Of the product with that part number."""
        ...


def drawn(campaign: int, number: int, span: Span) -> Ordeal:
    """The ordeal of that number in that campaign."""
    chance = Chance(campaign, number)
    part_number = chance.weighed(WEIGHTS, "product")
    lasts, events = span(part_number)
    claimed = product(part_number).faults
    kinds = {
        name: [each for each in claimed if each.partition(":")[0].partition("=")[0] == name] for name in _names(claimed)
    }
    fault = chance.one(kinds[chance.one(tuple(kinds), "fault")], "place") if chance.of("bad") < BAD else ""
    several = tuple(
        each
        for at in range(chance.weighed(COUNTS, "how many"))
        for each in _drawn(chance, at, part_number, lasts, events)
    )
    return Ordeal(
        campaign, number, part_number, int(chance.of("seed") * 2**31), fault, several, chance.one(GATHERED, "gathered")
    )


def _names(faults: tuple[str, ...]) -> Iterator[str]:
    yield from dict.fromkeys(each.partition(":")[0].partition("=")[0] for each in faults)


def _drawn(chance: Chance, at: int, part_number: str, lasts: float, events: int) -> Iterator[Disturbance]:
    kind = chance.weighed(KINDS, at, "kind")
    when = chance.between(0.0, 1.02 * lasts, at, "when")
    event = int(chance.of(at, "event") * (events + 1))
    if kind is Kind.TROUBLE:
        yield from _troubles(chance, at, part_number, lasts)
    elif kind in DISKS:
        long = int(chance.of(at, "long") * events)
        yield Disturbance(kind, event, event + 2 + long if chance.of(at, "ends") < 0.5 else float("inf"))
    elif kind in KILLS:
        yield Disturbance(kind, event if kind is Kind.KILLED else 0, what=chance.one(("before", "after"), at, "side"))
    elif kind is Kind.POWER_CUT:
        yield Disturbance(kind, events - 1 if chance.of(at, "last") < 0.5 else event)
    elif kind is Kind.NO_ROOM:
        yield Disturbance(kind, 0.0)
    elif kind is Kind.SUSPENDED:
        yield Disturbance(kind, when, what=f"{chance.one(SLEEPS, at, 'sleep'):g}")
    elif kind is Kind.SECOND_START:
        yield Disturbance(kind, when, what=chance.one(("slot", "serial"), at, "which"))
    elif kind in {Kind.ABORTED, Kind.STOPPED, Kind.CANCELLED}:
        later = (round(when + chance.one(AGAIN, at, "again"), 3),) if chance.of(at, "twice") < 0.5 else ()
        yield Disturbance(kind, when, again=later)
    else:
        yield Disturbance(kind, when)


def _troubles(chance: Chance, at: int, part_number: str, lasts: float) -> Iterator[Disturbance]:
    """One instrument fails; or a storm, in which several links do at once or in quick succession."""
    storm = chance.of(at, "storm") < 1 / 3
    count = 2 + int(chance.of(at, "size") * 3) if storm else 1
    names = STORMY if storm else TROUBLES
    among = [each for each in product(part_number).troubles if each[0] in names]
    when = chance.between(0.0, lasts, at, "when")
    for each in range(count):
        name, place = chance.one(among, at, "trouble", each)
        then = (
            round(when + chance.between(0.0, 0.5, at, "gust", each) * (chance.of(at, "sudden") < 0.5), 3)
            if each
            else when
        )
        yield Disturbance(Kind.TROUBLE, then, what=f"{name}:{place}@{then:g}s")
