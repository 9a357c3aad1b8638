"""Hioki RM3545 resistance meter: RS-232 or USB (a serial port), ASCII lines.

From the public facts of the manual: `*RST;*CLS`, `:SYST:LFR`, `:SENS:FUNC RES`, `:RES:RANG`, `:SAMP:RATE`,
`:INIT:CONT OFF`, `:TRIG:SOUR IMM`, `:READ?`. A reading is triggered: `:READ?` starts a measurement and waits for it.
`:FETC?` in free run would return whatever was measured last, perhaps before the relays moved. The meter has no error
queue that is publicly known, so the range is read back. Every run sets it up from `*RST`.
"""

import math
from dataclasses import dataclass, field

from drivers.accuracy import Accuracy
from drivers.errors import AGAIN, BadReply, Refused, Unsupported
from drivers.links.line import Lines
from drivers.model import Model
from drivers.orders import self_test
from drivers.reading import Reading, State
from drivers.roles import Identity, Ohmmeter
from drivers.scpi import identity, number, reply_of

FAST, SLOW1 = "FAST", "SLOW1"
"""The quickest rate and the first slow one: the two whose accuracy is public."""

ZERO = 2e-6
"""Volts of offset without zero adjustment: 0.020 % of full scale on 10 mohm at 1 A (manual); the same volts at the
other ranges' smaller currents (engineering)."""


def _range(full_scale: float, of_reading: float, of_range: float, amperes: float) -> Accuracy:
    return Accuracy(full_scale, of_reading / 100, of_range / 100, floor=ZERO / amperes, resolution=full_scale * 1e-6)


# 23 +- 5 degrees Celsius, 1 year, 60 minutes warm-up: percent of reading, percent of full scale. The 100 mohm range
# measures with 1 A (.060 + .010) or 0.1 A (.014 + .050); nothing public says which after *RST, so the worse of each.
ACCURACY: dict[str, tuple[Accuracy, ...]] = {
    FAST: (_range(0.010, 0.060, 0.050, 1.0), _range(0.100, 0.060, 0.050, 0.1), _range(1.000, 0.012, 0.010, 0.1)),
    SLOW1: (_range(0.010, 0.060, 0.020, 1.0), _range(0.100, 0.060, 0.020, 0.1), _range(1.000, 0.012, 0.008, 0.1)),
}

SHOWS_UP_TO = 1.2
"""Times full scale; a greater finite number cannot have been shown."""
OVER_RANGE_FROM = 1e18
"""The meter writes over-range as a huge number (engineering: nothing public but the sister models' spelling)..."""
FAULT_FROM = 1e28
"""... and a measurement fault (no current flows, or a sense lead is open) as a huger one."""

TESTED_WITHIN = 10.0
"""Seconds for the self test; how long it takes is not public."""


@dataclass(slots=True)
class HiokiRm3545:
    """The meter on `link`. `prepare` sets it up; the settings are sent again after any error and every `make_safe`."""

    link: Lines
    rate: str = FAST
    line_frequency: int = 50
    _range: Accuracy | None = field(default=None, init=False)
    _reset: bool = field(default=False, init=False)
    _ranged: bool = field(default=False, init=False)

    async def identify(self) -> Identity:
        """Ask who it is."""
        reply = await self.link.query("*IDN?")
        with reply_of(self.link.name):
            return identity(reply)

    async def self_check(self) -> None:
        """Have it test its memories: bits 0 to 2 of the answer are ROM, RAM, non-volatile memory (RM3542 manual, p. 123)."""
        self._reset = self._ranged = False
        await self_test(self.link, within=TESTED_WITHIN)

    async def prepare(self, highest: float) -> None:
        """Choose the smallest range that holds `highest` ohms."""
        fitting = [each for each in ACCURACY[self.rate] if highest <= each.full_scale]
        if not fitting:
            most = ACCURACY[self.rate][-1].full_scale
            raise Unsupported(self.link.name, f"no accuracy is public above {most:g} ohm, {highest:g} ohm are asked")
        if fitting[0] is not self._range:
            self._range, self._ranged = fitting[0], False
        await self._set_up(self._range)

    async def resistance(self) -> Reading:
        """Ohms between the Kelvin terminals, triggered now."""
        if self._range is None:
            raise Unsupported(self.link.name, "no range has been chosen: prepare() comes first")
        await self._set_up(self._range)
        self._reset = self._ranged = False  # until the reply is a good one
        reply = await self.link.query(":READ?")
        with reply_of(self.link.name):
            value = number(reply.strip(" "))  # the place of a plus sign may be blank
        size = abs(value)
        if SHOWS_UP_TO * self._range.full_scale < size < OVER_RANGE_FROM:
            raise BadReply(self.link.name, f"{reply!r} cannot come from the range of {self._range.full_scale:g} ohm")
        self._reset = self._ranged = True
        if size >= OVER_RANGE_FROM:
            state = State.OVER_RANGE if size < FAULT_FROM else State.NO_READING
            return Reading(math.nan, "ohm", math.nan, self.link.now(), self.link.name, state)
        return Reading(value, "ohm", self._range.expanded(value), self.link.now(), self.link.name)

    async def make_safe(self) -> None:
        """Stop measuring, so that no test current is left. What did not get through is tried a second time."""
        self._reset = self._ranged = False
        try:
            await self._stop()
        except AGAIN:
            await self._stop()

    async def _stop(self) -> None:
        await self.link.write(":INIT:CONT OFF")
        await self.identify()  # it answers in order: a measurement that was going on has ended
        await self.link.write(":ABOR")
        await self.identify()

    async def _set_up(self, wanted: Accuracy) -> None:
        if not self._reset:
            self._ranged = False
            await self.link.write("*RST;*CLS")
            await self.link.write(f":SYST:LFR {self.line_frequency}")
            await self.link.write(":SENS:FUNC RES")
            await self.link.write(f":SAMP:RATE {self.rate}")
            await self.link.write(":INIT:CONT OFF")
            await self.link.write(":TRIG:SOUR IMM")
        if not self._ranged:
            self._reset = False
            await self.link.write(f":RES:RANG {wanted.full_scale:.2E}")
            reply = await self.link.query(":RES:RANG?")
            with reply_of(self.link.name):
                got = number(reply.strip(" "))
            if not math.isclose(got, wanted.full_scale, rel_tol=0.01):
                raise Refused(self.link.name, f"told the range of {wanted.full_scale:g} ohm, it has {got:g} ohm")
            self._reset = self._ranged = True


MODELS = (
    Model(
        name="hioki-rm3545",
        title="Hioki RM3545 resistance meter",
        connect=HiokiRm3545,
        roles=(Ohmmeter,),
        ends_with=b"\r\n",
        replies_end_with=b"\n",
        within=2.0,
        links=("serial", "tcp"),
        accuracy="RM3544/RM3545 instruction manual, p. 10: 23 +- 5 degrees Celsius, 1 year, 60 minutes of warm-up",
        source="RM3544/RM3545 instruction manual; RM3544/RM3545 communication command manual",
        gaps=(
            "over-range and fault numbers: from 1E+18 and from 1E+28",
            "the offset without zero adjustment above 10 mohm: the same volts at the range's current",
            "which test current the 100 mohm range has after *RST: the worse of both is assumed",
            "no accuracy above 1 ohm is public: refused",
            "mains at 50 Hz",
            "*TST? is documented for the sister model RM3542",
        ),
    ),
)
