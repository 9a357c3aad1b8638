"""Limits as a product file writes them, and which point each of them is for."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sequences.family import Structure, Wiring
from sequences.limits import Limit, Tolerance
from sequences.measurement import Measurement, Point
from sequences.rules import Rule
from sequences.sequence import Sequence
from station.config.problems import Flaw, Place, nearest, shown
from station.config.shapes import STRICT

_KEY = re.compile(r"(?P<name>[a-z][a-z0-9_]{0,63})(?:\[(?P<where>[^\[\]]{1,400})\])?")
_ENDS = ("at_least", "at_most", "between", "tolerance")

Drawn = Limit | Tolerance
"""A limit, or one that is drawn around each point's nominal value."""


@dataclass(frozen=True, slots=True)
class LimitEntry:
    """A limit of a measurement, or of one of its points: at_most, at_least, between, or a tolerance around the nominal."""

    __pydantic_config__: ClassVar[Any] = STRICT
    unit: str
    """The measurement's own unit: ohm, F, ..."""
    at_most: float | None = None
    """The largest value that is good."""
    at_least: float | None = None
    """The smallest value that is good."""
    between: list[float] | None = None
    """The smallest and the largest value that are good."""
    tolerance: float | None = None
    """Around each point's nominal value, as a fraction: 0.08 is 8 %."""
    plus: float | None = None
    """With tolerance: what contacts may add at the upper end, in the measurement's unit."""
    rule: str | None = None
    """How a reading's uncertainty counts; without it the product's own rule holds."""

    def drawn(self, usual: Rule = Rule.U) -> Drawn:
        """The limit, by its own rule or the usual one. Raises ValueError where the entry makes no sense."""
        given = [name for name in _ENDS if getattr(self, name) is not None]
        if not given or (len(given) > 1 and set(given) != {"at_least", "at_most"}):
            raise ValueError(f"found {' and '.join(given) or 'none'}; allowed: one of {', '.join(_ENDS)}")
        rule = rule_of(self.rule) or usual
        if self.tolerance is not None:
            return Tolerance(self.tolerance, self.plus or 0.0, self.unit, rule)
        if self.plus is not None:
            raise ValueError("plus goes with tolerance only")
        if self.between is None:
            return Limit(self.at_least, self.at_most, self.unit, rule)
        if len(self.between) != 2:
            raise ValueError(f"between has two numbers, not {len(self.between)}")
        return Limit(self.between[0], self.between[1], self.unit, rule)


def rule_of(name: str | None) -> Rule | None:
    """The decision rule of that name; None where there is none."""
    return Rule(name) if name in set(Rule) else None


def odd_rule(where: Place, name: str | None) -> Iterator[Flaw]:
    """What is wrong with the name of a rule, if one is given."""
    if name is not None and rule_of(name) is None:
        yield Flaw(where, shown(name), nearest(name, Rule))


def read_limits(
    entries: Mapping[str, LimitEntry], sequences: Iterable[Sequence], structure: Structure | None, usual: Rule = Rule.U
) -> tuple[dict[str, Drawn], list[Flaw]]:
    """The limits by name or `name[point]`, and what is wrong with each: measurements and points that do not exist, units,
    rules. A limit that names no rule has the usual one.

    Without a structure (it has problems of its own) nobody knows the points.
    """
    known = {each.name: each for sequence in sequences for each in sequence.measurements() if not each.of_station}
    drawn: dict[str, Drawn] = {}
    flaws: list[Flaw] = []
    points: dict[str, set[str]] = {}
    for key, entry in entries.items():
        match = _KEY.fullmatch(key)
        measurement = known.get(match["name"]) if match else None
        if match is None or measurement is None:
            flaws.append(
                Flaw(("limits", key), f"a limit for {shown(key)}, which nothing measures", nearest(key, known))
            )
            continue
        if match["where"] is not None and structure is not None:
            at = points.setdefault(measurement.name, set(measurement.points(structure)) - {""})
            if match["where"] not in at:
                what = f"a limit at {shown(match['where'])}, where {measurement.name} is not measured"
                flaws.append(Flaw(("limits", key), what, nearest(match["where"], at)))
        if entry.unit != measurement.unit:
            flaws.append(Flaw(("limits", key, "unit"), shown(entry.unit), repr(measurement.unit)))
        flaws += odd_rule(("limits", key, "rule"), entry.rule)
        try:
            drawn[key] = entry.drawn(usual)
        except ValueError as odd:
            flaws.append(Flaw(("limits", key), str(odd)))
    return drawn, flaws


def resolve_limits(
    sequence: Sequence,
    structure: Structure,
    limits: Mapping[str, Drawn],
    wiring: Wiring | None = None,
) -> tuple[dict[Point, Limit], list[Flaw]]:
    """The limit of every point of `sequence`, and every point that has none.

    A point's own limit counts before its measurement's. Measurements of the station take theirs from `wiring`; without it
    they are left out.
    """
    found: dict[Point, Limit] = {}
    flaws: list[Flaw] = []
    for measurement in sequence.measurements():
        if measurement.of_station:
            found |= _of_station(measurement, structure, wiring)
        else:
            flaws += _resolve(measurement, structure, limits, found)
    return found, flaws


def _of_station(measurement: Measurement, structure: Structure, wiring: Wiring | None) -> dict[Point, Limit]:
    if wiring is None or measurement.limit is None:
        return {}
    limit = measurement.limit(wiring)
    return {measurement.of(where): limit for where in measurement.points(structure)}


def _resolve(
    measurement: Measurement,
    structure: Structure,
    limits: Mapping[str, Drawn],
    found: dict[Point, Limit],
) -> Iterator[Flaw]:
    name, missing, silent = measurement.name, list[str](), dict[str, list[str]]()
    open_ended = dict[str, str]()
    points = measurement.points(structure)
    nominal: Mapping[str, float] = {}
    if points and measurement.nominal and any(isinstance(each, Tolerance) for each in limits.values()):
        nominal = measurement.nominal(structure)
    for where in points:
        key = f"{name}[{where}]" if where and f"{name}[{where}]" in limits else name
        match limits.get(key):
            case None:
                missing.append(where)
            case Limit() as limit if lacking := _lacking(measurement, limit):
                open_ended.setdefault(key, lacking)
            case Limit() as limit:
                found[measurement.of(where)] = limit
            case Tolerance() as tolerance if where in nominal:
                found[measurement.of(where)] = tolerance.around(nominal[where])
            case _:
                silent.setdefault(key, []).append(where)
    if missing:
        yield Flaw(("limits", name), "nothing", f"a limit in {measurement.unit}{_listed(missing)}: {measurement.title}")
    for key, lacking in open_ended.items():
        yield Flaw(("limits", key), f"no {lacking}: whatever is measured there would pass", f"{lacking}, or between")
    for key, at in silent.items():
        lacks = structure.lacks(at[0]) if measurement.nominal else f"{name} has no nominal values"
        yield Flaw(
            ("limits", key), f"a tolerance, but no nominal value{_listed(at)}: {lacks}", "at_least, at_most, between"
        )


def _lacking(measurement: Measurement, limit: Limit) -> str:
    """The end that a limit has not and the measurement needs."""
    if limit.high is None and measurement.ends in {"high", "both"}:
        return "at_most"
    return "at_least" if limit.low is None and measurement.ends in {"low", "both"} else ""


def _listed(points: list[str]) -> str:
    named = [where for where in points[:3] if where]
    more = f" and {len(points) - 3} more" if len(points) > 3 else ""
    return f" for {', '.join(named)}{more}" if named else ""
