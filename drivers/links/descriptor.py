"""A descriptor: the one way bytes go through a socket, a serial port or a terminal without ever blocking the loop."""

import asyncio
import os
import select
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Protocol

CHUNK = 16 * 1024
FULL = 128 * 1024
"""Bytes that wait unread before the other end is held up."""


class Port(Protocol):
    """Something open that has a non-blocking file descriptor."""

    def fileno(self) -> int:
        """The descriptor's number."""
        ...

    def close(self) -> None:
        """Let go."""
        ...


class DescriptorWire(ABC):
    """A wire over a file descriptor; a kind of wire says how it connects.

    `pending` asks the kernel itself: a stale answer that has arrived but was not polled yet counts as arrived.
    """

    def __init__(self) -> None:
        self._port: Port | None = None
        self._fd = -1
        self._heard = b""
        self._over: OSError | None = None
        self._ended = self._polled = False
        self._waiter: asyncio.Future[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @abstractmethod
    async def _connect(self) -> Port:
        """Open the port, within a deadline of its own. Raises OSError."""

    async def open(self) -> None:
        """Connect. Raises OSError."""
        self.close()
        self._port = await self._connect()
        self._fd = self._port.fileno()
        self._arrived = select.poll()
        self._arrived.register(self._fd, select.POLLIN)
        self._loop = asyncio.get_running_loop()
        self._heard = b""
        self._over, self._ended = None, False
        self._poll()

    async def send(self, data: bytes) -> None:
        """Hand `data` to the kernel, waiting while it is full. Raises OSError when the other end is gone."""
        left: bytes | memoryview = data
        while left:
            if self._over is not None or self._ended or self._port is None:
                raise self._over or ConnectionResetError("the other end has closed the connection")
            try:
                gone = os.write(self._fd, left)
            except BlockingIOError:
                try:
                    await self._writable()
                except BaseException:
                    if len(left) < len(data):
                        self.close()  # half a message has gone: what is sent next would become its other half
                    raise
                continue
            if gone == len(left):
                return
            left = memoryview(left)[gone:]

    async def receive(self) -> bytes:
        """Wait for the next bytes; b"" when the other end has closed. Raises OSError."""
        while not self._heard:
            if self._over is not None:
                raise self._over
            if self._ended or self._port is None:
                return b""
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._taken()

    def pending(self) -> bytes:
        """Take what has arrived, without waiting."""
        if self._port is not None and not self._ended and self._arrived.poll(0):  # a read that finds nothing costs more
            self._read()
        return self._taken()

    def close(self) -> None:
        """Let go. Idempotent, never raises."""
        port, self._port = self._port, None
        if port is None:
            return
        self._unpoll()
        with suppress(OSError):
            port.close()
        self._fd = -1
        self._end()

    def _taken(self) -> bytes:
        taken, self._heard = self._heard, b""
        if taken and not self._polled and not self._ended and self._port is not None:
            self._poll()
        return taken

    def _read(self) -> None:
        try:
            some = os.read(self._fd, CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._over = error
            self._end()
            return
        if not some:
            self._end()
            return
        self._heard += some
        if len(self._heard) > FULL:
            self._unpoll()
        self._wake()

    def _end(self) -> None:
        self._ended = True
        self._unpoll()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None:
            _settle(self._waiter)

    def _poll(self) -> None:
        if self._loop is not None:
            self._loop.add_reader(self._fd, self._read)
            self._polled = True

    def _unpoll(self) -> None:
        if self._polled and self._loop is not None:
            self._polled = False
            with suppress(RuntimeError):  # a closed loop has let go of its selector already
                self._loop.remove_reader(self._fd)

    async def _writable(self) -> None:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        fd = self._fd
        loop.add_writer(fd, _settle, ready)
        try:
            await ready
        finally:
            loop.remove_writer(fd)


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
