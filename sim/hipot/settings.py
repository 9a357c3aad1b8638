"""The manual tests of a GPT-9804: what can be set, within which limits, and how settings are said.

Limits are those of public code and of the pages of the GPT-9000 manual (ACW: pages 134 and 135).
"""

import copy
from dataclasses import dataclass, field
from typing import NamedTuple

from sim.parameters import ScpiError, plain

STEPS = 100
RAMP = (0.1, 999.9)
NULL = "NULL"


class Refusal(ScpiError):
    """What the tester says no to. Its errors have numbers of their own, and neither signs nor quotes."""

    def __str__(self) -> str:
        return f"{self.code},{self.text}"


def command_error() -> Refusal:
    """No such command."""
    return Refusal(20, "Command Error")


def value_error() -> Refusal:
    """No such value."""
    return Refusal(21, "Value Error")


def mode_error() -> Refusal:
    """Not in this mode, or not now."""
    return Refusal(24, "Mode Error")


class Setting(NamedTuple):
    """A number that can be set: its limits, its unit as it is said, and the digits behind the point."""

    least: float
    most: float
    default: float
    unit: str
    digits: int

    def spell(self, value: float) -> str:
        """As the tester says it; an upper limit of insulation may be none at all."""
        if value == float("inf"):
            return NULL
        digits = self.digits
        if self.unit == "mA":  # four digits, however they fall
            digits = 3 if value < 10 else 2
        return f"{value:05.1f}S" if self.unit == "S" else f"{value:.{digits}f}{self.unit}"

    def take(self, text: str) -> float:
        """The value of a text. Raises Refusal."""
        if text.upper() == NULL and self.unit == "M ohm":
            return float("inf")
        value = plain(text) if text else None
        if value is None or not self.least <= value <= self.most:
            raise value_error()
        return round(value, self.digits)


_SECONDS = Setting(0.5, 999.9, 1.0, "S", 1)
_HERTZ = Setting(50, 60, 60, " Hz", 0)

MODES: dict[str, dict[str, Setting]] = {
    "ACW": {
        "VOLTage": Setting(0.1, 5.0, 0.1, "kV", 3),
        "CHISet": Setting(0.001, 42.0, 1.0, "mA", 3),
        "CLOSet": Setting(0.0, 41.9, 0.0, "mA", 3),
        "TTIMe": _SECONDS,
        "FREQuency": _HERTZ,
        "REF": Setting(0.0, 41.9, 0.0, "mA", 3),
        "ARCCurrent": Setting(0.0, 80.0, 1.0, "mA", 3),
    },
    "DCW": {
        "VOLTage": Setting(0.1, 6.1, 0.1, "kV", 3),
        "CHISet": Setting(0.001, 11.0, 1.0, "mA", 3),
        "CLOSet": Setting(0.0, 10.9, 0.0, "mA", 3),
        "TTIMe": _SECONDS,
        "REF": Setting(0.0, 10.9, 0.0, "mA", 3),
        "ARCCurrent": Setting(0.0, 22.0, 1.0, "mA", 3),
    },
    "IR": {
        "VOLTage": Setting(0.05, 1.0, 0.05, "kV", 3),
        "RHISet": Setting(1, 9999, float("inf"), "M ohm", 0),
        "RLOSet": Setting(1, 9999, 1, "M ohm", 0),
        "TTIMe": Setting(1.0, 999.9, 1.0, "S", 1),
        "REF": Setting(0, 9999, 0, "M ohm", 0),
    },
    "GB": {
        "CURRent": Setting(3.0, 30.0, 3.0, "A", 2),
        "RHISet": Setting(0.1, 650.0, 100.0, "m ohm", 1),
        "RLOSet": Setting(0.0, 649.9, 0.0, "m ohm", 1),
        "TTIMe": _SECONDS,
        "FREQuency": _HERTZ,
        "REF": Setting(0.0, 649.9, 0.0, "m ohm", 1),
    },
}
"""By function, then as the manual writes it."""

_PAIRS = (("CLOSet", "CHISet"), ("RLOSet", "RHISet"))


@dataclass(slots=True)
class Step:
    """One manual test."""

    mode: str = "ACW"
    ramp: float = 0.1
    name: str = "MANU_NAME"
    arc: str = "OFF"
    ground: bool = False
    values: dict[str, dict[str, float]] = field(
        default_factory=lambda: {
            mode: {each: of.default for each, of in table.items()} for mode, table in MODES.items()
        }
    )

    def value(self, name: str) -> float:
        """A setting of the function that is chosen."""
        return self.values[self.mode][name]

    def put(self, mode: str, name: str, text: str) -> None:
        """Set a value of the function that is chosen. Raises Refusal."""
        if mode != self.mode:
            raise mode_error()
        value = MODES[mode][name].take(text)
        if name == "FREQuency" and value not in {50, 60}:
            raise value_error()
        wanted = {**self.values[mode], name: value}
        for low, high in _PAIRS:
            if low in wanted and wanted[low] >= wanted[high]:
                raise value_error()
        _too_much(mode, wanted)
        self.values[mode] = wanted
        self.check()

    def check(self) -> None:
        """More than 30 mA cannot be held for long. Raises Refusal."""
        if self.mode == "ACW" and self.value("CHISet") > 30 and self.ramp + self.value("TTIMe") >= 240:
            raise Refusal(25, "Time Error")

    def show(self) -> str:
        """The whole test on one line."""
        table, values = MODES[self.mode], self.values[self.mode]
        low, high = next(pair for pair in _PAIRS if pair[0] in table)
        stimulus = "CURRent" if self.mode == "GB" else "VOLTage"
        said = [self.mode, table[stimulus].spell(values[stimulus])]
        said += [f"H={table[high].spell(values[high])}", f"L={table[low].spell(values[low])}"]
        if self.mode != "GB":
            said.append(f"R={self.ramp:05.1f}S")
        return ",".join([*said, f"T={table['TTIMe'].spell(values['TTIMe'])}"])

    def copy(self) -> "Step":
        """As it is now."""
        return copy.deepcopy(self)


def _too_much(mode: str, wanted: dict[str, float]) -> None:
    if mode == "DCW" and wanted["VOLTage"] * wanted["CHISet"] > 50:  # kV times mA
        raise Refusal(26, "DC Over 50W")
    if mode == "GB" and wanted["CURRent"] * wanted["RHISet"] / 1e3 > 5.4:
        raise Refusal(27, "GBV Over 5.4V")
