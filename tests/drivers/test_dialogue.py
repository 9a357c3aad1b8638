"""A link never gives an answer to the wrong question, whatever the other end does."""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from drivers.errors import BadReply, LinkError, LinkTimeout, WrongInstrument
from drivers.links.backoff import Backoff
from drivers.links.dialogue import LONGEST, LineLink
from drivers.links.line import Lines
from sim.clock import run
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


def played(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a scenario in virtual time."""
    run(scenario())


async def cancelled_after(seconds: float, exchange: Awaitable[object]) -> None:
    """Cancel an exchange from outside, as an abort does."""
    task = asyncio.ensure_future(exchange)
    await asyncio.sleep(seconds)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_link_is_lines() -> None:
    """The link keeps the contract that drivers are written against."""
    link: Lines = LineLink("ohms", FakeWire())
    assert "ohms" == link.name


@played
async def test_a_question_is_answered() -> None:
    """One line out, one line back, without its ending, and with or without a CR before the LF."""
    link, wire = await opened((A, [(0.0, b"+1.5E-03\r\n")]), (B, [(0.0, b"+2"), (0.1, b".5\n")]))
    assert ["+1.5E-03", "+2.5"] == [await link.query(A), await link.query(B)]
    assert ["*IDN?", A, B] == wire.sent
    assert (3, 0, 0) == (link.counters.exchanges, link.counters.timeouts, link.counters.resyncs)


test_a_question_is_answered
