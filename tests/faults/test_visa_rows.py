"""Rows of the layer `bus-visa`: VXI-11 and HiSLIP devices through pyvisa-py, and what is common to all wires."""

import asyncio
import gc
import os
import threading
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

import pytest

from drivers.errors import InstrumentError, LinkError, LinkTimeout
from drivers.links.address import parse, wire_for
from drivers.links.apart import MOST, apart
from drivers.links.dialogue import LineLink
from drivers.links.visa import VisaWire
from drivers.links.wire import Wire
from drivers.multimeters.keysight_34461a import Keysight34461a
from sim.lan.hislip import on_hislip
from sim.lan.vxi11 import on_vxi11
from sim.makers import emulator_for
from sim.port import Port
from sim.serving import serve
from station.catalog import models
from tests.faults.adapters import Adapter, link_to
from tests.sim.fake_leads import FakeLeads

pytest.importorskip("pyvisa_py", reason="the extra `visa` is not installed")

Serve = Callable[[Port, str], AbstractAsyncContextManager[str]]
BUSES = pytest.mark.parametrize("bus", [on_vxi11, on_hislip], ids=["vxi-11", "hislip"])
MODEL = models()["keysight-34461a"]
WITHIN = 0.4


@pytest.fixture(autouse=True)
def unclosed_sockets_of_others() -> Iterator[None]:
    """pyvisa-py leaves the sockets of openings that failed to the garbage collector; they are collected here."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@asynccontextmanager
async def linked(bus: Serve, leads: FakeLeads) -> AsyncIterator[LineLink]:
    """A link to a multimeter on a message bus, which knows who it is."""
    async with bus(Port(emulator_for(MODEL.name, "dmm", leads)), "127.0.0.1") as address:
        link = LineLink("dmm", wire_for(parse(address), within=WITHIN), within=WITHIN)
        try:
            await link.open()
            await link.query("*IDN?")
            yield link
        finally:
            link.close()
            await asyncio.sleep(0.05)


async def descriptors() -> int:
    """How many this process has open."""
    await asyncio.sleep(0.1)
    return len(await asyncio.to_thread(os.listdir, "/proc/self/fd"))


async def cycles(wires: Callable[[], Wire], count: int, at_once: int = 1) -> None:
    """Open and close, over and over."""

    async def one() -> None:
        wire = wires()
        await wire.open()
        wire.close()

    for _ in range(count // at_once):
        await asyncio.gather(*(one() for _ in range(at_once)))


@BUSES
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="descriptors are counted in /proc")
async def test_f020_sessions_are_given_back(bus: Serve) -> None:
    """As many descriptors and threads after ten cycles as after ten more."""
    async with bus(Port(emulator_for(MODEL.name, "dmm", FakeLeads())), "127.0.0.1") as address:
        counts = []
        for _ in range(2):
            await cycles(lambda: wire_for(parse(address), within=WITHIN), 10, at_once=10)
            counts.append((await descriptors(), threading.active_count()))
        assert counts[0] == counts[1]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="descriptors are counted in /proc")
async def test_f020_sockets_and_ports_are_given_back(tmp_path: Path) -> None:
    """After 500 cycles each."""
    far = Adapter()
    async with serve({"dmm": emulator_for(MODEL.name, "dmm", FakeLeads())}, tmp_path) as addresses:
        before = await descriptors()
        await cycles(lambda: wire_for(parse(addresses["dmm"])), 500)
        await cycles(lambda: wire_for(parse(f"serial:{far.device}")), 500)
        assert before + 1 >= await descriptors()
    far.put_away()


async def test_f021_somebody_else_holds_the_lock() -> None:
    """A clear error within the deadline of opening, and the instrument is there again when the lock is given back."""
    async with on_vxi11(Port(emulator_for(MODEL.name, "dmm", FakeLeads())), "127.0.0.1") as address:
        holder = VisaWire(address.removeprefix("visa:"), within=WITHIN)
        await holder.open()
        session = holder._session
        assert session is not None
        await holder._do(lambda: session.lock_excl(timeout=500))
        link = LineLink("dmm", wire_for(parse(address), within=WITHIN), within=WITHIN)
        began = link.now()
        with pytest.raises(LinkError, match=r"(?i)lock") as told:
            await _asked(link)
        assert link.now() - began < 15.0
        assert str(told.value).startswith("dmm: ")
        await holder._do(session.unlock)
        holder.close()
        assert "34461A" in await _recovered(link, "*IDN?")
        link.close()
        await asyncio.sleep(0.05)


async def _asked(link: LineLink) -> str:
    await link.open()
    return await link.query("*IDN?")


async def _recovered(link: LineLink, question: str) -> str:
    for _ in range(6):
        with suppress(LinkError):
            await link.open()
            return await link.query(question)
    return await link.query(question)


@BUSES
async def test_f022_a_session_that_is_dead(bus: Serve) -> None:
    """It is let go and another is opened; closing a dead one raises nothing."""
    async with linked(bus, FakeLeads()) as link:
        wire = link.wire
        assert isinstance(wire, VisaWire)
        dead = wire._session
        assert dead is not None
        await wire._do(dead.close)
        with pytest.raises(LinkError):
            await link.query("SYST:ERR?")
        assert '+0,"No error"' == await _recovered(link, "SYST:ERR?")
        assert wire._session is not dead


@BUSES
async def test_f024_one_that_says_nothing_while_its_connection_stays(bus: Serve) -> None:
    """An error within two deadlines, each time; and well again when it is."""
    leads = FakeLeads()
    async with linked(bus, leads) as link:
        leads.trouble = "silent"
        began = link.now()
        with pytest.raises(LinkTimeout):
            await link.query("SYST:ERR?")
        assert link.now() - began < 2 * WITHIN
        leads.trouble = ""
        assert '+0,"No error"' == await _recovered(link, "SYST:ERR?")


async def test_f024_a_connection_that_is_half_open(tmp_path: Path) -> None:
    """Gone at the instrument's end only: an error within two deadlines; a new connection is made, and is well."""
    leads = FakeLeads()
    async with serve({"dmm": emulator_for(MODEL.name, "dmm", leads)}, tmp_path) as addresses:
        link = LineLink("dmm", wire_for(parse(addresses["dmm"])), within=WITHIN)
        await link.open()
        await link.query("*IDN?")
        leads.trouble = "half-open"
        began = link.now()
        with pytest.raises(LinkTimeout):
            await link.query("SYST:ERR?")
        assert link.now() - began < 2 * WITHIN
        assert '+0,"No error"' == await _recovered(link, "SYST:ERR?")
        assert 1 == link.counters.reconnects
        link.close()


async def test_f025_two_clients_at_one_instrument(tmp_path: Path) -> None:
    """Neither gets the other's answers; a setting that the other has changed is set again, or refused, and no reading is wrong."""
    leads = FakeLeads()
    emulator = emulator_for(MODEL.name, "dmm", leads)
    async with serve({"dmm": emulator}, tmp_path) as addresses:
        ours, theirs = (LineLink(name, wire_for(parse(addresses["dmm"])), within=2.0) for name in ("ours", "theirs"))
        await ours.open()
        await theirs.open()
        driver = Keysight34461a(ours)
        await driver.identify()
        first = (await driver.dc_volts(10.0)).value
        for order in ("CONF:VOLT:AC 100", "SENS:VOLT:DC:RANG 1000", "CONF:FRES 100", "*RST"):
            await theirs.write(order)
            assert '+0,"No error"' == await theirs.query("SYST:ERR?")
            try:
                read = await driver.dc_volts(10.0)
            except InstrumentError:
                continue
            assert read.value == pytest.approx(first, abs=2 * read.uncertainty), order
        for _ in range(10):
            said = await asyncio.gather(ours.query("*IDN?"), theirs.query("SYST:ERR?"))
            assert ("34461A" in said[0], '+0,"No error"') == (True, said[1])
        ours.close()
        theirs.close()


@BUSES
async def test_f026_a_blocking_call_that_cannot_be_cancelled(bus: Serve) -> None:
    """The loop goes on, the deadline holds, and however often it happens no thread is left over."""
    leads = FakeLeads()
    async with linked(bus, leads) as link:
        threads = threading.active_count()
        leads.trouble = "silent"
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0.01)
                turns += 1

        counting = asyncio.get_running_loop().create_task(count())
        began = link.now()
        with pytest.raises(LinkTimeout):
            await link.query("SYST:ERR?")
        assert link.now() - began < 2 * WITHIN
        assert turns > 10
        with pytest.raises(LinkError):
            await link.query("SYST:ERR?")
        counting.cancel()
        await asyncio.wait({counting})
        assert threading.active_count() <= threads + 1
        leads.trouble = ""
        assert '+0,"No error"' == await _recovered(link, "SYST:ERR?")


async def test_f026_threads_that_hang_are_bounded() -> None:
    """Each call has its deadline; when too many hang the next one is refused, and when they return there is room again."""
    release = threading.Event()

    def hangs() -> bool:
        return release.wait(20)

    loop = asyncio.get_running_loop()
    began = loop.time()
    hung = await asyncio.gather(*(apart(hangs, within=0.1) for _ in range(MOST)), return_exceptions=True)
    assert [TimeoutError] * MOST == [type(each) for each in hung]
    with pytest.raises(OSError, match="must be restarted"):
        await apart(hangs, within=0.1)
    assert loop.time() - began < 2.0
    release.set()
    await asyncio.sleep(0.1)
    assert 7 == await apart(lambda: 7, within=1.0)


async def test_f026_a_serial_port_whose_opening_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error within its deadline; what it opens in the end is closed."""
    release, closed = threading.Event(), threading.Event()

    class Opened:
        def close(self) -> None:
            closed.set()

    def opens(*_: object) -> Opened:
        release.wait(20)
        return Opened()

    monkeypatch.setattr("drivers.links.serial.SerialWire._open", opens)
    monkeypatch.setattr("drivers.links.serial.OPEN_WITHIN", 0.1)
    link = link_to("/dev/serial/by-id/dead")
    with pytest.raises(LinkError):
        await link.open()
    release.set()
    assert await asyncio.to_thread(closed.wait, 5)
    link.close()
