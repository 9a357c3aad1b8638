"""Raritan and Server Technology rack PDU (Xerus firmware) on Modbus/TCP: 24 outlets, three metered inlets.

From the maker's public description of its Modbus interface and the public table made from it: functions 1, 3, 5, 6, 15, 16,
22 and 43; counts of its parts at 0 to 4; floats, the high word first, in blocks of 256 registers for each inlet (from
12288), overcurrent protector (16384) and outlet (32768). Outlet n stands 256 registers behind outlet n - 1, as public code
has it. Decided here, because no public page says it: inlets and protectors have the same stride, an outlet's power, factor
and frequency stand where an inlet's do; within a block, what it does not measure is no number, beyond 40 registers of it is
an illegal address; coils from 0 are the outlets; the serial number is object 128 of function 43; a protector feeds four
outlets; an outlet's relay moves 50 milliseconds after the command, and its coil tells the new state from then on. It wakes
up with all outlets off.
"""

import asyncio
import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

from sim.leads import Leads
from sim.modbus.pdu import ILLEGAL_ADDRESS, ModbusError
from sim.modbus.slave import Carried, Slave
from sim.quantity import Quantity

INLETS, PROTECTORS, OUTLETS = 3, 6, 24
RELAY = 0.05
"""Seconds from a command to its relay."""
_STRIDE, _BLOCK = 256, 40
_INLET, _PROTECTOR, _OUTLET = 12288, 16384, 32768
_COUNTS = (
    1,
    INLETS,
    PROTECTORS,
    OUTLETS,
    0,
)  # version of the register set, inlets, protectors, outlets, transfer switches
_EACH = OUTLETS // PROTECTORS


class RaritanXerus(Slave):
    """The PDU's own controller; what its meters see is the plant's."""

    framing: Carried = "mbap"
    baudrate: int = 0
    functions: frozenset[int] = frozenset({1, 3, 5, 6, 15, 16, 22, 43})
    revision: ClassVar[bytes] = b"4.0.40"

    def __init__(self, device: str, leads: Leads) -> None:
        super().__init__(device, leads)
        self._on = [False] * OUTLETS
        self._peaks: dict[str, float] = {}

    def power_on(self) -> None:
        """All outlets go off; peaks are forgotten."""
        self._peaks.clear()
        self.write_bits(0, [False] * OUTLETS)

    def read_bits(self, function: int, address: int, count: int) -> Sequence[bool]:
        """Which outlets are on, as it believes."""
        del function
        if address + count > OUTLETS:
            raise ModbusError(ILLEGAL_ADDRESS)
        return self._on[address : address + count]

    def write_bits(self, address: int, bits: Sequence[bool]) -> None:
        """Outlets on or off."""
        if address + len(bits) > OUTLETS:
            raise ModbusError(ILLEGAL_ADDRESS)
        for outlet, on in enumerate(bits, address):
            asyncio.get_running_loop().call_later(RELAY, self._switch, outlet, on)

    def read_words(self, function: int, address: int, count: int) -> Sequence[int]:
        """Counts, or one block's floats."""
        del function
        if address + count <= len(_COUNTS):
            return _COUNTS[address : address + count]
        for start, blocks in ((_INLET, INLETS), (_PROTECTOR, PROTECTORS), (_OUTLET, OUTLETS)):
            block, offset = divmod(address - start, _STRIDE)
            if 0 <= block < blocks and offset + count <= _BLOCK:
                return self._words(self._block(start, block + 1), offset, count)
        raise ModbusError(ILLEGAL_ADDRESS)

    def objects(self) -> Mapping[int, bytes]:
        """Maker, product, firmware, and the serial number."""
        return {0: b"Raritan", 1: b"PX3-5190R", 2: self.revision, 128: self.leads.serial(self.device).encode("ascii")}

    def _switch(self, outlet: int, on: bool) -> None:  # noqa: FBT001 - a timer's callback
        self._on[outlet] = on
        self.leads.drive(self.device, Quantity.OUTLET, float(on), str(outlet + 1))

    def _words(self, values: Mapping[int, float], offset: int, count: int) -> Sequence[int]:
        words = self.float_words(*(values.get(at, math.nan) for at in range(offset // 2 * 2, offset + count, 2)))
        return words[offset % 2 : offset % 2 + count]

    def _block(self, start: int, number: int) -> Mapping[int, float]:
        if start == _PROTECTOR:
            fed = range((number - 1) * _EACH + 1, number * _EACH + 1)
            amps = sum(self.reading(Quantity.AMPS, f"outlet{outlet}") for outlet in fed)
            return {10: amps, 12: self._peak(f"protector{number}", amps)}
        place = f"inlet{number}" if start == _INLET else f"outlet{number}"
        return self._circuit(place) | ({14: self._peak(place, 0.0)} if start == _OUTLET else {})

    def _circuit(self, place: str) -> dict[int, float]:
        """Volts, amperes and what follows from them, without errors of ours: the plant's metering has its own."""
        volts, amps, watts = (self.reading(each, place) for each in (Quantity.AC_VOLTS, Quantity.AMPS, Quantity.WATTS))
        apparent = max(volts * amps, abs(watts))
        factor = watts / apparent if apparent else 1.0
        angle = math.degrees(math.acos(max(-1.0, min(1.0, factor))))
        hertz = self.reading(Quantity.HERTZ)
        hertz = 0.0 if math.isnan(hertz) else hertz
        return {
            8: volts,
            10: amps,
            12: self._peak(place, amps),
            16: 0.0,
            18: watts,
            20: apparent,
            22: factor,
            32: angle,
            34: hertz,
            36: math.sqrt(apparent * apparent - watts * watts),
        }

    def _peak(self, place: str, amps: float) -> float:
        self._peaks[place] = max(amps, self._peaks.get(place, 0.0))
        return self._peaks[place]


EMULATORS = {"raritan-xerus": RaritanXerus}
