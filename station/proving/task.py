"""Tasks: from the name of a sequence to a product, a jig and a slot on which it can be proven."""

from collections.abc import Iterable

from sim.faults import catalogue, each_place
from station.catalog import all_sequences, families
from station.config.library import Library
from station.config.problems import BadDocuments, nearest
from station.config.station_file import Station
from station.opening import load_station, spec_of
from station.order import Order
from station.orders import Request, order_in
from station.proving.worker import Task
from station.service import RefusalError, Simulated

SERIAL = "PROOF"


def task_of(sequence: str, product: str | None = None, station: str | None = None, slot: str | None = None) -> Task:
    """The task of proving a sequence, on the product that is named or on the one where most of its claims can be tried.

    Raises RefusalError for names, with the nearest that there are, and where no product and no slot will do.
    """
    if sequence not in (known := all_sequences()):
        raise RefusalError(f"no sequence is called {sequence!r}; there is {nearest(sequence, known)}")
    if known[sequence].learns:
        raise RefusalError(f"{sequence} learns from a unit and judges none: there is nothing to prove")
    if product is None:
        product, slot = _best(sequence, station, slot)
    return Task(Request(product, SERIAL, slot, sequence), station)


def _best(sequence: str, name: str | None, slot: str | None) -> tuple[str, str]:
    station, library = load_station(name, simulated=True)
    orders = list(_orders(sequence, station, library, slot))
    if not orders:
        raise RefusalError(f"no product fits a slot of {station.name} and has limits for {sequence}: say --product")
    best = max(orders, key=lambda order: (_claims(order, station), -len(order.limits)))
    return best.product.name, best.slot.name


def _orders(sequence: str, station: Station, library: Library, slot: str | None) -> Iterable[Order]:
    family = next(each for each in families().values() if sequence in {own.name for own in each.sequences})
    mine = [each for each in library.products()[0] if each.family.name == family.name]
    for product in sorted(mine, key=lambda each: each.sequence.name != sequence):
        for each in station.slots.values():
            if each.jig in product.jigs and slot in {None, each.name}:
                try:
                    yield order_in(each, library, product, SERIAL, sequence)
                except (RefusalError, BadDocuments):
                    continue  # it has no limits for this sequence, or no jig
                break


def _claims(order: Order, station: Station) -> int:
    """How many of the sequence's claims have a place in this product's world."""
    spec, known = spec_of(station, [order], Simulated(0)), {fault.name: fault for fault in catalogue()}
    kinds = [known[claim.fault] for claim in order.sequence.catches if claim.fault in known]
    return sum(next(each_place(kind, spec), None) is not None for kind in kinds)
