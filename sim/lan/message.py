"""Messages: one client's questions to an emulator's port, each whole, and the answer to the last one only.

On a message bus a new message interrupts the one before: what that would still have answered is never heard (IEEE 488.2,
6.3.2.3). So each message talks to the port by a session of its own, which the next one ends.
"""

import asyncio

from sim.port import Port, Session
from sim.scpi import Scpi

READY, MESSAGE_AVAILABLE = b"", 0x10


class Messages:
    """The input and output buffers of one client."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._heard = bytearray()
        self._session: Session | None = None
        self._answer = bytearray()
        self._came = asyncio.Event()
        self._asked = False
        self.closed = False
        """Whether the instrument has hung up."""
        self.interrupted = False
        """Whether the last message came while an answer was still to be fetched."""

    @property
    def available(self) -> bool:
        """Whether an answer is there to be fetched: bit 4 of the status byte."""
        return bool(self._answer)

    def write(self, some: bytes, *, end: bool) -> None:
        """Take a part of a message, or its END."""
        self._heard += some
        if end:
            message, self._heard = bytes(self._heard), bytearray()
            self.interrupted = self.available
            if self.interrupted and isinstance(self._port.emulator, Scpi):
                self._port.emulator.interrupted()
            self._asked = b"?" in message
            self._forget()
            self._session = Session(self._port, self._deliver, self._hang_up)
            ending = self._port.emulator.line_ends[-1:]
            self._session.feed(message if message.endswith(ending) else message + ending)

    async def read(self, most: int) -> tuple[bytes, bool]:
        """Wait for the answer; at most so many bytes of it, and whether they are its last."""
        while not self._answer and not self.closed:
            self._came.clear()
            await self._came.wait()
        some = bytes(self._answer[:most])
        del self._answer[:most]
        self._asked = bool(self._answer)
        return some, not self._answer

    def fetched(self) -> None:
        """The client wants an answer: where nothing was asked that is an error of its own."""
        if not self._asked and isinstance(self._port.emulator, Scpi):
            self._port.emulator.unterminated()

    def clear(self) -> None:
        """Device clear: both buffers are empty, what was being done is given up."""
        self._heard.clear()
        self._forget()
        self._port.stop()

    def end(self) -> None:
        """The client has gone."""
        self._forget()

    def _forget(self) -> None:
        self._answer.clear()
        if self._session is not None:
            self._session.end()
            self._session = None

    def _deliver(self, some: bytes) -> None:
        self._answer += some
        self._came.set()

    def _hang_up(self) -> None:
        self.closed = True
        self._came.set()
