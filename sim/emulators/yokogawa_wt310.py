"""Yokogawa WT310 power meter, one element, on LAN or USB.

Commands, items, settings and accuracy (0.1 % of reading and 0.1 % of range) are from public code (intel/yoko-tool, coolr) and
from IM WT310E-02EN as quoted there; integration states from public code; ranges are data-sheet knowledge. Decided here,
because no public page says it:

* values beyond 140 % of a range are INF, and power with them; what is not there is NAN: every value after a setting has
  changed until the next whole update, and during the update in which an automatic range moves; the frequency and the power
  factor of next to nothing; VAL? of an item that is NONE;
* numbers have five digits and an exponent of three (230.12E+00); replies have no headers, and :COMM:HEAD ON is refused;
* errors have the numbers of SCPI without their sign (`113,"Undefined header"`), at SYST:ERR? as at STAT:ERR?; none is
  `0,"No error"`;
* after :COMM:REM OFF and before ON settings are obeyed as well; :INP:MODE is RMS, :INP:WIR is P1W2, for there is one element;
* bit 0 of STAT:COND? (an update goes on) is not shown; :COMM:WAIT waits for the next update whatever its filter;
* a filter, a synchronisation source and a crest factor act on nothing but the ranges: the world has no waveforms;
* four updates a second and the largest ranges after *RST; 10 and 20 s are the WT310E's;
* nobody sees the updates of a meter that nobody speaks to (see `Updates.wake`).
"""

import math
from collections.abc import Mapping
from typing import ClassVar

from sim.emulator import Answering
from sim.leads import Leads
from sim.parameters import ScpiError, choice, illegal_parameter, number, out_of_range, plain, switch
from sim.scpi import Obeying, QueuedScpi
from sim.wattmeter.ranges import CRESTS, Span, spell
from sim.wattmeter.updates import RATES, Updates, Values

_ITEMS = 10
_FUNCTIONS: Mapping[str, str] = {
    "U": "volts",
    "I": "amps",
    "P": "watts",
    "S": "apparent",
    "Q": "reactive",
    "LAMB": "factor",
    "FU": "hertz",
    "FI": "hertz_of_amps",
}
_ENERGIES: Mapping[str, str] = {"WH": "watt_hours", "AH": "ampere_hours", "TIME": "seconds"}
_FIRST = ("U", "I", "P")  # items after *RST


def _sign_less(error: ScpiError) -> str:
    return f'{-error.code},"{error.text}"'


def _off(_: object, state: str) -> None:
    """There are no headers here. Raises ScpiError for ON."""
    if switch(state):
        raise illegal_parameter()


def _only(word: str) -> Obeying:
    """A setting that has one value in this instrument."""

    def obey(_: object, said: str) -> None:
        choice(said, word)

    return obey


def _angle(values: Values) -> float:
    """Degrees between volts and amperes."""
    return math.degrees(math.acos(values.factor)) if math.isfinite(values.factor) else math.nan


class YokogawaWt310(QueuedScpi):
    """The meter; its element is wherever `leads` says it is."""

    plus: ClassVar[str] = ""

    def __init__(self, device: str, leads: Leads) -> None:
        super().__init__(device, leads)
        self.updates = Updates(device, leads)
        self.reset()
        self.updates.been_on()

    def reset(self) -> None:
        """As it left the factory."""
        self.updates.reset()
        self._items = [*_FIRST, *["NONE"] * (_ITEMS - len(_FIRST))]
        self._count = len(_FIRST)
        self._sync, self._line_filter, self._frequency_filter = "VOLT", False, False
        self._averaging, self._averages = False, 8
        self._integration, self._timer = "NORM", (0, 0, 0)
        self._remote = False
        self._state = "RES"

    def answer(self, line: bytes) -> Answering:
        """Obey one message; whoever speaks to the meter sees its updates."""
        self.updates.wake()
        answer = super().answer(line)
        self.updates.wake()
        return answer

    def _value(self, item: str) -> str:
        if item in _ENERGIES:
            return spell(getattr(self.updates, _ENERGIES[item])) if self._state != "RES" else "NAN"
        if item == "PHI":
            return spell(_angle(self.updates.values))
        return spell(getattr(self.updates.values, _FUNCTIONS[item])) if item in _FUNCTIONS else "NAN"

    def _values(self, item: str = "") -> str:
        if item:
            return self._value(self._items[int(number(item, 1, _ITEMS, 1)) - 1])
        return ",".join(map(self._value, self._items[: self._count]))

    def _set_count(self, count: str) -> None:
        self._count = _ITEMS if count.upper() == "ALL" else int(number(count, 1, _ITEMS, 1))

    def _set_item(self, place: str, function: str, element: str = "1") -> None:
        if not 1 <= int(place) <= _ITEMS:
            raise ScpiError(-114, "Header suffix out of range")
        name = choice(function, "U", "I", "P", "S", "Q", "LAMBda", "PHI", "FU", "FI", "WH", "AH", "TIME", "NONE")
        if element not in {"1", "SIGM", "SIGMA"}:
            raise out_of_range()
        self._items[int(place) - 1] = name

    def _item(self, place: str) -> str:
        if not 1 <= int(place) <= _ITEMS:
            raise ScpiError(-114, "Header suffix out of range")
        item = self._items[int(place) - 1]
        return item if item == "NONE" else f"{item},1"

    def _set_range(self, span: Span, text: str, unit: str) -> None:
        value = number(text, span.ranges[0], span.ranges[-1], span.ranges[-1], unit)
        if not span.choose(value):
            raise out_of_range()
        self.updates.renew()

    def _set_auto(self, span: Span, state: str) -> None:
        span.auto = switch(state)
        self.updates.renew()

    def _set_crest(self, factor: str) -> None:
        if factor not in {str(each) for each in CRESTS}:
            raise illegal_parameter()
        for span in (self.updates.volts, self.updates.amps):
            span.crest = int(factor)
        self.updates.renew()

    def _set_sync(self, source: str) -> None:
        self._sync = choice(source, "VOLTage", "CURRent", "OFF")

    def _set_line_filter(self, state: str) -> None:
        self._line_filter = switch(state)
        self.updates.renew()

    def _set_frequency_filter(self, state: str) -> None:
        self._frequency_filter = switch(state)

    def _set_averaging(self, state: str) -> None:
        self._averaging = switch(state)
        self._average()

    def _set_averages(self, count: str) -> None:
        if count not in {"8", "16", "32", "64"}:
            raise illegal_parameter()
        self._averages = int(count)
        self._average()

    def _average(self) -> None:
        self.updates.average = self._averages if self._averaging else 1
        self.updates.renew()

    def _set_rate(self, text: str) -> None:
        seconds = plain(text, "S")
        rate = next((each for each in RATES if seconds is not None and abs(each - seconds) < 1e-9), None)
        if rate is None:
            raise out_of_range()
        self.updates.rate = rate
        self.updates.renew()

    def _integration_state(self) -> str:
        if self._state == "STAR" and not self.updates.integrating:
            self._state = "TIM"
        return self._state

    def _start(self) -> None:
        if self._integration_state() in {"STAR", "TIM"}:
            raise ScpiError(-221, "Settings conflict")
        hours, minutes, seconds = self._timer
        self._state = "STAR"
        self.updates.limit = hours * 3600.0 + minutes * 60.0 + seconds
        self.updates.integrating = True

    def _stop(self) -> None:
        if self._integration_state() != "STAR":
            raise ScpiError(-221, "Settings conflict")
        self._state, self.updates.integrating = "STOP", False

    def _clear_integration(self) -> None:
        if self._integration_state() == "STAR":
            raise ScpiError(-221, "Settings conflict")
        self._state = "RES"
        self.updates.clear_energy()

    def _set_mode(self, mode: str) -> None:
        self._integration = choice(mode, "NORMal", "CONTinuous")

    def _set_timer(self, hours: str, minutes: str, seconds: str) -> None:
        self._timer = (int(number(hours, 0, 10_000, 0)), int(number(minutes, 0, 59, 0)), int(number(seconds, 0, 59, 0)))

    async def _wait(self, _: str = "1") -> None:
        await self.updates.next()

    def _set_remote(self, state: str) -> None:
        self._remote = switch(state)

    def _error(self) -> str:
        return _sign_less(self.errors.popleft()) if self.errors else '0,"No error"'

    commands: ClassVar[Mapping[str, Obeying]] = {
        "*IDN?": lambda self: f"YOKOGAWA,WT310,{self.leads.serial(self.device)},F1.04",
        "SYSTem:ERRor[:NEXT]?": _error,
        "STATus:ERRor?": _error,
        "NUMeric:FORMat": _only("ASCii"),
        "NUMeric:FORMat?": lambda _: "ASC",
        "NUMeric[:NORMal]:NUMber": _set_count,
        "NUMeric[:NORMal]:NUMber?": lambda self: str(self._count),
        "NUMeric[:NORMal]:ITEM<n>": _set_item,
        "NUMeric[:NORMal]:ITEM<n>?": _item,
        "NUMeric[:NORMal]:VALue?": _values,
        "INPut:VOLTage:RANGe": lambda self, text: self._set_range(self.updates.volts, text, "V"),
        "INPut:VOLTage:RANGe?": lambda self: spell(self.updates.volts.full),
        "INPut:VOLTage:AUTO": lambda self, state: self._set_auto(self.updates.volts, state),
        "INPut:VOLTage:AUTO?": lambda self: str(int(self.updates.volts.auto)),
        "INPut:CURRent:RANGe": lambda self, text: self._set_range(self.updates.amps, text, "A"),
        "INPut:CURRent:RANGe?": lambda self: spell(self.updates.amps.full),
        "INPut:CURRent:AUTO": lambda self, state: self._set_auto(self.updates.amps, state),
        "INPut:CURRent:AUTO?": lambda self: str(int(self.updates.amps.auto)),
        "INPut:WIRing": _only("P1W2"),
        "INPut:WIRing?": lambda _: "P1W2",
        "INPut:MODE": _only("RMS"),
        "INPut:MODE?": lambda _: "RMS",
        "INPut:SYNChronize": _set_sync,
        "INPut:SYNChronize?": lambda self: self._sync,
        "INPut:CFACtor": _set_crest,
        "INPut:CFACtor?": lambda self: str(self.updates.volts.crest),
        "INPut:FILTer[:LINE]": _set_line_filter,
        "INPut:FILTer[:LINE]?": lambda self: str(int(self._line_filter)),
        "INPut:FILTer:FREQuency": _set_frequency_filter,
        "INPut:FILTer:FREQuency?": lambda self: str(int(self._frequency_filter)),
        "MEASure:AVERaging[:STATe]": _set_averaging,
        "MEASure:AVERaging[:STATe]?": lambda self: str(int(self._averaging)),
        "MEASure:AVERaging:COUNt": _set_averages,
        "MEASure:AVERaging:COUNt?": lambda self: str(self._averages),
        "RATE": _set_rate,
        "RATE?": lambda self: spell(self.updates.rate),
        "INTEGrate:STARt": _start,
        "INTEGrate:STOP": _stop,
        "INTEGrate:RESet": _clear_integration,
        "INTEGrate:STATe?": _integration_state,
        "INTEGrate:MODE": _set_mode,
        "INTEGrate:MODE?": lambda self: self._integration,
        "INTEGrate:TIMer": _set_timer,
        "INTEGrate:TIMer?": lambda self: ",".join(map(str, self._timer)),
        "COMMunicate:REMote": _set_remote,
        "COMMunicate:REMote?": lambda self: str(int(self._remote)),
        "COMMunicate:HEADer": _off,
        "COMMunicate:HEADer?": lambda _: "0",
        "COMMunicate:WAIT": _wait,
    }


EMULATORS = {"yokogawa-wt310": YokogawaWt310}
