"""Measurements: what will be measured, declared before anything is; a declared measurement that is not taken is an ERROR."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sequences.limits import Limit

Ends = Literal["", "high", "low", "both"]
"""The ends of a limit that must be given."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A named quantity in `unit`.

    `over` gives the points at which it is taken, from the product's structure; without it there is one point, the whole.
    `nominal` gives the value each point should have, for limits that are tolerances. A measurement `of_station` proves the
    fixture, not the unit: outside its limit it is an ERROR. Its limit comes from the jig's wiring through `limit`; every
    other limit is the product's, and must have the `ends` that this measurement needs: with the other one only, any bad unit
    would pass.
    """

    name: str
    unit: str
    title: str
    over: Callable[[Any], Iterable[str]] | None = None
    nominal: Callable[[Any], Mapping[str, float]] | None = None
    of_station: bool = False
    limit: Callable[[Any], Limit] | None = None
    ends: Ends = ""

    def of(self, where: str) -> "Point":
        """The measurement at one point."""
        return Point(self, where)

    @property
    def whole(self) -> "Point":
        """The measurement of the whole unit, for one that has no points."""
        return Point(self, "")

    def points(self, structure: Any) -> tuple[str, ...]:  # noqa: ANN401 (each family brings its own structure)
        """Every point at which this must be taken, in order."""
        return ("",) if self.over is None else tuple(self.over(structure))


@dataclass(frozen=True, slots=True)
class Point:
    """A measurement at a place, written `conduction[W3]`, or just `zero` for the whole."""

    measurement: Measurement
    where: str

    def __str__(self) -> str:
        return f"{self.measurement.name}[{self.where}]" if self.where else self.measurement.name
