"""The parts of a cable as a product file writes them: connectors, and wires or ranges of alike ones."""

from dataclasses import dataclass, field
from math import isfinite
from typing import Any, ClassVar, Literal

from sequences.cabling.copper import area
from sequences.cabling.places import expand
from sequences.family import Problem

Place = tuple[str | int, ...]
"""Where in the document, as keys and indices."""
Kind = Literal["wire", "shield", "mate"]
MOST_PINS = 2000
MOST_WIRES = 20_000
MOST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Connector:
    """`pins` is how many there are (named 1, 2, ...) or their names in order; `labels` are for people."""

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid", "strict": True, "use_attribute_docstrings": True}
    pins: int | list[str]
    """A number of pins, or the pins' names in order."""
    title: str = ""
    """What it is: maker, type, gender."""
    labels: dict[str, str] = field(default_factory=dict)
    """Pin name to signal name."""

    @property
    def names(self) -> tuple[str, ...]:
        """The pins' names in order."""
        if isinstance(self.pins, list):
            return tuple(self.pins)
        return tuple(str(pin) for pin in range(1, min(self.pins, MOST_PINS + 1) + 1))


@dataclass(frozen=True, slots=True)
class Span:
    """One wire, or a range of alike ones: name `W1-8`, ends `J1.1-8` and `J2.1-8`."""

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid", "strict": True, "use_attribute_docstrings": True}
    name: str
    """The wire's name, or a range W1-8."""
    ends: list[str]
    """Two places: pins (J1.3) or joints (S1), or ranges as long as the name's."""
    gauge: str | None = None
    """'24 AWG' or '0.25 mm2'; without it the structure's gauge holds."""
    length: float | None = None
    """Metres; without it the structure's length holds."""
    kind: Kind = "wire"
    """A wire, a shield, or the contact between two mated connectors."""
    color: str = ""
    """For people."""

    def places(self, here: Place, found: list[Problem]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """The wires' names, and their places at the two ends. What cannot be read is added to `found`."""
        names = expanded((*here, "name"), self.name, found)
        ends = [expanded((*here, "ends", at), end, found) for at, end in enumerate(self.ends)]
        if len(ends) != 2:
            found.append(((*here, "ends"), f"a wire has two ends, not {len(ends)}"))
        elif names and all(ends) and not len(names) == len(ends[0]) == len(ends[1]):
            counts = f"{len(ends[0])} and {len(ends[1])} places"
            found.append(((*here, "ends"), f"{self.name} is {len(names)} wires, but the ends are {counts}"))
        return names, ends


def expanded(where: Place, text: str, found: list[Problem]) -> tuple[str, ...]:
    """The names of a range. What cannot be read is added to `found`."""
    try:
        return expand(text)
    except ValueError as odd:
        found.append((where, str(odd)))
        return ()


def odd_gauge(where: Place, gauge: str | None) -> list[Problem]:
    """What is wrong with a gauge."""
    try:
        if gauge is not None:
            area(gauge)
    except ValueError as odd:
        return [(where, str(odd))]
    return []


def odd_text(where: Place, text: str) -> list[Problem]:
    """What is wrong with a text for people."""
    if len(text) <= MOST_TEXT and text.isprintable():
        return []
    return [(where, f"found {text[:60]!a}; allowed: one printable line of at most {MOST_TEXT} characters")]


def odd_length(where: Place, length: float | None) -> list[Problem]:
    """What is wrong with a length in metres."""
    if length is None or (isfinite(length) and 0 <= length <= 1000):
        return []
    return [(where, f"found {length:g}; allowed: 0 to 1000 metres")]
