"""Orders: requests of people and machines, looked up and checked before anything is opened."""

from collections.abc import Collection, Iterable
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
        product, serial = look_up(library, request)
        taken = {order.slot.name for order in orders}
        for slot in slots_for(station, product, request.slot):
            if request.slot is not None or slot.name not in taken:
                orders.append(order_in(slot, library, product, serial, request.sequence))
                break
        else:
            raise RefusalError(_none_free(station, product, taken))
    return orders


def order_again(station: Station, library: Library, started: RunStarted) -> Order:
    """What a run was begun with, as it is found today. Raises RefusalError, BadDocuments."""
    request = Request(f"{started.part_number}@{started.revision}", started.serial, started.slot, started.sequence)
    (order,) = take_orders(station, library, [request])
    return order


def look_up(library: Library, request: Request) -> tuple[Product, str]:
    """The product, and the serial number if it may have that. Raises BadDocuments or RefusalError."""
    try:
        product = library.product(request.product)
        product.document.require(list(library.unspoken(product)))
        return product, product.serial(request.serial)
    except (UnknownName, ValueError) as odd:
        raise RefusalError(str(odd)) from None


def slots_for(station: Station, product: Product, wanted: str | None) -> list[StationSlot]:
    """The slots in which it can be tested, or the one that is wanted; at least one. Raises RefusalError."""
    if wanted is not None:
        if wanted not in station.slots:
            raise RefusalError(f"no slot {wanted!r} at {station.name}: it has {', '.join(station.slots)}")
        slot = station.slots[wanted]
        if slot.jig not in product.jigs:
            raise RefusalError(f"slot {wanted} has jig {slot.jig}; {product.name} needs {' or '.join(product.jigs)}")
        return [slot]
    fitting = [slot for slot in station.slots.values() if slot.jig in product.jigs]
    if not fitting:
        raise RefusalError(_none_free(station, product, ()))
    return fitting


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


def _none_free(station: Station, product: Product, taken: Collection[str]) -> str:
    free = ", ".join(f"{slot.name} ({slot.jig})" for slot in station.slots.values() if slot.name not in taken)
    return f"no free slot at {station.name} fits {product.name}, which needs {' or '.join(product.jigs)}; free: {free}"
