"""One kind of fault, and one fault as it is put into a world."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sim.cable.spec import CableSlot
from sim.when import When

Family = Literal["cabling", "power", "cooling", "instrument", "fixture", "operator"]
PRODUCTS = frozenset({"cabling", "power", "cooling"})
"""The families whose faults are the unit's own."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a kind of fault may sit.

    `each` lists the places, or the first of two; `partners` lists the second for a given first, every couple of a
    `symmetric` kind once. A place `on_the_bench` belongs to an instrument, any other to every slot that has it. Slots of
    another kind than `slots` have none; both functions are given what `sim.sketch.sketch_of` makes of a slot.
    """

    text: str
    each: Callable[[Any], Iterable[str]]
    partners: Callable[[Any, str], Iterable[str]] | None = None
    symmetric: bool = False
    on_the_bench: bool = False
    slots: type | tuple[type, ...] = CableSlot


@dataclass(frozen=True, slots=True)
class Value:
    """What the number after `=` means, and what it may be; `harmless` is the one that would change nothing."""

    text: str
    unit: str
    low: float
    high: float
    default: float | None = None
    harmless: float | None = None

    def grid(self) -> tuple[float, ...]:
        """Values from the least effect to the greatest, the default among them: by equal ratios where the range has them."""
        middle = self.default if self.default is not None else (self.low + self.high) / 2.0
        if self.low > 0.0:
            steps = {self.low, math.sqrt(self.low * middle), middle, math.sqrt(middle * self.high), self.high}
        else:
            steps = {self.low, (self.low + middle) / 2.0, middle, (middle + self.high) / 2.0, self.high}
        neutral = self.harmless
        rounded = sorted({float(f"{each:.3g}") for each in steps} - {neutral})
        if neutral is None:
            return tuple(rounded)
        return tuple(sorted(rounded, key=lambda each: (abs(each - neutral), each)))

    def admits(self, value: float) -> bool:
        """Whether a fault may have this value."""
        return self.low <= value <= self.high and value != self.harmless

    def __str__(self) -> str:
        allowed = f"{self.low:g} to {self.high:g} {self.unit}".strip()
        return f"{allowed}, but not {self.harmless:g}" if self.harmless is not None else allowed


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of the catalogue.

    `verdict` must come out of a run, from one of the steps `caught_by` (which one, depends on the place). They promise it of
    a unit's fault at its default value and beyond, of a bench's at every value. `caught_by` is empty where nobody claims to
    catch it: then it may escape, and `title` says what becomes of the run. `stands_for` names the entries of the domain's list of faults that this one plays. A `timed` one needs an @TIME; a
    `lasting` one says why it cannot end, and is refused an UNTIL. `severities` are the values at which a campaign tries it,
    from hardly visible, where an escape is honest, to gross. `told_from` are the kinds of faults that look like it. A
    `pattern` is when it comes and goes where nobody says a time.
    """

    name: str
    family: Family
    title: str
    place: Place
    caught_by: tuple[str, ...]
    stands_for: tuple[str, ...] = ()
    value: Value | None = None
    timed: bool = False
    refused: bool = False
    severities: tuple[float, ...] = ()
    told_from: tuple[str, ...] = ()
    lasting: str = ""
    pattern: When | None = None

    def __post_init__(self) -> None:
        if self.value and not self.severities:
            object.__setattr__(self, "severities", self.value.grid())

    @property
    def verdict(self) -> Literal["FAILED", "ERROR", "REFUSED"]:
        """A bad unit has failed; anything else means that the station could not judge, or must not even begin."""
        if self.refused:
            return "REFUSED"
        return "FAILED" if self.family in PRODUCTS else "ERROR"


def kind(
    name: str,
    title: str,
    place: Place,
    caught_by: str | tuple[str, ...],
    stands_for: str = "",
    value: Value | None = None,
    *,
    family: Family,
    told_from: tuple[str, ...],
    severities: tuple[float, ...] = (),
    pattern: When | None = None,
) -> Fault:
    """An entry, as the families write theirs: `caught_by` one step or several, `stands_for` with spaces between."""
    by = tuple(caught_by.split()) if isinstance(caught_by, str) else caught_by
    of = tuple(stands_for.split())
    return Fault(name, family, title, place, by, of, value, severities=severities, told_from=told_from, pattern=pattern)


@dataclass(frozen=True, slots=True)
class Injected:
    """A fault in a world: `where` as written, `value` or its default, and `text` as somebody wrote it all."""

    fault: Fault
    where: str
    value: float | None
    when: When
    text: str

    @property
    def at(self) -> float:
        """Seconds after the world began when it strikes first."""
        return self.when.at

    def __str__(self) -> str:
        """As it is written in full: what is read from this is the same fault."""
        where = f":{self.where}" if self.where else ""
        value = "" if self.value is None else f"={self.value!r}"
        return f"{self.fault.name}{where}{value}@{self.when}"


@dataclass(frozen=True, slots=True)
class Target:
    """One place that a fault strikes: in a slot, or on the bench when `slot` is empty."""

    slot: str
    places: tuple[str, ...]


def nowhere(_: object) -> tuple[str]:
    """The one place of a kind of fault that needs none named."""
    return ("",)


def after(names: Iterable[str], first: str) -> Iterator[str]:
    """The names behind `first`; none where it is not among them. So every couple comes once."""
    rest = iter(names)
    if first in rest:
        yield from rest
