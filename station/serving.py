"""Serving a simulated bench: emulators on real TCP ports and ptys, and the station file that reaches them."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from sim.makers import emulator_for
from sim.serving import serve
from station.config.library import Library
from station.config.product import Product
from station.config.slots import StationSlot
from station.config.station_file import Station
from station.opening import load_station, world_of
from station.order import Order
from station.orders import Request, take_orders
from station.service import RefusalError, Simulated

NOBODY = "SIMULATED-UNIT"
"""A serial number for the units on the jigs; their labels are blank, so the operator scans the CONTINUE card."""
FILE = "served.toml"


@asynccontextmanager
async def served(
    name: str | None, products: Iterable[str], simulated: Simulated, folder: Path
) -> AsyncIterator[tuple[Path, dict[str, str], list[Order]]]:
    """Serve the emulators of a station until the block ends: the file written, the addresses, and what is on the jigs.

    `folder` exists, and is absolute: ptys are named by it.

    A slot gets the first of `products` that fits it, else the first product of the library that does; a slot that nothing
    fits is left out. Raises RefusalError or BadDocuments.
    """
    station, library = load_station(name, simulated=True)
    orders = [
        order
        for slot in station.slots.values()
        if (product := _fitting(library, slot, tuple(products))) is not None
        for order in take_orders(station, library, [Request(product.name, NOBODY, slot.name)])
    ]
    if not orders:
        raise RefusalError(f"no product fits any slot of {station.name}")
    world = world_of(station, orders, simulated, asyncio.get_running_loop().time, labelled=False)
    names = dict.fromkeys(name for order in orders for name in order.instruments)
    emulators = {name: emulator_for(station.instruments[name].model, name, world) for name in names}
    async with serve(emulators, folder) as addresses:
        text = _station_text(station, orders, addresses, simulated)
        file = await asyncio.to_thread(_write, folder / FILE, text)
        yield file, addresses, orders


def _write(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


def _fitting(library: Library, slot: StationSlot, wanted: tuple[str, ...]) -> Product | None:
    candidates = [library.product(name) for name in wanted] or library.products()[0]
    return next((each for each in candidates if slot.jig in each.jigs), None)


def _station_text(station: Station, orders: list[Order], addresses: dict[str, str], simulated: Simulated) -> str:
    quoted = json.dumps  # a TOML basic string is a JSON string for every name and address that passed its grammar
    lines = [
        "# Written by `station sim serve`: emulators answer at these links while it runs.",
        "[station]",
        f"name = {quoted(station.name)}",
        f"site = {quoted(station.site)}",
        "",
        "[simulated]",
        f"seed = {simulated.seed}",
        f"faults = [{', '.join(map(quoted, simulated.faults))}]",
    ]
    for name, link in addresses.items():
        each = station.instruments[name]
        lines += ["", f"[instruments.{name}]", f"model = {quoted(each.model)}", f"link = {quoted(link)}"]
        lines += [f"serial = {quoted(each.serial)}"] if each.serial else []
        lines += [f"safe_within = {max(each.safe_within, 1.0)}"]
    for order in orders:
        lines += [
            "",
            f"[slots.{order.slot.name}]",
            f"jig = {quoted(order.jig.name)}",
            f"[slots.{order.slot.name}.roles]",
        ]
        lines += [f"{role} = [{', '.join(map(quoted, names))}]" for role, names in order.slot.roles.items()]
    return "\n".join(lines) + "\n"
