"""Steps of a GW Instek GPT-9800: the commands that program one, what it then has to say of it, and how accurate it is.

Limits are rounded so that the tester is never more lenient than what was asked: a highest one down, a lowest one up, to the
digits that it has.
"""

import math
from dataclasses import dataclass

from drivers.accuracy import Accuracy
from drivers.errors import Unsupported
from drivers.safety.gpt_replies import Function, Shown

SHORTEST, SHORTEST_INSULATION, LONGEST = 0.5, 1.0, 999.9
"""Seconds of a test."""
BOND_HERTZ = 50
VOLTS_OF_TEST = Accuracy(6100.0, 0.01, 0.0, floor=10.0, resolution=1.0)
"""Its voltmeter: 1 % of reading, 10 V."""
AMPS_OF_BOND = Accuracy(32.0, 0.01, 0.0, floor=0.2, resolution=0.01)
OHMS_OF_BOND = Accuracy(0.65, 0.01, 0.0, floor=0.002, resolution=0.0001)
OHMS_OF_INSULATION = Accuracy(9.5e9, 0.10, 0.0, floor=1e6, resolution=1e6)


@dataclass(frozen=True, slots=True)
class Step:
    """One test: `commands` in their order, `answers` to questions that read settings back (question, value, unit)."""

    function: Function
    commands: tuple[str, ...]
    answers: tuple[tuple[str, float, str], ...]
    shown: Shown
    stimulus: Accuracy
    result: Accuracy
    digit: float
    """The last digit of its limits, in their unit."""

    @property
    def seconds(self) -> float:
        """How long it takes, with its ramp."""
        return self.shown.seconds + (self.shown.ramp or 0.0)

    def differs(self, got: Shown) -> str:
        """What the tester has otherwise than it was told; empty when nothing."""
        wanted = self.shown
        near = 0.011 if self.function is Function.GB else 2.1  # amperes; volts: it sets them in steps of 2 V
        pairs = (
            ("volts or amperes", wanted.stimulus, got.stimulus, near),
            ("the highest", wanted.high, got.high, 0.6 * self.digit),
            ("the lowest", wanted.low, got.low, 0.6 * self.digit),
            ("the time", wanted.seconds, got.seconds, 0.06),
            ("the ramp", wanted.ramp or 0.0, (wanted.ramp or 0.0) if got.ramp is None else got.ramp, 0.06),
        )
        told = [f"{name} {has:g} for {want:g}" for name, want, has, by in pairs if not _near(want, has, by)]
        if got.function is not wanted.function:
            told.insert(0, f"{got.function} for {wanted.function}")
        return ", ".join(told)


def withstanding(
    name: str, volts: float, hertz: float, seconds: float, ramp: float, highest: float, lowest: float
) -> Step:
    """A withstand test; `hertz` 0 is direct current. Raises Unsupported for the tester `name`."""
    direct = hertz == 0
    function, most_volts, most_amps = (Function.DCW, 6100.0, 0.011) if direct else (Function.ACW, 5000.0, 0.042)
    _known(name, hertz in {0, 50, 60}, f"50 Hz, 60 Hz or direct current, {hertz:g} Hz are asked")
    _known(name, 100 <= volts <= most_volts, f"{function} of 100 to {most_volts:g} V, {volts:g} V are asked")
    _known(name, SHORTEST <= seconds <= LONGEST, f"{SHORTEST} to {LONGEST} s, {seconds:g} s are asked")
    _known(name, 1e-6 <= highest <= most_amps, f"limits of 1 uA to {most_amps:g} A, {highest:g} A are asked")
    _known(name, 0 <= lowest < highest, f"a lowest current below the highest, {lowest:g} A are asked")
    digit = 1e-6 if highest < 1.11e-3 else 1e-5 if highest < 11.1e-3 else 1e-4
    high, low = _down(highest, digit), _up(lowest, digit)
    _known(name, low < high, f"limits more than {digit:g} A apart")
    places = {1e-6: 3, 1e-5: 2, 1e-4: 1}[digit]
    reference, head = f"MANU:{function}:REF", f"MANU:{function}"
    return Step(
        function,
        (
            f"MANU:EDIT:MODE {function}",
            f"MANU:RTIM {ramp:.1f}",
            f"{head}:VOLT {volts / 1e3:.3f}",
            f"{head}:CLOS 0",  # the lowest may never be above the highest, not even that of the last test
            f"{head}:CHIS {high * 1e3:.{places}f}",
            f"{head}:CLOS {low * 1e3:.{places}f}",
            f"{head}:TTIM {seconds:.1f}",
            *(() if direct else (f"{head}:FREQ {hertz:.0f}",)),
            f"{reference} 0",
            "MANU:UTIL:ARCM ON_STOP",
        ),
        ((f"{reference} ?", 0.0, "A"), *(() if direct else ((f"{head}:FREQ ?", hertz, "Hz"),))),
        Shown(function, volts, high, low, ramp, seconds),
        VOLTS_OF_TEST,
        Accuracy(most_amps, 0.015, 0.0, floor=(30 if digit == 1e-6 else 3) * digit, resolution=digit),
        digit,
    )


def insulating(name: str, volts: float, seconds: float, ramp: float, lowest: float) -> Step:
    """An insulation test. Raises Unsupported for the tester `name`."""
    _known(name, 50 <= volts <= 1000 and volts % 50 == 0, f"50 to 1000 V in steps of 50 V, {volts:g} V are asked")
    _known(name, SHORTEST_INSULATION <= seconds <= LONGEST, f"1 to {LONGEST} s, {seconds:g} s are asked")
    _known(name, 0 < lowest <= 9999e6, f"limits up to 9999 Mohm, {lowest:g} ohm are asked")
    low = _up(lowest, 1e6)
    head = f"MANU:{Function.IR}"
    return Step(
        Function.IR,
        (
            f"MANU:EDIT:MODE {Function.IR}",
            f"MANU:RTIM {ramp:.1f}",
            f"{head}:VOLT {volts / 1e3:.3f}",
            f"{head}:RHIS NULL",
            f"{head}:RLOS {low / 1e6:.0f}",
            f"{head}:TTIM {seconds:.1f}",
            f"{head}:REF 0",
        ),
        ((f"{head}:REF ?", 0.0, "ohm"),),
        Shown(Function.IR, volts, math.inf, low, ramp, seconds),
        VOLTS_OF_TEST,
        OHMS_OF_INSULATION,
        1e6,
    )


def bonding(name: str, amperes: float, seconds: float, highest: float) -> Step:
    """A ground bond test. Raises Unsupported for the tester `name`."""
    _known(name, 3 <= amperes <= 30, f"3 to 30 A, {amperes:g} A are asked")
    _known(name, SHORTEST <= seconds <= LONGEST, f"{SHORTEST} to {LONGEST} s, {seconds:g} s are asked")
    _known(name, 1e-4 <= highest <= 0.65, f"limits of 0.1 to 650 mohm, {highest:g} ohm are asked")
    high = _down(highest, 1e-4)
    head = f"MANU:{Function.GB}"
    return Step(
        Function.GB,
        (
            f"MANU:EDIT:MODE {Function.GB}",
            f"{head}:CURR {amperes:.2f}",
            f"{head}:RHIS {high * 1e3:.1f}",
            f"{head}:RLOS 0.0",
            f"{head}:TTIM {seconds:.1f}",
            f"{head}:FREQ {BOND_HERTZ}",
            f"{head}:REF 0",
        ),
        ((f"{head}:REF ?", 0.0, "ohm"), (f"{head}:FREQ ?", float(BOND_HERTZ), "Hz")),
        Shown(Function.GB, amperes, high, 0.0, None, seconds),
        AMPS_OF_BOND,
        OHMS_OF_BOND,
        1e-4,
    )


def _known(name: str, known: bool, what: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not known:
        raise Unsupported(name, f"it is known to do {what}")


def _near(wanted: float, got: float, by: float) -> bool:
    return wanted == got or abs(wanted - got) <= by


def _down(value: float, digit: float) -> float:
    return math.floor(value / digit + 1e-6) * digit


def _up(value: float, digit: float) -> float:
    return math.ceil(value / digit - 1e-6) * digit
