"""The TCP wire, against a small server: real sockets, real time."""

import asyncio
import select
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from drivers.errors import LinkError, LinkTimeout, WrongInstrument
from drivers.links.dialogue import LineLink
from drivers.links.tcp import TcpWire

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(talk: Talk) -> AsyncIterator[int]:
    """A server on some port, which talks to each client."""
    clients: list[asyncio.Task[None]] = []

    def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def host() -> None:
            try:
                await talk(reader, writer)
            finally:
                writer.close()

        clients.append(asyncio.get_running_loop().create_task(host()))

    server = await asyncio.start_server(client, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in clients:
            task.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
        await server.wait_closed()


def instrument(serial: Callable[[], str] = lambda: "1") -> Talk:
    """Identifies itself, doubles numbers, is slow on SLOW?, is gone on GONE?."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := (await reader.readline()).decode().strip():
            match line:
                case "*IDN?":
                    reply = f"ACME,X,{serial()},1"
                case "SLOW?":
                    await asyncio.sleep(0.05)
                    reply = "late"
                case "GONE?":
                    break
                case _:
                    reply = str(2 * int(line))
            writer.write(reply.encode() + b"\n")

    return talk


@asynccontextmanager
async def linked(port: int, host: str = "127.0.0.1") -> AsyncIterator[LineLink]:
    """An open, identified link with a short quiet time."""
    link = LineLink("ohms", TcpWire(host, port), within=2.0, quiet=0.1)
    await link.open()
    await link.query("*IDN?")
    try:
        yield link
    finally:
        link.close()


async def test_questions_over_tcp() -> None:
    """Every question gets its own answer, also when the host is a name."""
    async with serving(instrument()) as port, linked(port, "localhost") as link:
        assert [str(2 * n) for n in range(100)] == [await link.query(str(n)) for n in range(100)]


async def test_a_late_answer_over_tcp_is_never_the_next_one() -> None:
    """The trap of the usual libraries, over real sockets."""
    async with serving(instrument()) as port, linked(port) as link:
        with pytest.raises(LinkTimeout):
            await link.query("SLOW?", within=0.01)
        assert "14" == await link.query("7")
        assert 1 == link.counters.resyncs


async def test_a_stale_answer_in_the_kernel_is_seen() -> None:
    """An answer that has arrived but was not polled yet counts as arrived: it is drained, not believed."""

    async def chatty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := (await reader.readline()).decode().strip():
            writer.write(b"ACME,X,1,1\n" if line == "*IDN?" else line.encode() + b"\n")

    async with serving(chatty) as port, linked(port) as link:
        near, far = socket.socketpair()
        wire = link.wire
        assert isinstance(wire, TcpWire)
        with near, far:
            assert wire._loop is not None
            wire._loop.remove_reader(wire._fd)
            real, wire._fd = wire._fd, near.fileno()
            wire._arrived = select.poll()
            wire._arrived.register(near, select.POLLIN)
            near.setblocking(False)
            far.setblocking(False)
            far.send(b"stale\n")
            assert b"stale\n" == wire.pending()
            wire._fd = real


async def test_a_peer_that_hangs_up_is_noticed_and_found_again() -> None:
    """One LinkError, then the same instrument on a new connection; another one is refused."""
    plate = ["1"]
    async with serving(instrument(lambda: plate[0])) as port, linked(port) as link:
        for _ in range(2):
            with pytest.raises(LinkError, match="connection lost"):
                await link.query("GONE?")
            assert "4" == await link.query("2")
        with pytest.raises(LinkError, match="connection lost"):
            await link.query("GONE?")
        plate[0] = "2"
        with pytest.raises(WrongInstrument, match="ACME,X,2,1"):
            await link.query("2")
        assert 3 == link.counters.reconnects


async def test_a_peer_that_hung_up_while_nobody_asked() -> None:
    """The close is seen before the next question is sent, so the question is not lost but refused."""
    async with serving(instrument()) as port, linked(port) as link:
        await link.write("GONE?")
        await asyncio.sleep(0.02)
        with pytest.raises(LinkError, match="closed the connection"):
            await link.query("1")
        assert "2" == await link.query("1")


async def test_nobody_at_the_address() -> None:
    """A closed port is a LinkError, a name that does not exist too."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(LinkError, match="no connection"):
        await LineLink("ohms", TcpWire("127.0.0.1", port)).open()
    with pytest.raises(LinkError, match="no connection"):
        await LineLink("ohms", TcpWire("no-such-host.invalid", port)).open()


async def test_a_peer_that_does_not_read_holds_up_the_sender() -> None:
    """Sending waits for room without blocking the loop, and gives up with the connection."""

    async def deaf(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with serving(deaf) as port:
        wire = TcpWire("127.0.0.1", port)
        await wire.open()
        flood = asyncio.get_running_loop().create_task(wire.send(b"x" * 50_000_000))
        await asyncio.sleep(0.05)
        assert not flood.done()
        flood.cancel()
        await asyncio.wait({flood})
        with pytest.raises(OSError, match="closed"):  # half of it has gone, nothing may be sent behind it
            await wire.send(b"x")
        wire.close()
        wire.close()
        with pytest.raises(OSError, match="closed"):
            await wire.send(b"x")
        assert b"" == await wire.receive()


async def test_a_flood_is_held_up_and_not_lost() -> None:
    """More than anybody reads stays with the other end, and comes in order when somebody reads again."""
    total = 2_000_000

    async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes(n % 251 for n in range(total)))
        await writer.drain()

    async with serving(flood) as port:
        wire = TcpWire("127.0.0.1", port)
        await wire.open()
        await asyncio.sleep(0.05)
        assert len(wire._heard) < 200_000
        heard = b""
        while len(heard) < total:
            heard += await wire.receive()
        assert bytes(n % 251 for n in range(total)) == heard
        wire.close()


async def test_the_socket_is_tuned() -> None:
    """No delay, and a peer that has lost its power is noticed."""
    async with serving(instrument()) as port, linked(port) as link:
        assert isinstance(link.wire, TcpWire)
        sock = link.wire._port
        assert isinstance(sock, socket.socket)
        assert 0 != sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert 0 != sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            assert 10_000 == sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
