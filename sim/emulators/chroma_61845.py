"""Chroma 61845 three-phase AC source (grid simulator, 45 kVA) on LAN or USB.

Commands are those of a public driver of this model (sunspec/svp_energy_lab) and of public drivers of the 61500 series, whose
tree is the same: levels, limits, range, slew, relay, phases, measurements. Decided here, because no public page says it:

* *IDN? is `Chroma ATE,61845,SERIAL,1.00`; 0 to 150 or 300 V, 30 to 100 Hz, 75 A a phase, slew to 1200 V/ms and 1600 Hz/ms, where
  0 is as fast as it can; numbers are said as `+1.234560E+02`;
* no error is `+0,"No error"`, as at the maker's other instruments, although that public driver looks for a `0` in front;
* INST:EDIT ALL (or INST:COUP ALL) sets all phases at once, EACH only the one that INST:NSEL names; questions are about that one;
* a level above SOUR:VOLT:LIM:AC or above the range is refused (-222), and so are a limit or a range below a level (-221);
* OUTP ON closes the relay as well, and the relay does not open while the output is on (-221);
* SOUR:CURR:LIM folds back: while a phase draws more, its voltage sags until it draws that much, and rises again when it can;
  bit 1 of the questionable register says so; the source looks every 50 ms for a second after a change, then once a
  second while it folds back, and else at the next full second after anything has changed at its output;
* steps of a slewing output are 10 ms; measurements are within 0.1 % of reading and 0.2 % of range.
"""

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from sim.leads import Leads
from sim.metering import Class, Metering
from sim.parameters import ScpiError, choice, number, switch
from sim.quantity import Quantity
from sim.scpi import Obeying
from sim.status import StatusScpi
from sim.stirring import Stirred

_RANGES = {"LOW": 150.0, "HIGH": 300.0}
_AMPS = 75.0
_HERTZ = (30.0, 100.0)
_PHASES = (0, 1, 2)
_CLASS = Class(0.001, 0.002)
_FOLDED = 2
_STEP = 0.010  # seconds
_SOON, _LATER = 0.050, 1.0  # seconds between two looks at the currents
_CLOSE = 0.98  # of the limit: below that the voltage may rise again


class Chroma61845(StatusScpi):
    """The source; its three phases are wherever `leads` says they are."""

    depth: ClassVar[int] = 30

    def __init__(self, device: str, leads: Leads) -> None:
        super().__init__(device, leads)
        self._meters = {
            each: Metering.of(device, leads, each) for each in (Quantity.AC_VOLTS, Quantity.AMPS, Quantity.HERTZ)
        }
        self._task: asyncio.Task[None] | None = None
        self._on = self._relay = False
        self._real = [0.0, 0.0, 0.0]
        self._set_up()

    def _set_up(self) -> None:
        self._wanted = [0.0, 0.0, 0.0]
        self._sag = [1.0, 1.0, 1.0]
        self._hertz = 60.0
        self._limit_volts, self._limit_amps = 300.0, _AMPS
        self._range = "HIGH"
        self._slew, self._slew_hertz = 0.0, 0.0
        self._selected, self._edit = 0, "ALL"
        self._phases, self._mode, self._shape = "THREE", "FIXED", "A"
        self._angles = {"P12": 120.0, "P13": 240.0}

    def reset(self) -> None:
        """Off, at once, with every setting forgotten."""
        self._stop()
        self._on = self._relay = False
        self._set_up()
        self._put([0.0, 0.0, 0.0])

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = None

    def look(self) -> None:
        """Bit 1 of the questionable register: a phase is folded back."""
        self.questionable.show(_FOLDED * (min(self._sag) < 1.0))

    def _put(self, volts: list[float]) -> None:
        """Put these volts out."""
        self._real = volts
        for phase in _PHASES:
            self.leads.drive(self.device, Quantity.AC_VOLTS, volts[phase], str(phase + 1))
        self.leads.drive(self.device, Quantity.HERTZ, self._hertz if any(volts) else 0.0)

    def _targets(self) -> list[float]:
        return (
            [self._wanted[each] * self._sag[each] for each in _PHASES] if self._on and self._relay else [0.0, 0.0, 0.0]
        )

    def _changed(self) -> None:
        """Bring the output to where it shall be, and watch it."""
        self._stop()
        if not self._on:
            self._sag = [1.0, 1.0, 1.0]
            self._put(self._targets())
        else:
            if not self._slew:
                self._put(self._targets())
                self._fold()
            self._task = asyncio.get_running_loop().create_task(self._work(), name=f"{self.device} puts out")

    async def _work(self) -> None:
        while self._slew and self._real != (targets := self._targets()):
            most = self._slew * _STEP * 1e3
            self._put([_towards(self._real[each], targets[each], most) for each in _PHASES])
            self._fold()
            await asyncio.sleep(_STEP)
        for _ in range(round(1.0 / _SOON)):
            await asyncio.sleep(_SOON)
            self._fold()
        stirred = Stirred(_LATER)
        self.leads.watch(self.device, stirred.stir)
        while self._on:
            await stirred.beat()
            self._fold()
            if min(self._sag) < 1.0:
                stirred.stir()

    def _fold(self) -> None:
        """Lower what draws too much, raise what could have more, and look again, for a load answers in its own way."""
        for _ in range(8):
            amps = [self.leads.sense(self.device, Quantity.AMPS, str(each + 1)) for each in _PHASES]
            before = list(self._sag)
            for each in _PHASES:
                if amps[each] > self._limit_amps * 1.001:
                    self._sag[each] *= self._limit_amps / amps[each]
                elif self._sag[each] < 1.0 and amps[each] < self._limit_amps * _CLOSE:
                    self._sag[each] = min(1.0, self._sag[each] * min(2.0, self._limit_amps / max(amps[each], 1e-3)))
            if before == self._sag:
                return
            self._put(
                [
                    min(self._real[each], self._targets()[each]) if self._slew else self._targets()[each]
                    for each in _PHASES
                ]
            )

    def _set_volts(self, text: str) -> None:
        volts = number(text, 0.0, min(_RANGES[self._range], self._limit_volts), 0.0, "V")
        for phase in _PHASES if self._edit == "ALL" else (self._selected,):
            self._wanted[phase] = volts
            self._sag[phase] = 1.0
        self._changed()

    def _set_hertz(self, text: str) -> None:
        self._hertz = number(text, *_HERTZ, 60.0, "HZ")
        self._changed()

    def _set_limit_volts(self, text: str) -> None:
        limit = number(text, 0.0, 300.0, 300.0, "V")
        if limit < max(self._wanted):
            raise ScpiError(-221, "Settings conflict")
        self._limit_volts = limit

    def _set_limit_amps(self, text: str) -> None:
        self._limit_amps = number(text, 0.1, _AMPS, _AMPS, "A")
        self._changed()

    def _set_range(self, name: str) -> None:
        chosen = {"HI": "HIGH", "LO": "LOW"}.get(name.upper(), name.upper())
        if choice(chosen, "LOW", "HIGH") and max(self._wanted) > _RANGES[chosen]:
            raise ScpiError(-221, "Settings conflict")
        self._range = chosen

    def _set_slew(self, text: str) -> None:
        self._slew = number(text, 0.0, 1200.0, 0.0)

    def _set_slew_hertz(self, text: str) -> None:
        self._slew_hertz = number(text, 0.0, 1600.0, 0.0)

    def _set_on(self, state: str) -> None:
        self._on = switch(state)
        self._relay = self._relay or self._on
        self._changed()

    def _set_relay(self, state: str) -> None:
        closed = switch(state)
        if self._on and not closed:
            raise ScpiError(-221, "Settings conflict")
        self._relay = closed

    def _set_edit(self, edit: str) -> None:
        self._edit = choice(edit, "EACH", "ALL")

    def _set_coupling(self, coupling: str) -> None:
        self._edit = "ALL" if choice(coupling, "ALL", "NONE") == "ALL" else "EACH"

    def _select(self, text: str) -> None:
        self._selected = int(number(text, 1, 3, 1)) - 1

    def _set_angle(self, name: str, text: str) -> None:
        self._angles[name] = number(text, 0.0, 359.9, 0.0)

    def _set_phases(self, phases: str) -> None:
        self._phases = choice(phases, "THREE")

    def _set_mode(self, mode: str) -> None:
        self._mode = choice(mode, "FIXED")

    def _set_shape(self, shape: str) -> None:
        self._shape = choice(shape, "A")

    def _clear_protection(self) -> None:
        self._sag = [1.0, 1.0, 1.0]
        self._changed()

    def _phase(self, number_of_phase: str) -> int:
        if not number_of_phase:
            return self._selected
        if number_of_phase not in {"1", "2", "3"}:
            raise ScpiError(-114, "Header suffix out of range")
        return int(number_of_phase) - 1

    def _volts(self, phase: str = "") -> str:
        at = self._phase(phase)
        value = self._meters[Quantity.AC_VOLTS].show(self._real[at], _RANGES[self._range], _CLASS, str(at + 1))
        return _spell(max(0.0, value))

    def _amps(self, phase: str = "") -> str:
        place = str(self._phase(phase) + 1)
        truth = self.leads.sense(self.device, Quantity.AMPS, place)
        return _spell(max(0.0, self._meters[Quantity.AMPS].show(truth, _AMPS, _CLASS, place)))

    def _measured_hertz(self) -> str:
        return _spell(
            self._meters[Quantity.HERTZ].show(self._hertz, self._hertz, Class(1e-4, 0.0)) if any(self._real) else 0.0
        )

    commands: ClassVar[Mapping[str, Obeying]] = {
        "*IDN?": lambda self: f"Chroma ATE,61845,{self.leads.serial(self.device)},1.00",
        "[SOURce:]VOLTage[:LEVel][:IMMediate][:AMPLitude]:AC": _set_volts,
        "[SOURce:]VOLTage[:LEVel][:IMMediate][:AMPLitude]:AC?": lambda self: _spell(self._wanted[self._selected]),
        "[SOURce:]VOLTage:LIMit:AC": _set_limit_volts,
        "[SOURce:]VOLTage:LIMit:AC?": lambda self: _spell(self._limit_volts),
        "[SOURce:]VOLTage:RANGe": _set_range,
        "[SOURce:]VOLTage:RANGe?": lambda self: self._range,
        "[SOURce:]CURRent:LIMit": _set_limit_amps,
        "[SOURce:]CURRent:LIMit?": lambda self: _spell(self._limit_amps),
        "[SOURce:]FREQuency[:CW][:IMMediate]": _set_hertz,
        "[SOURce:]FREQuency[:CW][:IMMediate]?": lambda self: _spell(self._hertz),
        "[SOURce:]PHASe:P12": lambda self, text: self._set_angle("P12", text),
        "[SOURce:]PHASe:P12?": lambda self: _spell(self._angles["P12"]),
        "[SOURce:]PHASe:P13": lambda self, text: self._set_angle("P13", text),
        "[SOURce:]PHASe:P13?": lambda self: _spell(self._angles["P13"]),
        "[SOURce:]FUNCtion:SHAPe": _set_shape,
        "[SOURce:]FUNCtion:SHAPe?": lambda self: self._shape,
        "INSTrument:PHASe": _set_phases,
        "INSTrument:PHASe?": lambda self: self._phases,
        "INSTrument:COUPle": _set_coupling,
        "INSTrument:COUPle?": lambda self: "ALL" if self._edit == "ALL" else "NONE",
        "INSTrument:EDIT": _set_edit,
        "INSTrument:EDIT?": lambda self: self._edit,
        "INSTrument:NSELect": _select,
        "INSTrument:NSELect?": lambda self: str(self._selected + 1),
        "OUTPut[:STATe]": _set_on,
        "OUTPut[:STATe]?": lambda self: str(int(self._on)),
        "OUTPut:RELay": _set_relay,
        "OUTPut:RELay?": lambda self: str(int(self._relay)),
        "OUTPut:MODE": _set_mode,
        "OUTPut:MODE?": lambda self: self._mode,
        "OUTPut:SLEW:VOLTage:AC": _set_slew,
        "OUTPut:SLEW:VOLTage:AC?": lambda self: _spell(self._slew),
        "OUTPut:SLEW:FREQuency": _set_slew_hertz,
        "OUTPut:SLEW:FREQuency?": lambda self: _spell(self._slew_hertz),
        "OUTPut:PROTection:CLEar": _clear_protection,
        "MEASure[:SCALar]:VOLTage[<n>]?": _volts,
        "MEASure[:SCALar]:VOLTage[<n>]:AC?": _volts,
        "MEASure[:SCALar]:CURRent[<n>]?": _amps,
        "MEASure[:SCALar]:CURRent[<n>]:AC?": _amps,
        "MEASure[:SCALar]:FREQuency?": _measured_hertz,
    }


def _spell(value: float) -> str:
    return f"{value:+.6E}"


def _towards(value: float, target: float, most: float) -> float:
    return min(target, value + most) if target > value else max(target, value - most)


EMULATORS = {"chroma-61845": Chroma61845}
