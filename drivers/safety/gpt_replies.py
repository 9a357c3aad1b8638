"""What a GW Instek GPT-9800 says: results and programmed steps, with the units that it writes. Strict, pure, no I/O.

`MEAS ?` answers `ACW,PASS ,0.500kV,0.001 mA ,T=001.0S` (GPT-9000 series manual, page 117: function, judgement or status,
voltage or current, current or resistance, T= the time of a test that was completed or R= that of a ramp that was not).
`MANU1:EDIT:SHOW ?` answers `ACW,0.500kV,H=1.000mA,L=0.000mA,R=000.1S,T=001.0S` (as public code reads it). What is not in
these grammars is a ValueError.
"""

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from drivers.scpi import number, shown

UNITS: dict[str, tuple[str, float]] = {
    "V": ("V", 1.0),
    "kV": ("V", 1e3),
    "A": ("A", 1.0),
    "mA": ("A", 1e-3),
    "uA": ("A", 1e-6),
    "ohm": ("ohm", 1.0),
    "uohm": ("ohm", 1e-6),
    "mohm": ("ohm", 1e-3),
    "kohm": ("ohm", 1e3),
    "Mohm": ("ohm", 1e6),
    "Gohm": ("ohm", 1e9),
    "Hz": ("Hz", 1.0),
}
"""Case counts: a milliohm is not a megohm. A blank may stand before the unit and behind its prefix."""
_AMOUNT = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?) *(?P<prefix>[kMGmu]?) *(?P<unit>V|A|ohm|Hz)")
_TIME = re.compile(r"(?P<which>[TR])=(?P<seconds>[0-9]{1,4}(?:\.[0-9]+)?)S")
_BARE = re.compile(r"[0-9]+(?:\.[0-9]+)?")


class Function(StrEnum):
    """The tests of the family, as it writes them."""

    ACW = "ACW"
    DCW = "DCW"
    IR = "IR"
    GB = "GB"


class Status(StrEnum):
    """What a tester is doing, or its judgement."""

    VIEW = "VIEW"
    TEST = "TEST"
    PASS = "PASS"  # noqa: S105 - no password
    FAIL = "FAIL"


STIMULUS = {Function.ACW: "V", Function.DCW: "V", Function.IR: "V", Function.GB: "A"}
RESULT = {Function.ACW: "A", Function.DCW: "A", Function.IR: "ohm", Function.GB: "ohm"}
"""The units of what is applied and of what is judged."""


@dataclass(frozen=True, slots=True)
class Result:
    """One reply to `MEAS ?`, in volts, amperes, ohms and seconds; `seconds` of the test itself, 0 when it is still in, or
    has ended in, its ramp.
    """

    function: Function
    status: Status
    stimulus: float
    result: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Shown:
    """One programmed step, in volts, amperes, ohms and seconds; `high` is infinite where it is NULL, `low` is 0."""

    function: Function
    stimulus: float
    high: float
    low: float
    ramp: float | None
    seconds: float


def amount(text: str, unit: str) -> float:
    """An amount of `unit` (V, A, ohm or Hz) with its prefix. Raises ValueError for another unit, or none."""
    found = _AMOUNT.fullmatch(text.strip(" "))
    if found is None:
        raise ValueError(f"not an amount: {shown(text)}")
    known = UNITS.get(found["prefix"] + found["unit"])
    if known is None or known[0] != unit:
        raise ValueError(f"not in {unit}: {shown(text)}")
    return number(found["number"]) * known[1]


def setting(text: str, unit: str) -> float:
    """The value of one setting: a bare number, in the unit in which it is told, or an amount of `unit` in that unit."""
    bare = text.strip(" ")
    return number(bare) if _BARE.fullmatch(bare) else amount(bare, unit)


def result(text: str) -> Result:
    """A reply to `MEAS ?`."""
    fields = text.split(",")
    if len(fields) != 5:
        raise ValueError(f"a result has 5 fields, this one has {len(fields)}: {shown(text)}")
    function, status = _word(Function, fields[0], text), _word(Status, fields[1], text)
    time = _TIME.fullmatch(fields[4].strip(" "))
    if time is None:
        raise ValueError(f"not a time of a test: {shown(fields[4])}")
    return Result(
        function,
        status,
        amount(fields[2], STIMULUS[function]),
        amount(fields[3], RESULT[function]),
        number(time["seconds"]) if time["which"] == "T" else 0.0,
    )


def step(text: str) -> Shown:
    """A reply to `MANU<n>:EDIT:SHOW ?`. Limits of an insulation test may be NULL, and its megohms may have no unit."""
    head, *rest = [field.strip(" ") for field in text.split(",")]
    function = _word(Function, head, text)
    if not rest:
        raise ValueError(f"not a step: {shown(text)}")
    named: dict[str, str] = {}
    for field in rest[1:]:
        name, equals, value = field.partition("=")
        if not equals or name not in {"H", "L", "R", "T"} or name in named:
            raise ValueError(f"not a setting of a step: {shown(field)} in {shown(text)}")
        named[name] = value
    if not {"H", "L", "T"} <= named.keys():
        raise ValueError(f"limits and time of a step are missing: {shown(text)}")
    return Shown(
        function,
        amount(rest[0], STIMULUS[function]),
        _limit(function, named["H"], math.inf),
        _limit(function, named["L"], 0.0),
        _seconds(named["R"]) if "R" in named else None,
        _seconds(named["T"]),
    )


def _limit(function: Function, text: str, none: float) -> float:
    if function is Function.IR:
        if text.strip(" ") == "NULL":
            return none
        if _BARE.fullmatch(text) or text.endswith("M"):
            return number(text.removesuffix("M").rstrip(" ")) * 1e6
    return amount(text, RESULT[function])


def _seconds(text: str) -> float:
    if not text.endswith("S"):
        raise ValueError(f"not a time: {shown(text)}")
    return number(text[:-1])


Word = TypeVar("Word", bound=StrEnum)


def _word(words: type[Word], text: str, whole: str) -> Word:
    try:
        return words(text.strip(" "))
    except ValueError:
        raise ValueError(f"{shown(text)} is none of {', '.join(words)}: {shown(whole)}") from None
