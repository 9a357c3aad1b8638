"""Emulators on real sockets and ptys, spoken to by clients that this project did not write."""

import asyncio
import contextlib
import os
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pyvisa
import serial
from pyvisa.resources import MessageBasedResource

from sim.emulator import Emulator
from sim.makers import emulator_for
from sim.serving import serve
from tests.sim.fake_leads import FakeLeads
from tests.sim.slave_talk import Plain


class Bench:
    """A mainframe on TCP and a meter on a pty, in one fake world."""

    def __init__(self, folder: Path) -> None:
        self.leads = FakeLeads(ohms=0.012)
        self.folder = folder
        self.emulators: dict[str, Emulator] = {
            "mux1": emulator_for("keysight-daq970a", "mux1", self.leads),
            "ohms": emulator_for("hioki-rm3545", "ohms", self.leads),
        }
        self.addresses: dict[str, str] = {}

    @property
    def port(self) -> int:
        """The mainframe's."""
        return int(self.addresses["mux1"].rpartition(":")[2])


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Served while the test runs."""
    bench = Bench(tmp_path)
    async with serve(bench.emulators, tmp_path / "lines") as bench.addresses:
        yield bench


async def test_the_addresses_are_those_of_a_station_file(bench: Bench) -> None:
    """TCP for what has a network; a stable path and the speed for what has a serial line."""
    assert {
        "mux1": f"tcp://127.0.0.1:{bench.port}",
        "ohms": f"serial:{bench.folder}/lines/ohms?baudrate=9600",
    } == bench.addresses


async def test_a_visa_client_talks_to_the_mainframe(bench: Bench) -> None:
    """A client by pyvisa-py on a raw socket: identity, relays, a measurement, an error; then a second session in turn."""

    def talk() -> list[str]:
        manager = pyvisa.ResourceManager("@py")
        said = []
        try:
            for _ in range(2):
                session = manager.open_resource(f"TCPIP0::127.0.0.1::{bench.port}::SOCKET", timeout=5000)
                assert isinstance(session, MessageBasedResource)
                session.read_termination = session.write_termination = "\n"
                said.append(session.query("*IDN?")[:28])
                session.write("ROUT:CLOS (@111)")
                said.append(session.query("ROUT:CLOS? (@111,112)"))
                said.append(session.query("MEAS:RES? (@301)"))
                session.write("ROUT:SHUT (@111)")
                said.append(session.query("SYST:ERR?"))
                session.close()
        finally:
            manager.close()
        return said

    expected = ["Keysight Technologies,DAQ970", "1,0", "+1.00000000E+05", '-113,"Undefined header"']
    assert expected * 2 == await asyncio.to_thread(talk)
    assert {(1, 1, 1)} == bench.leads.closed


async def test_a_serial_client_talks_to_the_meter(bench: Bench) -> None:
    """A client by pyserial on the pty, opened twice; bytes pass as they are, without echo."""

    def talk() -> list[bytes]:
        said = []
        for _ in range(2):
            with serial.Serial(str(bench.folder / "lines" / "ohms"), 9600, timeout=5) as line:
                line.write(b"*IDN?\r\n")
                said.append(line.read_until(b"\n"))
                line.write(b":SAMP:RATE FAST\r\n:RES:RANG 0.1\r\n:READ?\r\n")
                said.append(line.read_until(b"\n"))
        return said

    assert [b"HIOKI,RM3545,MY123,V1.14\r\n", b"+12.0000E-03\r\n"] * 2 == await asyncio.to_thread(talk)


async def test_a_client_that_hangs_up_is_obeyed_all_the_same(bench: Bench) -> None:
    """A command is carried out although its sender has gone: as `echo ... | nc` would have it."""
    _, writer = await asyncio.open_connection("127.0.0.1", bench.port)
    writer.write(b"ROUT:CLOS (@111)\nROUT:CLOS (@112)\n")
    writer.close()
    await writer.wait_closed()
    for _ in range(500):
        if len(bench.leads.closed) == 2:
            break
        await asyncio.sleep(0.01)
    assert {(1, 1, 1), (1, 1, 2)} == bench.leads.closed


async def test_a_client_that_has_said_everything_gets_its_answers(bench: Bench) -> None:
    """Half-closed, as `printf ... | socat` leaves it: the replies still come, then the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", bench.port)
    writer.write(b"ROUT:CLOS (@111)\nROUT:CLOS? (@111:112)\n*OPC?\n")
    writer.write_eof()
    assert b"1,0\n1\n" == await reader.read()
    writer.close()
    await writer.wait_closed()


async def test_two_clients_at_once_each_get_their_own_answers(bench: Bench) -> None:
    """Lines are obeyed in order of arrival, and each reply goes to who has asked."""

    async def ask(number: int) -> list[bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", bench.port)
        said = []
        for _ in range(5):
            writer.write(b"ROUT:OPEN (@111);:ROUT:SCAN (@301:3%02d);:ROUT:SCAN:SIZE?\n" % number)
            said.append(await reader.readline())
        writer.close()
        await writer.wait_closed()
        return said

    assert ([b"+4\n"] * 5, [b"+7\n"] * 5) == tuple(await asyncio.gather(ask(4), ask(7)))


async def test_a_cut_connection(bench: Bench) -> None:
    """The trouble "closed" drops a TCP client at its next word, and the next client at once."""
    reader, writer = await asyncio.open_connection("127.0.0.1", bench.port)
    bench.leads.trouble = "closed"
    writer.write(b"*IDN?\n")
    for _ in range(2):
        with contextlib.suppress(ConnectionError):
            assert b"" == await reader.read()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        reader, writer = await asyncio.open_connection("127.0.0.1", bench.port)
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def test_an_unplugged_line(bench: Bench) -> None:
    """The trouble "closed" takes the pty away: the client gets an error, and the path is gone."""
    path = bench.folder / "lines" / "ohms"

    def talk() -> None:
        with serial.Serial(str(path), 9600, timeout=5) as line:
            bench.leads.trouble = "closed"
            line.write(b"*IDN?\r\n")
            line.read(1)

    with pytest.raises(serial.SerialException):
        await asyncio.to_thread(talk)
    with pytest.raises(serial.SerialException):
        await asyncio.to_thread(talk)


async def test_troubles_are_those_of_a_wire_in_memory(bench: Bench) -> None:
    """One place spoils replies for both."""
    reader, writer = await asyncio.open_connection("127.0.0.1", bench.port)
    bench.leads.trouble = "nan"
    writer.write(b"MEAS:RES? (@301)\n")
    assert b"+9.91000000E+37\n" == await reader.readline()
    writer.close()
    await writer.wait_closed()


async def test_when_serving_ends_nothing_is_left(tmp_path: Path) -> None:
    """Ports are closed, clients are told, links are removed; a stale link from a killed server is no obstacle."""
    bench = Bench(tmp_path)
    await asyncio.to_thread((tmp_path / "ohms").symlink_to, tmp_path / "no-such-pty")
    async with serve(bench.emulators, tmp_path) as bench.addresses:
        reader, writer = await asyncio.open_connection("127.0.0.1", bench.port)
        writer.write(b"*IDN?\n")
        await reader.readline()
    with contextlib.suppress(ConnectionError):
        assert b"" == await reader.read()
    writer.close()
    assert [] == await asyncio.to_thread(os.listdir, tmp_path)
    with socket.socket() as sock:
        sock.settimeout(1)
        assert 0 != await asyncio.to_thread(sock.connect_ex, ("127.0.0.1", bench.port))


async def test_a_file_in_the_way_is_not_overwritten(tmp_path: Path) -> None:
    """Only a link may be replaced by a link."""
    await asyncio.to_thread((tmp_path / "ohms").write_text, "mine")
    with pytest.raises(FileExistsError):
        async with serve(Bench(tmp_path).emulators, tmp_path):
            pass
    assert "mine" == await asyncio.to_thread((tmp_path / "ohms").read_text)


@pytest.mark.skipif(shutil.which("mbpoll") is None, reason="mbpoll, a Modbus master by others, is not installed")
async def test_a_modbus_master_by_others_reads_a_bus_and_a_host(tmp_path: Path) -> None:
    """Two units of a line on one pty, one on TCP: by addresses as they are written, with the exception of an absent one."""
    units = {"one": Plain(FakeLeads(), 1, device="one"), "two": Plain(FakeLeads(), 2, device="two")}
    units["two"].words[4] = 4242
    emulators: dict[str, Emulator] = {**units, "host": Plain(FakeLeads(), 1, "mbap", "host")}

    async def poll(*arguments: str) -> str:
        command = ("mbpoll", "-0", "-1", "-q", *arguments)
        running = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        return (await running.communicate())[0].decode()

    async with serve(emulators, tmp_path, buses={"bus": ("one", "two")}) as addresses:
        port = addresses["host"].removeprefix("modbus-tcp://127.0.0.1:").removesuffix("?unit=1")
        line = f"{tmp_path}/bus"
        assert {
            "one": f"modbus-rtu:{line}?baudrate=9600&parity=N&unit=1",
            "two": f"modbus-rtu:{line}?baudrate=9600&parity=N&unit=2",
            "host": f"modbus-tcp://127.0.0.1:{port}?unit=1",
        } == addresses
        serial = ("-m", "rtu", "-b", "9600", "-P", "none", "-o", "1")
        assert "[4]: \t4242" in await poll(*serial, "-a", "2", "-t", "4", "-r", "4", "-c", "2", line)
        assert "[4]: \t4\n" in await poll(*serial, "-a", "1", "-t", "4", "-r", "4", line)
        assert "timed out" in await poll(*serial, "-a", "3", "-o", "0.3", "-t", "4", "-r", "4", line)
        tcp = ("-m", "tcp", "-p", port)
        assert "[299]: \t299" in await poll(*tcp, "-a", "1", "-t", "4", "-r", "299", "127.0.0.1")
        assert "Illegal data address" in await poll(*tcp, "-a", "1", "-t", "4", "-r", "300", "127.0.0.1")
        assert "Target device failed to respond" in await poll(*tcp, "-a", "9", "-t", "4", "-r", "1", "127.0.0.1")
        await poll(*tcp, "-a", "1", "-t", "0", "-r", "3", "127.0.0.1", "1")
    host = emulators["host"]
    assert isinstance(host, Plain)
    assert [False, True] == host.coils[2:4]
