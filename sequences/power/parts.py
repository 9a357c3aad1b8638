"""What PDUs' and supplies' documents have in common: safety tests of a product, contactors and proving parts of a jig."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from drivers.roles import Crosspoint
from sequences.family import Problem

STRICT: dict[str, Any] = {"extra": "forbid", "strict": True, "use_attribute_docstrings": True}
CARD_COLUMNS = {"DAQM904A": 8, "34904A": 8}
"""Columns of the matrix cards."""
CARDS = 3
CHANNELS = {"DAQM901A": 20, "34901A": 20, "DAQM902A": 16, "34902A": 16, "DAQM908A": 40, "34908A": 40}
"""Multiplexer cards and how many channels of each can measure volts and temperatures."""
PROVES = (75.0, 500.0)
"""Volts that prove a voltmeter: well above what a hand may touch."""
PORTS = 6
"""Inputs, and outputs, of a module."""
_CONTACTOR = re.compile(r"([1-3])\.([1-4])\.([1-8])")


@dataclass(frozen=True, slots=True)
class Bond:
    """The ground bond test."""

    __pydantic_config__: ClassVar[Any] = STRICT
    amps: float
    """Amperes that flow through the protective earth path."""
    seconds: float
    """For how long."""


@dataclass(frozen=True, slots=True)
class Withstand:
    """The withstand voltage test, live conductors together against protective earth."""

    __pydantic_config__: ClassVar[Any] = STRICT
    volts: float
    """Volts that the insulation must withstand; rms, or of direct current."""
    seconds: float
    """For how long."""
    hertz: float = 0.0
    """50 or 60; 0 is direct current."""


@dataclass(frozen=True, slots=True)
class Insulation:
    """The insulation resistance test."""

    __pydantic_config__: ClassVar[Any] = STRICT
    volts: float
    """Volts of direct current."""
    seconds: float
    """For how long."""


@dataclass(frozen=True, slots=True)
class Proving:
    """A resistor on the jig by which the tester and its leads are proven."""

    __pydantic_config__: ClassVar[Any] = STRICT
    ohms: float
    """Its value, leads included."""
    tolerance: float
    """How far its reading may be off, as a fraction (0.1 is 10 %)."""


@dataclass(frozen=True, slots=True)
class ProvingVolts:
    """The jig's own voltages by which the voltmeter is proven: one of direct and one of alternating current, both alike."""

    __pydantic_config__: ClassVar[Any] = STRICT
    volts: float
    """What each of them has: more than may be touched, so that a meter that shows it would show a danger, too."""
    tolerance: float
    """How far its reading may be off, as a fraction (0.03 is 3 %)."""


def crosspoint(text: str) -> Crosspoint:
    """The contactor written `card.row.column`. Raises ValueError."""
    match = _CONTACTOR.fullmatch(text)
    if match is None:
        raise ValueError(f"a contactor is written card.row.column, such as 1.3.1, not {text[:40]!r}")
    return Crosspoint(int(match[1]), int(match[2]), int(match[3]))


def odd_contactors(contactors: Mapping[str, str], wanted: Iterable[str], cards: list[str]) -> Iterator[Problem]:
    """What is wrong with the contactors of a jig: each wanted one must be there, once, on a matrix card."""
    here = ("contactors",)
    missing = [name for name in wanted if name not in contactors]
    if missing:
        yield here, f"nothing leads to {', '.join(missing)}"
    taken: dict[str, str] = {}
    for name, text in contactors.items():
        if name not in wanted:
            yield (*here, name), f"nothing here is called {name!r}; allowed: {', '.join(wanted)}"
        try:
            at = crosspoint(text)
        except ValueError as odd:
            yield (*here, name), str(odd)
            continue
        if at.card > len(cards) or not cards[at.card - 1]:
            yield (*here, name), f"the jig has no card {at.card}"
        if text in taken:
            yield (*here, name), f"{text} is {taken[text]} already"
        taken.setdefault(text, name)


def odd_cards(where: str, cards: list[str], known: Mapping[str, int]) -> Iterator[Problem]:
    """What is wrong with the cards of a mainframe, slot 1 first."""
    if len(cards) != CARDS:
        yield (where,), f"a mainframe has {CARDS} slots, not {len(cards)}"
    for at, card in enumerate(cards):
        if card and card not in known:
            yield (where, at), f"found {card!r}; allowed: {', '.join(known)} or ''"


def outside(where: tuple[str | int, ...], value: float, low: float, high: float) -> Iterator[Problem]:
    """A problem for a value that makes no sense."""
    if not low <= value <= high:
        yield where, f"found {value:g}; allowed: {low:g} to {high:g}"


def odd_safety(bond: Bond, withstand: Withstand, insulation: Insulation) -> Iterator[Problem]:
    """What is wrong with a product's safety tests."""
    yield from outside(("bond", "amps"), bond.amps, 3.0, 60.0)
    yield from outside(("withstand", "volts"), withstand.volts, 100.0, 6000.0)
    yield from outside(("insulation", "volts"), insulation.volts, 50.0, 1000.0)
    for name, seconds in (("bond", bond.seconds), ("withstand", withstand.seconds), ("insulation", insulation.seconds)):
        yield from outside((name, "seconds"), seconds, 0.5, 600.0)
    if withstand.hertz not in {0.0, 50.0, 60.0}:
        yield ("withstand", "hertz"), f"found {withstand.hertz:g}; allowed: 0 (direct current), 50 or 60"


def odd_ports(cover: int, lamp: int, release: int) -> Iterator[Problem]:
    """What is wrong with the inputs and outputs of a bay's module."""
    for name, port in (("cover", cover), ("lamp", lamp), ("release", release)):
        if port not in range(PORTS):
            yield (name,), f"found {port}; allowed: 0 to {PORTS - 1}"
    if lamp == release:
        yield ("release",), f"{release} is lamp already"


def odd_volts(part: ProvingVolts) -> Iterator[Problem]:
    """What is wrong with the proving voltages."""
    yield from outside(("proving", "volts"), part.volts, *PROVES)
    yield from outside(("proving", "tolerance"), part.tolerance, 1e-3, 0.2)


def odd_proving(name: str, part: Proving, low: float, high: float) -> Iterator[Problem]:
    """What is wrong with a proving part."""
    yield from outside((name, "ohms"), part.ohms, low, high)
    yield from outside((name, "tolerance"), part.tolerance, 1e-3, 0.5)
