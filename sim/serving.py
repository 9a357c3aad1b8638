"""Emulators for anyone who asks: on a TCP port where the instrument has a network, on a pty where it has a serial line.

Time is the wall's. Clients may come one after the other or at once; a port obeys their lines in the order of arrival.
"""

import asyncio
import os
import tty
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from sim.emulator import Emulator
from sim.port import Port, Session


@asynccontextmanager
async def serve(
    emulators: Mapping[str, Emulator], folder: Path, host: str = "127.0.0.1"
) -> AsyncIterator[dict[str, str]]:
    """Serve until the block ends; gives each name's link address.

    TCP ports are chosen by the system: `tcp://HOST:PORT`. A serial line is a link to a pty in `folder`, named after the
    instrument, so that its path stays the same: `serial:FOLDER/ohms?baudrate=9600`. A wire whose trouble is "closed" is
    a cut connection on TCP; a pty is pulled out for good.
    """
    async with AsyncExitStack() as stack:
        addresses = {}
        for name, emulator in emulators.items():
            port = Port(emulator)
            on = _on_pty(port, folder / name) if emulator.baudrate else _on_tcp(port, host)
            addresses[name] = await stack.enter_async_context(on)
        yield addresses


class _Conversation(asyncio.Protocol):
    """One client on TCP."""

    def __init__(self, port: Port, everyone: set[asyncio.Transport]) -> None:
        self._port = port
        self._everyone = everyone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a server's protocol is given
        self._transport = transport
        self._everyone.add(transport)
        self._session = Session(self._port, transport.write, transport.abort)
        if self._port.trouble == "closed":
            self._session.hang_up()

    def data_received(self, data: bytes) -> None:
        self._session.feed(data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._session.end()
        self._everyone.discard(self._transport)


@asynccontextmanager
async def _on_tcp(port: Port, host: str) -> AsyncIterator[str]:
    everyone: set[asyncio.Transport] = set()
    server = await asyncio.get_running_loop().create_server(lambda: _Conversation(port, everyone), host, 0)
    try:
        yield f"tcp://{host}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        port.stop()
        for transport in everyone:
            transport.abort()
        await server.wait_closed()


@asynccontextmanager
async def _on_pty(port: Port, link: Path) -> AsyncIterator[str]:
    line = _SerialLine(port, link)
    try:
        yield f"serial:{link}?baudrate={port.emulator.baudrate}"
    finally:
        port.stop()
        line.unplug()


class _SerialLine:
    """A pty whose other end never hangs up, so that clients come and go as on a real cable."""

    def __init__(self, port: Port, link: Path) -> None:
        self._ours, self._theirs = os.openpty()
        try:
            tty.setraw(self._theirs)
            os.set_blocking(self._ours, False)
            link.parent.mkdir(parents=True, exist_ok=True)
            if link.is_symlink():
                link.unlink()
            self._name = Path(os.ttyname(self._theirs))
            link.symlink_to(self._name)
        except OSError:
            os.close(self._ours)
            os.close(self._theirs)
            raise
        self._link = link
        self._plugged = True
        self._session = Session(port, self._write, self.unplug)
        asyncio.get_running_loop().add_reader(self._ours, self._read)

    def unplug(self) -> None:
        """Take the line away: whoever has it open gets an error. Idempotent."""
        if self._plugged:
            self._plugged = False
            self._session.end()
            asyncio.get_running_loop().remove_reader(self._ours)
            os.close(self._ours)
            os.close(self._theirs)
            with suppress(OSError):  # gone, or somebody else's by now
                if self._link.readlink() == self._name:
                    self._link.unlink()

    def _read(self) -> None:
        with suppress(BlockingIOError):
            self._session.feed(os.read(self._ours, 65536))

    def _write(self, reply: bytes) -> None:
        with suppress(BlockingIOError):  # nobody reads: as on a cable without handshake, the rest is lost
            os.write(self._ours, reply)
