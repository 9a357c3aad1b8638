"""Roles: what a fixture needs an instrument to be able to do, whoever made it.

A driver does not import its role; it has the methods (structural typing). All quantities are in SI units.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

from drivers.reading import Reading


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an instrument says it is; empty where it has no way to say."""

    maker: str
    model: str
    serial: str
    firmware: str

    def __str__(self) -> str:
        return " ".join(part for part in (self.maker, self.model, self.serial) if part) or "(no identity)"

    @property
    def in_full(self) -> str:
        """With its firmware, as the record of a run keeps it: a reading is no better than what has computed it."""
        return f"{self}, firmware {self.firmware}" if self.firmware else str(self)


class Crosspoint(NamedTuple):
    """One relay of a matrix card: `card` counts the mainframe's slots from 1, rows and columns count from 1."""

    card: int
    row: int
    column: int


@runtime_checkable
class Instrument(Protocol):
    """Anything on the bench."""

    async def identify(self) -> Identity:
        """Ask who it is. Raises BadReply or LinkError."""
        ...

    async def make_safe(self) -> None:
        """Reach the state in which a hand may touch the UUT. Idempotent."""
        ...

    async def self_check(self) -> None:
        """Ask the instrument whether it is well: its self test, its status. Raises Refused with what it says is wrong.

        It energises nothing and needs no unit; what has no way to say is well.
        """
        ...


@runtime_checkable
class Ohmmeter(Instrument, Protocol):
    """A four-wire micro-ohmmeter whose terminals are wired to the matrix's first two rows."""

    async def prepare(self, highest: float) -> None:
        """Choose the smallest range that holds `highest` ohms. Raises Unsupported above the largest known one."""
        ...

    async def resistance(self) -> Reading:
        """Ohms between the terminals, triggered now; OVER_RANGE and NO_READING as the instrument says them."""
        ...


@runtime_checkable
class Multimeter(Instrument, Protocol):
    """A multimeter behind multiplexer channels; channels are numbered as the manual numbers them."""

    async def two_wire(self, channel: int) -> Reading:
        """Ohms at `channel`, two-wire, range chosen by the instrument."""
        ...

    async def capacitance(self, channel: int) -> Reading:
        """Farads at `channel`. Raises Unsupported where the model has no capacitance."""
        ...

    async def temperature(self, channel: int) -> Reading:
        """Degrees Celsius of the sensor at `channel`."""
        ...


@runtime_checkable
class Voltmeter(Instrument, Protocol):
    """A multimeter at two terminals."""

    async def dc_volts(self, highest: float) -> Reading:
        """Volts, signed, on the smallest range that holds `highest`; triggered now. Raises Unsupported above the largest."""
        ...

    async def ac_volts(self, highest: float) -> Reading:
        """Volts rms, likewise."""
        ...


@runtime_checkable
class Scanner(Instrument, Protocol):
    """A multimeter that goes through many multiplexer channels in one scan."""

    async def scan_ac_volts(self, channels: Sequence[int]) -> tuple[Reading, ...]:
        """Volts rms at each of `channels`, in their order; all from one scan that is triggered now."""
        ...

    async def scan_thermocouples(self, channels: Sequence[int]) -> tuple[Reading, ...]:
        """Degrees Celsius of the type T thermocouple at each of `channels`, likewise."""
        ...


@runtime_checkable
class InputsOutputs(Instrument, Protocol):
    """Digital inputs (interlock, switches, a leak rope's relay) and relay outputs (contactors, valves, lamps), from 0."""

    async def inputs(self) -> tuple[bool, ...]:
        """Every input, in order, read now."""
        ...

    async def outputs(self) -> tuple[bool, ...]:
        """Every relay as the device says it is, read now."""
        ...

    async def set_output(self, number: int, *, on: bool) -> None:
        """Switch one relay and read it back. Raises Refused when the device says that it has not moved."""
        ...


Value = Reading | str | Mapping[str, bool]
"""What a register holds: a number with its unit, a text, or named bits."""


@runtime_checkable
class RegisterBank(Instrument, Protocol):
    """A device that is a map of named registers: a power supply, a battery, a cooling unit."""

    @property
    def map_name(self) -> str:
        """The name of its map, which is the name of its model."""
        ...

    async def values(self, names: Sequence[str]) -> Mapping[str, Value]:
        """The registers of these names, decoded, in the fewest requests. Raises Unsupported for a name the map has not.

        A number's uncertainty is half of its last digit: what the device itself promises of it is not known.
        """
        ...

    async def write(self, name: str, value: float | str) -> None:
        """Write one register in the map's unit and read it back. Raises Refused where it reads otherwise, Unsupported where
        the map does not allow it or the value does not fit.
        """
        ...


@runtime_checkable
class Matrix(Instrument, Protocol):
    """Relays that join rows (instrument terminals) to columns (points of the jig)."""

    async def cards(self) -> tuple[str, ...]:
        """The models of the plugged-in cards, slot 1 first; empty text for an empty slot."""
        ...

    async def switch(self, to_open: Iterable[Crosspoint], to_close: Iterable[Crosspoint]) -> None:
        """Open, then close. Returns when the instrument has confirmed it without an error."""
        ...

    async def open_all(self) -> None:
        """Open every crosspoint."""
        ...


@runtime_checkable
class Operator(Instrument, Protocol):
    """Who stands at the slot: answers a prompt with a scan or a typed line."""

    async def answer(self, prompt: str) -> str:
        """Wait for the answer to `prompt`. What was scanned before the prompt does not count."""
        ...
