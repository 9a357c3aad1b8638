"""Eastron SDM630 three-phase energy meter on RS-485, 9600 Bd, no parity.

From the public transcription of its protocol, version 2.0: measurements are floats by function 4, the high word first, one at
every even address; at most 40 of them in a request, and 60 milliseconds of silence before each. Settings are floats by
functions 3 and 16. Decided here, because no public page says it: addresses between the named ones read 0; an odd address is
an illegal one, and an odd count an illegal value; demands follow the power at once; angles between phases are 120 degrees;
harmonics are none. Accuracy: class 1, that is 1 % of power, half of that for volts and amperes, 0.2 % for frequency.
"""

import asyncio
import cmath
import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

from sim.leads import Leads
from sim.modbus.pdu import ILLEGAL_ADDRESS, ILLEGAL_VALUE, READ_INPUT, ModbusError
from sim.modbus.slave import Slave, float_of, number_of, words_of, words_of_floats
from sim.quantity import Quantity

_END = 0x17E
_SERIAL = 0xFC00
_SETTINGS = {0: 0.0, 2: 60.0, 6: 230.0, 8: 5.0, 10: 3.0, 12: 100.0, 18: 0.0, 20: 1.0, 28: 2.0, 36: 3450.0}
_MORE_SETTINGS = {63760: 0.0, 63776: 0.0, 63792: 0.0}
_READ_ONLY = frozenset({0, 36, 63792})
_PHASES = (0, 1, 2)
_DECIMALS = 4
"""Of amperes and watts: next to nothing flows or it does not."""


class EastronSdm630(Slave):
    """The meter, in a three-phase, four-wire system."""

    silence: ClassVar[float] = 0.06
    functions: frozenset[int] = frozenset({3, 4, 16})
    most_words: ClassVar[int] = 80

    def __init__(self, device: str, leads: Leads) -> None:
        super().__init__(device, leads)
        self._settings = {**_SETTINGS, **_MORE_SETTINGS}
        self._imported, self._exported = [0.0] * 3, [0.0] * 3
        self._watts, self._counted_at = [0.0] * 3, 0.0

    def read_words(self, function: int, address: int, count: int) -> Sequence[int]:
        """Measurements, or settings."""
        if address % 2:
            raise ModbusError(ILLEGAL_ADDRESS)
        if count % 2:
            raise ModbusError(ILLEGAL_VALUE)
        if function != READ_INPUT:
            return [word for at in range(address, address + count, 2) for word in self._setting(at)]
        if address + count > _END:
            raise ModbusError(ILLEGAL_ADDRESS)
        values = self._values()
        return self.float_words(*(values.get(at, 0.0) for at in range(address, address + count, 2)))

    def write_words(self, address: int, words: Sequence[int]) -> None:
        """One setting."""
        if address not in self._settings or address in _READ_ONLY:
            raise ModbusError(ILLEGAL_ADDRESS)
        if len(words) != 2 or not math.isfinite(value := float_of(words)):
            raise ModbusError(ILLEGAL_VALUE)
        self._settings[address] = value

    def _setting(self, address: int) -> Sequence[int]:
        if address == _SERIAL:
            return words_of(number_of(self.leads.serial(self.device)).to_bytes(4, "big"))
        if address == 20:
            return words_of_floats(self.unit)
        if address not in self._settings:
            raise ModbusError(ILLEGAL_ADDRESS)
        return words_of_floats(self._settings[address])

    def _values(self) -> Mapping[int, float]:
        """Everything that it shows, all of the same moment."""
        volts = [self.reading(Quantity.AC_VOLTS, str(each + 1), share=0.005, floor=0.02) for each in _PHASES]
        amps = [self._digits(Quantity.AMPS, each, 0.005, 0.001) for each in _PHASES]
        watts = [self._digits(Quantity.WATTS, each, 0.01, 0.1) for each in _PHASES]
        apparent = [max(v * a, abs(w)) for v, a, w in zip(volts, amps, watts, strict=True)]
        reactive = [math.sqrt(va * va - w * w) for va, w in zip(apparent, watts, strict=True)]
        self._count(watts)
        values: dict[int, float] = {}
        for phase in _PHASES:
            factor = watts[phase] / apparent[phase] if apparent[phase] else 1.0
            angle = math.degrees(math.acos(max(-1.0, min(1.0, factor))))
            each = (volts, amps, watts, apparent, reactive)
            values |= {6 * kind + 2 * phase: what[phase] for kind, what in enumerate(each)}
            values |= {30 + 2 * phase: factor, 36 + 2 * phase: angle, 258 + 2 * phase: amps[phase]}
            imported, exported = self._imported[phase] / 3.6e6, self._exported[phase] / 3.6e6
            values |= {346 + 2 * phase: imported, 352 + 2 * phase: exported, 358 + 2 * phase: imported + exported}
        return values | self._totals(volts, amps, watts, apparent, reactive)

    def _digits(self, quantity: Quantity, phase: int, share: float, floor: float) -> float:
        """A reading with the last digit that it can tell from nothing: what is less is 0, not a billionth."""
        return round(self.reading(quantity, str(phase + 1), share=share, floor=floor), _DECIMALS)

    def _totals(
        self,
        volts: Sequence[float],
        amps: Sequence[float],
        watts: Sequence[float],
        apparent: Sequence[float],
        reactive: Sequence[float],
    ) -> dict[int, float]:
        factor = sum(watts) / sum(apparent) if sum(apparent) else 1.0
        star = [cmath.rect(volts[each], -2.0 * math.pi * each / 3.0) for each in _PHASES]
        currents = [cmath.rect(amps[each], -2.0 * math.pi * each / 3.0) for each in _PHASES]
        between = [abs(star[one] - star[other]) for one, other in ((0, 1), (1, 2), (2, 0))]
        imported, exported = sum(self._imported) / 3.6e6, sum(self._exported) / 3.6e6
        return {
            42: sum(volts) / 3.0,
            46: sum(amps) / 3.0,
            48: sum(amps),
            52: sum(watts),
            56: sum(apparent),
            60: sum(reactive),
            62: factor,
            66: math.degrees(math.acos(max(-1.0, min(1.0, factor)))),
            70: self._hertz(),
            72: imported,
            74: exported,
            82: sum(amps),
            84: sum(watts),
            88: sum(watts),
            100: sum(apparent),
            224: abs(sum(currents)),
            254: factor,
            200: between[0],
            202: between[1],
            204: between[2],
            206: sum(between) / 3.0,
            342: imported + exported,
        }

    def _hertz(self) -> float:
        """0 where there is no mains."""
        hertz = self.reading(Quantity.HERTZ, share=0.002)
        return 0.0 if math.isnan(hertz) else hertz

    def _count(self, watts: Sequence[float]) -> None:
        """Watt-seconds since it was looked at last, at the power of then."""
        now = asyncio.get_running_loop().time()
        for phase, before in enumerate(self._watts):
            counted = before * (now - self._counted_at)
            if counted >= 0.0:
                self._imported[phase] += counted
            else:
                self._exported[phase] -= counted
        self._watts, self._counted_at = list(watts), now


EMULATORS = {"eastron-sdm630": EastronSdm630}
