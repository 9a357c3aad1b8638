"""A link over a fake wire, and what its tests do with it."""

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any

import pytest

from drivers.errors import LinkError, LinkTimeout
from drivers.links.dialogue import LineLink
from tests.drivers.fake_wire import FakeWire, Late, table

A, B = "MEAS:A?", "MEAS:B?"
ONE, TWO = [(0.01, b"1.0\n")], [(0.01, b"2.0\n")]


async def opened(*rows: tuple[str, list[Late]], identified: bool = True) -> tuple[LineLink, FakeWire]:
    """A link over a fake wire, open and identified."""
    wire = FakeWire(table(*rows))
    link = LineLink("ohms", wire, within=1.0)
    await link.open()
    if identified:
        await link.query("*IDN?")
    return link, wire


async def cancel_after(seconds: float, exchange: Coroutine[Any, Any, object]) -> None:
    """Cancel an exchange from outside, as an abort does."""
    task = asyncio.get_running_loop().create_task(exchange)
    await asyncio.sleep(seconds)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def seconds_of(exchange: Awaitable[object]) -> float:
    """How long an exchange takes."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await exchange
    return loop.time() - began


async def timed_out(link: LineLink, question: str) -> None:
    """The question gets no answer in time."""
    with pytest.raises(LinkTimeout):
        await link.query(question)


async def refused(link: LineLink, question: str, why: str) -> None:
    """The question cannot be asked."""
    with pytest.raises(LinkError, match=why):
        await link.query(question)
