"""Our Modbus emulators, asked by masters that this project did not write; and what a stranger's dissector says of us."""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from drivers.errors import Declined, LinkTimeout
from drivers.links.address import ModbusRtuAddress, ModbusTcpAddress, parse, wire_for
from drivers.links.register_link import RegisterLink
from drivers.links.rtu_bus import RtuBus
from drivers.links.tcp_bus import TcpBus
from sim.emulator import Emulator
from sim.serving import serve
from tests.sim.fake_leads import FakeLeads
from tests.sim.slave_talk import Plain
from tests.strangers.needed import absent, program, said_by


@asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[tuple[ModbusTcpAddress, ModbusRtuAddress]]:
    """A host on TCP, and a line of units 1 and 2: the addresses of the host and of unit 2."""
    emulators: dict[str, Emulator] = {
        "host": Plain(FakeLeads(), 1, "mbap", "host"),
        "one": Plain(FakeLeads(), 1, device="one"),
        "two": Plain(FakeLeads(), 2, device="two"),
    }
    async with serve(emulators, folder, buses={"bus": ("one", "two")}) as addresses:
        host, line = parse(addresses["host"]), parse(addresses["two"])
        assert isinstance(host, ModbusTcpAddress)
        assert isinstance(line, ModbusRtuAddress)
        yield host, line


async def test_mbpoll_reads_and_writes(tmp_path: Path) -> None:
    """Over TCP and over a line; registers, coils, and an address that is not there."""
    mbpoll = await asyncio.to_thread(program, "mbpoll")
    async with bench(tmp_path) as (host, line):
        ways: list[Sequence[str]] = [
            ("-m", "tcp", "-p", str(host.port), "-a", "1", host.host),
            ("-m", "rtu", "-b", str(line.baudrate), "-P", "none", "-a", "2", line.device),
        ]
        for *options, place in ways:

            async def poll(*words: str, options: Sequence[str] = options, place: str = place) -> str:
                kind, _, values = " ".join(words).partition(" = ")
                return await said_by(mbpoll, "-0", "-1", "-q", *options, *kind.split(), place, *values.split())

            assert "[100]: \t100" in await poll("-t 4 -r 100 -c 3")
            assert "[7]: \t7" in await poll("-t 3 -r 7")
            assert "Written 2" in await poll("-t 4 -r 20 = 4242 4243")
            assert "[21]: \t4243" in await poll("-t 4 -r 20 -c 2")
            assert "Written 1" in await poll("-t 0 -r 3 = 1")
            assert "[3]: \t1" in await poll("-t 0 -r 2 -c 2")
            assert "Illegal data address" in await poll("-t 4 -r 400")
            assert "Illegal data address" in await poll("-t 4 -r 9 = 1")


async def test_pymodbus_reads_and_writes(tmp_path: Path) -> None:
    """Its client over TCP and over a line, and the exceptions that it is told."""
    from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient

    async with bench(tmp_path) as (host, line):
        clients: list[tuple[Any, int]] = [
            (AsyncModbusTcpClient(host.host, port=host.port, timeout=2, retries=0), 1),
            (AsyncModbusSerialClient(line.device, baudrate=line.baudrate or 9600, timeout=2, retries=0), 2),
        ]
        for client, unit in clients:
            assert await client.connect()
            try:
                assert [100, 101, 102] == (await client.read_holding_registers(100, count=3, device_id=unit)).registers
                assert [7] == (await client.read_input_registers(7, count=1, device_id=unit)).registers
                assert not (await client.write_registers(20, [1, 2], device_id=unit)).isError()
                assert not (await client.write_register(22, 3, device_id=unit)).isError()
                assert [1, 2, 3] == (await client.read_holding_registers(20, count=3, device_id=unit)).registers
                assert not (await client.write_coil(3, True, device_id=unit)).isError()
                assert [False, True] == (await client.read_coils(2, count=2, device_id=unit)).bits[:2]
                assert [True, False] == (await client.read_discrete_inputs(0, count=2, device_id=unit)).bits[:2]
                for address, code in ((400, 2), (10, 4)):
                    reply = await client.read_holding_registers(address, count=1, device_id=unit)
                    assert (True, code) == (reply.isError(), reply.exception_code)
            finally:
                client.close()
                await asyncio.sleep(0)


async def talk(link: RegisterLink) -> None:
    """Every function, an exception and a unit that is not there, over our own link to our own emulator."""
    await link.open()
    await link.read_holding(100, 125)
    await link.read_input(7, 2)
    await link.read_coils(0, 16)
    await link.read_discrete(3)
    await link.write_register(20, 1)
    await link.write_registers(20, [1, 2, 3])
    await link.write_coil(3, on=True)
    with pytest.raises(Declined):
        await link.read_holding(400)
    link.close()


FIELDS = ("tcp.len", "modbus.func_code", "_ws.malformed", "_ws.expert.severity", "_ws.expert.message")


async def dissected(tshark: str, capture: Path, *options: str) -> list[list[str]]:
    """The fields of each packet that carries something; one that is malformed, or no Modbus, fails."""
    fields = [word for each in FIELDS for word in ("-e", each)]
    said = await said_by(tshark, "-r", str(capture), *options, "-T", "fields", *fields)
    rows = [line.split("\t") for line in said.splitlines() if line.count("\t") == len(FIELDS) - 1]
    full = [row for row in rows if row[0] not in {"", "0"}]
    assert [] == [row for row in full if row[2] or not row[1]], said
    return full


async def test_tshark_finds_nothing_malformed_over_tcp(tmp_path: Path) -> None:
    """In a capture of our link and our emulator on the loopback."""
    dumpcap, tshark = await asyncio.to_thread(program, "dumpcap"), await asyncio.to_thread(program, "tshark")
    capture = tmp_path / "loopback.pcapng"
    async with bench(tmp_path) as (host, _):
        recorder = await asyncio.create_subprocess_exec(
            dumpcap, "-i", "lo", "-f", f"tcp port {host.port}", "-w", str(capture), stderr=asyncio.subprocess.PIPE
        )
        assert recorder.stderr is not None
        async with asyncio.timeout(10):
            while b"File:" not in (line := await recorder.stderr.readline()):
                if not line:
                    absent("the right to capture on the loopback")
        await talk(RegisterLink("host", TcpBus("host", wire_for(host)), 1))
        await asyncio.sleep(0.7)
        recorder.send_signal(signal.SIGINT)
        await recorder.communicate()
    rows = await dissected(tshark, capture, "-d", f"tcp.port=={host.port},mbtcp")
    assert [3, 3, 4, 4, 1, 1, 2, 2, 6, 6, 16, 16, 5, 5, 3, 3] == [int(row[1]) for row in rows]


async def test_tshark_finds_nothing_malformed_on_a_line(tmp_path: Path) -> None:
    """What our link and our emulator have said over a pty, check sums included."""
    text2pcap, tshark = await asyncio.to_thread(program, "text2pcap"), await asyncio.to_thread(program, "tshark")
    async with bench(tmp_path) as (_, line):
        link = RegisterLink("two", RtuBus("bus", wire_for(line), line.baudrate or 9600), 2)
        await talk(link)
        nobody = RegisterLink("nobody", RtuBus("bus", wire_for(line), line.baudrate or 9600), 3, within=0.2)
        await nobody.open()
        with pytest.raises(LinkTimeout):
            await nobody.read_holding(1)
        nobody.close()
    frames: list[tuple[str, bytes]] = []
    for piece in link.recent:
        if frames and frames[-1][0] == piece.direction:  # a pty may hand a frame over in pieces
            frames[-1] = (piece.direction, frames[-1][1] + piece.data)
        else:
            frames.append((piece.direction, piece.data))
    # text2pcap sends what is "inbound" from the first port, the master's, to the second
    told = "".join(f"{'I' if way == 'out' else 'O'}\n000000 {data.hex(' ')}\n\n" for way, data in frames)
    written, capture = tmp_path / "line.txt", tmp_path / "line.pcap"
    await asyncio.to_thread(written.write_text, told)
    await said_by(text2pcap, "-D", "-T", "40000,1502", str(written), str(capture))
    options = ("-o", "mbrtu.tcp.port:1502", "-o", "mbrtu.crc_verification:TRUE", "-d", "tcp.port==1502,mbrtu")
    rows = await dissected(tshark, capture, *options)
    assert [3, 3, 4, 4, 1, 1, 2, 2, 6, 6, 16, 16, 5, 5, 3, 3] == [int(row[1]) for row in rows]
    assert not [row for row in rows if "CRC" in row[4]]
