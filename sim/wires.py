"""A wire in this process: what a driver's link sends, an emulator obeys, without a socket and in virtual time."""

import asyncio

from sim.emulator import Emulator
from sim.port import Port, Session

_IN_A_ROW = 1000  # replies that came at once before time is made to pass


class MemoryWire:
    """A byte stream to one emulator, or to all of a bus, with the methods that a driver's link asks of a wire.

    A question that needs no waiting is answered while it is being sent. Every thousandth such answer takes a
    millisecond, so that a driver which polls for ever still meets its deadline.
    """

    def __init__(self, *emulators: Emulator) -> None:
        self._port = Port(*emulators)
        self._session: Session | None = None
        self._inbox = b""
        self._waiter: asyncio.Future[None] | None = None
        self._at_once = 0

    async def open(self) -> None:
        """Connect. Raises ConnectionRefusedError while the wire is cut."""
        self.close()
        if self._port.trouble == "closed":
            raise ConnectionRefusedError(f"{self._port.emulator.device}: the wire is cut")
        self._session = Session(self._port, self._arrive, self._leave)

    async def send(self, data: bytes) -> None:
        """Hand bytes to the emulator. Raises ConnectionResetError when it is gone."""
        if self._session is None:
            raise ConnectionResetError(f"{self._port.emulator.device}: not connected")
        self._session.feed(data)

    async def receive(self) -> bytes:
        """Wait for the next bytes, at least one; b"" when the emulator has closed."""
        if self._inbox:
            self._at_once += 1
            if self._at_once >= _IN_A_ROW:
                self._at_once = 0
                await asyncio.sleep(0.001)
        elif self._session is not None:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self.pending()

    def pending(self) -> bytes:
        """Take what has arrived, without waiting."""
        arrived, self._inbox = self._inbox, b""
        return arrived

    def close(self) -> None:
        """Let go: what the emulator was doing for this wire ends, and its replies are lost. Idempotent."""
        if self._session is not None:
            self._session.end()
            self._leave()
        self._port.stop()
        self._inbox = b""

    def _arrive(self, reply: bytes) -> None:
        self._inbox += reply
        self._wake()

    def _leave(self) -> None:
        self._session = None
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
