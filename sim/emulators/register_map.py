"""A device that is nothing but a map of registers: a power supply, a battery, a pumping unit of a rack.

What the plant knows of a register is what is read there; of the others it is what was written, or what a device of this kind
would show: its model, its number, 25 degrees Celsius, nothing. An address without a register is an illegal one, as with the
real devices. Reads that begin or end within a register of several words are allowed. Its outputs are the plant's: a write is
driven, and kept.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from sim.leads import Leads
from sim.maps.facts import FLOAT, RAW, TEXT, Entry, Facts
from sim.maps.reader import read
from sim.modbus.cells import Cell, Cells
from sim.modbus.slave import Slave
from sim.quantity import Quantity

_WARM = 25.0
_PARTS: Mapping[str, str] = {"date": "2026-01", "rev": "A1", "version": "A1"}
"""Texts of registers whose name has that in it."""


class RegisterMap(Slave):
    """The device of a document."""

    def __init__(self, device: str, leads: Leads, document: Path) -> None:
        super().__init__(device, leads)
        self.facts: Facts = read(document)
        self.baudrate, self.parity = self.facts.baudrate, self.facts.parity
        self.functions = self.facts.functions
        self._written: dict[str, tuple[int, ...]] = {}
        self._cells = Cells(self._cell(entry) for entry in self.facts.entries)

    def power_on(self) -> None:
        """What was written is lost."""
        self._written.clear()

    def read_words(self, function: int, address: int, count: int) -> Sequence[int]:
        """Registers, by either function that reads words if the map has both."""
        del function
        return self._cells.read(address, count)

    def write_words(self, address: int, words: Sequence[int]) -> None:
        """Registers that may be written."""
        self._cells.write(address, words)

    def _cell(self, entry: Entry) -> Cell:
        def write(words: Sequence[int]) -> None:
            self._written[entry.name] = tuple(words)
            if entry.kind not in {TEXT, RAW}:
                self.leads.drive(self.device, Quantity.REGISTER, entry.decoded(words), entry.name)

        return Cell(entry.address, entry.words, lambda: self._words(entry), write if entry.writable else None)

    def _words(self, entry: Entry) -> Sequence[int]:
        if entry.kind == FLOAT and self.leads.ill(self.device) == "nan":
            return self.float_words(math.nan)
        if entry.kind not in {TEXT, RAW}:
            known = self.leads.sense(self.device, Quantity.REGISTER, entry.name)
            if not math.isnan(known):
                return entry.encoded(known)
        return self._written.get(entry.name) or entry.encoded(self._usual(entry))

    def _usual(self, entry: Entry) -> float | str:
        """What stands there when nobody knows better."""
        name = entry.name.lower()
        if entry.kind == TEXT:
            if entry.name == self.facts.serial:
                return self.leads.serial(self.device)
            revision = self.leads.sense(self.device, Quantity.REGISTER, entry.name) if "_fw_" in name else math.nan
            if not math.isnan(revision):
                return f"V{revision:.2f}"
            known = self.facts.texts.get(entry.name)
            return known or next((text for part, text in _PARTS.items() if part in name), "SIM")
        if entry.name in self.facts.numbers:
            return self.facts.numbers[entry.name]
        if entry.unit == "degC" or (entry.shift and "temp" in name):
            return _WARM
        return 0.0 if entry.kind != RAW else entry.shift


EMULATORS: dict[str, type[RegisterMap]] = {}
"""None by name: any document makes one (`sim.makers`)."""
