"""Our links against slaves that this project did not write: libmodbus, well-behaved and not, and pymodbus's server."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from drivers.errors import BadReply, Declined, InstrumentError, LinkError, LinkTimeout
from drivers.links.register_link import RegisterLink
from drivers.links.rtu_bus import RtuBus
from drivers.links.serial import SerialWire
from drivers.links.tcp import TcpWire
from drivers.links.tcp_bus import TcpBus
from tests.strangers.lines import null_modem
from tests.strangers.needed import absent, program

T = TypeVar("T")

UNIT = 17
WITHIN = 0.4
BUSY, FOREIGN, LATE, DRIP, SHORT, ASTRAY, LYING, OTHER, FAILED, UNKNOWN, TWICE, GONE = range(0x170, 0x17C)
"""The odd addresses of slave.c."""
CARRIERS = pytest.mark.parametrize("carrier", ["tcp", "rtu"])


@pytest.fixture(scope="session")
def slave(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The slave on libmodbus, compiled."""
    compiler, config = program("cc"), program("pkg-config")
    found = subprocess.run([config, "--cflags", "--libs", "libmodbus"], capture_output=True, text=True, check=False)
    if found.returncode:
        absent("libmodbus")
    made = tmp_path_factory.mktemp("slave") / "slave"
    source = Path(__file__).with_name("slave.c")
    words = [compiler, "-Wall", "-Wextra", "-Werror", "-O1", "-o", str(made), str(source), *found.stdout.split()]
    subprocess.run(words, check=True)
    return str(made)


@asynccontextmanager
async def running(*words: str) -> AsyncIterator[str]:
    """A program while the block runs; gives the first line that it says."""
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(10):
            said = (await process.stdout.readline()).decode().strip()
        yield said
    finally:
        process.kill()
        await process.wait()
        process._transport.close()  # type: ignore[attr-defined]  # else it is closed after the loop


@asynccontextmanager
async def libmodbus(slave: str, carrier: str) -> AsyncIterator[RegisterLink]:
    """A link to a slave on libmodbus, open, identified by three registers."""
    async with AsyncExitStack() as stack:
        bus: TcpBus | RtuBus
        if carrier == "tcp":
            port = await stack.enter_async_context(running(slave, "tcp", str(UNIT)))
            bus = TcpBus("slave", TcpWire("127.0.0.1", int(port)))
        else:
            ours, theirs = await stack.enter_async_context(null_modem())
            await stack.enter_async_context(running(slave, "rtu", str(UNIT), theirs))
            bus = RtuBus("slave", SerialWire(ours, 19200), 19200)
        link = RegisterLink("slave", bus, UNIT, within=WITHIN)
        stack.callback(link.close)
        await link.open()
        assert (1, 2, 3) == await link.read_holding(1, 3)
        yield link


@CARRIERS
async def test_libmodbus_is_read_and_written(slave: str, carrier: str) -> None:
    """Every function, the longest reads, an address that it has not, and a unit that is not there."""
    async with libmodbus(slave, carrier) as link:
        assert tuple(range(100, 225)) == await link.read_holding(100, 125)
        assert (7,) == await link.read_input(7)
        assert (False, True, False) == await link.read_coils(2, 3)
        assert tuple(at % 2 == 1 for at in range(2000)) == await link.read_discrete(0, 2000)
        await link.write_register(5, 0xFFFE)
        await link.write_registers(6, [1, 2, 3])
        await link.write_coil(2, on=True)
        await link.write_coil(3, on=False)
        assert (0xFFFE, 1, 2, 3) == await link.read_holding(5, 4)
        assert (True, False) == await link.read_coils(2, 2)
        with pytest.raises(Declined) as caught:
            await link.read_holding(2047, 2)
        assert 2 == caught.value.code


@CARRIERS
@pytest.mark.parametrize(
    ("address", "error"),
    [
        pytest.param(BUSY, Declined, id="busy"),
        pytest.param(FAILED, Declined, id="failed"),
        pytest.param(UNKNOWN, Declined, id="unknown exception"),
        pytest.param(FOREIGN, LinkTimeout, id="another unit"),
        pytest.param(LATE, LinkTimeout, id="late"),
        pytest.param(SHORT, BadReply, id="short"),
        pytest.param(ASTRAY, InstrumentError, id="another transaction, or a wrong check sum"),
        pytest.param(LYING, BadReply, id="a byte count that lies"),
        pytest.param(OTHER, BadReply, id="another function"),
        pytest.param(GONE, LinkError, id="gone"),
    ],
)
async def test_libmodbus_misbehaves_and_no_number_is_wrong(
    slave: str, carrier: str, address: int, error: type[Exception]
) -> None:
    """The question fails; the next one gets its own answer, and so does the one after that."""
    async with libmodbus(slave, carrier) as link:
        with pytest.raises(error):
            await link.read_holding(address, 2)
        assert (20, 21) == await link.read_holding(20, 2)
        assert (30,) == await link.read_input(30)


@CARRIERS
async def test_libmodbus_byte_by_byte_is_an_answer(slave: str, carrier: str) -> None:
    """5 ms between bytes are no end of a frame."""
    async with libmodbus(slave, carrier) as link:
        assert (DRIP, DRIP + 1) == await link.read_holding(DRIP, 2)


@CARRIERS
async def test_libmodbus_twice_is_one_answer_or_none(slave: str, carrier: str) -> None:
    """Never the next question's."""
    async with libmodbus(slave, carrier) as link:
        for _ in range(3):
            try:
                assert (TWICE, TWICE + 1) == await link.read_holding(TWICE, 2)
            except BadReply:
                assert "rtu" == carrier
            assert (40, 41) == await link.read_holding(40, 2)


@CARRIERS
async def test_a_cancelled_question_to_libmodbus_leaves_nothing_behind(slave: str, carrier: str) -> None:
    """Its late answer is nobody's."""
    async with libmodbus(slave, carrier) as link:
        task = asyncio.get_running_loop().create_task(link.read_holding(LATE, 2))
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait({task})
        assert (50, 51) == await until_in_step(lambda: link.read_holding(50, 2))


async def until_in_step(ask: Callable[[], Awaitable[T]]) -> T:
    """The first answer, after the errors that may come before it."""
    for _ in range(4):
        try:
            return await ask()
        except LinkError:
            continue
    return await ask()


async def test_libmodbus_starts_again(slave: str) -> None:
    """The connection is lost, and the next question finds the same device on the same port."""
    async with libmodbus(slave, "tcp") as link:
        with pytest.raises(LinkError):
            await link.read_holding(GONE)
        assert (60,) == await link.read_holding(60)
        assert 1 == link.counters.reconnects


@asynccontextmanager
async def pymodbus(carrier: str) -> AsyncIterator[RegisterLink]:
    """A link to pymodbus's server, in the same loop."""
    from pymodbus.server import ModbusSerialServer, ModbusTcpServer
    from pymodbus.simulator import DataType, SimData, SimDevice

    words = SimData(0, values=list(range(300)), datatype=DataType.REGISTERS)
    bits = SimData(0, values=[at % 2 == 1 for at in range(320)], datatype=DataType.BITS)
    device = SimDevice(UNIT, simdata=([bits], [bits], [words], [words]))
    async with AsyncExitStack() as stack:
        server: ModbusTcpServer | ModbusSerialServer
        bus: TcpBus | RtuBus
        if carrier == "tcp":
            server = ModbusTcpServer(device, address=("127.0.0.1", 0))
            await server.serve_forever(background=True)
            port = server.transport.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
            bus = TcpBus("server", TcpWire("127.0.0.1", port))
        else:
            ours, theirs = await stack.enter_async_context(null_modem())
            server = ModbusSerialServer(device, port=theirs, baudrate=19200)
            await server.serve_forever(background=True)
            bus = RtuBus("server", SerialWire(ours, 19200), 19200)
        stack.push_async_callback(server.shutdown)
        link = RegisterLink("server", bus, UNIT, within=WITHIN)
        stack.callback(link.close)
        await link.open()
        assert (1, 2, 3) == await link.read_holding(1, 3)
        yield link


@CARRIERS
async def test_pymodbus_server_is_read_and_written(carrier: str) -> None:
    """Every function, and an address that it has not."""
    async with pymodbus(carrier) as link:
        assert tuple(range(100, 225)) == await link.read_holding(100, 125)
        assert (7,) == await link.read_input(7)
        assert (False, True, False) == await link.read_coils(2, 3)
        assert (True, False) == await link.read_discrete(3, 2)
        await link.write_register(5, 0xFFFE)
        await link.write_registers(6, [1, 2, 3])
        await link.write_coil(2, on=True)
        assert (0xFFFE, 1, 2, 3) == await link.read_holding(5, 4)
        assert (True, True) == await link.read_coils(2, 2)
        with pytest.raises(Declined) as caught:
            await link.read_holding(299, 2)
        assert 2 == caught.value.code
        assert (30,) == await link.read_holding(30)
