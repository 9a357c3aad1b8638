"""What an emulator is: one instrument of the bench, written from its manual alone. Bytes in, bytes out.

Most speak in lines. One that speaks Modbus is a `sim.modbus.slave.Slave`: the port takes its requests out of their frames.
"""

from collections.abc import Collection, Coroutine
from typing import Any, Protocol, TypeAlias, runtime_checkable

from sim.leads import Leads

Answer: TypeAlias = bytes | None
"""A whole reply with its ending, or nothing."""
Answering: TypeAlias = Answer | Coroutine[Any, Any, Answer]
"""An answer, or, where the instrument takes its time, the way to it: the port waits before it hands on another line."""


class Emulator(Protocol):
    """One instrument of the bench, seen from its wire."""

    @property
    def device(self) -> str:
        """The instrument's name on the bench."""
        ...

    @property
    def leads(self) -> Leads:
        """What it reaches in the world."""
        ...

    @property
    def line_ends(self) -> bytes:
        """Every byte that ends a line sent to it."""
        ...

    @property
    def urgent(self) -> Collection[bytes]:
        """Lines that it hears although it still owes an answer; it answers them at once."""
        ...

    @property
    def baudrate(self) -> int:
        """Of its serial line; 0 for an instrument on the network."""
        ...

    def answer(self, line: bytes) -> Answering:
        """Obey one line, given without its ending and never empty. `async def` will do."""
        ...


@runtime_checkable
class Restarts(Protocol):
    """An emulator that can be switched off and on."""

    def power_on(self) -> None:
        """It was switched off and on: settings are lost, outputs are off, and its status says so where it has one."""
        ...
