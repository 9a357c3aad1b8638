"""The line: the products of the shipped simulated line as ordeals need them, looked up once in a process."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from sim.catalogue.fault import PRODUCTS, Fault
from sim.faults import catalogue, each_place
from sim.spec import WorldSpec
from station.opening import Prepared, Setup, prepare
from station.order import Order, step_names
from station.orders import Request
from station.service import Simulated
from station.simulated.world import MAKERS, Plugged, world_spec

SERIAL = "SN0001"
WEIGHTS = {
    "PWR-WHIP-8": 91.0,
    "CTL-HARNESS-64": 5.0,
    "ORV3-PSU-3K": 2.5,
    "PDU-3P-24": 1.0,
    "MANIFOLD-8": 0.4,
    "RPU-LOOP": 0.05,
}
"""How often each product comes: the quick ones mostly, so that many ordeals fit into a minute."""
QUICKEST = "PWR-WHIP-8"
MOST = 64
"""Places of one kind of fault that are drawn from: couples of wires are many."""
TROUBLES = ("silent", "late", "frozen", "stuck", "nan", "half-open", "reset")
"""What freezes an instrument in mid-run."""
STORMY = ("garbled", "short-reply", "foreign", "link-closed", "nan", "silent", "half-open", "busy", "failing")
"""What a storm on the links is made of."""


@dataclass(frozen=True, slots=True)
class Product:
    """One product: its order, the unit's faults that its sequence claims, and what may befall each of its instruments."""

    prepared: Prepared
    faults: tuple[str, ...]
    troubles: tuple[tuple[str, str], ...]
    """Couples of a trouble and an instrument."""

    @property
    def order(self) -> Order:
        """The one order."""
        (order,) = self.prepared.orders
        return order


@cache
def product(part_number: str) -> Product:
    """A product of the shipped line."""
    prepared = prepare(Setup(None, Path(), Simulated(0)), [Request(part_number, SERIAL)])
    (order,) = prepared.orders
    spec = _spec(prepared)
    steps = frozenset(name.partition("[")[0] for name in step_names(order.sequence.steps, order.product.structure))
    claimed = [
        each
        for each in catalogue()
        if each.family in PRODUCTS and not each.timed and not steps.isdisjoint(each.caught_by)
    ]
    faults = tuple(written for fault in claimed for written in _written(fault, spec))
    known = {each.name: each for each in catalogue()}
    troubles = tuple(
        (name, place) for name in dict.fromkeys((*TROUBLES, *STORMY)) for place in each_place(known[name], spec)
    )
    return Product(prepared, faults, troubles)


def _spec(prepared: Prepared) -> WorldSpec:
    (order,) = prepared.orders
    known = prepared.station.instruments
    plugged = [Plugged(name, known[name].model, known[name].serial or "") for name in order.instruments]
    return world_spec(plugged, [MAKERS[order.product.family.name](order, SERIAL)], 0, ())


def _written(fault: Fault, spec: WorldSpec) -> Iterator[str]:
    """A fault at its places, as strong as it usually is."""
    value = "" if fault.value is None or fault.value.default is None else f"={fault.value.default:g}"
    if fault.value is not None and not value and fault.name != "open":
        return  # it needs a value, and has no usual one
    for place in islice(each_place(fault, spec), MOST):
        yield f"{fault.name}:{place}{value}" if place else f"{fault.name}{value}"
