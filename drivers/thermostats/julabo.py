"""Julabo circulating chiller or heater: RS-232, lines that end with CR out and with LF or CR LF in, 9600 8N1.

From the public lists of commands in its manuals: `in_` commands ask, `out_` commands set and have no reply; after the
first 250 ms of rest, after a reply 10 ms. `STATUS` answers `03 REMOTE START`; out commands are valid in remote control
only, which is a setting of the instrument. It puts XON and XOFF between the bytes of its replies; they are ignored.

Everything that is set is asked for again: an out command says nothing of its success.
"""

import re
from dataclasses import dataclass

from drivers.accuracy import Accuracy
from drivers.cooling_roles import Thermostat
from drivers.errors import AGAIN, Refused, Unsupported
from drivers.links.line import Lines
from drivers.model import Model
from drivers.reading import Reading
from drivers.roles import Identity
from drivers.scpi import number, printable, reply_of, shown

XON_XOFF = "\x11\x13"
FLOW_CONTROL = XON_XOFF.encode("ascii")
COLDEST, HOTTEST = -100.0, 400.0
"""Degrees Celsius: no instrument of the maker aims beyond them."""
DIGIT = 0.05
"""Half of the last digit that every model shows, degrees Celsius."""
ACCURACY = Accuracy(0.0, 0.0, 0.0, floor=0.5, resolution=0.1)
STATES = {0: "MANUAL STOP", 1: "MANUAL START", 2: "REMOTE STOP", 3: "REMOTE START"}
REMOTE, RUNS = {2, 3}, {1, 3}
STOP, START = 0, 1

_STATUS = re.compile(r"(?P<code>-?[0-9]{2,3}) +(?P<text>[ -~]{1,60})")
_VERSION = re.compile(r"[ -~]*[0-9]+\.[0-9]+[ -~]*")


@dataclass(frozen=True, slots=True)
class Julabo:
    """The instrument on `link`."""

    link: Lines

    async def identify(self) -> Identity:
        """Its software's version, and a status as only it has; a serial number it does not say."""
        version = await self._ask("VERSION")
        with reply_of(self.link.name):
            if not _VERSION.fullmatch(version):
                raise ValueError(f"not a version: {shown(version)}")
        await self._status()
        return Identity("Julabo", "chiller", "", printable(version))

    async def self_check(self) -> None:
        """Its status is one of running or not. Raises Refused with the alarm or error that it says."""
        await self._status(alarms=True)

    async def aim(self, celsius: float) -> None:
        """Set the temperature that it shall keep, asked for again."""
        if not COLDEST <= celsius <= HOTTEST:
            raise Unsupported(
                self.link.name, f"it aims at {COLDEST:g} to {HOTTEST:g} degrees Celsius, not at {celsius:g}"
            )
        await self._remote()
        await self.link.write(f"OUT_SP_00 {celsius:.2f}")
        got = await self._number("IN_SP_00")
        if abs(got - celsius) > DIGIT * 1.001:
            raise Refused(self.link.name, f"told to aim at {celsius:.2f} degrees Celsius, it aims at {got:g}")

    async def run(self) -> None:
        """Start circulating, confirmed. Raises Refused for an alarm too."""
        await self._remote()
        await self._set_mode(START)
        if (code := await self._status(alarms=True)) not in RUNS:
            raise Refused(self.link.name, f"told to run, it says {STATES[code]}")

    async def stop(self) -> None:
        """Stop, confirmed, whatever alarm it has."""
        await self._set_mode(STOP)

    async def temperature(self) -> Reading:
        """Degrees Celsius of its bath."""
        value = await self._number("IN_PV_00")
        return Reading(value, "degC", ACCURACY.expanded(value), self.link.now(), self.link.name)

    async def make_safe(self) -> None:
        """Stop, confirmed. What did not get through is tried a second time."""
        try:
            await self.stop()
        except AGAIN:
            await self.stop()

    async def _remote(self) -> None:
        if (code := await self._status(alarms=True)) not in REMOTE:
            raise Refused(self.link.name, f"it says {STATES[code]}: it takes orders in remote control only")

    async def _set_mode(self, mode: int) -> None:
        await self.link.write(f"OUT_MODE_05 {mode}")
        said = await self._ask("IN_MODE_05")
        with reply_of(self.link.name):
            if said not in {"0", "1"}:
                raise ValueError(f"neither 0 (stop) nor 1 (start): {shown(said)}")
        if int(said) != mode:
            raise Refused(self.link.name, f"told {'to run' if mode else 'to stop'}, it does not")

    async def _status(self, *, alarms: bool = False) -> int:
        """The number of its status; negative for an alarm, which is Refused if `alarms`."""
        reply = await self._ask("STATUS")
        with reply_of(self.link.name):
            code, text = status(reply)
        if alarms and code < 0:
            raise Refused(self.link.name, f"it says {code:03d} {text}")
        return code

    async def _number(self, question: str) -> float:
        reply = await self._ask(question)
        with reply_of(self.link.name):
            value = number(reply)
            if not COLDEST <= value <= HOTTEST:
                raise ValueError(f"a temperature that it cannot mean: {shown(reply)}")
        return value

    async def _ask(self, question: str) -> str:
        reply = await self.link.query(question)
        return reply.translate(dict.fromkeys(map(ord, XON_XOFF))).strip(" ")


def status(text: str) -> tuple[int, str]:
    """The number and the words of a reply to STATUS: one of the four states, or an alarm below zero."""
    found = _STATUS.fullmatch(text)
    if found is None:
        raise ValueError(f"not a status: {shown(text)}")
    code, said = int(found["code"]), found["text"]
    if code >= 0 and STATES.get(code) != said:
        raise ValueError(f"not a status that it has: {shown(text)}")
    return code, said


MODELS = (
    Model(
        name="julabo-chiller",
        title="Julabo circulating chiller",
        connect=Julabo,
        roles=(Thermostat,),
        ends_with=b"\r",
        replies_end_with=b"\n",
        within=2.0,
        links=("serial", "tcp"),
        baudrate=9600,
        parity="N",
        after_command=0.25,
        after_query=0.01,
        identify="VERSION",
        ignores=FLOW_CONTROL,
        rung="simulated",
        accuracy="engineering practice: 0.5 K of its own Pt100; the last digit 0.1 K",
        source="Julabo FL601/FL300 manual, pages 39 to 41; SC 2500 manual, page 42; CF40 manual, page 31; tiagocoutinho/julabo",
        gaps=(
            "accuracy of the bath's temperature: not in the public pages",
            "baud rate and parity as it leaves the factory: 9600 8N1 (some models 4800 7E1)",
            "commands in capital letters, as public code writes them; the manuals write small ones",
            "it must be set to degrees Celsius and to remote control at its own keys",
        ),
    ),
)
