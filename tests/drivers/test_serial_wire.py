"""The serial wire, over a pseudo-terminal: real descriptors, real time."""

import asyncio
import os
import tty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from drivers.errors import LinkError, LinkTimeout
from drivers.links.dialogue import LineLink
from drivers.links.serial import SerialWire


class Bench:
    """An instrument on the far end of a pty: it identifies itself, doubles numbers, and is late on SLOW?."""

    def __init__(self) -> None:
        self.master, slave = os.openpty()
        tty.setraw(slave)
        self.device = os.ttyname(slave)
        self._slave = slave
        self._heard = b""
        os.set_blocking(self.master, False)
        asyncio.get_running_loop().add_reader(self.master, self._read)

    def _read(self) -> None:
        with suppress(OSError):
            self._heard += os.read(self.master, 4096)
        *lines, self._heard = self._heard.split(b"\r\n")
        for line in lines:
            if line == b"SLOW?":
                asyncio.get_running_loop().call_later(0.05, self.say, b"late\r\n")
            elif line == b"*IDN?":
                self.say(b"HIOKI,RM3545,1,1.0\r\n")
            else:
                self.say(str(2 * int(line)).encode() + b"\r\n")

    def say(self, data: bytes) -> None:
        """Send bytes, asked for or not."""
        if self.master >= 0:
            os.write(self.master, data)

    def unplug(self) -> None:
        """Pull the cable."""
        if self.master >= 0:
            asyncio.get_running_loop().remove_reader(self.master)
            os.close(self.master)
            self.master = -1

    def put_away(self) -> None:
        """Give the pty back; until then its name stays taken, and nobody else's pty gets it."""
        self.unplug()
        os.close(self._slave)


@asynccontextmanager
async def bench() -> AsyncIterator[tuple[LineLink, Bench]]:
    """An open, identified link to a pty."""
    far = Bench()
    link = LineLink("ohms", SerialWire(far.device), ends_with=b"\r\n", within=2.0, quiet=0.1)
    try:
        await link.open()
        await link.query("*IDN?")
        yield link, far
    finally:
        link.close()
        far.put_away()


async def test_questions_over_a_serial_line() -> None:
    """Every question gets its own answer."""
    async with bench() as (link, _):
        assert [str(2 * n) for n in range(100)] == [await link.query(str(n)) for n in range(100)]


async def test_a_late_answer_over_a_serial_line_is_never_the_next_one() -> None:
    """The trap of the usual libraries, over a pty."""
    async with bench() as (link, _):
        with pytest.raises(LinkTimeout):
            await link.query("SLOW?", within=0.01)
        assert "14" == await link.query("7")


async def test_bytes_that_wait_on_a_serial_line_are_no_answer() -> None:
    """They are drained before the question is sent, though the loop has not polled them yet."""
    async with bench() as (link, far):
        far.say(b"99\r\n")
        assert "6" == await link.query("3")
        assert 1 == link.counters.resyncs


async def test_an_unplugged_adapter_is_an_error_and_no_hang() -> None:
    """While an answer is awaited, and again for who asks afterwards."""
    async with bench() as (link, far):
        asyncio.get_running_loop().call_later(0.02, far.unplug)
        with pytest.raises(LinkError, match="connection lost"):
            await link.query("SLOW?", within=5.0)
        with pytest.raises(LinkError, match="no connection"):
            await link.query("1")


async def test_nothing_to_read_is_not_the_end() -> None:
    """A terminal read that finds nothing is told apart from one that finds the adapter gone."""
    async with bench() as (link, _):
        for _ in range(50):
            assert b"" == link.wire.pending()
            await asyncio.sleep(0)
        assert "2" == await link.query("1")


async def test_a_port_is_not_shared() -> None:
    """Two that open the same port would steal each other's bytes: the second is refused."""
    async with bench() as (_, far):
        with pytest.raises(LinkError, match="no connection"):
            await LineLink("second", SerialWire(far.device)).open()


async def test_a_device_that_is_not_there() -> None:
    """A missing path, and settings that the port refuses, are errors of the link."""
    for wire in (SerialWire("/dev/serial/by-id/none"), SerialWire("/dev/null", baudrate=-1)):
        with pytest.raises(LinkError, match="no connection"):
            await LineLink("ohms", wire).open()


async def test_a_parity_that_the_port_cannot_have() -> None:
    """A pty has none; whatever the operating system says of that is an error of the link, not a crash."""
    ours, theirs = os.openpty()
    try:
        with suppress(LinkError):
            link = LineLink("ohms", SerialWire(os.ttyname(theirs), parity="E"))
            await link.open()
            link.close()
    finally:
        os.close(ours)
        os.close(theirs)
