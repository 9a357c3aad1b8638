"""Rows of the layer `network`, as far as instruments are concerned: real sockets where the kernel has a say."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.errors import LinkError, LinkTimeout
from drivers.links import tcp
from drivers.links.dialogue import LineLink
from drivers.links.tcp import TcpWire
from sim.makers import emulator_for
from sim.serving import serve
from station.bench import Bench, Seat
from station.catalog import models
from tests.drivers.fake_wire import FakeWire, Late, virtual
from tests.faults.cable import Cable, cable
from tests.sim.fake_leads import FakeLeads

WITHIN = 0.5
MODEL = replace(models()["keysight-34461a"], within=WITHIN)


async def doubling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says who it is, and doubles numbers."""
    while line := (await reader.readline()).decode().strip():
        writer.write(b"ACME,X,1,1\n" if line == "*IDN?" else f"{2 * int(line)}\n".encode())
    writer.close()


@asynccontextmanager
async def wired(jitter: float = 0.0) -> AsyncIterator[tuple[LineLink, Cable]]:
    """A link through a cable, which knows who is at its end."""
    server = await asyncio.start_server(doubling, "127.0.0.1", 0)
    async with cable(server.sockets[0].getsockname()[1], jitter) as it:
        link = LineLink("dmm", TcpWire("127.0.0.1", it.port), within=WITHIN, quiet=0.1)
        await link.open()
        await link.query("*IDN?")
        try:
            yield link, it
        finally:
            link.close()
            server.close()


async def recovered(link: LineLink, question: str) -> str:
    """The answer, once the link has come to its senses; nothing but errors until then."""
    for _ in range(6):
        try:
            return await link.query(question)
        except LinkError:
            continue
    return await link.query(question)


async def test_f050_a_cable_is_out_for_less_than_a_deadline() -> None:
    """Nobody notices: what was sent comes late, and is right."""
    async with wired() as (link, it):
        it.pull()
        asyncio.get_running_loop().call_later(WITHIN / 2, it.plug)
        assert ["2", "4", "6"] == [await link.query(str(n)) for n in (1, 2, 3)]
        assert 0 == link.counters.timeouts


async def test_f050_a_cable_is_out_for_longer() -> None:
    """Errors while it is, though the connection lives on; then the same instrument, without anybody's help."""
    async with wired() as (link, it):
        it.pull()
        asyncio.get_running_loop().call_later(2.5 * WITHIN, it.plug)
        with pytest.raises(LinkTimeout):
            await link.query("1")
        assert "14" == await recovered(link, "7")
        assert ["2", "4", "6"] == [await link.query(str(n)) for n in (1, 2, 3)]


@virtual
@pytest.mark.parametrize("out", [1.0, 10.0, 600.0])
async def test_f050_answers_that_were_kept_by_the_network(out: float) -> None:
    """A second, ten, ten minutes: whatever comes when the cable is in again, each question has its own answer."""
    since: list[float] = []

    def answer(line: str) -> list[Late]:
        now = asyncio.get_running_loop().time()
        delay = max(0.001, since[0] + out - now) if since else 0.001
        return [(delay, b"ACME,X,1,1\n" if line == "*IDN?" else f"{2 * int(line)}\n".encode())]

    wire = FakeWire(answer)
    wire.in_order = False  # what was kept comes all at once
    link = LineLink("dmm", wire, within=2.0)
    await link.open()
    await link.query("*IDN?")
    since.append(link.now())
    numbers, answers = 0, 0
    while answers < 20 and numbers < 2000:
        numbers += 1
        try:
            assert str(2 * numbers) == await link.query(str(numbers))
        except LinkError:
            await asyncio.sleep(0.5)
            continue
        answers += 1
    assert 20 == answers
    assert link.now() < out + 60.0


async def test_f051_delay_and_jitter() -> None:
    """Pieces come late and torn, and the answers are right."""
    async with wired(jitter=0.01) as (link, _):
        assert [str(2 * n) for n in range(30)] == [await link.query(str(n)) for n in range(30)]
        assert (0, 0) == (link.counters.timeouts, link.counters.bad_replies)


class Resolver:
    """In the place of the system's: answers, refuses, or does not come back before it is let go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails = self.hangs = False
        self.release = threading.Event()

    def __call__(self, host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        """As `socket.getaddrinfo`."""
        self.asked.append(host)
        if self.hangs:
            self.release.wait(10)
        if self.fails or self.hangs:
            raise socket.gaierror(socket.EAI_AGAIN, "temporary failure in name resolution")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


@pytest.mark.parametrize("way", ["fails", "hangs"])
async def test_f052_names_resolve_slowly_or_not_at_all(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Apart from the loop, within a deadline; an address that was good is used again, and a number needs no resolver."""
    resolver = Resolver()
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    monkeypatch.setattr(tcp, "RESOLVE_WITHIN", 0.2)
    server = await asyncio.start_server(doubling, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    known, new, number = (
        LineLink(name, TcpWire(name, port), within=WITHIN) for name in ("dmm.line", "new", "127.0.0.1")
    )
    try:
        await known.open()
        assert "2" == await known.query("1")
        setattr(resolver, way, True)
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0.01)
                turns += 1

        counting = asyncio.get_running_loop().create_task(count())
        began = known.now()
        with pytest.raises(LinkError, match="no connection"):
            await new.open()
        assert known.now() - began < 1.0
        known.close()
        await known.open()
        assert "4" == await known.query("2")
        await number.open()
        assert "6" == await number.query("3")
        assert "127.0.0.1" not in resolver.asked
        counting.cancel()
        await asyncio.wait({counting})
        assert way == "fails" or turns > 10
    finally:
        resolver.release.set()
        for link in (known, new, number):
            link.close()
        server.close()


async def test_f055_a_firewall_forgets_an_idle_connection() -> None:
    """The kernel probes an idle one before any firewall forgets it, and gives up one whose bytes nobody confirms."""
    async with wired() as (link, _):
        assert isinstance(link.wire, TcpWire)
        sock = link.wire._port
        assert isinstance(sock, socket.socket)
        assert 0 != sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        if hasattr(socket, "TCP_KEEPIDLE"):
            idle, every, probes = (
                sock.getsockopt(socket.IPPROTO_TCP, option)
                for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            )
            assert idle + every * probes <= 30
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) <= 1.5 * 1000 * idle


async def test_f056_another_host_answers_at_the_address(tmp_path: Path) -> None:
    """Between two runs: REFUSED, by who it was and who it is. Nothing may be energised with it."""
    leads = FakeLeads()
    async with (
        serve({"dmm": emulator_for(MODEL.name, "dmm", leads)}, tmp_path) as addresses,
        cable(int(addresses["dmm"].rpartition(":")[2])) as it,
    ):
        bench = Bench({"dmm": Seat("dmm", MODEL, f"tcp://127.0.0.1:{it.port}", "", 1.0, None)})
        assert [] == await bench.open(["dmm"])
        leads.plate = "OTHER"
        await it.cut()
        (trouble,) = await bench.open(["dmm"])
        assert (True, {}) == (trouble.refused, bench.instruments)
        assert "OTHER" in trouble.text
        bench.close()
