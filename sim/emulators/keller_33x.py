"""Keller PAA-33X absolute pressure transmitter, RS-485, 9600 Bd, no parity.

From public code for the X line's Modbus: floats by function 3, the high word first: P1 in bar at 0002h and 0100h, the
sensor's temperature in degrees Celsius at 0006h and 0102h; serial number 0202h, bus address 020Dh, the channels that are
active 020Eh. Decided here, because no public page says it: a range of 10 bar, of which the accuracy is 0.05 %, the
temperature's 2 K; the channels P1 and TOB1 are active; whatever lies between these addresses is an illegal one.
"""

from collections.abc import Sequence
from typing import ClassVar

from sim.leads import Leads
from sim.modbus.cells import Cell, Cells
from sim.modbus.slave import Slave, number_of, words_of
from sim.quantity import Quantity

_BAR = 1e5
_RANGE = 10.0
_ACTIVE = 0b0001_0010  # P1, TOB1


class Keller33x(Slave):
    """The transmitter."""

    turnaround: ClassVar[float] = 0.004
    functions: frozenset[int] = frozenset({3, 4, 6, 16})

    def __init__(self, device: str, leads: Leads) -> None:
        super().__init__(device, leads)
        self._zero = (
            max(-1.0, min(1.0, leads.trait(device, "zero") / 2)) * 0.0005 * _RANGE / 2
        )  # its share of the accuracy
        self._cells = Cells(
            [
                *(Cell(at, 2, self._pressure) for at in (0x0002, 0x0100)),
                *(Cell(at, 2, self._temperature) for at in (0x0006, 0x0102)),
                Cell(0x0202, 2, lambda: words_of(number_of(self.leads.serial(self.device)).to_bytes(4, "big"))),
                Cell(0x020D, 1, lambda: (self.unit,)),
                Cell(0x020E, 2, lambda: (0, _ACTIVE)),
            ]
        )

    def read_words(self, function: int, address: int, count: int) -> Sequence[int]:
        """The same by either function."""
        del function
        return self._cells.read(address, count)

    def write_words(self, address: int, words: Sequence[int]) -> None:
        """Nothing that is known here may be written."""
        self._cells.write(address, words)

    def _pressure(self) -> Sequence[int]:
        return self.float_words(self.reading(Quantity.PASCAL, floor=2e-5 * _RANGE * _BAR) / _BAR + self._zero)

    def _temperature(self) -> Sequence[int]:
        celsius = self.reading(Quantity.TEMPERATURE, floor=0.02)
        return self.float_words(celsius + self._zero / (0.0005 * _RANGE / 2))


EMULATORS = {"keller-33x": Keller33x}
