"""Emulators for anyone who asks: on the network where the instrument has one, on a pty where it has a serial line.

Time is the wall's. Clients may come one after the other or at once; a port obeys their lines in the order of arrival.
"""

import asyncio
import os
import tty
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from sim.emulator import Emulator
from sim.lan.hislip import on_hislip
from sim.lan.vxi11 import on_vxi11
from sim.modbus.slave import Slave
from sim.port import Port, Session

MESSAGE_BUSES = {"vxi-11": on_vxi11, "hislip": on_hislip}
_QUIET = 0.02
"""Seconds of silence that end a frame on a pty: a machine that is busy may write the halves of one that far apart."""


@asynccontextmanager
async def serve(
    emulators: Mapping[str, Emulator],
    folder: Path,
    host: str = "127.0.0.1",
    buses: Mapping[str, Sequence[str]] | None = None,
    over: Mapping[str, str] | None = None,
    ports: int | None = None,
) -> AsyncIterator[dict[str, str]]:
    """Serve until the block ends; gives each name's link address.

    TCP ports are those from `ports` on, in the order of the names, or chosen by the system: `tcp://HOST:PORT`, for Modbus `modbus-tcp://HOST:PORT?unit=1`. A serial line is a link
    to a pty in `folder`, named after the instrument, so that its path stays the same: `serial:FOLDER/ohms?baudrate=9600`, for
    Modbus `modbus-rtu:FOLDER/meter?baudrate=9600&parity=N&unit=1`. The instruments of each of `buses` share one, named after
    the bus. `over` names those that are reached over a message bus of the network instead, `vxi-11` or `hislip`:
    `visa:RESOURCE`. A wire whose trouble is "closed" is a cut connection on TCP; a pty is pulled out for good.
    """
    shared = {name: (bus, tuple(names)) for bus, names in (buses or {}).items() for name in names}
    async with AsyncExitStack() as stack:
        addresses: dict[str, str] = {}
        for name in emulators:
            if name in addresses:
                continue
            place, names = shared.get(name, (name, (name,)))
            port = Port(*(emulators[each] for each in names), patience=_QUIET)
            if (bus := (over or {}).get(name)) is not None:
                addresses[name] = await stack.enter_async_context(MESSAGE_BUSES[bus](port, host))
                continue
            number = 0 if ports is None else ports + list(emulators).index(name)
            on = _on_pty(port, folder / place) if _is_serial(port) else _on_tcp(port, host, number)
            at = await stack.enter_async_context(on)
            addresses |= {each: _address(emulators[each], at) for each in names}
        yield addresses


def _is_serial(port: Port) -> bool:
    emulator = port.emulator
    return emulator.framing == "rtu" if isinstance(emulator, Slave) else bool(emulator.baudrate)


def _address(emulator: Emulator, at: str) -> str:
    """A link's address, given a path or HOST:PORT."""
    if not isinstance(emulator, Slave):
        return f"serial:{at}?baudrate={emulator.baudrate}" if emulator.baudrate else f"tcp://{at}"
    if emulator.framing == "mbap":
        return f"modbus-tcp://{at}?unit={emulator.unit}"
    # A pty has no parity, and refuses to be told of one.
    return f"modbus-rtu:{at}?baudrate={emulator.baudrate or 9600}&parity=N&unit={emulator.unit}"


class _Conversation(asyncio.Protocol):
    """One client on TCP."""

    def __init__(self, port: Port, everyone: set[asyncio.Transport]) -> None:
        self._port = port
        self._everyone = everyone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a server's protocol is given
        self._transport = transport
        self._everyone.add(transport)
        self._session = Session(self._port, transport.write, transport.close)
        if self._port.trouble == "closed":
            self._session.hang_up()

    def data_received(self, data: bytes) -> None:
        self._session.feed(data)

    def eof_received(self) -> bool:
        self._session.finish()
        return True  # the way back stays open until then

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._session.end()
        self._everyone.discard(self._transport)


@asynccontextmanager
async def _on_tcp(port: Port, host: str, number: int) -> AsyncIterator[str]:
    everyone: set[asyncio.Transport] = set()
    server = await asyncio.get_running_loop().create_server(lambda: _Conversation(port, everyone), host, number)
    try:
        yield f"{host}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        port.stop()
        for transport in everyone:
            transport.abort()
        await server.wait_closed()


@asynccontextmanager
async def _on_pty(port: Port, link: Path) -> AsyncIterator[str]:
    """The pty's other end never hangs up, so that clients come and go as on a real cable."""
    ours, theirs = os.openpty()
    line = _SerialLine(port, ours, theirs)
    try:
        tty.setraw(theirs)
        pty = Path(os.ttyname(theirs))
        await asyncio.to_thread(_link, link, pty)
        try:
            yield str(link)
        finally:
            await asyncio.to_thread(_unlink, link, pty)
    finally:
        port.stop()
        line.unplug()


def _link(link: Path, pty: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    if link.is_symlink():  # left by a server that was killed
        link.unlink()
    link.symlink_to(pty)


def _unlink(link: Path, pty: Path) -> None:
    with suppress(OSError):  # gone, or another server's by now
        if link.readlink() == pty:
            link.unlink()


class _SerialLine:
    """Bytes to and from a pty."""

    def __init__(self, port: Port, ours: int, theirs: int) -> None:
        self._ours, self._theirs = ours, theirs
        self._plugged = True
        self._session = Session(port, self._write, self.unplug)
        os.set_blocking(ours, False)
        asyncio.get_running_loop().add_reader(ours, self._read)

    def unplug(self) -> None:
        """Take the line away: whoever has it open gets an error. Idempotent."""
        if self._plugged:
            self._plugged = False
            self._session.end()
            asyncio.get_running_loop().remove_reader(self._ours)
            os.close(self._ours)
            os.close(self._theirs)

    def _read(self) -> None:
        with suppress(BlockingIOError):
            self._session.feed(os.read(self._ours, 65536))

    def _write(self, reply: bytes) -> None:
        with suppress(BlockingIOError):  # nobody reads: as on a cable without handshake, the rest is lost
            os.write(self._ours, reply)
