"""ATEQ F6 (F620 family) leak tester: Modbus RTU over RS-232 or RS-485.

From the public pages of "F6 Series - Modbus RTU" (FG_F6_MODBUS_EN_01, 2020-06-17): every data word comes LOW byte first,
a long is two words, the low one first, and 1000 times its value; a program's number is sent less one (pages 5, 57). A
cycle begins by coil 1 (page 58) and is over when bit 5 of the status says so (page 72); no result before that is one. The
real-time words are for curves, not for results: those are taken from the block of the last result alone (pages 68, 72).

A result is believed when this driver has seen the cycle begin (no END) and end (END), the FIFO holds one result more than
before, and the result is of the program that was selected. A cycle that goes on already is ended first. The FIFO itself
cannot be emptied: the public pages do not say by which address. So a result of an earlier cycle is never taken, whoever
has left it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import NamedTuple

from drivers.accuracy import Accuracy
from drivers.cooling_roles import LeakResult, LeakTester
from drivers.errors import AGAIN, BadReply, Declined, Refused, Unsupported, WrongInstrument
from drivers.links.registers import Registers
from drivers.model import Model
from drivers.reading import Reading
from drivers.roles import Identity
from drivers.words import Order, int32, swapped

RESET, START = 0x0000, 0x0001
"""Coils. START is in the manual; RESET is the bit before it in the sister series D6 (D6 Profibus manual, page 24)."""
PROGRAM = 0x0200
"""Written: the number of the program, less one."""
NOW, NOW_SIZE = 0x2201, 9
"""Real time: program, results in the FIFO, type of test, status, step, pressure, its unit."""
LAST, LAST_SIZE = 0x2301, 12
"""Last result: program, type of test, relays, alarm code, pressure, its unit, leak, its unit."""
PROGRAMS = 128
FIFO = 8
"""Results that the FIFO holds; one more pushes the oldest out."""
TIMES = 1000
PASCAL, PASCAL_PER_SECOND = 6, 8
"""Codes of units, the only public ones: examples of the D6 Profibus manual, page 26, of the same series."""
UNITS = {PASCAL: "Pa", PASCAL_PER_SECOND: "Pa/s"}
MOST_CODE = 999
"""No table of units is longer; a greater one is a number whose bytes or words are swapped."""
POLL = 0.1
"""Seconds between two looks at the status."""
BEGINS_WITHIN = 2.0
"""Seconds within which a started cycle takes back the END of the one before."""
SAFE_WITHIN, SAFE_PASCALS = 10.0, 1000.0
"""Seconds for a cycle to be reset and the part vented, and the pressure above the air's that is none any more."""

# Engineering practice: ATEQ's usual figures for a differential sensor of 500 Pa and a test pressure sensor of 10 bar.
PRESSURE = Accuracy(1e6, 0.0, 0.01, resolution=1 / TIMES)
LEAK = {
    PASCAL: Accuracy(500.0, 0.025, 0.0, floor=1.0, resolution=1 / TIMES),
    PASCAL_PER_SECOND: Accuracy(500.0, 0.025, 0.0, floor=0.1, resolution=1 / TIMES),
}


class Status(IntFlag):
    """The status word (page 72)."""

    PASS = 1 << 0
    FAIL_MAX = 1 << 1
    FAIL_MIN = 1 << 2
    ALARM = 1 << 3
    PRESSURE_ERROR = 1 << 4
    END = 1 << 5
    RECOVERABLE = 1 << 6
    CAL_ERROR = 1 << 7
    CAL_CHECK_ERROR = 1 << 8
    ATR_ERROR = 1 << 9
    KEY = 1 << 15


UNUSED = 0x7C00
"""Bits 10 to 14 of the status."""
WRONG = Status.ALARM | Status.PRESSURE_ERROR | Status.CAL_ERROR | Status.CAL_CHECK_ERROR | Status.ATR_ERROR
FAILED = Status.FAIL_MAX | Status.FAIL_MIN


class Now(NamedTuple):
    """What it says of this moment."""

    program: int
    waiting: int
    status: Status
    step: int
    thousandths: int
    unit: int


@dataclass(frozen=True, slots=True)
class AteqF6:
    """The tester on `link`."""

    link: Registers

    async def identify(self) -> Identity:
        """It has no name; it is known by the words that only it has, in its byte order. Raises WrongInstrument."""
        now = await self._now()
        if now.program >= PROGRAMS or now.waiting > FIFO or now.status & UNUSED or not _is_code(now.unit):
            raise WrongInstrument(self.link.name, f"{now} is of no ATEQ F6, or its bytes come in another order")
        return Identity("ATEQ", "F6", "", "")

    async def self_check(self) -> None:
        """It has no way to say how it is, but it must still be itself."""
        await self.identify()

    async def test(self, program: int, *, within: float) -> LeakResult:
        """Run a program, wait for its END, take its result. Raises Refused for an alarm, and for a cycle without an end."""
        if program not in range(1, PROGRAMS + 1):
            raise Unsupported(self.link.name, f"it has programs 1 to {PROGRAMS}, {program} is asked")
        await self.link.write_registers(PROGRAM, [swapped(program - 1)])
        before = await self._now()
        if Status.END not in before.status:  # somebody else's cycle may be going on, and its result is not ours
            await self._stop()
            before = await self._now()
        if before.program != program - 1:
            raise Refused(self.link.name, f"told program {program}, it has {before.program + 1}")
        await self.link.write_coil(START, on=True)
        after = await self._ended(before, within)
        if after.status & WRONG:
            raise Refused(self.link.name, f"the cycle ended with {after.status & WRONG!r}")
        return self._result(await self.link.read_holding(LAST, LAST_SIZE), program)

    async def make_safe(self) -> None:
        """End the cycle, which vents the part; confirmed. What did not get through is tried a second time."""
        try:
            await self._stop()
        except AGAIN:
            await self._stop()

    async def _stop(self) -> None:
        resets = True
        try:
            await self.link.write_coil(RESET, on=True)
        except Declined:
            resets = False  # then a cycle ends by itself; one that was started just now has taken its END back by then
            await asyncio.sleep(BEGINS_WITHIN)
        until = self.link.now() + SAFE_WITHIN
        while True:
            now = await self._now()
            vented = now.unit == PASCAL * TIMES and abs(now.thousandths) <= SAFE_PASCALS * TIMES
            if now.status & Status.END or (resets and vented):
                return
            if self.link.now() >= until:
                raise Refused(self.link.name, f"no end of its cycle within {SAFE_WITHIN:g} s: {now}")
            await asyncio.sleep(POLL)

    async def _ended(self, before: Now, within: float) -> Now:
        """Wait for the END of the cycle that has just been started."""
        started = self.link.now()
        began = False
        while True:
            await asyncio.sleep(POLL)
            now = await self._now()
            ended = Status.END in now.status
            began = began or not ended
            if began and ended and now.waiting == min(before.waiting + 1, FIFO):
                return now
            waited = self.link.now() - started
            if not began and waited >= BEGINS_WITHIN:
                raise Refused(self.link.name, f"the cycle did not begin within {BEGINS_WITHIN:g} s: {now}")
            if waited >= within:
                raise Refused(self.link.name, f"no new result within {within:g} s: {before} before, {now}")

    async def _now(self) -> Now:
        words = await self.link.read_holding(NOW, NOW_SIZE)
        program, waiting, _, status, step = map(swapped, words[:5])
        return Now(program, waiting, Status(status), step, _long(words, 5), _long(words, 7))

    def _result(self, words: Sequence[int], program: int) -> LeakResult:
        """The last result, if it is one of `program` and of one mind."""
        of, _, relays, alarm = map(swapped, words[:4])
        if of != program - 1:
            raise BadReply(self.link.name, f"program {program} has run, the last result is of {of + 1}")
        said = Status(relays)
        if said & Status.ALARM or alarm:
            raise Refused(self.link.name, f"alarm {alarm} (the codes are not public)")
        if bool(said & Status.PASS) is bool(said & FAILED):
            raise BadReply(self.link.name, f"it says neither pass nor fail, or both: {relays:#06x}")
        if (unit := self._unit(_long(words, 6))) != PASCAL:
            raise Unsupported(self.link.name, f"its program measures pressure in {UNITS[unit]}, pascals are needed")
        return LeakResult(
            self._reading(_long(words, 4) / TIMES, UNITS[unit], PRESSURE),
            self._reading(_long(words, 8) / TIMES, UNITS[leak := self._unit(_long(words, 10))], LEAK[leak]),
            passed=bool(said & Status.PASS),
        )

    def _unit(self, thousandths: int) -> int:
        """The code of a unit that is public. Raises BadReply for what is none, Unsupported for another."""
        if not _is_code(thousandths):
            raise BadReply(self.link.name, f"{thousandths} is 1000 times no code of a unit (byte order?)")
        if (code := thousandths // TIMES) not in UNITS:
            raise Unsupported(self.link.name, f"the unit with code {code} is not public: give the program Pa and Pa/s")
        return code

    def _reading(self, value: float, unit: str, accuracy: Accuracy) -> Reading:
        return Reading(value, unit, accuracy.expanded(value), self.link.now(), self.link.name)


def _long(words: Sequence[int], at: int) -> int:
    return int32(words[at : at + 2], Order.DCBA)


def _is_code(thousandths: int) -> bool:
    code, rest = divmod(thousandths, TIMES)
    return rest == 0 and 0 <= code <= MOST_CODE


MODELS = (
    Model(
        name="ateq-f6",
        title="ATEQ F6 leak tester (F620)",
        connect=AteqF6,
        roles=(LeakTester,),
        within=1.0,
        speaks="registers",
        steady=False,
        links=("modbus-rtu",),
        baudrate=9600,
        parity="N",
        rung="simulated",
        accuracy="engineering practice: leak 2.5 % + 1 Pa (0.1 Pa/s) of a 500 Pa sensor; pressure 1 % of 10 bar",
        source=(
            "ATEQ F6 Series Modbus RTU FG_F6_MODBUS_EN_01 (2020-06-17), pages 5, 14, 57, 58, 62, 68, 72; "
            "D6/ERD6 Series Profibus FG_D6_PROFIBUS_EN_01 (2020-06-17), pages 24, 26"
        ),
        gaps=(
            "units: only Pa (6) and Pa/s (8) are public, and from the sister series; others are refused",
            "alarm and step codes are not public: told as numbers",
            "reset by coil 0 as in the sister series; where it is declined, the end of the cycle is waited for",
            "the FIFO cannot be emptied by public means: it is counted instead",
            "the real-time program number is taken to be less one as well",
            "baud rate and parity as it leaves the factory: 9600 8N1",
        ),
    ),
)
