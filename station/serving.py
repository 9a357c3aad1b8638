"""Serving a simulated bench: emulators on real TCP ports and ptys, and the station file that reaches them."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sim.serving import serve
from station.config.shelf import UnknownName
from station.config.station_file import Station, folders
from station.emulators import buses_of, emulator_of
from station.opening import load_station
from station.order import Order
from station.orders import order_in
from station.seats import seats_of
from station.service import RefusalError, Simulated
from station.simulating import world_of

NOBODY = "SIMULATED-UNIT"
"""A serial number for the units on the jigs; their labels are blank, so the operator scans the CONTINUE card."""
FILE = "served.toml"


@dataclass(frozen=True, slots=True)
class Laid:
    """A station with a unit on every jig that something fits."""

    station: Station
    orders: tuple[Order, ...]


def lay(name: str | None, products: Iterable[str]) -> Laid:
    """Lay units on the jigs of a station: on each the first of `products` that fits, else the library's first that does.

    A slot that nothing fits is left out. Raises RefusalError or BadDocuments.
    """
    station, library = load_station(name, simulated=True)
    try:
        candidates = [library.product(each) for each in products] or library.products()[0]
    except UnknownName as unknown:
        raise RefusalError(str(unknown)) from None
    orders = [
        order_in(slot, library, product, NOBODY)
        for slot in station.slots.values()
        if (product := next((each for each in candidates if slot.jig in each.jigs), None)) is not None
    ]
    if not orders:
        raise RefusalError(f"no product fits any slot of {station.name}")
    return Laid(station, tuple(orders))


@asynccontextmanager
async def served(
    laid: Laid, simulated: Simulated, folder: Path, over: str | None = None, ports: int | None = None
) -> AsyncIterator[tuple[Path, dict[str, str]]]:
    """Serve the emulators of a station until the block ends: the file that was written, and the addresses.

    `folder` exists, and is absolute: ptys are named by it. `over` is the message bus, `vxi-11` or `hislip`, of all those that
    VISA can reach; `ports` the first TCP port. Raises RefusalError for an impossible fault.
    """
    station, orders = laid.station, laid.orders
    world = world_of(station, orders, simulated, asyncio.get_running_loop().time, labelled=False)
    names = dict.fromkeys(name for order in orders for name in order.instruments)
    seats = [seat for name, seat in seats_of(station).items() if name in names]
    emulators = {seat.name: emulator_of(seat, world) for seat in seats}
    on_message_bus = {seat.name: over for seat in seats if over is not None and "visa" in seat.model.links}
    async with serve(emulators, folder, buses=buses_of(seats), over=on_message_bus, ports=ports) as addresses:
        yield await asyncio.to_thread(_write, folder / FILE, laid, addresses, simulated), addresses


def _write(file: Path, laid: Laid, addresses: dict[str, str], simulated: Simulated) -> Path:
    file.write_text(_station_text(laid, addresses, simulated), encoding="utf-8")
    return file


def _station_text(laid: Laid, addresses: dict[str, str], simulated: Simulated) -> str:
    quoted = partial(json.dumps, ensure_ascii=False)  # a JSON string is a TOML basic string

    def listed(texts: Iterable[object]) -> str:
        return f"[{', '.join(quoted(str(each)) for each in texts)}]"

    station = laid.station
    lines = [
        "# Written by `station sim serve`: emulators answer at these links while it runs.",
        "[station]",
        f"name = {quoted(station.name)}",
        f"site = {quoted(station.site)}",
        *(
            f"{key} = {listed(each.resolve() for each in folders(station.document, key))}"
            for key in ("products", "jigs", "registers", "code")
        ),
        "",
        "[simulated]",
        f"seed = {simulated.seed}",
        f"faults = {listed(simulated.faults)}",
        *((f"unit = {simulated.unit}",) if simulated.unit else ()),
    ]
    for name, link in addresses.items():
        each = station.instruments[name]
        lines += ["", f"[instruments.{name}]", f"model = {quoted(each.model)}", f"link = {quoted(link)}"]
        lines += [f"serial = {quoted(each.serial)}"] if each.serial else []
        lines += [f"safe_within = {max(each.safe_within, 1.0)}"]
    for order in laid.orders:
        lines += [
            "",
            f"[slots.{order.slot.name}]",
            f"jig = {quoted(order.jig.name)}",
            f"[slots.{order.slot.name}.roles]",
        ]
        lines += [f"{role} = {listed(names)}" for role, names in order.slot.roles.items()]
    return "\n".join(lines) + "\n"
