"""Capability: whether a station can tell a good unit from a bad one, limit by limit, before any unit is on it.

The test uncertainty ratio is half of the tolerance's width over the expanded uncertainty (k = 2) of the measurement as a
whole: range, corrections, and whatever else the fixture adds. Nobody can read that from a data sheet, so a good unit is
tested on the station's own models in virtual time, by the sequences and drivers of the line, and its readings tell. Of a
limit with one end the width is counted from zero, and of one that says "at least" the uncertainty is taken in proportion from
the good unit's reading to the limit. Below 4 a guard band eats into the good units. How much, and what it buys, say the risks:
of units of which 95 % are good, how many are bad and passed (PFA), and how many good and failed (PFR), if all were decided at
that uncertainty by the limit's rule.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sequences.rules import Rule, acceptance, half_width
from sequences.sequence import Sequence
from station.config.library import Library
from station.config.problems import BadDocuments
from station.config.product import Product
from station.config.slots import StationSlot
from station.config.station_file import Station
from station.opening import Prepared, Setup, run_orders
from station.order import Order
from station.orders import order_in
from station.risk import risk
from station.service import RefusalError, Simulated
from station.simulating import simulated_station

WANTED = 4.0
"""The ratio below which a limit is flagged (ANSI/NCSL Z540.3, 5.3)."""
MOST_PFA = 0.02
"""The part of all units that may be bad and passed (ANSI/NCSL Z540.3, 5.3)."""
UNIT = "GOOD-UNIT"


@dataclass(frozen=True, slots=True)
class Ability:
    """One measurement of one product in one slot, at its worst point."""

    product: str
    sequence: str
    slot: str
    measurement: str
    point: str
    low: float | None
    high: float | None
    unit: str
    uncertainty: float
    ratio: float
    rule: Rule
    pfa: float
    pfr: float

    @property
    def enough(self) -> bool:
        """Whether the ratio is as large as it should be."""
        return self.ratio >= WANTED

    @property
    def protected(self) -> bool:
        """Whether bad units are kept from passing as Z540.3 asks: a PFA of 2 % at most, and a ratio of 4 or a guard band."""
        return self.pfa <= MOST_PFA and (self.enough or self.rule is not Rule.SIMPLE)


@dataclass(frozen=True, slots=True)
class Inability:
    """A product whose good unit does not come through on this station, and why: nothing can be said of its limits."""

    product: str
    sequence: str
    slot: str
    why: str


def abilities(
    station: Station, library: Library, part_numbers: Collection[str] = (), say: Callable[[str], None] = lambda _: None
) -> Iterator[list[Ability] | Inability]:
    """For each product, slot that fits it, and sequence that its file has limits for: the worst point of each limit.

    With `part_numbers` only these products. `say` is told what is at work.
    """
    simulated = simulated_station(station)
    for product in library.products()[0]:
        if part_numbers and product.part_number not in part_numbers:
            continue
        for slot in simulated.slots.values():
            if slot.jig not in product.jigs:
                continue
            for sequence in product.family.sequences:
                if not sequence.learns and _has_limits(product, sequence):
                    say(f"a good {product.name} in slot {slot.name}: {sequence.name}")
                    yield _tried(simulated, library, product, slot, sequence)


def _has_limits(product: Product, sequence: Sequence) -> bool:
    try:
        product.limits_for(sequence)
    except BadDocuments:
        return False
    return True


def _tried(
    station: Station, library: Library, product: Product, slot: StationSlot, sequence: Sequence
) -> list[Ability] | Inability:
    try:
        order = order_in(slot, library, product, UNIT, sequence.name)
        record = _record(station, library, order)
    except RefusalError as refused:
        return Inability(product.name, sequence.name, slot.name, str(refused))
    if record["verdict"] != "PASSED":
        found = "; ".join(each["text"] for each in record["findings"])
        return Inability(product.name, sequence.name, slot.name, record["reason"] or found)
    return _worst(product.name, sequence.name, slot.name, record)


def _record(station: Station, library: Library, order: Order) -> dict[str, Any]:
    with TemporaryDirectory(prefix="rackproof-") as folder:
        prepared = Prepared(Setup(None, Path(folder), Simulated(0, ())), station, library, (order,))
        (record,) = run_orders(prepared, [lambda _: None])
    return record


def _worst(product: str, sequence: str, slot: str, record: dict[str, Any]) -> list[Ability]:
    worst: dict[str, tuple[float, float, dict[str, Any]]] = {}
    for step in record["steps"]:
        for each in step["measurements"]:
            width, uncertainty = half_width(each["low"], each["high"]), _at_limit(each)
            if not width or not uncertainty:
                continue  # a bound ("at least ..."), which carries its uncertainty in its value
            known = worst.get(each["name"])
            if known is None or width / uncertainty < known[0]:
                worst[each["name"]] = width / uncertainty, uncertainty, each
    return [_ability((product, sequence, slot), *each) for each in worst.values()]


def _ability(where: tuple[str, str, str], ratio: float, uncertainty: float, each: dict[str, Any]) -> Ability:
    low, high, rule = each["low"], each["high"], Rule(each["rule"])
    found = risk(low, high, *acceptance(rule, low, high, uncertainty), uncertainty / 2)
    return Ability(
        *where, each["name"], each["point"], low, high, each["unit"], uncertainty, ratio, rule, found.pfa, found.pfr
    )


def _at_limit(measurement: dict[str, Any]) -> float | None:
    """The uncertainty of a reading, as it would be at its limit.

    A good unit reads far above an "at least" limit, where an uncertainty that is a part of the reading is far too large.
    """
    value, low, uncertainty = measurement["value"], measurement["low"], measurement["uncertainty"]
    if measurement["high"] is None and value and low and value > low > 0 and uncertainty:
        return float(uncertainty * low / value)
    return None if uncertainty is None else float(uncertainty)
