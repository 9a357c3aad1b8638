"""Keysight 34461A multimeter: SCPI lines that end with LF, over TCP 5025, USB or VISA.

From the public facts (QCoDeS' driver of the family, the 34465A command quick reference): `CONF:FRES range`,
`CONF:VOLT:DC range`, `CONF:VOLT:AC range`, `SENS:...:RANG?`, `READ?`, `ABOR`. `CONF` sets everything else of a function to
its defaults, so nothing of an earlier user is left; the range is read back. `READ?` triggers, and waits for the reading.
"""

import math
from dataclasses import dataclass, field

from drivers.accuracy import Accuracy
from drivers.errors import AGAIN, BadReply, Refused, Unsupported
from drivers.links.line import Lines
from drivers.model import Model
from drivers.orders import order, self_test
from drivers.reading import Reading, State
from drivers.roles import Identity, Ohmmeter, Voltmeter
from drivers.scpi import identity, number, quantity, reply_of, shown

SHOWS_UP_TO = 1.2
"""Times full scale; a greater finite number cannot come from that range."""
CLOSE = 1e-3
"""How near to the range that was told the one that is read back must be."""


def _of(full_scale: float, of_reading: float, of_range: float) -> Accuracy:
    return Accuracy(full_scale, of_reading / 100, of_range / 100, resolution=full_scale * 1e-6)


@dataclass(frozen=True, slots=True)
class Function:
    """What the meter can be set to measure: its name in SCPI, its unit, its ranges from the smallest."""

    name: str
    unit: str
    ranges: tuple[Accuracy, ...]


# 1 year, 23 +- 5 degrees Celsius: percent of reading, percent of range, as of the 34401A (service guide, page 69).
OHMS = Function(
    "FRES",
    "ohm",
    (
        _of(1e2, 0.010, 0.004),
        *(_of(full_scale, 0.010, 0.001) for full_scale in (1e3, 1e4, 1e5, 1e6)),
        _of(1e7, 0.040, 0.001),
        _of(1e8, 0.800, 0.010),
    ),
)
DC_VOLTS = Function(
    "VOLT:DC",
    "V",
    (
        _of(0.1, 0.0050, 0.0035),
        _of(1.0, 0.0040, 0.0007),
        _of(10.0, 0.0035, 0.0005),
        _of(100.0, 0.0045, 0.0006),
        _of(1000.0, 0.0045, 0.0010),
    ),
)
# 10 Hz to 20 kHz, and 0.06 % of reading more from 40 to 100 Hz with the 20 Hz filter that CONF sets.
AC_VOLTS = Function(
    "VOLT:AC",
    "V",
    (_of(0.1, 0.12, 0.04), *(_of(full_scale, 0.12, 0.03) for full_scale in (1.0, 10.0, 100.0)), _of(750.0, 0.12, 0.03)),
)


@dataclass(slots=True)
class Keysight34461a:
    """The multimeter on `link`. What it is set to is sent again after any error and every `make_safe`."""

    link: Lines
    _ohms: Accuracy | None = field(default=None, init=False)
    _set_to: tuple[str, float] | None = field(default=None, init=False)
    """Function and full scale that the meter has been read back to have."""

    async def identify(self) -> Identity:
        """Ask who it is."""
        reply = await self.link.query("*IDN?")
        with reply_of(self.link.name):
            return identity(reply)

    async def self_check(self) -> None:
        """Have it test itself. Raises Refused with the code."""
        self._set_to = None
        await self_test(self.link)

    async def prepare(self, highest: float) -> None:
        """Choose the smallest resistance range that holds `highest` ohms, and read it back."""
        self._ohms = self._holding(OHMS, highest)
        await self._set(OHMS, self._ohms)

    async def resistance(self) -> Reading:
        """Ohms by four wires, triggered now."""
        if self._ohms is None:
            raise Unsupported(self.link.name, "no range has been chosen: prepare() comes first")
        return await self._measure(OHMS, self._ohms)

    async def dc_volts(self, highest: float) -> Reading:
        """Volts, signed, on the smallest range that holds `highest`, triggered now."""
        return await self._measure(DC_VOLTS, self._holding(DC_VOLTS, highest))

    async def ac_volts(self, highest: float) -> Reading:
        """Volts rms, likewise."""
        return await self._measure(AC_VOLTS, self._holding(AC_VOLTS, highest))

    async def make_safe(self) -> None:
        """Stop measuring and become a voltmeter, which drives no current. What did not get through is tried a second time."""
        self._set_to = None
        try:
            await self._rest()
        except AGAIN:
            await self._rest()

    async def _rest(self) -> None:
        # *CLS, because an error that an interrupted step has left is not a refusal.
        await order(self.link, f"*CLS;:ABOR;:CONF:VOLT:DC {DC_VOLTS.ranges[-1].full_scale:g}")

    def _holding(self, function: Function, highest: float) -> Accuracy:
        for each in function.ranges:
            if abs(highest) <= each.full_scale:
                return each
        most = function.ranges[-1].full_scale
        raise Unsupported(self.link.name, f"{function.name} ends at {most:g} {function.unit}, {highest:g} are asked")

    async def _set(self, function: Function, wanted: Accuracy) -> None:
        if self._set_to == (function.name, wanted.full_scale):
            return
        self._set_to = None
        await order(self.link, f"*CLS;:CONF:{function.name} {wanted.full_scale:g}")
        reply = await self.link.query(f"SENS:{function.name}:RANG?")
        with reply_of(self.link.name):
            got = number(reply)
        if not math.isclose(got, wanted.full_scale, rel_tol=CLOSE):
            told = f"told the range of {wanted.full_scale:g} {function.unit}, it has {got:g}"
            raise Refused(self.link.name, told)
        self._set_to = (function.name, wanted.full_scale)

    async def _measure(self, function: Function, wanted: Accuracy) -> Reading:
        await self._set(function, wanted)
        used, self._set_to = self._set_to, None  # until the reply is a good one
        # In one message, so that nobody at its front or on its network comes between the value and what it is of.
        reply = await self.link.query(f"READ?;:SENS:FUNC?;:SENS:{function.name}:RANG?")
        with reply_of(self.link.name):
            value, state = _of_it(reply, function, wanted)
        if state is State.OK and abs(value) > SHOWS_UP_TO * wanted.full_scale:
            range_text = f"{wanted.full_scale:g} {function.unit}"
            raise BadReply(self.link.name, f"{reply!r} cannot come from the range of {range_text}")
        self._set_to = used
        spread = wanted.expanded(value) if state is State.OK else math.nan
        return Reading(value, function.unit, spread, self.link.now(), self.link.name, state)


def _of_it(reply: str, function: Function, wanted: Accuracy) -> tuple[float, State]:
    """The value before the function and the range that it is of. Raises ValueError where they are not as they were told."""
    said, *rest = reply.split(";")
    if len(rest) != 2:
        raise ValueError(f"{shown(reply)} is not a value, a function and a range")
    name, full_scale = rest[0].strip('"').upper(), number(rest[1])
    if name.removesuffix(":DC") != function.name.removesuffix(":DC"):
        raise ValueError(f"it measures {shown(rest[0])} where {function.name} was told")
    if not math.isclose(full_scale, wanted.full_scale, rel_tol=CLOSE):
        raise ValueError(f"it measures on {full_scale:g} {function.unit} where {wanted.full_scale:g} was told")
    return quantity(said)


MODELS = (
    Model(
        name="keysight-34461a",
        title="Keysight 34461A 6 1/2 digit multimeter",
        connect=Keysight34461a,
        roles=(Voltmeter, Ohmmeter),
        within=4.0,
        links=("tcp", "visa", "serial"),
        accuracy="34401A service guide, page 69 (full-scale limits of 1 year, 23 +- 5 degrees Celsius): the same class",
        source="QCoDeS Keysight_344xxA; Keysight 34465A command quick reference",
        gaps=(
            "the accuracy is that of the 34401A; of AC volts with 0.06 % for low frequencies",
            "integration over 10 power line cycles and a filter of 20 Hz, as CONF sets them",
        ),
    ),
)
