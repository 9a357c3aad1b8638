r"""GW Instek GPT-9804 safety tester: AC and DC withstand, insulation resistance, ground bond; RS-232C or USB.

Commands, limits, `\r\n`, `0,No Error`, the line of MEAS? and the states VIEW, TEST, PASS and FAIL are from public code; the
form of MANU<n>:EDIT:SHOW?, of STEP?, FREQ? and ARCM? is what public code parses; *IDN?, "the test must be in this mode",
"LO SET below HI SET" and TIME ERR from pages 117, 134, 135 and 153 of the GPT-9000 manual. A query may have a blank before
its mark. Decided here, because no public page says it:

* the numbers and texts of the errors but 0; the queue holds 20, and what is more is lost;
* how the other settings are said: `0.500kV`, `1.000mA`, `100M ohm`, `100.0m ohm`, `25.00A`, `001.0S`, `NULL`, `ON`, `OFF`;
* the unit of a result: mA, but uA below 1 mA of DC; M ohm, but G ohm from 10 Gohm, never more than 50.00 G ohm; m ohm, never
  more than 650.0;
* HI and arcs end a test at once, LO and insulation are judged at its end; a ground bond has no ramp;
* an open interlock refuses to start ("28,Interlock Open"), and ends a test with the same error, in VIEW, without a verdict;
  so does FUNC:TEST OFF without the error; direct voltage has gone 0.2 s after the end of a test, and TEST lasts until then;
* the state and the result stay until the next start, until FUNC:TEST OFF, and until another step is chosen;
* while it tests, the tester refuses settings and a second start; AUTO tests are not here: FUNC:TEST ON in AUTO is refused;
* *RST is obeyed, and loses every setting of every step (public hipot scripts send it).
"""

import re
from collections.abc import Mapping
from typing import ClassVar

from sim.emulator import Answering
from sim.hipot.settings import MODES, RAMP, STEPS, Refusal, Step, command_error, mode_error, value_error
from sim.hipot.trial import Shown, Trial, interlock_open
from sim.leads import Leads
from sim.parameters import ScpiError, plain
from sim.quantity import Quantity
from sim.scpi import Obeying, Scpi

_BLANK = re.compile(rb"\s+\?")


def _number(text: str, least: float, most: float) -> float:
    value = plain(text)
    if value is None or not least <= value <= most:
        raise value_error()
    return value


def _word(text: str, *words: str) -> str:
    if text.upper() not in words:
        raise value_error()
    return text.upper()


def _setting(mode: str, name: str) -> Mapping[str, Obeying]:
    """The commands that set a number of a function, and say it."""

    def put(self: "GwinstekGpt9804", text: str) -> None:
        self.editable().put(mode, name, text)

    def say(self: "GwinstekGpt9804") -> str:
        return MODES[mode][name].spell(self.step.values[mode][name])

    return {f"MANU:{mode}:{name}": put, f"MANU:{mode}:{name}?": say}


class GwinstekGpt9804(Scpi):
    """The tester; its terminals and its interlock are wherever `leads` says they are."""

    line_ends: ClassVar[bytes] = b"\r\n"
    reply_ends: ClassVar[bytes] = b"\r\n"
    baudrate: ClassVar[int] = 115200
    plus: ClassVar[str] = ""

    def __init__(self, device: str, leads: Leads) -> None:
        super().__init__(device, leads)
        self._trial: Trial | None = None
        self.reset()

    def reset(self) -> None:
        """Lose everything, with no voltage at the terminals."""
        if self._trial is not None and not self._trial.over:
            self._trial.cut()
        self._trial = None
        self._steps = {number: Step() for number in range(STEPS + 1)}
        self._at = 1
        self._main = "MANU"
        self._product = ""
        self._sound = "ON"

    def answer(self, line: bytes) -> Answering:
        """Obey one message; there may be a blank before a question mark."""
        return super().answer(_BLANK.sub(b"?", line))

    def fail(self, error: ScpiError) -> None:
        """Note an error with the numbers of this maker."""
        if not isinstance(error, Refusal):
            error = value_error() if -299 <= error.code <= -200 or error.code in {-131, -138} else command_error()
        if len(self.errors) < self.depth:
            self.errors.append(error)

    @property
    def step(self) -> Step:
        """The manual test that is chosen."""
        return self._steps[self._at]

    @property
    def _testing(self) -> bool:
        return self._trial is not None and not self._trial.over

    def editable(self) -> Step:
        """The manual test that is chosen, where it may be changed. Raises Refusal."""
        if self._testing:
            raise mode_error()
        return self.step

    def _choose(self, number: str) -> None:
        self.editable()
        self._at = int(_number(number, 0, STEPS))
        self._trial = None

    def _set_main(self, function: str) -> None:
        self.editable()
        self._main = _word(function, "MANU", "AUTO")

    def _set_mode(self, mode: str) -> None:
        chosen = _word(mode, *MODES)
        self.editable().mode = chosen
        self._trial = None

    def _set_ramp(self, seconds: str) -> None:
        step = self.editable()
        before, step.ramp = step.ramp, round(_number(seconds, *RAMP), 1)
        try:
            step.check()
        except Refusal:
            step.ramp = before
            raise

    def _set_name(self, name: str) -> None:
        if not re.fullmatch("[A-Za-z][A-Za-z0-9_-]{0,9}", name):
            raise Refusal(22, "String Error")
        self.editable().name = name

    def _set_arc(self, mode: str) -> None:
        self.editable().arc = _word(mode, "OFF", "ON_CONT", "ON_STOP")

    def _set_ground(self, state: str) -> None:
        self.editable().ground = _word(state, "ON", "OFF") == "ON"

    def _set_product(self, serial: str) -> None:
        self._product = serial.strip("\"'")

    def _set_sound(self, state: str) -> None:
        self._sound = _word(state, "ON", "OFF")

    def _show(self, number: str = "") -> str:
        return self._steps[int(_number(number, 0, STEPS))].show() if number else self.step.show()

    def _test(self, state: str) -> None:
        if _word(state, "ON", "OFF") == "OFF":
            if self._testing and self._trial is not None:
                self._trial.stop()
            else:
                self._trial = None
            return
        if self._testing or self._main != "MANU":
            raise mode_error()
        if not self.leads.sense(self.device, Quantity.INPUT, "interlock"):
            self._trial = None
            raise interlock_open()
        self._trial = Trial(self.device, self.leads, self.step.copy(), self.fail)

    def _measured(self, _: str = "") -> str:
        return (self._trial.shown if self._trial is not None else Shown(self.step.mode)).spell()

    def _next_error(self) -> str:
        return str(self.errors.popleft()) if self.errors else "0,No Error"

    commands: ClassVar[Mapping[str, Obeying]] = {
        "*IDN?": lambda self: f"GPT-9804,{self.leads.serial(self.device)},V1.00",
        "*CLS": lambda self: self.clear(),
        "*RST": lambda self: self.reset(),
        "SYSTem:ERRor?": _next_error,
        "SYSTem:PID:SETTing": _set_product,
        "SYSTem:PID:SETTing?": lambda self: self._product,
        "SYSTem:BUZZer:KEYSound": _set_sound,
        "SYSTem:BUZZer:KEYSound?": lambda self: self._sound,
        "MAIN:FUNCtion": _set_main,
        "MAIN:FUNCtion?": lambda self: self._main,
        "FUNCtion:TEST": _test,
        "FUNCtion:TEST?": lambda self: f"TEST {'ON' if self._testing else 'OFF'}",
        "MEASure[<n>]?": _measured,
        "MANU:STEP": _choose,
        "MANU:STEP?": lambda self: str(self._at),
        "MANU:NAME": _set_name,
        "MANU:NAME?": lambda self: self.step.name,
        "MANU:RTIMe": _set_ramp,
        "MANU:RTIMe?": lambda self: f"{self.step.ramp:05.1f}S",
        "MANU:EDIT:MODE": _set_mode,
        "MANU:EDIT:MODE?": lambda self: self.step.mode,
        "MANU[<n>]:EDIT:SHOW?": _show,
        "MANU:UTILity:ARCMode": _set_arc,
        "MANU:UTILity:ARCMode?": lambda self: f"ARC {self.step.arc}",
        "MANU:UTILity:GROUNDMODE": _set_ground,
        "MANU:UTILity:GROUNDMODE?": lambda self: "ON" if self.step.ground else "OFF",
        **{header: obey for mode in MODES for name in MODES[mode] for header, obey in _setting(mode, name).items()},
    }


EMULATORS = {"gwinstek-gpt9804": GwinstekGpt9804}
