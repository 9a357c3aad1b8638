"""The contract of a link that carries Modbus registers and coils of one unit (application protocol 1.1b3)."""

from collections.abc import Sequence
from typing import Protocol


class Registers(Protocol):
    """What a driver may say to its link. One dialogue at a time; every exchange has its own deadline.

    Addresses are those on the wire, from 0. Every method raises LinkTimeout (the link is then poisoned), LinkError, BadReply
    for a reply of the wrong function, length, echo or check sum, and Declined for an exception of the device; ValueError for
    what the protocol does not allow. A frame of another unit or transaction is nobody's answer: it is ignored and counted. A
    read returns exactly as many values as were asked for. What a driver reads first, to identify the device, is what the link
    recognises it by ever after: it must not change by itself, unless its model says that it does (`Model.steady`).
    """

    @property
    def name(self) -> str:
        """The instrument's name on this bench."""
        ...

    def now(self) -> float:
        """The loop's time, in seconds."""
        ...

    async def read_holding(self, address: int, count: int = 1) -> tuple[int, ...]:
        """Function 3: `count` registers of 16 bits, 1 to 125."""
        ...

    async def read_input(self, address: int, count: int = 1) -> tuple[int, ...]:
        """Function 4: `count` input registers, 1 to 125."""
        ...

    async def read_coils(self, address: int, count: int = 1) -> tuple[bool, ...]:
        """Function 1: `count` coils, 1 to 2000."""
        ...

    async def read_discrete(self, address: int, count: int = 1) -> tuple[bool, ...]:
        """Function 2: `count` discrete inputs, 1 to 2000."""
        ...

    async def write_register(self, address: int, word: int) -> None:
        """Function 6: one register; the device's echo is checked. Who writes what energises reads it back."""
        ...

    async def write_registers(self, address: int, words: Sequence[int]) -> None:
        """Function 16: 1 to 123 registers."""
        ...

    async def write_coil(self, address: int, *, on: bool) -> None:
        """Function 5: one coil; the device's echo is checked."""
        ...
