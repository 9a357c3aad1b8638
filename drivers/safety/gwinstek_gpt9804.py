r"""GW Instek GPT-9800 family of safety testers: 9801 (AC), 9802 (and DC), 9803 (and insulation), 9804 (and ground bond).

Lines end with CR LF, both ways. From the public facts (GPT-9000 series manual, pages 117, 134, 135, 153; public code):
`*IDN?` answers `GPT-9803, serial, V1.00`; `MAIN:FUNC MANU`, `MANU:STEP`, `MANU:EDIT:MODE`, `MANU:RTIM`, `MANU:ACW:VOLT` (kV),
`CHIS`, `CLOS` (mA), `TTIM`, `FREQ`, `REF`; `MANU:IR:RLOS` in plain megohms; `MANU:GB:CURR`, `RHIS` in milliohms; `FUNC:TEST`.

A test is programmed into one step, which is read back whole before anything is energised: no reset comes between. What an
earlier test has left is put away first, so a judgement that is read is that of this test. Whatever goes wrong in a test, it
is switched off at once. The tester's errors are told as it says them; each order is followed by `SYST:ERR ?`.
"""

import asyncio
import math
import re
from contextlib import suppress
from dataclasses import dataclass, field, replace

from drivers.accuracy import Accuracy
from drivers.errors import AGAIN, InstrumentError, Refused, Unsupported, WrongInstrument
from drivers.links.line import Lines
from drivers.model import Model
from drivers.orders import drained, order, told
from drivers.power_roles import Proof, SafetyTester
from drivers.reading import Reading, State
from drivers.roles import Identity
from drivers.safety.gpt_replies import RESULT, STIMULUS, Function, Result, Status, result, setting, step
from drivers.safety.gpt_steps import Step, bonding, insulating, withstanding
from drivers.scpi import identity, printable, reply_of

ASK = "SYST:ERR ?"
POLL = 0.1
"""Seconds between two looks at a test that is going on."""
MARGIN = 5.0
"""Seconds that a test may take longer than ramp and test time: it discharges at its end."""
STOPS_WITHIN, STARTS_WITHIN = 2.0, 1.0
RAMP = 0.5
STEP = 1
"""The one of 100 steps that is written over."""
FUNCTIONS = {
    "1": (Function.ACW,),
    "2": (Function.ACW, Function.DCW),
    "3": (Function.ACW, Function.DCW, Function.IR),
    "4": tuple(Function),
}
"""By the last digit of the model."""
_MODEL = re.compile(r"GPT-?980(?P<digit>[1-4])")
SECONDS = Accuracy(999.9, 0.0, 0.0, floor=0.1, resolution=0.1)
"""Of its clock: a last digit."""


@dataclass(slots=True)
class GwInstekGpt9804:
    """The tester on `link`."""

    link: Lines
    _functions: tuple[Function, ...] = field(default=(), init=False)
    """What its model can do; empty until it has said who it is."""

    async def identify(self) -> Identity:
        """Ask who it is. Raises WrongInstrument for another family: its commands would mean other units."""
        reply = await self.link.query("*IDN?")
        with reply_of(self.link.name):
            who = _identity(reply)
        found = _MODEL.fullmatch(who.model)
        if found is None:
            raise WrongInstrument(self.link.name, f"not a GPT-9801 to GPT-9804 but {who}")
        self._functions = FUNCTIONS[found["digit"]]
        return who

    async def self_check(self) -> None:
        """It has no self test: its error queue, emptied, must stay empty, and no test may be going on."""
        await order(self.link, "*CLS", ask=ASK)
        said = await self._result()
        if said.status is Status.TEST:
            raise Refused(self.link.name, "a test is going on")

    async def ground_bond(self, *, amperes: float, seconds: float, highest: float) -> Proof:
        """Ohms of a protective earth path at `amperes`, judged against `highest` ohms."""
        return await self._test(bonding(self.link.name, amperes, seconds, highest))

    async def withstand(self, *, volts: float, hertz: float, seconds: float, highest: float, lowest: float) -> Proof:
        """Amperes that `volts` drive across the insulation; `hertz` 0 is direct current."""
        return await self._test(withstanding(self.link.name, volts, hertz, seconds, RAMP, highest, lowest))

    async def insulation(self, *, volts: float, seconds: float, lowest: float) -> Proof:
        """Ohms of the insulation at `volts` of direct current, judged against `lowest` ohms."""
        return await self._test(insulating(self.link.name, volts, seconds, RAMP, lowest))

    async def make_safe(self) -> None:
        """End any test, confirmed by its state. What did not get through is tried a second time."""
        try:
            await self._stop()
        except AGAIN:
            await self._stop()

    async def _test(self, wanted: Step) -> Proof:
        """Program, read back, start, wait for the end, read back again."""
        if not self._functions:
            await self.identify()
        if wanted.function not in self._functions:
            raise Unsupported(self.link.name, f"this model has no {wanted.function}")
        await self._stop()
        for command in ("MAIN:FUNC MANU", f"MANU:STEP {STEP}", *wanted.commands):
            await order(self.link, command, ask=ASK)
        await self._read_back(wanted)
        before = await self._result()
        try:
            await order(self.link, "FUNC:TEST ON", ask=ASK)
            said = await self._ended(wanted, before)
            if errors := await drained(self.link, ask=ASK):
                raise Refused(self.link.name, told(errors))
            await self._stop()
            await self._read_back(wanted)
        except InstrumentError:
            with suppress(InstrumentError):  # what went wrong first is told; make_safe comes again
                await self._stop()
            raise
        return self._proof(wanted, said)

    async def _read_back(self, wanted: Step) -> None:
        """Compare what the tester has with what it was told. Raises Refused for any difference."""
        reply = await self.link.query(f"MANU{STEP}:EDIT:SHOW ?")
        with reply_of(self.link.name):
            differs = wanted.differs(step(reply))
        if differs:
            raise Refused(self.link.name, f"it has another step than it was told: {differs}")
        for question, value, unit in wanted.answers:
            reply = await self.link.query(question)
            with reply_of(self.link.name):
                got = setting(reply, unit)
            if got != value:
                raise Refused(self.link.name, f"{question} says {got:g}, told was {value:g}")

    async def _ended(self, wanted: Step, before: Result) -> Result:
        """Wait for this test's own judgement. Raises Refused when it does not start, breaks off or does not end."""
        begun = False
        for look in range(math.ceil((wanted.seconds + MARGIN) / POLL)):
            await asyncio.sleep(POLL)
            said = await self._result()
            if said.function is not wanted.function:
                raise Refused(self.link.name, f"told to test {wanted.function}, it tests {said.function}")
            if said.status is Status.TEST:
                begun = True
            elif said.status is Status.VIEW:
                if begun or look * POLL > STARTS_WITHIN:
                    how = "it has broken off without a judgement" if begun else "it does not start"
                    raise Refused(self.link.name, f"{how}: is its interlock open?")
            elif begun or before.status is Status.VIEW:
                return said
            elif look * POLL > STARTS_WITHIN:
                raise Refused(self.link.name, f"it shows the {before.status} of an earlier test, and does not start")
        raise Refused(self.link.name, f"its test of {wanted.seconds:g} s has not ended {MARGIN:g} s later")

    async def _stop(self) -> None:
        """End any test; what it has left to show is put away."""
        await self.link.write("FUNC:TEST OFF")  # at once, whatever answer the link still waits for
        await order(self.link, "*CLS", ask=ASK)
        await order(self.link, "FUNC:TEST OFF", ask=ASK)
        for _ in range(math.ceil(STOPS_WITHIN / POLL)):
            if (await self._result()).status is not Status.TEST:
                return
            await asyncio.sleep(POLL)
        raise Refused(self.link.name, "told to end its test, it says that it goes on")

    async def _result(self) -> Result:
        reply = await self.link.query("MEAS ?")
        with reply_of(self.link.name):
            return result(reply)

    def _proof(self, wanted: Step, said: Result) -> Proof:
        def reading(value: float, unit: str, accuracy: Accuracy) -> Reading:
            return Reading(value, unit, accuracy.expanded(value), self.link.now(), self.link.name)

        judged = reading(said.result, RESULT[said.function], wanted.result)
        if said.function is Function.IR and said.result >= wanted.result.full_scale:
            least = wanted.result.full_scale - wanted.result.expanded(wanted.result.full_scale)
            judged = replace(judged, value=least, uncertainty=0.0, state=State.AT_LEAST)
        return Proof(
            stimulus=reading(said.stimulus, STIMULUS[said.function], wanted.stimulus),
            result=judged,
            seconds=reading(said.seconds, "s", SECONDS),
            passed=said.status is Status.PASS,
        )


def _identity(reply: str) -> Identity:
    """Who it is: the family does not name its maker, `GPT-9803, serial, V1.00`; one that does is read as usual."""
    fields = [printable(field.strip(" ")) for field in reply.split(",")]
    if len(fields) == 3 and _MODEL.fullmatch(fields[0]):
        return Identity("", *fields)
    return identity(reply)


MODELS = (
    Model(
        name="gwinstek-gpt9804",
        title="GW Instek GPT-9804 safety tester (GPT-9800 family)",
        connect=GwInstekGpt9804,
        roles=(SafetyTester,),
        ends_with=b"\r\n",
        replies_end_with=b"\r\n",
        within=2.0,
        links=("serial", "tcp"),
        baudrate=115200,
        accuracy="GPT-9800 series data sheet: volts 1 % + 10 V, currents 1.5 % + 3 or 30 digits, bond 1 % + 2 mohm",
        source="GPT-9000 series user manual, pages 117, 134, 135, 142, 153; public code that programs and reads back a step",
        gaps=(
            "the accuracies are not confirmed by a second source; of insulation 10 % is taken everywhere, of its clock 0.1 s",
            "MANU1:EDIT:SHOW ? is public for ACW; for DCW, IR and GB the same form with their units",
            "REF and FREQ are read back by MANU:ACW:REF ? and MANU:ACW:FREQ ?",
            "the ground mode (MANU:UTIL:GROUNDMODE) and the current that counts as an arc are left as they are",
            "which error an open interlock gives: a test that does not start, or breaks off, is refused",
            "from 9500 Mohm an insulation is only known to be at least that; how one beyond the range is written is not public",
            "bond currents above 30 A, and limits above 650 mohm: refused",
            "settings go into step 1 of its memory",
        ),
    ),
)
