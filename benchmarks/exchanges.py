"""Exchanges: questions and answers per real second between the real drivers and the emulators, in virtual time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from benchmarks.figure import Beside, Figure, Say
from benchmarks.rounds import Contender, alternately
from benchmarks.slot import new_ledger
from drivers.roles import Crosspoint, Instrument, Matrix, Multimeter, Ohmmeter
from sim import clock
from station.opening import Setup, prepare, service_of
from station.order import Order
from station.orders import Request
from station.service import Service, Simulated

PRODUCT = "PWR-WHIP-8"
CHANNEL = 101
"""Of the multiplexer card in the mainframe's first slot."""
RELAYS = (Crosspoint(2, 1, 1), Crosspoint(2, 2, 2))
"""Two of the matrix card in its second slot."""

Turn = Callable[[Instrument], Awaitable[object]]
"""What is done with one instrument, over and over."""


def measure(say: Say, *, rounds: int = 5, turns: int = 2000) -> list[Figure]:
    """Exchanges per second: each is one line out and, where the manual has an answer, one line back."""
    prepared = prepare(Setup(None, Path(), Simulated(0, ())), [Request(PRODUCT, "BENCH-0001")])
    (order,) = prepared.orders
    work: dict[str, tuple[str, Turn]] = {
        "micro-ohmmeter, resistance": (order.slot.roles["ohmmeter"][0], _resistance),
        "mainframe, two relays in turn": (order.slot.roles["matrix"][0], _relays),
        "mainframe, two-wire resistance": (order.slot.roles["multimeter"][0], _two_wire),
        "mainframe, identity": (order.slot.roles["matrix"][0], _identity),
    }
    with new_ledger() as ledger:
        contenders: dict[str, Contender] = {
            title: partial(_rate, partial(service_of, prepared, ledger), order, name, turn, turns)
            for title, (name, turn) in work.items()
        }
        contenders["loopback"] = lambda: asyncio.run(_loopback(turns))
        found = alternately(contenders, rounds, say)
    peer = Beside("asyncio streams over TCP loopback", found["loopback"])
    return [Figure(title, found[title], "/s", None, (peer,)) for title in work]


async def _resistance(meter: Instrument) -> object:
    assert isinstance(meter, Ohmmeter)
    await meter.prepare(1.0)
    return await meter.resistance()


async def _relays(matrix: Instrument) -> None:
    assert isinstance(matrix, Matrix)
    await matrix.switch(RELAYS[:1], RELAYS[1:])
    await matrix.switch(RELAYS[1:], RELAYS[:1])


async def _two_wire(meter: Instrument) -> object:
    assert isinstance(meter, Multimeter)
    return await meter.two_wire(CHANNEL)


async def _identity(instrument: Instrument) -> object:
    return await instrument.identify()


def _rate(serve: Callable[[], Service], order: Order, name: str, turn: Turn, turns: int) -> float:
    return clock.run(_exchanges(serve, order, name, turn, turns))


async def _exchanges(serve: Callable[[], Service], order: Order, name: str, turn: Turn, turns: int) -> float:
    bench = serve().bench
    troubles = await bench.open(order.instruments)
    assert troubles == []
    try:
        instrument, counters = bench.instruments[name], bench.links[name].counters
        await turn(instrument)
        before, began = counters.exchanges, time.perf_counter()
        for _ in range(turns):
            await turn(instrument)
        return (counters.exchanges - before) / (time.perf_counter() - began)
    finally:
        bench.close()


async def _loopback(turns: int) -> float:
    """Questions per second between two pairs of asyncio's streams in one process."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            writer.write(b"ACME,X,1,1.0\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        began = time.perf_counter()
        for _ in range(turns):
            writer.write(b"*IDN?\n")
            await reader.readline()
        took = time.perf_counter() - began
        writer.close()
        await writer.wait_closed()
    return turns / took
