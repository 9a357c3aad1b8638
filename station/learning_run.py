"""A learning run: the golden unit on a slot's jig, from the order to the text of the product file."""

from contextlib import closing
from pathlib import Path
from typing import Any

from station.config.library import Library
from station.config.shelf import UnknownName
from station.config.slots import StationSlot
from station.learning import blank, joints, learned_toml
from station.ledger.history import History
from station.opening import Prepared, Setup, load_station, run_orders
from station.order import Order
from station.service import Listener, RefusalError, Simulated


def learn(
    part_number: str,
    slot: str,
    serial: str,
    station_file: str | None,
    data: Path,
    golden: str | None,
    listener: Listener,
) -> tuple[str | None, dict[str, Any]]:
    """Learn what lies on a slot: the product file's text, None when the run did not pass, and the run's record.

    With `golden` the bench is simulated, and a good unit of that product lies on the jig. Raises RefusalError,
    BadDocuments or LedgerError.
    """
    simulated = Simulated(0, ()) if golden is not None else None
    station, library = load_station(station_file, simulated=golden is not None)
    if slot not in station.slots:
        raise RefusalError(f"no slot {slot!r} at {station.name}: it has {', '.join(station.slots)}")
    order = _order(station.slots[slot], library, part_number, serial, golden)
    setup = Setup(station_file, data, simulated)
    (record,) = run_orders(Prepared(setup, station, library, (order,)), [listener])
    if record["verdict"] != "PASSED":
        return None, record
    with closing(History(data)) as history:
        found = joints(history.events(record["run"]))
    return (learned_toml(part_number, order.jig, found, serial) if found else None), record


def _order(slot: StationSlot, library: Library, part_number: str, serial: str, golden: str | None) -> Order:
    jig = library.jig(slot.jig)
    product = blank(part_number, jig)
    try:
        checked = product.serial(serial)
        unit = library.product(golden) if golden is not None else None
    except (UnknownName, ValueError) as odd:
        raise RefusalError(str(odd)) from None
    limits = product.limits_for(product.sequence, jig.wiring)
    return Order(product, checked, slot, jig, product.sequence, limits, unit)
