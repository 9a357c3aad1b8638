"""SCPI over TCP: questions through our line link beside raw asyncio streams and beside pyvisa-py through an executor."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import pyvisa

from benchmarks.figure import Beside, Figure, Say
from benchmarks.rounds import Contender, alternately
from drivers.links.dialogue import LineLink
from drivers.links.tcp import TcpWire

QUESTION, ANSWER = "MEAS:VOLT?", b"+1.23456789E+01\n"
LEAST = 0.7
"""Of the raw rate."""


def measure(say: Say, *, rounds: int = 5, turns: int = 2000) -> list[Figure]:
    """Questions and answers per second, one client at a time, and how many raw ones go into one of ours."""
    contenders: dict[str, Contender] = {
        "ours": lambda: asyncio.run(_over_tcp(_ours, turns)),
        "raw": lambda: asyncio.run(_over_tcp(_raw, turns)),
        "theirs": lambda: asyncio.run(_over_tcp(_theirs, turns // 4)),
    }
    found = alternately(contenders, rounds, say)
    beside = (
        Beside("raw asyncio streams", found["raw"]),
        Beside("pyvisa-py through an executor", found["theirs"]),
    )
    return [
        Figure("SCPI questions over TCP", found["ours"], "/s", None, beside),
        Figure(
            "raw questions in the time of one of ours",
            found["raw"] / found["ours"],
            "",
            1 / LEAST,
            (Beside("raw questions in the time of one of pyvisa-py's", found["raw"] / found["theirs"]),),
        ),
    ]


class _Meter(asyncio.Protocol):
    """Answers every line alike."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(ANSWER * data.count(b"\n"))


@asynccontextmanager
async def _server() -> AsyncIterator[int]:
    server = await asyncio.get_running_loop().create_server(_Meter, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _over_tcp(asks: Callable[[int, int], Awaitable[float]], turns: int) -> float:
    async with _server() as port:
        return await asks(port, turns)


async def _ours(port: int, turns: int) -> float:
    link = LineLink("meter", TcpWire("127.0.0.1", port))
    await link.open()
    await link.query(QUESTION)
    began = time.perf_counter()
    for _ in range(turns):
        await link.query(QUESTION)
    took = time.perf_counter() - began
    link.close()
    return turns / took


async def _raw(port: int, turns: int) -> float:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    question = QUESTION.encode() + b"\n"
    began = time.perf_counter()
    for _ in range(turns):
        writer.write(question)
        await reader.readline()
    took = time.perf_counter() - began
    writer.close()
    await writer.wait_closed()
    return turns / took


async def _theirs(port: int, turns: int) -> float:
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as thread:
        session: Any = await loop.run_in_executor(thread, _session, port)
        began = time.perf_counter()
        for _ in range(turns):
            assert ANSWER.decode().strip() == await loop.run_in_executor(thread, session.query, QUESTION)
        took = time.perf_counter() - began
        await loop.run_in_executor(thread, session.close)
    return turns / took


def _session(port: int) -> object:
    return pyvisa.ResourceManager("@py").open_resource(
        f"TCPIP::127.0.0.1::{port}::SOCKET", read_termination="\n", write_termination="\n"
    )
