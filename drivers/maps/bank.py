"""A device that is a map of registers: read by name in the fewest requests, written where the map allows it.

What the device cannot say is no reading, never a number: a NaN, a text that is none, a register that it has not although
the map has it. A request that it refuses for one such register is read apart, once, and the register is remembered.
"""

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from drivers.errors import AGAIN, Declined, InstrumentError, Refused, Unsupported, WrongInstrument
from drivers.links.registers import Registers
from drivers.maps.codec import decode, encode, uncertainty, with_flag
from drivers.maps.map import Format, Register, RegisterMap
from drivers.maps.spans import Span, spans
from drivers.reading import Reading, State
from drivers.roles import Identity, Value
from drivers.scpi import reply_of

NO_SUCH_ADDRESS = 2
"""ILLEGAL DATA ADDRESS: the exception of a device that has not all the registers of a request."""


@dataclass(slots=True)
class MapBank:
    """The device of `map` on `link`."""

    link: Registers
    map: RegisterMap
    _absent: set[Register] = field(default_factory=set, init=False)
    _planned: dict[tuple[str, ...], tuple[Span, ...]] = field(default_factory=dict, init=False)
    """The requests for the registers of some names, while no other register turns out to be absent."""
    _known: Identity | None = field(default=None, init=False)

    @property
    def map_name(self) -> str:
        """The name of its map, which is the name of its model."""
        return self.map.name

    async def identify(self) -> Identity:
        """Read who the device says it is, and the probe register. Raises WrongInstrument where the probe says otherwise."""
        named = {"serial": self.map.serial, "model": self.map.model, "firmware": self.map.firmware}
        words: dict[Register, tuple[int, ...]] = {}
        for name in filter(None, named.values()):
            # Each by itself, the serial number first: the link recognises the device by it, and what lies between may change.
            words |= await self._words([self.map.registers[name]])
        await self._probe()
        said = {}
        for what, name in named.items():
            read = words.get(self.map.registers[name]) if name else None
            with reply_of(self.link.name):
                said[what] = _spoken(self.map.registers[name], read) if read is not None else ""
        identity = Identity(self.map.maker, said["model"], said["serial"], said["firmware"])
        if identity != self._known:
            self._absent.clear()  # another device may have other registers
            self._planned.clear()
        self._known = identity
        return identity

    async def values(self, names: Sequence[str]) -> Mapping[str, Value]:
        """The registers of these names, decoded, in the fewest requests. Raises Unsupported for a name the map has not."""
        wanted = {name: self._register(name) for name in names}
        words = await self._words(wanted.values())
        return {name: self._value(register, words.get(register)) for name, register in wanted.items()}

    async def write(self, name: str, value: float | str) -> None:
        """Write one register in the map's unit, or as REGISTER.FLAG one flag of it, and read it back.

        Raises Refused where it reads otherwise, Unsupported where the map does not allow it or the value does not fit.
        """
        head, dot, flag = name.partition(".")
        register = self._register(name if name in self.map.registers else head)
        if not register.writable:
            raise Unsupported(self.link.name, f"the map does not say that {register.name} may be written")
        if dot and name != register.name:
            await self._write_flag(register, flag, value)
            return
        try:
            words = encode(register, value)
        except ValueError as odd:
            raise Unsupported(self.link.name, f"{register.name} cannot be {value!a}: {odd}") from None
        await self._put(register, words)
        got = await self._read(register)
        if got != words and not (register.format is Format.TEXT and self._value(register, got) == value):
            raise Refused(self.link.name, f"told that {register.name} is {value!a}, it has {_shown(got)}")

    async def self_check(self) -> None:
        """Read the probe register: a map says nothing of how a device is."""
        await self._probe()

    async def make_safe(self) -> None:
        """Write what the map says is safe, in its order, each read back; nothing where it says nothing.

        What refuses does not keep the next from being written. What did not get through is tried a second time.
        """
        errors: list[InstrumentError] = []
        for name, value in self.map.safe.items():
            try:
                try:
                    await self.write(name, value)
                except AGAIN:
                    await self.write(name, value)
            except InstrumentError as error:
                errors.append(error)
        if errors:
            raise errors[0]

    async def _write_flag(self, register: Register, flag: str, value: float | str) -> None:
        if flag not in register.flags:
            raise Unsupported(self.link.name, f"{register.name} has no flag {flag!a}; {_near(flag, register.flags)}")
        if value not in {0, 1}:
            raise Unsupported(self.link.name, f"the flag {flag} of {register.name} is 0 or 1, not {value!a}")
        on = bool(value)
        await self._put(register, with_flag(register, await self._read(register), flag, on=on))
        got = decode(register, await self._read(register))
        if not isinstance(got, Mapping) or got[flag] is not on:
            raise Refused(self.link.name, f"told that {register.name}.{flag} is {int(on)}, it has {int(not on)}")

    async def _put(self, register: Register, words: Sequence[int]) -> None:
        if len(words) == 1:
            await self.link.write_register(register.address, words[0])
        else:
            await self.link.write_registers(register.address, words)

    async def _probe(self) -> None:
        probe = self.map.probe
        kind = Format.TEXT if isinstance(probe.expected, str) else Format.INTEGER
        register = Register("the probe register", probe.address, probe.length, kind, input=probe.input)
        try:
            words = await self._read(register)
        except Declined as declined:
            if declined.code != NO_SUCH_ADDRESS:
                raise
            said = f"it has no register at {probe.address:#06x}, by which {self.map.name} is known"
            raise WrongInstrument(self.link.name, said) from declined
        if probe.expected is None:
            return
        with reply_of(self.link.name):
            got = decode(register, words)
        if got != probe.expected:
            raise WrongInstrument(
                self.link.name, f"{_shown(words)} at {probe.address:#06x}, where {self.map.name} has {probe.expected!a}"
            )

    async def _words(self, wanted: Iterable[Register]) -> dict[Register, tuple[int, ...]]:
        """The words of the registers that the device has, in the fewest requests."""
        found: dict[Register, tuple[int, ...]] = {}
        for span in self._plan(tuple(wanted)):
            try:
                words = await self._ask(span.address, span.count, of_input=span.input)
            except Declined as declined:
                if declined.code != NO_SUCH_ADDRESS:
                    raise
                found |= await self._apart(span)
                continue
            for each in span.registers:
                at = each.address - span.address
                found[each] = words[at : at + each.length]
        return found

    def _plan(self, wanted: Sequence[Register]) -> tuple[Span, ...]:
        names = tuple(each.name for each in wanted)
        if names not in self._planned:
            there = [each for each in self.map.by_address if each not in self._absent]
            asked = [each for each in wanted if each not in self._absent]
            self._planned[names] = spans(asked, there, self.map.max_span)
        return self._planned[names]

    async def _apart(self, span: Span) -> dict[Register, tuple[int, ...]]:
        """Every register of a refused span by itself; those that the device has not are remembered."""
        found = {}
        end = span.address + span.count
        for each in self.map.by_address:
            if each.input is span.input and span.address <= each.address < end and each not in self._absent:
                try:
                    found[each] = await self._read(each)
                except Declined as declined:
                    if declined.code != NO_SUCH_ADDRESS:
                        raise
                    self._absent.add(each)
                    self._planned.clear()
        return {each: found[each] for each in span.registers if each in found}

    async def _read(self, register: Register) -> tuple[int, ...]:
        return await self._ask(register.address, register.length, of_input=register.input)

    async def _ask(self, address: int, count: int, *, of_input: bool) -> tuple[int, ...]:
        read = self.link.read_input if of_input else self.link.read_holding
        return await read(address, count)

    def _value(self, register: Register, words: Sequence[int] | None) -> Value:
        value: object = math.nan
        if words is not None:
            try:
                value = decode(register, words)
            except ValueError:  # a text that is none
                value = math.nan
        if isinstance(value, str | Mapping):
            return value
        number = float(value) if isinstance(value, float) else math.nan
        measured = math.isfinite(number)
        spread = uncertainty(register, number) if measured else math.nan
        state = State.OK if measured else State.NO_READING
        return Reading(number, register.unit, spread, self.link.now(), self.link.name, state)

    def _register(self, name: str) -> Register:
        register = self.map.registers.get(name)
        if register is None:
            raise Unsupported(
                self.link.name, f"{self.map.name} has no register {name!a}; {_near(name, self.map.registers)}"
            )
        return register


def _spoken(register: Register, words: Sequence[int]) -> str:
    """What a register of the identity says; a number without a point."""
    value = decode(register, words)
    return value if isinstance(value, str) else f"{value:.15g}" if isinstance(value, float) else ""


def _shown(words: Sequence[int]) -> str:
    return " ".join(f"{word:04X}" for word in words)


def _near(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name[:80], list(known), n=3, cutoff=0.5)
    return f"perhaps {', '.join(close)}" if close else "nothing there is like it"
