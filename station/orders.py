"""Orders: requests of people and machines, looked up and checked before anything is opened."""

from collections.abc import Iterable
from dataclasses import dataclass

from station.config.library import Library
from station.config.product import Product
from station.config.shelf import UnknownName
from station.config.slots import StationSlot
from station.config.station_file import Station
from station.order import Order
from station.service import RefusalError
from station.trace import RunStarted


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants tested: names only. Without a slot any free one that fits; the product names its sequence."""

    product: str
    serial: str
    slot: str | None = None
    sequence: str | None = None


def take_orders(station: Station, library: Library, requests: Iterable[Request]) -> list[Order]:
    """Each request as an order, each in a slot of its own.

    Raises BadDocuments for a file with problems, RefusalError for a name, a serial number or a slot that will not do.
    """
    orders: list[Order] = []
    for request in requests:
        try:
            product = library.product(request.product)
            product.document.require(list(library.unspoken(product)))
            serial = product.serial(request.serial)
        except (UnknownName, ValueError) as odd:
            raise RefusalError(str(odd)) from None
        slot = _slot(station, product, request.slot, {order.slot.name for order in orders})
        orders.append(order_in(slot, library, product, serial, request.sequence))
    return orders


def order_again(station: Station, library: Library, started: RunStarted) -> Order:
    """What a run was begun with, as it is found today. Raises RefusalError, BadDocuments."""
    request = Request(f"{started.part_number}@{started.revision}", started.serial, started.slot, started.sequence)
    (order,) = take_orders(station, library, [request])
    return order


def order_in(
    slot: StationSlot, library: Library, product: Product, serial: str, sequence_name: str | None = None
) -> Order:
    """The order of a unit in a slot whose jig is made for it; `serial` is taken as it is. Raises RefusalError, BadDocuments."""
    jig, sequence = library.jig(slot.jig), product.sequence
    if sequence_name is not None and sequence_name != sequence.name:
        sequences = {each.name: each for each in product.family.sequences}
        if sequence_name not in sequences:
            raise RefusalError(f"no sequence {sequence_name!r} for {product.family.name}: {', '.join(sequences)}")
        sequence = sequences[sequence_name]
    if misfits := jig.wiring.misfits(product.structure):
        raise RefusalError(f"{jig.name} does not fit {product.name}: {'; '.join(misfits)}")
    return Order(product, serial, slot, jig, sequence, product.limits_for(sequence, jig.wiring))


def _slot(station: Station, product: Product, wanted: str | None, taken: set[str]) -> StationSlot:
    if wanted is not None:
        if wanted not in station.slots:
            raise RefusalError(f"no slot {wanted!r} at {station.name}: it has {', '.join(station.slots)}")
        slot = station.slots[wanted]
        if slot.jig not in product.jigs:
            raise RefusalError(f"slot {wanted} has jig {slot.jig}; {product.name} needs {' or '.join(product.jigs)}")
        return slot
    for slot in station.slots.values():
        if slot.jig in product.jigs and slot.name not in taken:
            return slot
    free = ", ".join(f"{slot.name} ({slot.jig})" for slot in station.slots.values() if slot.name not in taken)
    raise RefusalError(
        f"no free slot at {station.name} fits {product.name}, which needs {' or '.join(product.jigs)}; free: {free}"
    )
