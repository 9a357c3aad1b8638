"""The instruments of a station file: which models they are, and at which addresses."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from drivers.model import Model
from station.config.names import SHORT_NAME, SPOKEN
from station.config.places import Places
from station.config.problems import Flaw, Place, nearest, shown
from station.config.shapes import STRICT

MOST_ALIKE = 200
_NUMBER = re.compile(r"\{n(?:\+([0-9]{1,5}))?\}")
_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}")

CheckLink = Callable[[str], object]
"""Raises ValueError for what is no link's address, which says what was found and what is allowed."""


@dataclass(frozen=True, slots=True)
class InstrumentEntry:
    """An instrument, or `count` alike ones."""

    __pydantic_config__: ClassVar[Any] = STRICT
    model: str
    """Its model in the catalogue: `station list models`."""
    link: str = "sim:"
    """Its address: tcp://host:port, modbus-rtu:/dev/...?unit=1, sim:, ...; {n} and {n+20} stand for the number of one of
    several."""
    serial: str | list[str] | None = None
    """The serial number on its plate, or those of all in order, or one with {n}: any other at the address is refused."""
    calibration_due: date | None = None
    """The day after which it must not judge."""
    safe_within: float = 0.2
    """Seconds within which it must have been made safe."""
    count: int = 1
    """How many: two or more are called NAME1, NAME2, ..., and NAME means all of them."""

    def serial_of(self, number: int) -> str | None:
        """The serial number of one of several, counted from 1; None where none is expected."""
        if isinstance(self.serial, list):
            return self.serial[number - 1] if number <= len(self.serial) else None
        return None if self.serial is None else self.serial.replace("{n}", str(number))


@dataclass(frozen=True, slots=True)
class StationInstrument:
    """One instrument of the bench."""

    name: str
    model: str
    link: str
    serial: str | None
    calibration_due: date | None
    safe_within: float


@dataclass(frozen=True, slots=True)
class Instruments:
    """All of them by name, and the names that each entry stands for; of an entry that could not be read, only its own."""

    each: Mapping[str, StationInstrument]
    groups: Mapping[str, tuple[str, ...]]

    def named(self, name: str) -> tuple[str, ...]:
        """The instruments of an entry, or the one instrument of that name; none where there is none."""
        return self.groups.get(name) or ((name,) if name in self.each else ())


def instruments_of(
    entries: Mapping[str, InstrumentEntry],
    models: Mapping[str, Model],
    check_link: CheckLink,
    unread: Iterable[str] = (),
) -> tuple[Instruments, list[Flaw]]:
    """The instruments, and all that is wrong with them."""
    flaws: list[Flaw] = []
    each: dict[str, StationInstrument] = {}
    groups: dict[str, tuple[str, ...]] = {name: (name,) for name in unread}
    places = Places()
    for name, entry in entries.items():
        flaws += _odd_entry(name, entry, models)
        placed = _placed(name, entry)
        groups[name] = tuple(one.name for one in placed)
        for one in placed:
            if one.name in each:
                flaws.append(Flaw(("instruments", name), f"there is another instrument called {one.name}"))
            each[one.name] = one
        flaws += _odd_links(name, placed, models, places, check_link)
    return Instruments(each, groups), flaws


def _placed(name: str, entry: InstrumentEntry) -> list[StationInstrument]:
    count = min(max(entry.count, 1), MOST_ALIKE)
    return [
        StationInstrument(
            name if count == 1 else f"{name}{number}",
            entry.model,
            _NUMBER.sub(lambda match, number=number: str(number + int(match[1] or 0)), entry.link),  # type: ignore[misc]  # a default binds the number
            entry.serial_of(number),
            entry.calibration_due,
            entry.safe_within,
        )
        for number in range(1, count + 1)
    ]


def _odd_entry(name: str, entry: InstrumentEntry, models: Mapping[str, Model]) -> Iterator[Flaw]:
    here = ("instruments", name)
    if not SHORT_NAME.fullmatch(name):
        yield Flaw(here, shown(name), SPOKEN[SHORT_NAME])
    if entry.model not in models:
        yield Flaw((*here, "model"), shown(entry.model), nearest(entry.model, models))
    if not 1 <= entry.count <= MOST_ALIKE:
        yield Flaw((*here, "count"), str(entry.count), f"1 to {MOST_ALIKE}")
    if not 0.01 <= entry.safe_within <= 60:
        yield Flaw((*here, "safe_within"), f"{entry.safe_within:g}", "0.01 to 60 seconds")
    yield from _odd_serials(here, entry)


def _odd_serials(here: Place, entry: InstrumentEntry) -> Iterator[Flaw]:
    if isinstance(entry.serial, str) and entry.count > 1 and "{n}" not in entry.serial:
        yield Flaw((*here, "serial"), shown(entry.serial), f"{entry.count} serial numbers, or one with {{n}}")
    if isinstance(entry.serial, list) and len(entry.serial) != entry.count:
        yield Flaw((*here, "serial"), f"{len(entry.serial)} serial numbers for {entry.count} instruments")
    serials = [entry.serial_of(1)] if isinstance(entry.serial, str) else entry.serial or []
    for serial in serials:
        if serial is not None and not _SERIAL.fullmatch(serial):
            yield Flaw((*here, "serial"), shown(serial), "letters, digits, '.', '_', '/' and '-', at most 40")


def _odd_links(
    name: str,
    placed: list[StationInstrument],
    models: Mapping[str, Model],
    places: Places,
    check_link: CheckLink,
) -> Iterator[Flaw]:
    here = ("instruments", name, "link")
    for one in placed:
        if "{" in one.link or "}" in one.link:
            yield Flaw(here, shown(one.link), "in braces only {n}, or {n+20}")
            return
        try:
            check_link(one.link)
        except ValueError as odd:
            yield Flaw(here, str(odd))
            return
        if wrong := places.take(one.name, one.link, models.get(one.model)):
            yield Flaw(here, wrong)
            return
