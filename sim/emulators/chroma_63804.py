"""Chroma 63804 AC and DC electronic load on a serial line: 4500 W, 45 A, 350 V rms.

Modes, set-points, `:LOAD 1|0`, the questions of MEAS, 57,600 Bd and LF are from a public driver of the 63800 series. The limits
of the 63804 are data-sheet knowledge. Decided here, because no public page says it:

* *IDN? is `Chroma,63804,SERIAL,1.00`, numbers are said as `+1.234560E+00`, the accuracy is 0.1 % of reading and 0.1 % of range
  (0.2 % each for power);
* in the mode POW the current follows the volts once a second, and is never more than the load's; without volts it is 0;
* a current whose peak is above :LOAD:CURR:PEAK:MAX is refused (-221), and so is a PEAK:MAX below the peak of the current;
* more than 350 V rms, or 500 V direct, opens the load, which then refuses to close (-221); bit 0 of the questionable register;
* :PFAC is obeyed where :SYST:SET:CFPF:MODE is PF or BOTH, :CFAC where it is CF or BOTH, and refused elsewhere (-221); positive
  power factors lag; the mode is PF after *RST;
* MEAS:POW:REAC? has no sign; MEAS:POW:PFAC? of no power is 0.
"""

import asyncio
import math
from collections.abc import Mapping
from typing import ClassVar

from sim.leads import Leads
from sim.metering import Class, Metering
from sim.parameters import ScpiError, choice, number, switch
from sim.quantity import Quantity
from sim.scpi import Obeying
from sim.status import StatusScpi
from sim.stirring import Stirred

_AMPS, _WATTS, _PEAK = 45.0, 4500.0, 135.0
_AC_VOLTS, _DC_VOLTS = 350.0, 500.0
_CLASS = Class(0.001, 0.001)
_OF_POWER = Class(0.002, 0.002)
_LOOK = 1.0  # seconds
_OVER_VOLTAGE = 1


class Chroma63804(StatusScpi):
    """The load; its terminals are wherever `leads` says they are."""

    baudrate: ClassVar[int] = 57600
    depth: ClassVar[int] = 30

    def __init__(self, device: str, leads: Leads) -> None:
        super().__init__(device, leads)
        self._meters = {
            each: Metering.of(device, leads, each)
            for each in (Quantity.AC_VOLTS, Quantity.DC_VOLTS, Quantity.AMPS, Quantity.WATTS)
        }
        self._on = False
        self._task: asyncio.Task[None] | None = None
        self._set_up()

    def _set_up(self) -> None:
        self._mode = "CURR"
        self._amps = self._watts = 0.0
        self._peak = _PEAK
        self._factors = "PF"
        self._power_factor, self._crest = 1.0, math.sqrt(2.0)

    def reset(self) -> None:
        """Draw nothing, and forget every setting."""
        self._open()
        self._set_up()
        self.questionable.condition = 0

    def _volts(self) -> tuple[Quantity, float]:
        """The volts at the terminals, of the kind that is larger."""
        alternating = self.leads.sense(self.device, Quantity.AC_VOLTS)
        direct = self.leads.sense(self.device, Quantity.DC_VOLTS)
        if abs(direct) > abs(alternating):
            return Quantity.DC_VOLTS, direct
        return Quantity.AC_VOLTS, alternating

    def look(self) -> None:
        """See whether there are too many volts."""
        kind, volts = self._volts()
        too_many = abs(volts) > (_AC_VOLTS if kind is Quantity.AC_VOLTS else _DC_VOLTS)
        self.questionable.show(_OVER_VOLTAGE * too_many)
        if too_many and self._on:
            self._open()

    def _draw(self) -> None:
        """Ask for the current that is set, or for what makes the power that is set."""
        kind, volts = self._volts()
        factor = abs(self._power_factor) if kind is Quantity.AC_VOLTS else 1.0
        amps = self._amps
        if self._mode == "POW":
            amps = min(_AMPS, self._watts / (abs(volts) * factor)) if volts and factor else 0.0
        self.leads.drive(self.device, Quantity.POWER_FACTOR, self._power_factor)
        self.leads.drive(self.device, Quantity.AMPS, amps)

    async def _watch(self) -> None:
        """Follow the volts while the load is closed."""
        stirred = Stirred(_LOOK)
        self.leads.watch(self.device, stirred.stir)
        while self._on:
            await stirred.beat()
            self.look()
            self._follow()

    def _follow(self) -> None:
        if self._on and self._mode == "POW":
            self._draw()

    def _open(self) -> None:
        self._on = False
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        self._task = None
        self.leads.drive(self.device, Quantity.AMPS, 0.0)

    def _load(self, state: str) -> None:
        if not switch(state):
            self._open()
            return
        self.look()
        if self.questionable.condition:
            raise ScpiError(-221, "Settings conflict")
        self._on = True
        self._draw()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._watch(), name=f"{self.device} loads")

    def _changed(self) -> None:
        if self._on:
            self._draw()

    def _set_mode(self, mode: str) -> None:
        self._mode = choice(mode, "CURRent", "POWer")
        self._changed()

    def _set_amps(self, text: str) -> None:
        amps = number(text, 0.0, _AMPS, 0.0, "A")
        if amps * self._crest > self._peak:
            raise ScpiError(-221, "Settings conflict")
        self._amps = amps
        self._changed()

    def _set_watts(self, text: str) -> None:
        self._watts = number(text, 0.0, _WATTS, 0.0, "W")
        self._changed()

    def _set_peak(self, text: str) -> None:
        peak = number(text, 0.0, _PEAK, _PEAK, "A")
        if self._amps * self._crest > peak:
            raise ScpiError(-221, "Settings conflict")
        self._peak = peak

    def _set_factors(self, mode: str) -> None:
        self._factors = choice(mode, "CF", "PF", "BOTH")

    def _set_power_factor(self, text: str) -> None:
        factor = number(text, -1.0, 1.0, 1.0)
        if self._factors == "CF":
            raise ScpiError(-221, "Settings conflict")
        self._power_factor = factor
        self._changed()

    def _set_crest(self, text: str) -> None:
        crest = number(text, 1.414, 5.0, 1.414)
        if self._factors == "PF" or self._amps * crest > self._peak:
            raise ScpiError(-221, "Settings conflict")
        self._crest = crest

    def _measured(self, what: str) -> str:
        kind, volts = self._volts()
        across = self._meters[kind].show(volts, _AC_VOLTS if kind is Quantity.AC_VOLTS else _DC_VOLTS, _CLASS)
        through = self._meters[Quantity.AMPS].show(self.leads.sense(self.device, Quantity.AMPS), _AMPS, _CLASS)
        real = self._meters[Quantity.WATTS].show(self.leads.sense(self.device, Quantity.WATTS), _WATTS, _OF_POWER)
        apparent = abs(across * through)
        value = {
            "VOLT": across,
            "CURR": through,
            "REAL": real,
            "APP": apparent,
            "REAC": math.sqrt(max(0.0, apparent**2 - real**2)),
            "PFAC": max(-1.0, min(1.0, real / apparent)) if apparent else 0.0,
        }[what]
        return f"{value:+.6E}"

    commands: ClassVar[Mapping[str, Obeying]] = {
        "*IDN?": lambda self: f"Chroma,63804,{self.leads.serial(self.device)},1.00",
        "LOAD[:STATe]": _load,
        "LOAD[:STATe]?": lambda self: str(int(self._on)),
        "LOAD:MODE": _set_mode,
        "LOAD:MODE?": lambda self: self._mode,
        "LOAD:CURRent": _set_amps,
        "LOAD:CURRent?": lambda self: f"{self._amps:+.6E}",
        "LOAD:CURRent:PEAK:MAXimum": _set_peak,
        "LOAD:CURRent:PEAK:MAXimum?": lambda self: f"{self._peak:+.6E}",
        "LOAD:POWer": _set_watts,
        "LOAD:POWer?": lambda self: f"{self._watts:+.6E}",
        "SYSTem:SETup:CFPF:MODE": _set_factors,
        "SYSTem:SETup:CFPF:MODE?": lambda self: self._factors,
        "PFACtor": _set_power_factor,
        "PFACtor?": lambda self: f"{self._power_factor:+.6E}",
        "CFACtor": _set_crest,
        "CFACtor?": lambda self: f"{self._crest:+.6E}",
        "MEASure:VOLTage?": lambda self: self._measured("VOLT"),
        "MEASure:CURRent?": lambda self: self._measured("CURR"),
        "MEASure:POWer:REAL?": lambda self: self._measured("REAL"),
        "MEASure:POWer:REACtive?": lambda self: self._measured("REAC"),
        "MEASure:POWer:APParent?": lambda self: self._measured("APP"),
        "MEASure:POWer:PFACtor?": lambda self: self._measured("PFAC"),
    }


EMULATORS = {"chroma-63804": Chroma63804}
