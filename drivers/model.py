"""A model: what a driver module tells the catalogue about itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from drivers.roles import Instrument

Speaks = Literal["lines", "registers"]
"""What a link carries to it: lines of text (`links.line.Lines`), or Modbus registers (`links.registers.Registers`)."""
Rung = Literal["scripted", "simulated", "proven"]
"""How far a driver is on the ladder of drivers/README.md."""


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the catalogue. Every driver module has a `MODELS` tuple of these.

    `connect` makes the driver on an open link. `ends_with` and `replies_end_with` are the line endings out and in;
    `within` is the longest time in seconds that any reply of this model may take. The instrument wants to be left alone
    for `after_command` seconds after what has no reply, and for `after_query` seconds after a reply.
    """

    name: str
    title: str
    connect: Callable[[Any], Instrument]
    roles: tuple[type, ...]
    ends_with: bytes = b"\n"
    replies_end_with: bytes = b"\n"
    within: float = 2.0
    identifies: bool = True
    speaks: Speaks = "lines"
    links: tuple[str, ...] = ("tcp", "serial")
    """The schemes of link addresses by which it can be reached, the usual one first; a simulated one is reached by that."""
    unit: int = 1
    """Of a Modbus device: its unit as it leaves the factory."""
    baudrate: int = 9600
    parity: Literal["N", "E", "O"] = "N"
    """Of a serial line: as it leaves the factory, and as its emulator has it."""
    steady: bool = True
    """Of a Modbus device: whether what its driver reads first never changes, so that the device is recognised by it."""
    after_command: float = 0.0
    after_query: float = 0.0
    identify: str = "*IDN?"
    """Of one that speaks lines: the question whose answer never changes, by which its link finds its step again."""
    ignores: bytes = b""
    """Bytes that it may put anywhere into its replies and that mean nothing: XON and XOFF."""
    file: str = ""
    """Of a model that is a map of registers: the path of its document. The driver and the emulator each read it themselves."""
    rung: Rung = "simulated"
    accuracy: str = ""
    """Where the accuracy of its readings comes from; empty for one that measures nothing."""
    source: str = ""
    """The manual, with its pages, or the public page from which its commands were taken."""
    gaps: tuple[str, ...] = ()
    """What no public fact covers: engineering practice in its place, or refused."""
