"""A scripted link replays the exchanges of a manual, for the tests of a driver. Unplayed or unexpected ones fail.

A failure is an AssertionError that is raised, not an `assert`: a script fails under `python -O`, too.

with scripted(("*IDN?", "HIOKI,RM3545,1,1.0"), ("*CLS", None)) as link:
    asyncio.run(my_driver(link))

with scripted_registers((READ_HOLDING, 0x4F, 1, (51000,)), (WRITE_COIL, 16, True, None)) as link:
    asyncio.run(my_driver(link))
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from drivers.links.functions import (
    READ_COILS,
    READ_DISCRETE,
    READ_HOLDING,
    READ_INPUT,
    WRITE_COIL,
    WRITE_REGISTER,
    WRITE_REGISTERS,
    Function,
)

LISTEN = "<listen>"
"""The command of an exchange that is only listened for."""

Exchange = tuple[str, str | Exception | None]
"""What is sent, and the reply; None if the manual promises none; an exception is raised in place of a reply."""

What = int | bool | tuple[int, ...]
"""How many are read, or what is written."""
RegisterExchange = tuple[Function, int, What, tuple[int, ...] | tuple[bool, ...] | Exception | None]
"""The function, the address on the wire, how many are read or what is written, and the reply: the words or bits that are
read, None for a write that is echoed; an exception, such as Declined, is raised in place of a reply."""


class ScriptedLink:
    """Lines that answer from a script, in its order."""

    def __init__(self, exchanges: tuple[Exchange, ...], name: str = "scripted", at: float = 0.0) -> None:
        self.name = name
        self.at = at
        """What `now` says."""
        self._left = list(exchanges)

    def now(self) -> float:
        """A time that stands still."""
        return self.at

    async def query(self, command: str, *, within: float | None = None, urgent: bool = False) -> str:
        """Play the next exchange, which must be this question. A script answers at once, and is never in doubt."""
        del within, urgent
        reply = self._play(command)
        if reply is None:
            _fail(f"the script has no reply to {command!r}, but the driver waits for one")
        return reply

    async def write(self, command: str) -> None:
        """Play the next exchange, which must be this command, without a reply."""
        reply = self._play(command)
        if reply is not None:
            _fail(f"{command!r} is answered with {reply!r}, but the driver does not listen")

    async def listen(self, *, within: float | None = None) -> str:
        """Play the next exchange, which must be a LISTEN."""
        return await self.query(LISTEN, within=within)

    @property
    def unplayed(self) -> tuple[Exchange, ...]:
        """What the driver has not said yet."""
        return tuple(self._left)

    def _play(self, command: str) -> str | None:
        if not self._left:
            _fail(f"{command!r} is not in the script, which has ended")
        expected, reply = self._left.pop(0)
        if expected != command:
            _fail(f"the script has {expected!r}, the driver says {command!r}")
        if isinstance(reply, Exception):
            raise reply
        return reply


def _fail(why: str) -> NoReturn:
    raise AssertionError(why)


@contextmanager
def scripted(*exchanges: Exchange, name: str = "scripted", at: float = 0.0) -> Iterator[ScriptedLink]:
    """A link that plays `exchanges`; AssertionError when the body has not played all of them, exactly so."""
    link = ScriptedLink(exchanges, name, at)
    yield link
    if link.unplayed:
        _fail(f"the driver never said {link.unplayed}")


class ScriptedRegisters:
    """Registers and coils that answer from a script, in its order."""

    def __init__(self, exchanges: tuple[RegisterExchange, ...], name: str = "scripted", at: float = 0.0) -> None:
        self.name = name
        self.at = at
        """What `now` says."""
        self._left = list(exchanges)

    def now(self) -> float:
        """A time that stands still."""
        return self.at

    async def read_holding(self, address: int, count: int = 1) -> tuple[int, ...]:
        """Play the next exchange, which must be this read."""
        return self._read(READ_HOLDING, address, count)

    async def read_input(self, address: int, count: int = 1) -> tuple[int, ...]:
        """Play the next exchange, which must be this read."""
        return self._read(READ_INPUT, address, count)

    async def read_coils(self, address: int, count: int = 1) -> tuple[bool, ...]:
        """Play the next exchange, which must be this read."""
        return tuple(bool(each) for each in self._read(READ_COILS, address, count))

    async def read_discrete(self, address: int, count: int = 1) -> tuple[bool, ...]:
        """Play the next exchange, which must be this read."""
        return tuple(bool(each) for each in self._read(READ_DISCRETE, address, count))

    async def write_register(self, address: int, word: int) -> None:
        """Play the next exchange, which must be this write."""
        self._write(WRITE_REGISTER, address, word)

    async def write_registers(self, address: int, words: Sequence[int]) -> None:
        """Play the next exchange, which must be this write."""
        self._write(WRITE_REGISTERS, address, tuple(words))

    async def write_coil(self, address: int, *, on: bool) -> None:
        """Play the next exchange, which must be this write."""
        self._write(WRITE_COIL, address, on)

    @property
    def unplayed(self) -> tuple[RegisterExchange, ...]:
        """What the driver has not asked yet."""
        return tuple(self._left)

    def _read(self, function: Function, address: int, count: int) -> tuple[int, ...]:
        reply = self._play(function, address, count)
        if reply is None:
            _fail(f"the script has no reply to {function.name} {address:#06x}")
        if len(reply) != count:
            _fail(f"{function.name} {address:#06x}: {count} asked, the script has {reply}")
        return reply

    def _write(self, function: Function, address: int, what: What) -> None:
        reply = self._play(function, address, what)
        if reply is not None:
            _fail(f"the script answers a write with {reply}; it is echoed, so None")

    def _play(self, function: Function, address: int, what: What) -> tuple[int, ...] | tuple[bool, ...] | None:
        if not self._left:
            _fail(f"{_shown(function, address, what)} is not in the script, which has ended")
        expected = self._left.pop(0)
        reply = expected[3]
        if expected[:3] != (function, address, what):
            _fail(f"the script has {_shown(*expected[:3])}, the driver says {_shown(function, address, what)}")
        if isinstance(reply, Exception):
            raise reply
        return reply


def _shown(function: Function, address: int, what: What) -> str:
    return f"{function.name} {address:#06x} {what}"


@contextmanager
def scripted_registers(
    *exchanges: RegisterExchange, name: str = "scripted", at: float = 0.0
) -> Iterator[ScriptedRegisters]:
    """Registers that play `exchanges`; AssertionError when the body has not played all of them, exactly so."""
    link = ScriptedRegisters(exchanges, name, at)
    yield link
    if link.unplayed:
        _fail(f"the driver never asked {[_shown(*each[:3]) for each in link.unplayed]}")
