"""Resistances that are copper, but not the copper that was drawn: gauge, length, contact. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sequences.arithmetic import power
from sequences.cabling import amounts
from sequences.cabling.netlist import Netlist, Path
from sequences.cabling.places import spoken
from sequences.finding import Finding

CONTACTS = 0.004
"""Ohms that two good contacts add to a wire."""
SPREAD = 0.002
"""Ohms by which good contacts differ: of a thick wire that is many centimetres."""
LIKENESS = 0.04
"""How far a ratio may be from a whole number of gauge steps to look like one."""
STEPS = 4
"""Gauge steps beyond which nobody takes the wrong reel."""
_GREW: Final = {steps: power(92, Decimal(2 * steps) / 39) for steps in range(-STEPS, STEPS + 1)}
"""By how much so many gauge steps make a resistance grow (positive: thinner)."""
ALIKE = 0.05
"""How far the ratios of two wires may differ, as a fraction, to have one cause."""
MOST = 0.8
"""The part of all wires that must be off by one ratio to blame the whole cable."""


@dataclass(frozen=True, slots=True)
class Odd:
    """A path whose resistance (ohms at 20 degrees Celsius) is outside its limit, and its nominal value, if any."""

    path: Path
    ohms: float
    nominal: float | None
    extra: float | None = None
    """Metres by which its net is longer than drawn, by capacitance."""


def explain(netlist: Netlist, odd: list[Odd], good: set[str]) -> list[Finding]:
    """Findings for odd paths; `good` are the wires that a passing path has proven.

    Paths that are off by the same ohms and share a wire which nothing has proven are one finding: that wire.
    """
    left, findings = list(odd), list[Finding]()
    while left:
        each = left.pop(0)
        suspects = [name for name in each.path.wires if name not in good]
        alike = [
            other for other in left if _excess_alike(each, other) and not set(suspects).isdisjoint(other.path.wires)
        ]
        shared = [name for name in suspects if all(name in other.path.wires for other in alike)]
        if alike and shared:
            left = [other for other in left if other not in alike]
            findings.append(_one(netlist, each, shared[0]))
        else:
            findings.append(_one(netlist, each, _likeliest(netlist, each.path, good)))
    return findings


def _excess_alike(one: Odd, other: Odd) -> bool:
    """Whether two paths have the same ohms too much; where nothing is nominal, the same ohms."""
    if (one.nominal is None) != (other.nominal is None):
        return False
    first, second = one.ohms - (one.nominal or 0.0), other.ohms - (other.nominal or 0.0)
    return abs(first - second) < 0.005 + 0.1 * abs(first)


def whole_cable(odd: list[Odd], seen: Mapping[str, tuple[float, float]]) -> Finding | None:
    """One finding when nearly every wire is off alike, marked with those that are.

    `seen` are the ohms and the nominal ohms of every path that conducts.
    """
    if len(seen) < 3 or len(odd) < MOST * len(seen):
        return None
    middle = sorted((ohms - CONTACTS) / nominal for ohms, nominal in seen.values())[len(seen) // 2]
    alike = {name for name, (ohms, nominal) in seen.items() if _is_times(ohms, nominal, middle)}
    if len(alike) < MOST * len(seen):
        return None
    text = f"every wire has {middle:.2f} times its resistance: the cable is {middle:.2f} times as long as drawn"
    if (step := _gauge_steps(middle)) is not None:
        text += f", or its wires are {_steps(step)}"
    marks = dict.fromkeys(wire for each in odd if each.path.name in alike for wire in each.path.wires)
    return Finding("wrong-length", "", text, 0.7 if step is not None else 0.9, tuple(marks))


def _is_times(ohms: float, nominal: float, ratio: float) -> bool:
    """Whether a path's copper is `ratio` times what is drawn; of short wires the contacts hide it."""
    return abs(ohms - CONTACTS - ratio * nominal) < ALIKE * ratio * nominal + CONTACTS


def _one(netlist: Netlist, odd: Odd, where: str) -> Finding:
    path = odd.path
    ends = f"{spoken(path.a)} to {spoken(path.b)}"
    marks = tuple(path.wires)
    if path.shield:
        return Finding("high-resistance", where, f"shield {where} has {amounts.ohms(odd.ohms)}, {ends}", 0.9, marks)
    if odd.nominal:
        mine = netlist.wires[where].ohms or odd.nominal
        copper = (odd.ohms - CONTACTS - (odd.nominal - mine)) / mine
        step = _gauge_steps(copper)
        if (metres := _length(netlist, odd, where)) is not None:
            text = f"{where} is {abs(metres):.2f} m {'longer' if metres > 0 else 'shorter'} than drawn ({ends})"
            return Finding("wrong-length", where, text, 0.9, marks)
        times = odd.ohms / odd.nominal
        said = f"{where} has {amounts.ohms(odd.ohms)}, {times:.{2 if times < 100 else 0}f} times its nominal ({ends})"
        if copper < 1:
            thicker = (
                f": its wire is {_steps(step)}" if step is not None else ": its wire is thicker or shorter than drawn"
            )
            return Finding("wrong-gauge", where, said + thicker, 0.9, marks)
        if step is not None:
            extra = amounts.ohms(odd.ohms - odd.nominal)
            return Finding(
                "wrong-gauge",
                where,
                f"{said}: its wire is {_steps(step)}, or a contact has {extra} too much",
                0.7,
                marks,
            )
        return Finding(
            "high-resistance",
            where,
            f"{said}: a bad crimp or contact, {amounts.ohms(odd.ohms - odd.nominal)} too much",
            0.9,
            marks,
        )
    return Finding(
        "high-resistance", where, f"{where} has {amounts.ohms(odd.ohms)}, {ends}: a bad crimp or contact", 0.9, marks
    )


def _likeliest(netlist: Netlist, path: Path, good: set[str]) -> str:
    """The wire to name for a path of several: not one that is proven good; of the rest the one at the path's far pin."""
    real = [name for name in path.wires if netlist.wires[name].kind != "mate"] or list(path.wires)
    suspects = [name for name in real if name not in good] or real
    ending = [name for name in suspects if path.b in (netlist.wires[name].a, netlist.wires[name].b)]
    return (ending or suspects)[0]


def _length(netlist: Netlist, odd: Odd, where: str) -> float | None:
    """Metres that a wire is too long, when copper and capacitance agree on them; None when they do not, or nobody knows."""
    wire = netlist.wires[where]
    if odd.extra is None or not odd.nominal or not wire.length or not wire.ohms:
        return None
    by_copper = (odd.ohms - CONTACTS - odd.nominal) * wire.length / wire.ohms
    doubt = max(0.08, 0.2 * abs(by_copper)) + SPREAD * wire.length / wire.ohms
    agree = abs(by_copper - odd.extra) < doubt
    return odd.extra if agree and abs(odd.extra) > 0.05 * wire.length else None


def _gauge_steps(ratio: float) -> int | None:
    """The AWG steps that explain a ratio of resistances (positive: thinner), if any do."""
    if ratio <= 0:
        return None
    steps = min(_GREW, key=lambda each: abs(ratio / _GREW[each] - 1))
    return steps if steps and abs(ratio / _GREW[steps] - 1) < LIKENESS else None


def _steps(step: int) -> str:
    return f"{abs(step)} gauge step{'s' if abs(step) > 1 else ''} {'thinner' if step > 0 else 'thicker'}"
