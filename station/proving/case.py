"""Cases: the trials of a proof. Each is a unit of the population in a world of its own, good or with one fault."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sim.catalogue.fault import Fault
from sim.faults import catalogue, each_place, parse, targets
from sim.noise import uniform
from sim.spec import WorldSpec

MOST = 50_000
"""Places of one kind of fault that are chosen from: couples of wires are many."""
TIMES = 4
"""Times of the run, one in each equal part of it, at which a timed fault is tried where another is tried once."""


@dataclass(frozen=True, slots=True)
class Case:
    """One trial. `kind` is empty for a good unit; `fault` is the fault as it is written."""

    number: int
    kind: str
    place: str
    value: float | None
    fault: str
    seed: int
    unit: int

    @property
    def faults(self) -> tuple[str, ...]:
        """As a simulated bench takes them."""
        return (self.fault,) if self.fault else ()


@dataclass(frozen=True, slots=True)
class Scope:
    """How much is tried: good units, trials of each kind of fault at each severity, and of which kinds (empty: all)."""

    seed: int = 0
    units: int = 100
    trials: int = 4
    only: tuple[str, ...] = ()


def applying(spec: WorldSpec) -> tuple[Fault, ...]:
    """The kinds of faults that this world has a place for."""
    return tuple(fault for fault in catalogue() if next(each_place(fault, spec), None) is not None)


def cases(spec: WorldSpec, scope: Scope, seconds: float) -> list[Case]:
    """Every case, in the same order for the same scope. `seconds` is how long a good unit takes: timed faults strike within."""
    made = [
        Case(number, "", "", None, "", _seed(scope.seed, "good", number), number + 1) for number in range(scope.units)
    ]
    for fault in applying(spec):
        if scope.only and fault.name not in scope.only:
            continue
        every = list(islice(each_place(fault, spec), MOST))
        for value in severities(fault):
            for turn, (place, text) in enumerate(_written(fault, every, value, scope, spec, seconds)):
                seed = _seed(scope.seed, text, turn)
                made.append(Case(len(made), fault.name, place, value, text, seed, seed % 1000 + 1))
    return made


def severities(fault: Fault) -> tuple[float | None, ...]:
    """The values at which a kind of fault is tried; None for one that has none."""
    return fault.severities or (None,)


def _written(
    fault: Fault, every: Sequence[str], value: float | None, scope: Scope, spec: WorldSpec, seconds: float
) -> Iterator[tuple[str, str]]:
    """Places, each with the fault as it is written there: others for each severity, and again where there are few."""
    shuffled = sorted(every, key=lambda place: uniform(scope.seed, fault.name, value, place))
    found = [(place, fault.name + (f":{place}" if place else "")) for place in shuffled]
    if value is not None:
        found = [(place, f"{text}={value:g}") for place, text in found]
    trials = scope.trials * (TIMES if fault.timed else 1)
    able = list(islice(((place, text) for place, text in found if _is_possible(f"{text}@1s", spec)), trials))
    for turn in range(trials if able else 0):
        place, text = able[turn % len(able)]
        at = (turn + uniform(scope.seed, text, turn, "at")) / trials * seconds
        yield place, f"{text}@{at:.3f}s" if fault.timed else text


def _is_possible(text: str, spec: WorldSpec) -> bool:
    """Not every place takes every value: a wire cannot break beyond its end."""
    try:
        targets(parse(text), spec)
    except ValueError:
        return False
    return True


def _seed(*key: object) -> int:
    return int(uniform(*key) * 2**32)
