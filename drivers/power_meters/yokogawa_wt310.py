"""Yokogawa WT310 and WT310E power meter: one circuit; lines that end with LF, over TCP, USB or a serial port.

From the public facts (intel's yoko-tool; IM WT310E-02EN): `:NUM:FORM ASCII`, `:NUM:NORM:NUM`, `:NUM:NORM:ITEM<x>`,
`:NUM:NORM:VAL?` (a list with commas, NAN and INF in place of a number), `:INP:VOLT:RANG`, `:INP:CURR:RANG`, `:INP:CFAC`,
`:RATE`, `:MEAS:AVER`, `:COMM:REM ON`. The values of one reply are all of one update. The meter measures on and on: what it
shows is as new as its last update, so a reading waits until a whole update has begun and ended after it was asked for.
Everything that decides what a value means is read back. A reply may repeat its header, so the last word counts.
"""

import asyncio
import math
from dataclasses import dataclass, field

from drivers.accuracy import Accuracy
from drivers.errors import AGAIN, BadReply, Refused, Unsupported
from drivers.links.line import Lines
from drivers.model import Model
from drivers.orders import drained, order
from drivers.power_roles import Electrical, PowerMeter
from drivers.reading import Reading, State
from drivers.roles import Identity
from drivers.scpi import identity, number, quantity, reply_of, shown

ERRORS = ":STAT:ERR?"
"""The meter's own spelling of the question for its error queue."""
VOLTS = (15.0, 30.0, 60.0, 150.0, 300.0, 600.0)
AMPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
"""Ranges at crest factor 3."""
UPDATE = 0.25
"""Seconds between two updates at `:RATE 250MS`."""
ONE_WHOLE_UPDATE = 2.2 * UPDATE
"""Seconds: the update under way ends within one, the next one is whole within two; and a little for its own clock."""
ITEMS = ("U,1", "I,1", "P,1", "FU,1")
UNITS = ("V", "A", "W", "Hz")

OF_READING, OF_RANGE, OF_RANGE_E = 0.001, 0.001, 0.0005
"""45 to 66 Hz: of volts, amperes and watts alike; the WT310E has half the part of the range."""
SLOWEST, FASTEST = 45.0, 66.0
AT_NO_POWER_FACTOR = 0.001
"""Of the reactive power: what a small error of phase adds to watts."""
OF_HERTZ = 0.0006
SHOWS_UP_TO = 1.4
"""Times the range; a greater finite number cannot have been shown."""
STATES = {"NAN": State.NO_READING, "INF": State.OVER_RANGE}


@dataclass(slots=True)
class YokogawaWt310:
    """The meter on `link`. `prepare` sets it up; the settings are sent again after any error and every `make_safe`."""

    link: Lines
    _of_range: float = field(default=OF_RANGE, init=False)
    _ranges: tuple[float, float] | None = field(default=None, init=False)
    """Volts and amperes of the chosen ranges."""
    _ready: bool = field(default=False, init=False)

    async def identify(self) -> Identity:
        """Ask who it is: a WT310E is the more accurate one."""
        reply = await self.link.query("*IDN?")
        with reply_of(self.link.name):
            who = identity(reply)
        self._of_range = OF_RANGE_E if who.model.upper().startswith("WT310E") else OF_RANGE
        return who

    async def self_check(self) -> None:
        """It has no self test that is public: its error queue, emptied, must stay empty."""
        await drained(self.link, ask=ERRORS)
        await order(self.link, "*CLS", ask=ERRORS)

    async def prepare(self, *, volts: float, amps: float) -> None:
        """Choose the smallest ranges that hold these rms values, and read them back."""
        wanted = self._holding("V", VOLTS, volts), self._holding("A", AMPS, amps)
        if wanted != self._ranges:
            self._ranges, self._ready = wanted, False
        await self._set_up(wanted)

    async def electrical(self, phase: int = 1) -> Electrical:
        """What it measures of its one circuit, after one whole update."""
        if phase != 1:
            raise Unsupported(self.link.name, f"it has one circuit, phase {phase} is asked")
        if self._ranges is None:
            raise Unsupported(self.link.name, "no ranges have been chosen: prepare() comes first")
        await self._set_up(self._ranges)
        self._ready = False  # until the reply is a good one
        await asyncio.sleep(ONE_WHOLE_UPDATE)
        reply = await self.link.query(":NUM:NORM:VAL?")
        with reply_of(self.link.name):
            volts, amps, watts, hertz = items(reply)
        self._ready = True
        return self._read(self._ranges, volts, amps, watts, hertz)

    async def make_safe(self) -> None:
        """It drives nothing: an answer says that it is there. What did not get through is tried a second time."""
        self._ready = False
        try:
            await self.identify()
        except AGAIN:
            await self.identify()

    def _read(self, ranges: tuple[float, float], *values: tuple[float, State]) -> Electrical:
        full_scales = (*ranges, ranges[0] * ranges[1], math.inf)
        for (value, state), most, unit in zip(values, full_scales, UNITS, strict=True):
            if state is State.OK and abs(value) > SHOWS_UP_TO * most * (SHOWS_UP_TO if unit == "W" else 1.0):
                self._ready = False
                raise BadReply(self.link.name, f"{value:g} {unit} cannot come from the range of {most:g} {unit}")
        hertz, state = values[3]
        if state is State.OK and not SLOWEST <= hertz <= FASTEST:
            raise Unsupported(self.link.name, f"its accuracy at {hertz:g} Hz is not public, only from 45 to 66 Hz")
        volts, amps, watts = (value for value, _ in values[:3])
        reactive = math.sqrt(max(0.0, volts * amps * (volts * amps) - watts * watts))
        spreads = [
            Accuracy(full_scale, OF_READING, self._of_range, floor).expanded(value)
            for (value, _), full_scale, floor in zip(
                values, full_scales[:3], (0.0, 0.0, AT_NO_POWER_FACTOR * reactive), strict=False
            )
        ]
        spreads.append(Accuracy(0.0, OF_HERTZ, 0.0).expanded(hertz))
        readings = (
            Reading(value, unit, spread if state is State.OK else math.nan, self.link.now(), self.link.name, state)
            for (value, state), unit, spread in zip(values, UNITS, spreads, strict=True)
        )
        return Electrical(*readings)

    def _holding(self, unit: str, ranges: tuple[float, ...], highest: float) -> float:
        for each in ranges:
            if highest <= each:
                return each
        raise Unsupported(self.link.name, f"its largest range is {ranges[-1]:g} {unit}, {highest:g} {unit} are asked")

    async def _set_up(self, wanted: tuple[float, float]) -> None:
        if self._ready:
            return
        volts, amps = wanted
        await drained(self.link, ask=ERRORS)
        for command in (
            ":COMM:REM ON",
            ":NUM:FORM ASCII",
            ":MEAS:AVER OFF",
            ":RATE 250MS",
            ":INP:CFAC 3",
            f":INP:VOLT:RANG {volts:g}",
            f":INP:CURR:RANG {amps:g}",
            f":NUM:NORM:NUM {len(ITEMS)}",
            *(f":NUM:NORM:ITEM{place} {item}" for place, item in enumerate(ITEMS, start=1)),
        ):
            await order(self.link, command, ask=ERRORS)
        for question, value in ((":INP:CFAC?", 3.0), (":INP:VOLT:RANG?", volts), (":INP:CURR:RANG?", amps)):
            await self._must_be(question, value)
        for place, item in enumerate(ITEMS, start=1):
            got = _last(await self.link.query(f":NUM:NORM:ITEM{place}?"))
            if got.upper() != item:
                raise Refused(self.link.name, f"told item {place} to be {item}, it has {shown(got)}")
        self._ready = True

    async def _must_be(self, question: str, wanted: float) -> None:
        reply = await self.link.query(question)
        with reply_of(self.link.name):
            got = number(_last(reply))
        if not math.isclose(got, wanted, rel_tol=0.01):
            raise Refused(self.link.name, f"{question} says {got:g}, told was {wanted:g}")


def items(reply: str) -> tuple[tuple[float, State], ...]:
    """The values of one update, one for each of ITEMS. Raises ValueError for any other number of them, and for words."""
    fields = reply.split(",")
    if len(fields) != len(ITEMS):
        raise ValueError(f"{len(ITEMS)} values were asked for, {len(fields)} came: {shown(reply)}")
    return tuple((math.nan, STATES[field]) if field in STATES else quantity(field) for field in fields)


def _last(reply: str) -> str:
    """The value of a reply that may repeat its header: the last word."""
    return reply.rpartition(" ")[2]


MODELS = (
    Model(
        name="yokogawa-wt310",
        title="Yokogawa WT310 or WT310E power meter",
        connect=YokogawaWt310,
        roles=(PowerMeter,),
        within=2.0,
        links=("tcp", "visa", "serial"),
        accuracy="IM WT310E-02EN, 7.3.2, 45 to 66 Hz: 0.1 % of reading + 0.1 % of range (WT310), + 0.05 % (WT310E)",
        source="intel/yoko-tool; IM WT310E-02EN",
        gaps=(
            "`:STAT:ERR?`, the ranges in numbers without a unit, and the questions that read settings back",
            "0.1 % of the reactive power at small power factors; 0.06 % of a frequency",
            "outside of 45 to 66 Hz, and direct current: refused",
        ),
    ),
)
