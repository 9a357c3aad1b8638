"""Modbus: round trips of our links beside a raw one and beside pymodbus's client; a line against its own speed; many at once."""

import asyncio
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from statistics import median, quantiles

from pymodbus.client import AsyncModbusTcpClient

from benchmarks.figure import Beside, Figure, Say
from benchmarks.rounds import Contender, alternately
from drivers.links.register_link import RegisterLink
from drivers.links.rtu_bus import RtuBus
from drivers.links.tcp import TcpWire
from drivers.links.tcp_bus import TcpBus
from sim import clock
from sim.modbus.slave import Slave
from sim.spec import Device, WorldSpec
from sim.wires import MemoryWire
from sim.world import World

COUNT = 10
"""Registers of each read."""
LEAST = 0.7
"""Of the raw rate, over TCP."""
LEAST_OF_LINE = 0.9
AT_ONCE, P99_MS = 32, 5.0
REPLY = struct.pack(f">BB{COUNT}H", 3, 2 * COUNT, *range(COUNT))


def measure(say: Say, *, rounds: int = 5, turns: int = 2000, readings: int = 200) -> list[Figure]:
    """Reads of ten registers: a link of ours, the same bytes raw, pymodbus; then lines in virtual time; then many links."""
    contenders: dict[str, Contender] = {
        "ours": lambda: asyncio.run(_over_tcp(_ours, turns)),
        "raw": lambda: asyncio.run(_over_tcp(_raw, turns)),
        "theirs": lambda: asyncio.run(_over_tcp(_theirs, turns)),
    }
    found = alternately(contenders, rounds, say)
    lines = [_line(baudrate, turns // 20) for baudrate in (19200, 115200)]
    say("lines are through")
    many = [asyncio.run(_many(readings)) for _ in range(rounds)]
    slowest, usual = (median(quantiles(each, n=100)[at] for each in many) for at in (98, 49))
    raw = Beside("raw asyncio streams", found["raw"])
    return [
        Figure(
            "reads of ten registers over TCP", found["ours"], "/s", None, (raw, Beside("pymodbus", found["theirs"]))
        ),
        Figure(
            "raw round trips in the time of one of ours",
            found["raw"] / found["ours"],
            "",
            1 / LEAST,
            (Beside("raw round trips in the time of one of pymodbus's", found["raw"] / found["theirs"]),),
        ),
        *lines,
        Figure(
            f"{AT_ONCE} instruments at once, 99 of 100 reads within",
            1000 * slowest,
            "ms",
            P99_MS,
            (Beside("half of the reads within", 1000 * usual),),
        ),
    ]


class _Words(asyncio.Protocol):
    """Answers every read of ten registers, whatever the unit."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert len(data) == 12
        self._transport.write(data[:4] + (len(REPLY) + 1).to_bytes(2, "big") + data[6:7] + REPLY)


@asynccontextmanager
async def _server() -> AsyncIterator[int]:
    server = await asyncio.get_running_loop().create_server(_Words, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _over_tcp(reads: Callable[[int, int], Awaitable[float]], turns: int) -> float:
    async with _server() as port:
        return await reads(port, turns)


async def _opened(port: int, name: str) -> RegisterLink:
    link = RegisterLink(name, TcpBus(name, TcpWire("127.0.0.1", port)), 1)
    await link.open()
    return link


async def _ours(port: int, turns: int) -> float:
    link = await _opened(port, "meter")
    began = time.perf_counter()
    for _ in range(turns):
        await link.read_holding(0, COUNT)
    took = time.perf_counter() - began
    link.close()
    return turns / took


async def _raw(port: int, turns: int) -> float:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = struct.pack(">HHHBBHH", 1, 0, 6, 1, 3, 0, COUNT)
    began = time.perf_counter()
    for _ in range(turns):
        writer.write(request)
        await reader.readexactly(7 + len(REPLY))
    took = time.perf_counter() - began
    writer.close()
    await writer.wait_closed()
    return turns / took


async def _theirs(port: int, turns: int) -> float:
    client = AsyncModbusTcpClient("127.0.0.1", port=port)
    assert await client.connect()
    began = time.perf_counter()
    for _ in range(turns):
        assert len((await client.read_holding_registers(0, count=COUNT)).registers) == COUNT
    took = time.perf_counter() - began
    client.close()
    await asyncio.sleep(0)
    return turns / took


class _Meter(Slave):
    """Registers that are there at once."""

    turnaround = 0.0

    def read_words(self, function: int, address: int, count: int) -> Sequence[int]:
        """Their addresses."""
        del function
        return range(address, address + count)


def _line(baudrate: int, turns: int) -> Figure:
    """Seconds of a read on a simulated line, and of nothing but its characters and the silences that the standard asks for."""
    character = 10 / baudrate
    silence = 3.5 * character if baudrate <= 19200 else 0.00175
    bound = (8 + 5 + 2 * COUNT) * character + 2 * silence
    took = clock.run(_seconds_on_line(baudrate, turns))
    return Figure(
        f"a read of ten registers at {baudrate:,} Bd, in simulated time",
        1000 * took,
        "ms",
        1000 * bound / LEAST_OF_LINE,
        (Beside("its characters and silences", 1000 * bound),),
    )


async def _seconds_on_line(baudrate: int, turns: int) -> float:
    meter = _Meter("meter", World(WorldSpec((Device("meter", "meter"),), ())))
    meter.baudrate = baudrate
    link = RegisterLink("meter", RtuBus("line", MemoryWire(meter), baudrate), meter.unit)
    await link.open()
    await link.read_holding(0, COUNT)
    began = link.now()
    for _ in range(turns):
        await link.read_holding(0, COUNT)
    took = link.now() - began
    link.close()
    return took / turns


async def _many(readings: int) -> list[float]:
    """Seconds of each read while as many links as instruments ask all the time."""
    waits: list[float] = []

    async def poll(link: RegisterLink) -> None:
        for _ in range(readings):
            began = time.perf_counter()
            await link.read_holding(0, COUNT)
            waits.append(time.perf_counter() - began)

    async with _server() as port:
        links = [await _opened(port, f"meter{number}") for number in range(AT_ONCE)]
        async with asyncio.TaskGroup() as group:
            for link in links:
                group.create_task(poll(link))
        for link in links:
            link.close()
    return waits
