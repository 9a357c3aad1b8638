"""Registers by address: which words lie where, and what a write to them does."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sim.modbus.pdu import ILLEGAL_ADDRESS, ModbusError


@dataclass(frozen=True, slots=True)
class Cell:
    """`count` words from `address` on: where they come from, and where written ones go; None: they may not be written."""

    address: int
    count: int
    read: Callable[[], Sequence[int]]
    write: Callable[[Sequence[int]], object] | None = None


class Cells:
    """All of a device. An address that no cell has is an illegal one; of two cells at one address the later one counts."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        self._at = {cell.address + offset: (cell, offset) for cell in cells for offset in range(cell.count)}

    def read(self, address: int, count: int) -> list[int]:
        """Words, each cell looked at once. Raises ModbusError(2) unless all of them exist."""
        found = self._found(address, count)
        words = {id(cell): cell.read() for cell in {id(cell): cell for cell, _ in found}.values()}
        return [words[id(cell)][offset] for cell, offset in found]

    def write(self, address: int, words: Sequence[int]) -> None:
        """Words, all or none: cells that are hit in part keep the rest. Raises ModbusError(2) unless all may be written."""
        found = self._found(address, len(words))
        hit = {id(cell): cell for cell, _ in found}
        if any(cell.write is None for cell in hit.values()):
            raise ModbusError(ILLEGAL_ADDRESS)
        now = {key: list(cell.read()) for key, cell in hit.items()}
        for (cell, offset), word in zip(found, words, strict=True):
            now[id(cell)][offset] = word
        for key, cell in hit.items():
            if cell.write is not None:
                cell.write(now[key])

    def _found(self, address: int, count: int) -> list[tuple[Cell, int]]:
        try:
            return [self._at[at] for at in range(address, address + count)]
        except KeyError:
            raise ModbusError(ILLEGAL_ADDRESS) from None
