"""Chroma 61800 series three-phase AC source (61845): SCPI lines that end with LF.

From the public facts (sunspec/svp_energy_lab): `INST:PHAS THREE`, `OUTP:MODE FIXED`, `SOUR:PHAS:P12 120`, `P13 240`,
`SOUR:FUNC:SHAP A`, `SOUR:VOLT:LEV:IMM:AMPL:AC`, `SOUR:FREQ`, `SOUR:VOLT:LIM:AC`, `SOUR:CURR:LIM`, `VOLT:RANG`, `OUTP:RELAY`,
`OUTP:STATE`, `MEAS:CURR1?`, `SYST:ERR?`. Nothing is changed while the output is closed: it opens first, is set, read back,
closes, and then must show the volts that it was told at its own terminals.
"""

import asyncio
import math
from dataclasses import dataclass, field

from drivers.accuracy import Accuracy
from drivers.errors import AGAIN, InstrumentError, Refused, Unsupported, WrongInstrument
from drivers.links.line import Lines
from drivers.model import Model
from drivers.orders import order
from drivers.power_roles import AcSource
from drivers.reading import Reading, State
from drivers.roles import Identity
from drivers.scpi import identity, number, quantity, reply_of, shown

PHASES = (1, 2, 3)
MOST_VOLTS, MOST_AMPS = 300.0, 75.0
SLOWEST, FASTEST = 45.0, 66.0
"""Hertz of the mains that it is asked to be."""
VOLTS = Accuracy(300.0, 0.001, 0.002, resolution=0.1)
AMPS = Accuracy(75.0, 0.004, 0.003, resolution=0.01)
"""Of its own meters."""

POLL = 0.05
"""Seconds between two looks at the output while it rises or falls."""
RISES_WITHIN, FALLS_WITHIN = 5.0, 2.0
NEAR, ABSOLUTE = 0.02, 2.0
"""How near the volts at its terminals must be to the told ones: of the told ones, and volts."""
DEAD = 10.0
"""Volts at its own terminals from which on it counts as live."""


@dataclass(slots=True)
class Chroma61800:
    """The source on `link`."""

    link: Lines
    _known: bool = field(default=False, init=False)

    async def identify(self) -> Identity:
        """Ask who it is. Raises WrongInstrument unless both maker and model are right."""
        reply = await self.link.query("*IDN?")
        with reply_of(self.link.name):
            who = identity(reply)
        if not who.maker.upper().startswith("CHROMA") or not who.model.startswith("618"):
            raise WrongInstrument(self.link.name, f"not a Chroma 61800 but {who}")
        self._known = True
        return who

    async def self_check(self) -> None:
        """Have no error in its queue that comes again after it was emptied; its output has to be open."""
        await order(self.link, "*CLS")
        if await self._is_on():
            raise Refused(self.link.name, "its output is closed")

    async def energise(self, volts: tuple[float, float, float], *, hertz: float, limit: float) -> None:
        """Put out volts rms of each phase, 120 degrees apart; 0 leaves a phase dead."""
        if not all(0 <= each <= MOST_VOLTS for each in volts):
            raise Unsupported(self.link.name, f"0 to {MOST_VOLTS:g} V are known, {volts} are asked")
        if not SLOWEST <= hertz <= FASTEST:
            raise Unsupported(self.link.name, f"{SLOWEST:g} to {FASTEST:g} Hz are known, {hertz:g} Hz are asked")
        if not 0 < limit <= MOST_AMPS:
            raise Unsupported(self.link.name, f"a limit up to {MOST_AMPS:g} A is known, {limit:g} A are asked")
        if not self._known:
            await self.identify()
        await self.off()
        await self._set(volts, hertz, limit)
        try:
            await order(self.link, "OUTP:RELAY ON")
            await order(self.link, "OUTP:STATE ON")
            await self._rise(volts)
        except InstrumentError as error:
            try:
                await self.off()
            except InstrumentError as still:
                raise Refused(self.link.name, f"{error.what}; and it does not switch off: {still.what}") from error
            raise

    async def off(self) -> None:
        """Open the output: its state says so, and nothing is left at its own terminals. An error does not keep the relay."""
        minded: Refused | None = None
        for command in ("*CLS;:OUTP:STATE OFF", "OUTP:RELAY OFF"):
            try:
                await order(self.link, command)
            except Refused as refused:
                minded = minded or refused
        if await self._is_on():
            raise Refused(self.link.name, "told to open its output, it says that it is closed")
        for _ in range(math.ceil(FALLS_WITHIN / POLL)):
            left = [await self.volts(phase) for phase in PHASES]
            if all(each.is_number and each.value < DEAD for each in left):
                if minded is not None:
                    raise minded
                return
            await asyncio.sleep(POLL)
        shows = ", ".join(f"{each.value:g} V" for each in left)
        raise Refused(self.link.name, f"its output is open, and yet it measures {shows}")

    async def volts(self, phase: int) -> Reading:
        """Volts rms that it measures at phase 1 to 3."""
        return await self._measure("VOLT", phase, "V", VOLTS)

    async def amps(self, phase: int) -> Reading:
        """Amperes rms that it delivers at phase 1 to 3."""
        return await self._measure("CURR", phase, "A", AMPS)

    async def make_safe(self) -> None:
        """Open the output, confirmed. What did not get through is tried a second time."""
        try:
            await self.off()
        except AGAIN:
            await self.off()

    async def _set(self, volts: tuple[float, float, float], hertz: float, limit: float) -> None:
        for command in (
            "INST:PHAS THREE",
            "OUTP:MODE FIXED",
            "SOUR:FUNC:SHAP A",
            "VOLT:RANG HIGH",
            "SOUR:PHAS:P12 120",
            "SOUR:PHAS:P13 240",
            f"SOUR:FREQ {hertz:g}",
            "INST:COUP NONE",
        ):
            await order(self.link, command)
        for phase, wanted in zip(PHASES, volts, strict=True):
            await order(self.link, f"INST:NSEL {phase}")
            await order(self.link, f"SOUR:CURR:LIM {limit:g}")
            await order(self.link, f"SOUR:VOLT:LEV:IMM:AMPL:AC {wanted:g}")
            await self._must_be("INST:NSEL?", phase, 0.0)
            await self._must_be("SOUR:CURR:LIM?", limit, 0.02)
            await self._must_be("SOUR:VOLT:LEV:IMM:AMPL:AC?", wanted, 0.1)
        await self._must_be("SOUR:FREQ?", hertz, 0.02)
        await self._must_be("SOUR:PHAS:P12?", 120.0, 0.2)
        await self._must_be("SOUR:PHAS:P13?", 240.0, 0.2)

    async def _must_be(self, question: str, wanted: float, within: float) -> None:
        reply = await self.link.query(question)
        with reply_of(self.link.name):
            got = number(reply)
        if abs(got - wanted) > within + 1e-9:
            raise Refused(self.link.name, f"{question} says {got:g}, told was {wanted:g}")

    async def _rise(self, volts: tuple[float, float, float]) -> None:
        """Wait for the told volts at its own terminals. Raises Refused when it trips, or when they do not come."""
        for _ in range(math.ceil(RISES_WITHIN / POLL)):
            if not await self._is_on():
                raise Refused(self.link.name, "its output has tripped")
            shows = [(await self.volts(phase)).value for phase in PHASES]
            if all(abs(got - wanted) <= NEAR * wanted + ABSOLUTE for got, wanted in zip(shows, volts, strict=True)):
                return
            await asyncio.sleep(POLL)
        raise Refused(self.link.name, f"told {volts} V, it measures {tuple(shows)} V")

    async def _is_on(self) -> bool:
        reply = await self.link.query("OUTP:STATE?")
        with reply_of(self.link.name):
            return switched(reply)

    async def _measure(self, what: str, phase: int, unit: str, accuracy: Accuracy) -> Reading:
        if phase not in PHASES:
            raise Unsupported(self.link.name, f"it has phases 1 to 3, {phase} is asked")
        reply = await self.link.query(f"MEAS:{what}{phase}?")
        with reply_of(self.link.name):
            value, state = quantity(reply)
        spread = accuracy.expanded(value) if state is State.OK else math.nan
        return Reading(value, unit, spread, self.link.now(), self.link.name, state)


def switched(reply: str) -> bool:
    """Whether `reply` says on: ON or 1, OFF or 0, and nothing else. Raises ValueError."""
    if reply in {"ON", "1"}:
        return True
    if reply in {"OFF", "0"}:
        return False
    raise ValueError(f"neither on nor off: {shown(reply)}")


MODELS = (
    Model(
        name="chroma-61845",
        title="Chroma 61845 three-phase AC source (61800 series)",
        connect=Chroma61800,
        roles=(AcSource,),
        within=2.0,
        links=("tcp", "visa", "serial"),
        accuracy="data sheet of the series, as commonly quoted: volts 0.1 % + 0.2 % of 300 V, amperes 0.4 % + 0.3 % of 75 A",
        source="sunspec/svp_energy_lab, its driver of the Chroma 61845",
        gaps=(
            "the accuracy of its meters is not confirmed by a manual",
            "phases are set one by one with INST:COUP NONE and INST:NSEL, as in the 61700 series",
            "MEAS:VOLT1?, OUTP:STATE? and the questions for settings follow from the forms that are public",
            "above 300 V, above 75 A a phase, and outside of 45 to 66 Hz: refused",
            "*TST? is not public: its error queue and its output are looked at",
            "how fast it rises is left as it is; it has 5 s",
        ),
    ),
)
