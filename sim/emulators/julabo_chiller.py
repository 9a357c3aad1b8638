r"""Julabo FL recirculating cooler on its serial line: `\r` in, `\r\n` out.

Commands, times and messages are those of the FL manuals (chapter 11: commands, status and error messages), which are public.
Decided here, because no public page says it:

* what comes within 250 ms of a command, or within 10 ms of an answer, is lost without a word;
* the cooler is set to remote control at its panel, and stays so through a loss of power; then it is off (`02 REMOTE STOP`);
* a message about a command is said by the next `status`, once; an alarm as long as it lasts;
* the version is `JULABO FL1703 VERSION 1.20`; there is no serial number on the line; temperatures are said as `25.00`;
* a set-point is from -20 to 80 degrees Celsius, kept to a hundredth; a broken sensor reads `---.--` and stops the cooler;
* its Pt100 is within 0.5 K of the truth.
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

AFTER_COMMAND, AFTER_QUERY = 0.250, 0.010
"""Seconds for which it does not listen."""
_LEAST, _MOST, _HOT = -20.0, 80.0, 75.0  # degrees Celsius
_NUMBER = re.compile(r"[+-]?\d{1,3}(?:\.\d{1,4})?", re.ASCII)
_INVALID, _NOT_NOW = "-08 INVALID COMMAND", "-09 COMMAND NOT ALLOWED IN CURRENT OPERATING MODE"
_TOO_SMALL, _TOO_LARGE = "-10 VALUE TOO SMALL", "-11 VALUE TOO LARGE"
_BROKEN, _TOO_HOT = "-05 WORKING SENSOR ALARM", "-03 EXCESS TEMPERATURE WARNING"
_ALMOST = 1e-6  # seconds by which a clock may be out


class JulaboChiller:
    """The cooler; `leads` says how warm its bath really is."""

    line_ends: ClassVar[bytes] = b"\r"
    reply_ends: ClassVar[bytes] = b"\r\n"
    urgent: ClassVar[frozenset[bytes]] = frozenset()
    baudrate: ClassVar[int] = 4800

    def __init__(self, device: str, leads: Leads) -> None:
        self.device = device
        self.leads = leads
        self.remote = True
        """Set at the panel."""
        self._meter = Metering.of(device, leads, Quantity.TEMPERATURE)
        self._listens = -math.inf
        self._wanted = 20.0
        self._running = False
        self._message = ""

    def power_on(self) -> None:
        """Off; the set-point is kept."""
        self._message = ""
        self._run(running=False)

    def answer(self, line: bytes) -> Answering:
        """Obey one line, if it listens."""
        now = asyncio.get_running_loop().time()
        if now < self._listens - _ALMOST:
            return None
        command, *parameters = line.decode("ascii", "replace").lower().split() or [""]
        reply = self._obey(command, parameters)
        if reply is None:
            self._listens = now + AFTER_COMMAND
            return None
        self._listens = now + AFTER_QUERY
        return reply.encode("ascii") + self.reply_ends

    def _obey(self, command: str, parameters: list[str]) -> str | None:
        obey = self.commands.get(command)
        is_command = command.startswith("out_")
        if obey is None or len(parameters) != is_command:
            self._message = _INVALID
            return None
        if is_command and not self.remote:
            self._message = _NOT_NOW
            return None
        return obey(self, *parameters)

    def _celsius(self) -> float:
        truth = self.leads.sense(self.device, Quantity.TEMPERATURE)
        if not math.isfinite(truth):
            self._run(running=False)
            return math.nan
        return self._meter.show(truth, 1.0, Class(0.0, 0.1)) + self._meter.skew * 0.5

    def _temperature(self) -> str:
        celsius = self._celsius()
        return f"{celsius:.2f}" if math.isfinite(celsius) else "---.--"

    def _status(self) -> str:
        message, self._message = self._message, ""
        celsius = self._celsius()
        if message:
            return message
        if math.isnan(celsius):
            return _BROKEN
        if celsius >= _HOT:
            return _TOO_HOT
        return f"{2 * self.remote + self._running:02d} {'REMOTE' if self.remote else 'MANUAL'} {'START' if self._running else 'STOP'}"

    def _run(self, *, running: bool) -> None:
        self._running = running
        self.leads.drive(self.device, Quantity.RUN, float(running))

    def _set_mode(self, mode: str) -> None:
        if mode not in {"0", "1"}:
            self._message = _TOO_LARGE if _NUMBER.fullmatch(mode) and float(mode) > 0 else _TOO_SMALL
            return
        self._run(running=mode == "1")

    def _set_point(self, text: str) -> None:
        if not _NUMBER.fullmatch(text):
            self._message = _INVALID
        elif float(text) < _LEAST:
            self._message = _TOO_SMALL
        elif float(text) > _MOST:
            self._message = _TOO_LARGE
        else:
            self._wanted = round(float(text), 2)
            self.leads.drive(self.device, Quantity.SETPOINT, self._wanted)

    commands: ClassVar[Mapping[str, Callable[..., str | None]]] = {
        "version": lambda _: "JULABO FL1703 VERSION 1.20",
        "status": _status,
        "in_pv_00": _temperature,
        "in_sp_00": lambda self: f"{self._wanted:.2f}",
        "in_mode_05": lambda self: str(int(self._running)),
        "out_mode_05": _set_mode,
        "out_sp_00": _set_point,
    }


EMULATORS = {"julabo-chiller": JulaboChiller}
