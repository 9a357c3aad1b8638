"""The contract of a wire: bytes out, bytes in, and no opinion about either."""

from typing import Protocol, runtime_checkable


class Wire(Protocol):
    """A byte stream to one instrument: a TCP socket, a serial port, or an emulator in this process."""

    async def open(self) -> None:
        """Connect. Raises OSError."""
        ...

    async def send(self, data: bytes) -> None:
        """Hand `data` to the other end. Raises OSError when it is gone."""
        ...

    async def receive(self) -> bytes:
        """Wait for the next bytes, at least one; b"" when the other end has closed."""
        ...

    def pending(self) -> bytes:
        """Take what has arrived and was not received yet, without waiting; b"" if nothing."""
        ...

    def close(self) -> None:
        """Let go. Idempotent, never raises."""
        ...


@runtime_checkable
class Clearing(Protocol):
    """What a wire to a message bus can do besides: there a lost answer is thrown away at the instrument."""

    within: float
    """Seconds that the next reply may take: the library that reads it has a time limit of its own."""

    async def clear(self) -> None:
        """Device clear: nothing that was asked before is answered any more. Raises OSError."""
        ...
