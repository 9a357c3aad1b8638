"""What each fault of a cable does to a harness."""

from collections.abc import Callable

from sim.cable.harness import Harness, Joint, Touch, pins

TOUCHES_AT = 0.4
"""Where two strands touch: this part of the shorter one's length from their ends a."""
GAUGE_STEP = 1.26
"""The resistances of two wires that are one step of AWG apart, as a ratio."""

Places = tuple[str, ...]


def add(harness: Harness, fault: str, places: Places, value: float | None) -> None:
    """Put a fault of the cable into a harness. Raises KeyError where the catalogue has no such fault of a cable."""
    _DEFECTS[fault](harness, places, value or 0.0, value is not None)


def _open(harness: Harness, places: Places, metres: float, here: bool) -> None:
    run = harness.runs[places[0]]
    run.cuts.append(metres if here else run.length)


def _touch(harness: Harness, places: Places, ohms: float) -> None:
    one, other = (harness.runs[name] for name in places)
    harness.touches.append(Touch(one.name, other.name, TOUCHES_AT * min(one.length, other.length), ohms))


def _swap(harness: Harness, places: Places) -> None:
    one, other = (harness.runs[name] for name in places)
    one.b, other.b = other.b, one.b


def _swap_pair(harness: Harness, places: Places) -> None:
    for wires in zip(*(harness.unit.pairs[pair] for pair in places), strict=True):
        _swap(harness, wires)
