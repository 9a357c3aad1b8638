"""A front end for instruments that speak SCPI: headers, compound messages, status and the error queue.

An emulator subclasses `Scpi` and declares `commands`: how the manual writes a header, and the function that obeys it.
Capitals are the short form, square brackets may be left out, `<n>` is a number. The function takes these numbers, then
the parameters, as text, and returns the reply or None; what takes time is an `async def`. It raises ScpiError to refuse.

    commands = {"ROUTe:CLOSe": close, "ROUTe:CLOSe?": is_closed, "INITiate[:IMMediate]": start, "MANU<n>:NAME?": name}
"""

import inspect
import math
import re
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Mapping
from itertools import product
from typing import Any, ClassVar, NamedTuple, TypeAlias

from sim.emulator import Answer, Answering
from sim.leads import Leads
from sim.parameters import ScpiError, missing_parameter, number, short, split, undefined_header

Said: TypeAlias = str | None
Obeying: TypeAlias = Callable[..., Said | Coroutine[Any, Any, Said]]

_UNITS = re.compile(r"""(?:"[^"]*"|'[^']*'|[^;])+""")
_PARTS = re.compile(r"\[(.*?)\]|(\*?[A-Za-z0-9]+)|([:?]|<n>)")
_SUFFIX = re.compile(r"(?<=[A-Z])\d+(?=[:?]|$)", re.ASCII)
_REMEMBERED = 4096  # parsed lines

OPERATION_COMPLETE, QUERY_ERROR, DEVICE_ERROR, EXECUTION_ERROR, COMMAND_ERROR, POWER_ON = 1, 4, 8, 16, 32, 128


def spellings(pattern: str) -> Iterator[str]:
    """Every way to write a header, in capitals; where a number stands, it has `<n>`."""
    ways: list[tuple[str, ...]] = []
    for optional, word, mark in _PARTS.findall(pattern):
        if optional:
            ways.append(("", *spellings(optional)))
        else:
            ways.append((short(word), word.upper()) if word else (mark,))
    return map("".join, product(*ways))


class _Command(NamedTuple):
    obey: Obeying
    least: int
    most: float

    @classmethod
    def of(cls, obey: Obeying) -> "_Command":
        kinds = [(each.kind, each.default is each.empty) for each in inspect.signature(obey).parameters.values()][1:]
        least = sum(needed for kind, needed in kinds if kind is inspect.Parameter.POSITIONAL_OR_KEYWORD)
        if any(kind is inspect.Parameter.VAR_POSITIONAL for kind, _ in kinds):
            return cls(obey, least, math.inf)
        return cls(obey, least, sum(kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for kind, _ in kinds))


class _Unit(NamedTuple):
    """One command of a message with its parameters; a slow one is a coroutine function."""

    obey: Callable[..., Any]
    parameters: tuple[object, ...]
    slow: bool = False


class Scpi:
    """The part of an instrument that understands SCPI. A subclass adds its `commands`, "*IDN?" among them."""

    commands: ClassVar[Mapping[str, Obeying]] = {}
    line_ends: ClassVar[bytes] = b"\n"
    reply_ends: ClassVar[bytes] = b"\n"
    urgent: ClassVar[frozenset[bytes]] = frozenset()
    baudrate: ClassVar[int] = 0
    plus: ClassVar[str] = "+"
    """How the instrument signs the integers that it says."""
    depth: ClassVar[int] = 20
    """Entries that the error queue holds."""

    _known: ClassVar[Mapping[str, _Command]] = {}
    _parsed: ClassVar[dict[bytes, tuple[_Unit, ...]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        ours = {way: _Command.of(obey) for pattern, obey in cls.commands.items() for way in spellings(pattern)}
        cls._known = {**cls._known, **ours}
        cls._parsed = {}

    def __init__(self, device: str, leads: Leads) -> None:
        self.device = device
        self.leads = leads
        self.events = POWER_ON
        self.enabled = 0
        self.service = 0
        self.errors: deque[ScpiError] = deque()

    def summary(self) -> int:
        """The status byte without bit 6. A reply leaves at once, so "message available" is never seen."""
        return 4 * bool(self.errors) + 32 * bool(self.events & self.enabled)

    def reset(self) -> None:
        """Go back to the settings of the factory, with outputs off."""

    def power_on(self) -> None:
        """It was switched off and on: everything is lost, and bit 7 of *ESR? says so."""
        self.clear()
        self.enabled = self.service = 0
        self.events = POWER_ON
        self.reset()

    def clear(self) -> None:
        """Forget the events and the errors."""
        self.errors.clear()
        self.events = 0

    def answer(self, line: bytes) -> Answering:
        """Obey one message. The first error ends it."""
        said: list[Said] = []
        units = self._parsed.get(line) or self._parse(line)
        try:
            for place, unit in enumerate(units):
                if unit.slow:
                    return self._take_time(units[place:], said)
                said.append(unit.obey(self, *unit.parameters))
        except ScpiError as error:
            self.fail(error)
        return self._spell(said)

    async def _take_time(self, units: tuple[_Unit, ...], said: list[Said]) -> Answer:
        try:
            for unit in units:
                reply = unit.obey(self, *unit.parameters)
                said.append(await reply if unit.slow else reply)
        except ScpiError as error:
            self.fail(error)
        return self._spell(said)

    def _spell(self, said: list[Said]) -> Answer:
        replies = [each for each in said if each is not None]
        return ";".join(replies).encode("ascii") + self.reply_ends if replies else None

    def interrupted(self) -> None:
        """A wire of whole messages tells that a reply was not fetched before the next message came."""
        self.fail(ScpiError(-410, "Query INTERRUPTED"))

    def unterminated(self) -> None:
        """A wire of whole messages tells that a reply was asked for where there is none."""
        self.fail(ScpiError(-420, "Query UNTERMINATED"))

    def fail(self, error: ScpiError) -> None:
        """Note an error in the status and in the queue."""
        hundreds = -error.code // 100
        self.events |= {1: COMMAND_ERROR, 2: EXECUTION_ERROR, 4: QUERY_ERROR}.get(hundreds, DEVICE_ERROR)
        if len(self.errors) < self.depth:
            self.errors.append(error)
        elif self.errors:
            self.errors[-1] = ScpiError(-350, "Queue overflow")

    def _parse(self, line: bytes) -> tuple[_Unit, ...]:
        """The message's commands; the first wrong one is the last."""
        units: list[_Unit] = []
        path = ""
        try:
            for text in _UNITS.findall(line.decode("ascii")):
                if words := text.split(None, 1):
                    header = words[0].upper()
                    if header.startswith(":"):
                        header = header[1:]
                    elif not header.startswith("*"):
                        header = path + header
                    if not header.startswith("*"):
                        path = header[: header.rfind(":") + 1]
                    units.append(self._unit(header, split(words[1]) if len(words) > 1 else ()))
        except UnicodeDecodeError:
            units.append(_Unit(_refuse, (ScpiError(-101, "Invalid character"),)))
        except ScpiError as error:
            units.append(_Unit(_refuse, (error,)))
        if len(self._parsed) >= _REMEMBERED:
            self._parsed.clear()
        self._parsed[line] = tuple(units)
        return self._parsed[line]

    def _unit(self, header: str, parameters: tuple[str, ...]) -> _Unit:
        command = self._known.get(header)
        if command is None:
            command = self._known.get(_SUFFIX.sub("<n>", header))
            parameters = (*_SUFFIX.findall(header), *parameters)
        if command is None:
            raise undefined_header()
        if len(parameters) < command.least:
            raise missing_parameter()
        if len(parameters) > command.most:
            raise ScpiError(-108, "Parameter not allowed")
        return _Unit(command.obey, parameters, inspect.iscoroutinefunction(command.obey))


def _refuse(_: Scpi, error: ScpiError) -> Said:
    raise error


def _next_error(self: Scpi) -> str:
    return str(self.errors.popleft()) if self.errors else f'{self.plus}0,"No error"'


def _take_events(self: Scpi) -> str:
    events, self.events = self.events, 0
    return f"{self.plus}{events}"


def _status(self: Scpi) -> str:
    summary = self.summary()
    return f"{self.plus}{summary | 64 * bool(summary & self.service)}"


def _enable(self: Scpi, mask: str) -> None:
    self.enabled = int(number(mask, 0, 255, 0))


def _serve(self: Scpi, mask: str) -> None:
    self.service = int(number(mask, 0, 255, 0)) & ~64


def complete(self: Scpi) -> None:
    """Obey *OPC of an instrument that does one thing after the other."""
    self.events |= OPERATION_COMPLETE


class CommonScpi(Scpi):
    """The commands of IEEE 488.2 that are the same in every instrument."""

    commands: ClassVar[Mapping[str, Obeying]] = {
        "*RST": lambda self: self.reset(),
        "*CLS": lambda self: self.clear(),
        "*ESR?": _take_events,
        "*ESE": _enable,
        "*ESE?": lambda self: f"{self.plus}{self.enabled}",
        "*SRE": _serve,
        "*SRE?": lambda self: f"{self.plus}{self.service}",
        "*STB?": _status,
        "*OPC": complete,
        "*OPC?": lambda _: "1",
        "*WAI": lambda _: None,
        "*TST?": lambda self: f"{self.plus}0",
    }


class QueuedScpi(CommonScpi):
    """The error queue, which most instruments have."""

    commands: ClassVar[Mapping[str, Obeying]] = {
        "SYSTem:ERRor[:NEXT]?": _next_error,
        "SYSTem:VERSion?": lambda _: "1994.0",
    }
