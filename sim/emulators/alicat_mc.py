r"""Alicat MC-20SLPM-D mass flow controller on its serial line: 19,200 Bd, `\r` both ways.

Polling, the frame, the set-point, `$$`, registers, tares and flags are from public code (numat/alicat) and from the maker's
serial primer; the lines of `??M*` are as public code shows them. Decided here, because no public page says it:

* pressure in PSIA, flows in l/min and at 25 degrees Celsius and 14.696 PSIA; full scale 20 l/min, shown to 128 % of it with the
  flag MOV (VOV for volume); a pressure above 160 PSIA is POV, a temperature outside -10 to 60 degrees Celsius is TOV;
* a set-point above full scale or below 0, an unknown register, and a value that a register does not take are answered `?`;
  the loop control variable is mass flow (register 122 is 37), and nothing else; a gas changes the name in the frame only;
* the flow comes nearer to its set-point by 63 % in 0.1 s, and arrives within a second;
* another unit's letter is not answered; streaming (`A@=@`) is refused;
* accuracy 0.8 % of reading and 0.2 % of full scale; an own zero of up to 0.1 % of full scale, which AV takes away, as it takes
  away whatever flows at that moment;
* a lock of the display changes the flag LCK, and nothing for the serial line.
"""

import asyncio
import math
import re
from collections.abc import Callable, Mapping
from typing import ClassVar

from sim.emulator import Answering
from sim.leads import Leads
from sim.metering import Class, Metering
from sim.quantity import Quantity

FULL = 20.0
"""Litres per minute."""
_SHOWN = 1.28 * FULL
_PASCAL = 6894.757  # of one PSI
_STANDARD = (101_325.0, 298.15)
_TAU, _STEP, _ARRIVED = 0.1, 0.02, 0.9  # seconds
_CLASS = Class(0.008, 0.002)
_PRESSURE = Class(0.004, 0.0)
_GASES = ("Air", "Ar", "CH4", "CO", "CO2", "C2H6", "H2", "He", "N2", "N2O", "Ne", "O2")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_ASSIGNED = re.compile(r"(\d+)\s*=\s*(\d+)", re.ASCII)
_REFUSED = "?"


class AlicatMc:
    """The controller, with its valve and its sensors; `leads` says what really flows."""

    line_ends: ClassVar[bytes] = b"\r"
    reply_ends: ClassVar[bytes] = b"\r"
    urgent: ClassVar[frozenset[bytes]] = frozenset()
    baudrate: ClassVar[int] = 19200

    def __init__(self, device: str, leads: Leads) -> None:
        self.device = device
        self.leads = leads
        self._flow_meter = Metering.of(device, leads, Quantity.LITRES_PER_MINUTE)
        self._pressure_meter = Metering.of(device, leads, Quantity.PASCAL)
        self._own_zero = max(-1.0, min(1.0, leads.trait(device, "zero"))) * 0.001 * FULL
        self._tare = 0.0
        self._unit = "A"
        self._registers = {46: 0, 122: 37}
        self._task: asyncio.Task[None] | None = None
        self._wanted = self._let = 0.0
        self._held = self._locked = False

    def power_on(self) -> None:
        """Closed, with the set-point forgotten; tare, unit and registers are kept."""
        self._stop()
        self._wanted, self._held = 0.0, False
        self._open(0.0)

    def answer(self, line: bytes) -> Answering:
        """Obey one line, if it is for this unit."""
        said = line.decode("ascii", "replace").upper()
        if said[:1] != self._unit:
            return None
        reply = self._obey(said[1:].removeprefix("$$").strip())
        return reply.encode("ascii") + self.reply_ends

    def _obey(self, said: str) -> str:
        for command in sorted(self.commands, key=len, reverse=True):
            rest = said.removeprefix(command)
            if len(rest) == len(said) - len(command):
                return self.commands[command](self, rest.strip())
        return _REFUSED

    def _flow(self) -> float:
        truth = self.leads.sense(self.device, Quantity.LITRES_PER_MINUTE)
        if not math.isfinite(truth):
            return math.inf
        return self._flow_meter.show(truth, FULL, _CLASS) + self._own_zero - self._tare

    def _frame(self, rest: str = "") -> str:
        """Pressure, temperature, volume flow, mass flow, set-point, gas, and what is wrong."""
        if rest:
            return _REFUSED
        pascal = self._pressure_meter.show(self.leads.sense(self.device, Quantity.PASCAL), 0.0, _PRESSURE)
        celsius = self.leads.sense(self.device, Quantity.TEMPERATURE)
        mass = self._flow()
        volume = mass * _STANDARD[0] / pascal * (celsius + 273.15) / _STANDARD[1] if pascal > 0 else math.inf
        psi = pascal / _PASCAL
        flags = {
            "MOV": not abs(mass) <= _SHOWN,
            "VOV": not abs(volume) <= _SHOWN,
            "POV": not 0.0 <= psi <= 160.0,
            "TOV": not -10.0 <= celsius <= 60.0,
            "HLD": self._held,
            "LCK": self._locked,
        }
        said = [self._unit, _signed(psi, 160.0, 7, 2), _signed(celsius, 99.99, 7, 2), _signed(volume, _SHOWN, 7, 3)]
        said += [_signed(mass, _SHOWN, 7, 3), f"{self._wanted:05.2f}", _GASES[self._registers[46]]]
        return " ".join([*said, *(flag for flag, is_so in flags.items() if is_so)])

    def _set(self, text: str) -> str:
        wanted = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not 0.0 <= wanted <= FULL:
            return _REFUSED
        self._wanted = wanted
        self._approach()
        return self._frame()

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = None

    def _open(self, litres: float) -> None:
        self._let = litres
        self.leads.drive(self.device, Quantity.LITRES_PER_MINUTE, litres)

    def _approach(self) -> None:
        self._stop()
        if not self._held:
            self._task = asyncio.get_running_loop().create_task(self._move(), name=f"{self.device} approaches")

    async def _move(self) -> None:
        for _ in range(round(_ARRIVED / _STEP)):
            await asyncio.sleep(_STEP)
            self._open(self._wanted + (self._let - self._wanted) * math.exp(-_STEP / _TAU))
        self._open(self._wanted)

    def _hold(self, rest: str) -> str:
        """HC: closed. H or HP: as the valve is."""
        if rest:
            return _REFUSED
        self._held = True
        self._stop()
        return self._frame()

    def _hold_closed(self, rest: str) -> str:
        if rest:
            return _REFUSED
        self._open(0.0)
        return self._hold("")

    def _release(self, rest: str) -> str:
        if rest:
            return _REFUSED
        self._held = False
        self._approach()
        return self._frame()

    def _tare_flow(self, rest: str) -> str:
        if rest:
            return _REFUSED
        self._tare = 0.0
        self._tare = self._flow()
        return self._frame()

    def _tare_pressure(self, rest: str) -> str:
        if rest:
            return _REFUSED
        self._pressure_meter.skew = 0.0
        return self._frame()

    def _read(self, text: str) -> str:
        register = int(text) if text.isdecimal() and len(text) < 6 else -1
        if register not in self._registers:
            return _REFUSED
        return f"{self._unit}   {register:03d} = {self._registers[register]}"

    def _write(self, text: str) -> str:
        assigned = _ASSIGNED.fullmatch(text)
        if assigned is None or len(text) > 16:
            return _REFUSED
        register, value = int(assigned[1]), int(assigned[2])
        if value not in {46: range(len(_GASES)), 122: (37,)}.get(register, ()):
            return _REFUSED
        self._registers[register] = value
        return self._read(str(register))

    def _choose_gas(self, text: str) -> str:
        return self._frame() if self._write(f"46={text}") != _REFUSED else _REFUSED

    def _lock(self, rest: str) -> str:
        self._locked = self._locked or not rest
        return self._frame(rest)

    def _unlock(self, rest: str) -> str:
        self._locked = self._locked and bool(rest)
        return self._frame(rest)

    def _rename(self, rest: str) -> str:
        unit = rest.removeprefix("=").strip()
        if len(unit) != 1 or not "A" <= unit <= "Z":
            return _REFUSED
        self._unit = unit
        return self._frame()

    def _manufacturer(self, rest: str) -> str:
        if rest:
            return _REFUSED
        said = (
            "Alicat Scientific",
            "www.alicat.com",
            "Ph   520-290-6060",
            "Fax  520-290-0109",
            "Model Number MC-20SLPM-D",
            f"Serial Number {self.leads.serial(self.device)}",
            "Date Manufactured 01/01/2025",
            "Date Calibrated   01/01/2026",
            "Calibrated By     AS",
            "Software Revision 6v25",
        )
        return "\r".join(f"{self._unit} M{place:02d} {each}" for place, each in enumerate(said))

    commands: ClassVar[Mapping[str, Callable[["AlicatMc", str], str]]] = {
        "": _frame,
        "S": _set,
        "V": _tare_flow,
        "PC": _tare_pressure,
        "R": _read,
        "W": _write,
        "G": _choose_gas,
        "HC": _hold_closed,
        "HP": _hold,
        "H": _hold,
        "C": _release,
        "L": _lock,
        "U": _unlock,
        "@": _rename,
        "VE": lambda self, rest: _REFUSED if rest else f"{self._unit}   6v25",
        "??M*": _manufacturer,
    }
    """Behind the unit's letter, with or without `$$`."""


def _signed(value: float, most: float, width: int, digits: int) -> str:
    """A number with its sign and leading zeros; what is beyond the display is shown as its end."""
    shown = most if math.isnan(value) else max(-most, min(most, value))
    return f"{shown:+0{width}.{digits}f}"


EMULATORS = {"alicat-mc": AlicatMc}
