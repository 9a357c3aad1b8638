"""ATEQ F6 leak tester (F620 family) on RS-232/485, 9600 Bd, no parity.

From public pages of its Modbus RTU manual (FG_F6_MODBUS_EN_01, pages 15 to 73): data words go low byte first, longs low word
first as well, pressures, leaks and codes of units are multiplied by 1000; programs count from 0 at 0200h; 0201h chooses a
special cycle, 7 is an auto-zero; coil 1 starts; 2201h is the state in real time, 2301h the last result, of which the FIFO
keeps eight. Nothing there counts before bit 5 of the status, the end of the cycle.

Decided here, because no public page says it: coil 0 ends a cycle, as in the sister series; codes of units are those of the
sister series, 6 for Pa and 8 for Pa/s; codes of steps are 2 fill, 3 stabilisation, 4 test, 5 dump, 65535 none; alarm 1 is a
pressure too low after the fill; the leak is the fall of pressure by the second; the FIFO forgets the oldest result; the
programs are those below, and all programs are alike. Accuracy: 1 % of the pressure, 2.5 % of the leak and 0.1 Pa/s.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sim.leads import Leads
from sim.modbus.cells import Cell, Cells
from sim.modbus.pdu import BUSY, ILLEGAL_ADDRESS, ILLEGAL_VALUE, ModbusError
from sim.modbus.slave import Slave
from sim.quantity import Quantity

RESET, START = 0, 1
PASS, FAIL_MORE, FAIL_LESS, ALARM, PRESSURE_ERROR, CYCLE_END = (1 << bit for bit in range(6))
FILL, STABILISE, TEST, DUMP, NO_STEP = 2, 3, 4, 5, 0xFFFF
_PA, _PA_PER_SECOND = 6, 8
_AUTO_ZERO = 7
_PROGRAMS = 128
_FIFO = 8
_ALARM_LOW = 1


@dataclass(frozen=True, slots=True)
class Program:
    """Seconds of each step, pascals above the air's that the fill must reach, and the leak in Pa/s that is too much."""

    fill: float = 10.0
    stabilise: float = 10.0
    test: float = 20.0
    dump: float = 3.0
    lowest: float = 20e3
    reject: float = 5.0


@dataclass(slots=True)
class Result:
    """What a cycle has come to."""

    program: int = 0
    relays: int = 0
    alarm: int = 0
    pascal: float = 0.0
    leak: float = 0.0


class AteqF6(Slave):
    """The tester: its own valves, its own sensor."""

    functions: frozenset[int] = frozenset({3, 5, 16})
    program: ClassVar[Program] = Program()

    def __init__(self, device: str, leads: Leads) -> None:
        super().__init__(device, leads)
        skew = max(-1.0, min(1.0, leads.trait(device, "gain") / 2)) / 2
        self._gain, self._leak_gain = 1 + 0.01 * skew, 1 + 0.025 * skew
        self._cycle: asyncio.Task[None] | None = None
        self._wake()
        self._cells = Cells(self._table())

    def _wake(self) -> None:
        self._selected = self._special = self._edited = 0
        self._status, self._step = 0, NO_STEP
        self._zero: float | None = None
        self._last = Result()
        self._results: deque[Result] = deque(maxlen=_FIFO)

    def power_on(self) -> None:
        """The cycle ends with its valves at rest, results are lost."""
        self._stop()
        self._wake()

    def read_words(self, function: int, address: int, count: int) -> Sequence[int]:
        """State, last result, and what has been chosen."""
        del function
        return self._cells.read(address, count)

    def write_words(self, address: int, words: Sequence[int]) -> None:
        """Choose a program or a special cycle."""
        self._cells.write(address, words)

    def write_bits(self, address: int, bits: Sequence[bool]) -> None:
        """Start a cycle, or end it."""
        if len(bits) != 1 or address not in {RESET, START}:
            raise ModbusError(ILLEGAL_ADDRESS)
        if address == RESET and bits[0]:
            self._stop()
        elif address == START and bits[0]:
            if self._cycle is not None and not self._cycle.done():
                raise ModbusError(BUSY)
            self._status, self._step = 0, NO_STEP
            running = self._zeroing() if self._special == _AUTO_ZERO else self._testing(self._selected, self.program)
            self._special = 0
            self._cycle = asyncio.get_running_loop().create_task(running, name=f"cycle of {self.device}")

    def _stop(self) -> None:
        """No cycle any more: fill shut, vent open."""
        if self._cycle is not None:
            self._cycle.cancel()
            self._cycle = None
        self._step = NO_STEP
        self._valves(fill=False, vent=True)

    async def _zeroing(self) -> None:
        self._valves(fill=False, vent=True)
        await asyncio.sleep(1.0)
        self._zero = self._pascal()
        self._status = CYCLE_END

    async def _testing(self, selected: int, program: Program) -> None:
        if self._zero is None:
            self._zero = self._pascal()
        result = Result(selected)
        self._step = FILL
        self._valves(fill=True, vent=False)
        await asyncio.sleep(program.fill)
        self._valves(fill=False, vent=False)
        if self._gauge() < program.lowest:
            result.pascal, result.alarm, result.relays = self._gauge(), _ALARM_LOW, ALARM | PRESSURE_ERROR
        else:
            self._step = STABILISE
            await asyncio.sleep(program.stabilise)
            self._step = TEST
            before = self._pascal()
            await asyncio.sleep(program.test)
            result.pascal = self._gauge()
            result.leak = self._judged(before - self._pascal(), program.test)
            result.relays = FAIL_MORE if result.leak > program.reject else PASS
            result.relays = FAIL_LESS if result.leak < -program.reject else result.relays
        self._step = DUMP
        self._valves(fill=False, vent=True)
        await asyncio.sleep(program.dump)
        result.relays |= CYCLE_END
        self._last, self._status, self._step = result, result.relays, NO_STEP
        self._results.append(result)

    def _judged(self, fallen: float, seconds: float) -> float:
        leak = fallen / seconds * self._leak_gain * self.leads.gain_of(self.device, str(Quantity.PASCAL))
        return leak + self.leads.gauss(self.device, "leak") * 0.1 / 4

    def _pascal(self) -> float:
        return self.leads.sense(self.device, Quantity.PASCAL)

    def _gauge(self) -> float:
        """Pascals above the air's, as it shows them."""
        zero = self._pascal() if self._zero is None else self._zero
        return (self._pascal() - zero) * self._gain * self.leads.gain_of(self.device, str(Quantity.PASCAL))

    def _valves(self, *, fill: bool, vent: bool) -> None:
        for place, on in (("fill", fill), ("vent", vent)):
            self.leads.drive(self.device, Quantity.OUTPUT, float(on), place)

    def _choose(self, words: Sequence[int]) -> None:
        if (program := swapped(words[0])) >= _PROGRAMS:
            raise ModbusError(ILLEGAL_VALUE)
        self._selected = program

    def _choose_special(self, words: Sequence[int]) -> None:
        self._special = swapped(words[0])

    def _edit(self, words: Sequence[int]) -> None:
        if (program := swapped(words[0])) >= _PROGRAMS:
            raise ModbusError(ILLEGAL_VALUE)
        self._edited = program

    def _table(self) -> Sequence[Cell]:
        return (
            Cell(0x0200, 1, lambda: (swapped(self._selected),), self._choose),
            Cell(0x0201, 1, lambda: (swapped(self._special),), self._choose_special),
            Cell(0x3004, 1, lambda: (swapped(self._edited),), self._edit),
            Cell(0x2201, 13, self._state),
            Cell(0x2301, 40, self._result),
        )

    def _state(self) -> Sequence[int]:
        words = (self._selected, len(self._results), 0, self._status, self._step)
        return (*map(swapped, words), *long(self._gauge()), *long(_PA), *long(0.0), *long(_PA_PER_SECOND))

    def _result(self) -> Sequence[int]:
        last = self._last
        words = [*map(swapped, (last.program, 0, last.relays, last.alarm))]
        for value, unit in ((last.pascal, _PA), (last.leak, _PA_PER_SECOND)):
            words += [*long(value), *long(unit)]
        return (*words, *(40 - len(words)) * (0,))


def swapped(word: int) -> int:
    """A word with its low byte first."""
    return (word & 0xFF) << 8 | word >> 8


def long(value: float) -> tuple[int, int]:
    """Thousandths as a signed number of 32 bits, the low word first, the low byte of each first."""
    thousandths = max(-(2**31), min(2**31 - 1, round(value * 1000))) & 0xFFFFFFFF
    return swapped(thousandths & 0xFFFF), swapped(thousandths >> 16)


EMULATORS: Mapping[str, type[AteqF6]] = {"ateq-f6": AteqF6}
