"""A line at work in virtual time, for the tests of what it takes in and what becomes of it."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from sim import clock
from station.bench import Bench
from station.ledger.ledger import Ledger
from station.line.line import Line
from station.line.placing import Placing
from station.line.ticket import Stage, Ticket
from station.line.tickets import Tickets
from station.opening import load_station
from station.orders import Request
from station.seats import seats_of
from station.service import Service, Simulated
from station.serving import lay
from station.simulating import sim_wires, world_of
from station.walls import simulated_wall
from tests.station.lines import WHIP

T = TypeVar("T")


def on_line(
    folder: Path, use: Callable[[Line], Awaitable[T]], *, faults: tuple[str, ...] = (), station: str | None = None
) -> T:
    """What `use` returns of a line of the shipped station, or another, that runs meanwhile and is then drained."""

    async def main(ledger: Ledger, tickets: Tickets) -> T:
        simulated = Simulated(0, faults)
        world = world_of(where, laid, simulated, asyncio.get_running_loop().time, labelled=False)
        seats = seats_of(where)
        service = Service(where, Bench(seats, sim_wires(where, world)), ledger, simulated_wall, simulated)
        lies = {each.slot.name: each.product.name for each in laid}
        line = Line(service, Placing(where, library, partial(load_station, station, simulated=True), lies), tickets)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(line.run())
                result = await use(line)
                line.drain()
            return result
        finally:
            service.bench.close()

    where, library = load_station(station, simulated=True)
    laid = lay(station, ()).orders
    tickets = Tickets.open(folder)
    try:
        with Ledger.open(folder) as ledger:
            return clock.run(main(ledger, tickets))
    finally:
        tickets.close()


async def ended(line: Line, *tickets: Ticket) -> list[Ticket]:
    """The tickets once they have ended."""
    wanted = {each.ticket for each in tickets}
    open_ones = {each for each in wanted if not (await line.ticket(each)).stage.is_end}
    number = line.news.last
    open_ones = {each for each in open_ones if not (await line.ticket(each)).stage.is_end}
    if open_ones:
        async for item in line.news.since(number):
            if item.kind == "ticket" and item.body["ticket"].stage.is_end:
                open_ones.discard(item.body["ticket"].ticket)
            if not open_ones:
                break
    return [await line.ticket(each.ticket) for each in tickets]


def whip(serial: str = "SN1", slot: str | None = None) -> Request:
    """A whip cable to be tested."""
    return Request(WHIP, serial, slot)


DONE = Stage.DONE
