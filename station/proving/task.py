"""Tasks: from the name of a sequence to a product, a jig and a slot on which it can be proven."""

from collections.abc import Iterator
from contextlib import suppress

from sequences.family import Family
from sequences.sequence import Sequence
from sim.faults import catalogue, each_place
from station.config.library import Library
from station.config.problems import BadDocuments, nearest
from station.config.station_file import Station
from station.opening import load_station
from station.order import Order
from station.orders import Request, order_in
from station.proving.worker import Task
from station.service import RefusalError, Simulated
from station.simulating import spec_of

SERIAL = "PROOF"


def task_of(sequence: str, product: str | None = None, station: str | None = None, slot: str | None = None) -> Task:
    """The task of proving a sequence, on the product that is named or on the one where most of its claims can be tried.

    Raises BadDocuments; RefusalError for names, with the nearest that there are, and where no product and no slot will do.
    """
    bench, library = load_station(station, simulated=True)
    known = {own.name: (family, own) for family in library.families.values() for own in family.sequences}
    if sequence not in known:
        raise RefusalError(f"no sequence is called {sequence!r}; there is {nearest(sequence, known)}")
    family, found = known[sequence]
    if found.learns:
        raise RefusalError(f"{sequence} learns from a unit and judges none: there is nothing to prove")
    if product is None:
        orders = list(_orders(found, family, bench, library, slot))
        if not orders:
            raise RefusalError(f"no product fits a slot of {bench.name} and has limits for {sequence}: say --product")
        best = max(orders, key=lambda order: (_claims(order, bench), -len(order.limits)))
        product, slot = best.product.name, best.slot.name
    return Task(Request(product, SERIAL, slot, sequence), station)


def _orders(
    sequence: Sequence, family: Family, station: Station, library: Library, wanted: str | None
) -> Iterator[Order]:
    """An order of each product that the sequence could test here, those first that name it."""
    mine = [each for each in library.products()[0] if each.family.name == family.name]
    for product in sorted(mine, key=lambda each: each.sequence.name != sequence.name):
        slots = (slot for slot in station.slots.values() if slot.jig in product.jigs and wanted in {None, slot.name})
        if (slot := next(slots, None)) is not None:
            with suppress(RefusalError, BadDocuments):  # it has no limits for this sequence, or no jig
                yield order_in(slot, library, product, SERIAL, sequence.name)


def _claims(order: Order, station: Station) -> int:
    """How many of the sequence's claims have a place in this product's world."""
    spec, known = spec_of(station, [order], Simulated(0)), {fault.name: fault for fault in catalogue()}
    kinds = [known[claim.fault] for claim in order.sequence.catches if claim.fault in known]
    return sum(next(each_place(kind, spec), None) is not None for kind in kinds)
