"""What one party of a wire says to an instrument, and how the answer looks on that wire, healthy or spoiled."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sim.emulator import Emulator


@dataclass(frozen=True, slots=True)
class Message:
    """One question or command, taken out of its frame.

    `to` must obey `body`; to a `mute` one, such as a broadcast, nobody answers. `began` is the loop's time at which its first
    byte was on the wire. An empty body: the other end will say no more.
    """

    to: Emulator
    body: bytes
    mute: bool = False
    began: float = 0.0

    @property
    def is_reading(self) -> bool:
        """Whether it asks for something that the instrument measures."""
        return False

    def framed(self, reply: bytes) -> bytes:
        """The reply as it goes on the wire."""
        return reply

    def astray(self, reply: bytes) -> bytes:
        """The reply as if somebody else had given it, or somebody else had asked."""
        return self.framed(reply)

    def cut(self, reply: bytes) -> bytes:
        """The first half of the reply."""
        whole = self.framed(reply)
        return whole[: (len(whole) + 1) // 2]

    def garbled(self, reply: bytes) -> bytes:
        """The reply with every third byte spoiled."""
        return spoiled(self.framed(reply))

    def numberless(self, reply: bytes) -> bytes:
        """The reply of a meter that has no number."""
        return reply

    def swapped(self, reply: bytes) -> bytes:
        """The reply with the order of bytes or words exchanged in what it reads."""
        return reply

    def refused(self, reply: bytes, code: int) -> bytes:
        """The refusal that stands in place of the reply."""
        del code
        return reply

    def takes(self, whole: bytes) -> float:
        """Seconds until the last byte of a framed reply has gone over the wire."""
        del whole
        return 0.0


class Framing(Protocol):
    """Bytes of one connection, as they come, into messages."""

    def take(self, sent: bytes) -> None:
        """Take bytes in whatever pieces; each message is handed on as soon as it is whole."""
        ...

    def close(self) -> None:
        """The connection has gone: what is not whole never will be."""
        ...


Hear = Callable[[Message], object]


def spoiled(text: bytes) -> bytes:
    """Every third byte with its high bit and three more turned over, from the first on."""
    return bytes(byte ^ 0x95 if place % 3 == 0 else byte for place, byte in enumerate(text))
