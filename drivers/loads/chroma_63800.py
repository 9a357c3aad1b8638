"""Chroma 63800 series load for alternating and direct current (63804): 57600 Bd, lines that end with LF.

From the public facts: `:LOAD:MODE CURR`, `:LOAD:CURR`, `:SYST:SET:CFPF:MODE PF`, `:PFAC`, `:LOAD 1|0`, `:MEAS:VOLT?`,
`:MEAS:CURR?`, `SYST:ERR?`. What it is told to draw is read back before it draws, and its state after.
"""

import math
from dataclasses import dataclass, field

from drivers.accuracy import Accuracy
from drivers.errors import AGAIN, InstrumentError, Refused, Unsupported, WrongInstrument
from drivers.links.line import Lines
from drivers.model import Model
from drivers.orders import order
from drivers.power_roles import Load
from drivers.reading import Reading, State
from drivers.roles import Identity
from drivers.scpi import identity, number, quantity, reply_of, shown

MOST_AMPS = 45.0
VOLTS = Accuracy(350.0, 0.001, 0.001, resolution=0.01)
AMPS = Accuracy(45.0, 0.001, 0.002, resolution=0.001)
"""Of its own meters."""
CURRENT_WITHIN, FACTOR_WITHIN = 0.01, 0.005
"""How far what is read back may be from what was told: amperes, and power factor."""


@dataclass(slots=True)
class Chroma63800:
    """The load on `link`."""

    link: Lines
    _known: bool = field(default=False, init=False)
    _moded: bool = field(default=False, init=False)
    """Whether it draws constant current with a power factor, as far as is known."""

    async def identify(self) -> Identity:
        """Ask who it is. Raises WrongInstrument unless both maker and model are right: one alone is not enough."""
        reply = await self.link.query("*IDN?")
        with reply_of(self.link.name):
            who = identity(reply)
        if not who.maker.upper().startswith("CHROMA") or not who.model.startswith("638"):
            raise WrongInstrument(self.link.name, f"not a Chroma 63800 but {who}")
        self._known = True
        return who

    async def self_check(self) -> None:
        """Have no error in its queue that comes again after it was emptied; it has to draw nothing."""
        await order(self.link, "*CLS")
        if await self._draws():
            raise Refused(self.link.name, "it draws a current")

    async def draw(self, amperes: float, *, power_factor: float = 1.0) -> None:
        """Draw that current from now on; settings are read back first. Raises Refused when it has switched itself off."""
        if not 0 <= amperes <= MOST_AMPS:
            raise Unsupported(self.link.name, f"0 to {MOST_AMPS:g} A are known, {amperes:g} A are asked")
        if not 0 < power_factor <= 1:
            raise Unsupported(self.link.name, f"which sign leads is not public, {power_factor:g} is asked")
        if not self._known:
            await self.identify()
        if amperes == 0:
            await self.release()
            return
        moded, self._moded = self._moded, False
        try:
            if not moded:
                await self._off()
                await order(self.link, ":LOAD:MODE CURR")
                await order(self.link, ":SYST:SET:CFPF:MODE PF")
            # Each time: nobody hears of it on a serial line when a load has started anew.
            await self._must_say(":LOAD:MODE?", "CURR", "CURRENT")
            await self._must_say(":SYST:SET:CFPF:MODE?", "PF")
            await order(self.link, f":PFAC {power_factor:.3f}")
            await order(self.link, f":LOAD:CURR {amperes:.3f}")
            await self._must_be(":PFAC?", power_factor, FACTOR_WITHIN)
            await self._must_be(":LOAD:CURR?", amperes, CURRENT_WITHIN)
            await order(self.link, ":LOAD 1")
            if not await self._draws():
                raise Refused(self.link.name, "told to draw, it says that it does not")
        except InstrumentError as error:
            try:
                await self._off()
            except InstrumentError as still:
                raise Refused(self.link.name, f"{error.what}; and it does not let go: {still.what}") from error
            raise
        self._moded = True

    async def release(self) -> None:
        """Draw nothing: its state says so."""
        self._moded = False
        await self._off()

    async def volts(self) -> Reading:
        """Volts at its terminals."""
        return await self._measure(":MEAS:VOLT?", "V", VOLTS)

    async def amps(self) -> Reading:
        """Amperes that it really draws."""
        return await self._measure(":MEAS:CURR?", "A", AMPS)

    async def make_safe(self) -> None:
        """Draw nothing, confirmed. What did not get through is tried a second time."""
        self._moded = False
        try:
            await self._off()
        except AGAIN:
            await self._off()

    async def _off(self) -> None:
        await order(self.link, "*CLS;:LOAD 0")
        if await self._draws():
            raise Refused(self.link.name, "told to draw nothing, it says that it draws")

    async def _draws(self) -> bool:
        reply = await self.link.query(":LOAD?")
        if reply in {"1", "ON"}:
            return True
        with reply_of(self.link.name):
            if reply not in {"0", "OFF"}:
                raise ValueError(f"neither on nor off: {shown(reply)}")
        return False

    async def _must_say(self, question: str, *wanted: str) -> None:
        reply = await self.link.query(question)
        if reply.upper() not in wanted:
            raise Refused(self.link.name, f"{question} says {shown(reply)}, told was {wanted[0]}")

    async def _must_be(self, question: str, wanted: float, within: float) -> None:
        reply = await self.link.query(question)
        with reply_of(self.link.name):
            got = number(reply)
        if abs(got - wanted) > within:
            raise Refused(self.link.name, f"{question} says {got:g}, told was {wanted:g}")

    async def _measure(self, question: str, unit: str, accuracy: Accuracy) -> Reading:
        reply = await self.link.query(question)
        with reply_of(self.link.name):
            value, state = quantity(reply)
        spread = accuracy.expanded(value) if state is State.OK else math.nan
        return Reading(value, unit, spread, self.link.now(), self.link.name, state)


MODELS = (
    Model(
        name="chroma-63804",
        title="Chroma 63804 AC and DC load (63800 series)",
        connect=Chroma63800,
        roles=(Load,),
        within=2.0,
        links=("serial", "tcp", "visa"),
        baudrate=57600,
        accuracy="data sheet of the series, as commonly quoted: volts 0.1 % + 0.1 % of 350 V, amperes 0.1 % + 0.2 % of 45 A",
        source="public drivers of the 63800 series: the commands, 57600 Bd",
        gaps=(
            "the accuracy of its meters is not confirmed by a manual",
            "power factors below 0: which sign leads is not public, so they are refused; a positive one is taken to lag",
            "the questions for settings, :LOAD? and SYST:ERR? follow from the forms that are public",
            "*TST? is not public: its error queue and its state are looked at",
            "the limit of its peak current is left as it is",
        ),
    ),
)
