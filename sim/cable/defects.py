"""What each fault of a cable does to a harness."""

import math
from collections.abc import Callable, Mapping

from sim.cable.harness import Harness, Joint, Touch, pins

TOUCHES_AT = 0.4
"""Where two strands touch: this part of the shorter one's length from their ends a."""
GAUGE_STEP = 1.26
"""The resistances of two wires that are one step of AWG apart, as a ratio."""

CRIMPED = 0.02
"""Metres at end b over which filaments are broken."""

Places = tuple[str, ...]
Defect = Callable[[Harness, Places, float], None]


def add(harness: Harness, fault: str, places: Places, value: float | None) -> None:
    """Put a fault of the cable into a harness. Raises KeyError when `fault` is none of `DEFECTS`."""
    DEFECTS[fault](harness, places, math.inf if value is None else value)


def _open(harness: Harness, places: Places, metres: float) -> None:
    harness.runs[places[0]].cuts.append(metres)


def _touch(harness: Harness, places: Places, ohms: float) -> None:
    one, other = (harness.runs[name] for name in places)
    harness.touches.append(Touch(one.name, other.name, TOUCHES_AT * min(one.length, other.length), ohms))


def _swap(harness: Harness, places: Places, _: float) -> None:
    one, other = (harness.runs[name] for name in places)
    one.b, other.b = other.b, one.b


def _swap_pair(harness: Harness, places: Places, value: float) -> None:
    for wires in zip(*(harness.unit.pairs[pair] for pair in places), strict=True):
        _swap(harness, wires, value)


def _split_pair(harness: Harness, places: Places, _: float) -> None:
    (first, second), (third, fourth) = (harness.twins[pair] for pair in places)
    harness.twins.update(zip(places, ((first, fourth), (third, second)), strict=True))


def _reversed(harness: Harness, places: Places, _: float) -> None:
    every = pins(harness.unit, places[0])
    there = dict(zip(every, reversed(every), strict=True))
    for run in harness.runs.values():
        run.a, run.b = there.get(run.a, run.a), there.get(run.b, run.b)


def _miswire(harness: Harness, places: Places, _: float) -> None:
    harness.runs[places[0]].b = places[1]


def _missing(harness: Harness, places: Places, _: float) -> None:
    del harness.runs[places[0]]


def _join(harness: Harness, places: Places, ohms: float) -> None:
    one, other = places
    harness.joints.append(Joint(one, other, ohms))


def _bad_contact(harness: Harness, places: Places, ohms: float) -> None:
    harness.runs[places[0]].at_b += ohms


def _broken_strands(harness: Harness, places: Places, part: float) -> None:
    run = harness.runs[places[0]]
    run.at_b += run.ohms_per_metre * CRIMPED * part / (1.0 - part)


def _wrong_gauge(harness: Harness, places: Places, steps: float) -> None:
    harness.runs[places[0]].ohms_per_metre *= GAUGE_STEP**steps


def _wrong_length(harness: Harness, places: Places, factor: float) -> None:
    for run in harness.runs.values():
        if places[0] in {"", run.name}:
            run.length *= factor


DEFECTS: Mapping[str, Defect] = {
    "open": _open,
    "short": _touch,
    "leak": _touch,
    "swap": _swap,
    "swap-pair": _swap_pair,
    "split-pair": _split_pair,
    "reversed": _reversed,
    "miswire": _miswire,
    "missing-jumper": _missing,
    "extra-jumper": _join,
    "high-resistance": _bad_contact,
    "film": _bad_contact,
    "intermittent": _bad_contact,
    "strands-broken": _broken_strands,
    "wrong-gauge": _wrong_gauge,
    "wrong-length": _wrong_length,
    "shield-open": _open,
    "shield-short": _touch,
}
