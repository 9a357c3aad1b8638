"""Checking: files, links, identities, calibration dates; all that is wrong at once, before a unit is on the line."""

import asyncio
from collections.abc import Callable, Collection
from typing import Any

from sim import clock
from station.bench import Bench
from station.capability import Ability, Inability, abilities
from station.config.problems import BadDocuments, Problem
from station.config.shelf import UnknownName
from station.config.station_file import Station
from station.opening import SHIPPED_LINE, own, usual_library
from station.order import Order
from station.seats import seats_of
from station.service import RefusalError, Simulated
from station.serving import lay
from station.simulating import sim_wires, world_of
from station.walls import real_wall, simulated_wall


def check_files(name: str | None) -> tuple[Station | None, list[Problem]]:
    """The station, and every problem in its file, in the jigs and in the products. Raises RefusalError for no such station."""
    library = usual_library()
    try:
        station = library.station(name or SHIPPED_LINE)
    except UnknownName as unknown:
        raise RefusalError(str(unknown)) from None
    except BadDocuments as bad:
        return None, sorted({*bad.problems, *library.products()[1], *library.jigs()[1], *library.maps()[1]})
    library = library.beside(station.document)
    return station, sorted({*library.products()[1], *library.jigs()[1], *library.maps()[1]})


def check_instruments(station: Station, *, simulated: bool) -> list[dict[str, Any]]:
    """Open every instrument at once and ask who it is: a row for each."""
    if not simulated:
        with own(station, station.instruments, "station check", ""):
            return asyncio.run(_check_instruments(station, None))
    laid = lay(str(station.document.file), ())
    return clock.run(_check_instruments(laid.station, laid.orders))


def check_limits(
    station: Station, products: Collection[str], say: Callable[[str], None]
) -> tuple[list[Ability], list[Inability]]:
    """What the station's uncertainty makes of each limit of each product, or of some; it tells what it is at."""
    able: list[Ability] = []
    unable: list[Inability] = []
    for found in abilities(station, usual_library().beside(station.document), products, say):
        if isinstance(found, Inability):
            unable.append(found)
        else:
            able += found
    return able, unable


async def _check_instruments(station: Station, orders: tuple[Order, ...] | None) -> list[dict[str, Any]]:
    """Ask the instruments, whether a slot uses them or not; with `orders` simulated ones, with these units on their jigs."""
    simulated, wires, seats = orders is not None, None, seats_of(station)
    if orders is not None:
        world = world_of(station, orders, Simulated(0, ()), asyncio.get_running_loop().time, also=seats)
        wires = sim_wires(station, world)
    bench = Bench(seats, wires)
    today = (simulated_wall() if simulated else real_wall()).date()
    try:
        troubles = {each.instrument: each.text for each in await bench.open(seats)}
        rows = []
        for name, seat in seats.items():
            due = seat.calibration_due
            late = f"calibration ran out on {due}" if due is not None and due < today else ""
            identity = bench.identities.get(name)
            rows.append(
                {
                    "instrument": name,
                    "model": seat.model.name,
                    "link": seat.link,
                    "identity": str(identity) if identity else "",
                    "firmware": identity.firmware if identity else "",
                    "latency": f"{bench.latencies[name] * 1e3:.1f} ms" if name in bench.latencies else "",
                    "calibration due": str(due or ""),
                    "trouble": troubles.get(name, late),
                }
            )
        return rows
    finally:
        bench.close()
