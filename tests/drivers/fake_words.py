# ruff: noqa: D102 - what each method means stands in drivers/links/registers.py
"""A Modbus device of a few lines: words at addresses, an exception for the others, and a list of who asked for what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from drivers.errors import Declined, LinkTimeout
from drivers.maps.map import Register


@dataclass
class FakeWords:
    """Registers that keep what is written, unless they are `deaf`."""

    holding: dict[int, int] = field(default_factory=dict)
    inputs: dict[int, int] = field(default_factory=dict)
    deaf: set[int] = field(default_factory=set)
    asked: list[tuple[str, int, int]] = field(default_factory=list)
    silent: int = 0
    """How many of the next exchanges get no answer."""
    code: int = 2
    """The exception for an address that it has not."""
    name: str = "it"

    @classmethod
    def having(cls, registers: Iterable[Register]) -> "FakeWords":
        """A device with all these registers at 0."""
        device = cls()
        for each in registers:
            kept = device.inputs if each.input else device.holding
            kept.update(dict.fromkeys(range(each.address, each.end), 0))
        return device

    def put(self, address: int, *words: int) -> None:
        """Set what stands there."""
        self.holding.update(enumerate(words, address))

    @property
    def reads(self) -> list[tuple[str, int, int]]:
        """The reads that were asked for."""
        return [each for each in self.asked if each[0].startswith("read")]

    @staticmethod
    def now() -> float:
        return 12.5

    async def read_holding(self, address: int, count: int = 1) -> tuple[int, ...]:
        return self._read("read_holding", self.holding, address, count)

    async def read_input(self, address: int, count: int = 1) -> tuple[int, ...]:
        return self._read("read_input", self.inputs, address, count)

    async def read_coils(self, address: int, count: int = 1) -> tuple[bool, ...]:
        raise AssertionError("no map has coils")

    async def read_discrete(self, address: int, count: int = 1) -> tuple[bool, ...]:
        raise AssertionError("no map has discrete inputs")

    async def write_register(self, address: int, word: int) -> None:
        self._write("write_register", address, [word])

    async def write_registers(self, address: int, words: Sequence[int]) -> None:
        self._write("write_registers", address, words)

    async def write_coil(self, address: int, *, on: bool) -> None:
        raise AssertionError("no map has coils")

    def _read(self, function: str, kept: dict[int, int], address: int, count: int) -> tuple[int, ...]:
        self._note(function, address, count)
        assert 1 <= count <= 125
        if not all(at in kept for at in range(address, address + count)):
            raise Declined(self.name, f"exception {self.code}", self.code)
        return tuple(kept[at] for at in range(address, address + count))

    def _write(self, function: str, address: int, words: Sequence[int]) -> None:
        self._note(function, address, len(words))
        for at, word in enumerate(words, address):
            assert 0 <= word <= 0xFFFF
            if at not in self.holding:
                raise Declined(self.name, f"exception {self.code}", self.code)
            if at not in self.deaf:
                self.holding[at] = word

    def _note(self, function: str, address: int, count: int) -> None:
        self.asked.append((function, address, count))
        if self.silent:
            self.silent -= 1
            raise LinkTimeout(self.name, "silent")
