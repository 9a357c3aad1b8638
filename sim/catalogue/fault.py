"""One kind of fault, and one fault as it is put into a world."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sim.cable.spec import CableSlot

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

    def admits(self, value: float) -> bool:
        """Whether a fault may have this value."""
        return self.low <= value <= self.high and value != self.harmless

    def __str__(self) -> str:
        allowed = f"{self.low:g} to {self.high:g} {self.unit}".strip()
        return f"{allowed}, but not {self.harmless:g}" if self.harmless is not None else allowed


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of the catalogue.

    `verdict` must come out of a run, from one of the steps `caught_by` (which one, depends on the place).
    `stands_for` names the entries of the domain's list of faults that this one plays. A `timed` one needs an @TIME.
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

    @property
    def verdict(self) -> Literal["FAILED", "ERROR", "REFUSED"]:
        """A bad unit has failed; anything else means that the station could not judge, or must not even begin."""
        if self.refused:
            return "REFUSED"
        return "FAILED" if self.family in PRODUCTS else "ERROR"


@dataclass(frozen=True, slots=True)
class Injected:
    """A fault in a world: `where` as written, `value` or its default, `at` seconds after the world started."""

    fault: Fault
    where: str
    value: float | None
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Target:
    """One place that a fault strikes: in a slot, or on the bench when `slot` is empty."""

    slot: str
    places: tuple[str, ...]


def nowhere(_: Any) -> tuple[str]:  # noqa: ANN401 (each kind of slot has its own sketch)
    """The one place of a kind of fault that needs none named."""
    return ("",)


def after(names: Iterable[str], first: str) -> Iterator[str]:
    """The names behind `first`; none where it is not among them. So every couple comes once."""
    rest = iter(names)
    if first in rest:
        yield from rest
