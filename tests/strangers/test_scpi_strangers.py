"""`lxi` and pyvisa-py ask our emulators over raw sockets, VXI-11 and HiSLIP, and are answered as by an instrument."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from sim.emulators.keysight_daq970a import EMULATORS
from sim.lan.hislip import on_hislip
from sim.lan.vxi11 import on_vxi11
from sim.port import Port
from sim.serving import serve
from tests.sim.fake_leads import FakeLeads
from tests.strangers.needed import absent, program, said_by

IDENTITY = "Keysight Technologies,DAQ970A,MY123,A.02.04-01.00-02.01-00.02-02-01"
Serve = Callable[[Port, str], AbstractAsyncContextManager[str]]


@asynccontextmanager
async def on_socket(folder: Path) -> AsyncIterator[tuple[str, str]]:
    """A mainframe on a raw socket: its host and port."""
    async with serve({"mux": EMULATORS["keysight-daq970a"]("mux", FakeLeads())}, folder) as addresses:
        host, _, port = addresses["mux"].removeprefix("tcp://").partition(":")
        yield host, port


async def test_lxi_asks_over_a_raw_socket(tmp_path: Path) -> None:
    """Short and long forms, a compound message, an error that is queued and told."""
    lxi = await asyncio.to_thread(program, "lxi")
    async with on_socket(tmp_path) as (host, port):

        async def ask(command: str) -> str:
            return (await said_by(lxi, "scpi", "-a", host, "-p", port, "-r", "-t", "5", command)).strip()

        assert IDENTITY == await ask("*IDN?")
        assert "Keysight Technologies,DAQM904A,MY1231,1.00" == await ask("SYST:CTYP? 100")
        assert '+0,"No error"' == await ask("SYSTem:ERRor:NEXT?")
        assert ["", '-113,"Undefined header"'] == [await ask("NONSense"), await ask("SYST:ERR?")]
        assert ["", '-222,"Data out of range"'] == [await ask("ROUT:CLOS (@999)"), await ask("SYST:ERR?")]


def client(resource: str, talk: Callable[[Any], list[object]]) -> list[object]:
    """What a talk by pyvisa-py comes to."""
    try:
        import pyvisa
    except ImportError:
        absent("pyvisa")
    manager = pyvisa.ResourceManager("@py")
    session: Any = manager.open_resource(resource, open_timeout=3000)
    session.timeout, session.read_termination, session.write_termination = 3000, "\n", "\n"
    try:
        return talk(session)
    finally:
        session.close()


def small_talk(session: Any) -> list[object]:
    """Questions as people ask them."""
    return [
        session.query("*IDN?"),
        session.query("SYST:CTYP? 300"),
        session.query_ascii_values("READ?") if session.write("CONF:RES (@301)") else None,
        session.query("SYST:ERR?"),
    ]


EXPECTED = [IDENTITY, "Keysight Technologies,DAQM901A,MY1233,1.00", [pytest.approx(1e5, rel=1e-3)], '+0,"No error"']


@pytest.mark.parametrize("serve_on", [on_vxi11, on_hislip], ids=["vxi-11", "hislip"])
async def test_pyvisa_py_asks_over_a_message_bus(serve_on: Serve) -> None:
    """The answers of an instrument, and a device clear in between."""

    def talk(session: Any) -> list[object]:
        said = small_talk(session)
        session.clear()
        return [*said, session.query("*IDN?"), session.read_stb() & 0x10]

    async with serve_on(Port(EMULATORS["keysight-daq970a"]("mux", FakeLeads())), "127.0.0.1") as address:
        assert [*EXPECTED, IDENTITY, 0] == await asyncio.to_thread(client, address.removeprefix("visa:"), talk)


async def test_pyvisa_py_asks_over_a_raw_socket(tmp_path: Path) -> None:
    """The same answers."""
    async with on_socket(tmp_path) as (host, port):
        assert EXPECTED == await asyncio.to_thread(client, f"TCPIP::{host}::{port}::SOCKET", small_talk)
