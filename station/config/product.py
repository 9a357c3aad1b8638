"""Products: what a part number is, and what it must be."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from sequences.family import Family, Structure, Wiring
from sequences.limits import Limit
from sequences.measurement import Point
from sequences.rules import Rule
from sequences.sequence import Sequence
from station.config.documents import Document, read
from station.config.limits import Drawn, LimitEntry, odd_rule, read_limits, resolve_limits, rule_of
from station.config.names import NAME, PART_NUMBER, REVISION, SPOKEN, is_title
from station.config.problems import Flaw, Place, nearest, shown
from station.config.serials import checked_pattern, checked_serial
from station.config.shapes import STRICT, fitting, shape


@dataclass(frozen=True, slots=True)
class ProductHeader:
    """What the product is called, and what tests it."""

    __pydantic_config__: ClassVar[Any] = STRICT
    part_number: str
    """A-Z, 0-9, '.', '_' and '-'."""
    revision: str
    """Several revisions of a part number live side by side; the newest is meant unless PN@REV is said."""
    family: str
    """The family that knows its structure: cabling, ..."""
    sequence: str
    """The sequence that proves it good."""
    jigs: list[str]
    """The jigs that it mates with."""
    title: str = ""
    """For people."""
    serial: str | None = None
    """A regular expression that its serial numbers fit, stricter than the general grammar."""
    rule: str = "u"
    """The decision rule of those of its limits that name none."""


@dataclass(frozen=True, slots=True)
class ProductDocument:
    """A product file."""

    __pydantic_config__: ClassVar[Any] = STRICT
    product: ProductHeader
    """What the product is called, and what tests it."""
    structure: dict[str, Any]
    """What it is made of, as its family writes it."""
    limits: dict[str, LimitEntry] = field(default_factory=dict)
    """Limits by measurement, or by measurement[point]."""


@dataclass(frozen=True)
class Product:
    """A product whose file has no problems."""

    header: ProductHeader
    family: Family
    structure: Structure
    limits: Mapping[str, Drawn]
    document: Document

    @property
    def part_number(self) -> str:
        """Its part number."""
        return self.header.part_number

    @property
    def revision(self) -> str:
        """Its revision."""
        return self.header.revision

    @property
    def title(self) -> str:
        """What it is, for people."""
        return self.header.title

    @property
    def jigs(self) -> tuple[str, ...]:
        """The names of the jigs that it mates with."""
        return tuple(self.header.jigs)

    @cached_property
    def sequence(self) -> Sequence:
        """The sequence that proves it good."""
        return next(each for each in self.family.sequences if each.name == self.header.sequence)

    @property
    def digest(self) -> str:
        """A fingerprint of its file."""
        return self.document.digest

    @property
    def name(self) -> str:
        """`PN@REV`."""
        return f"{self.part_number}@{self.revision}"

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """What its serial numbers fit besides the general grammar."""
        return None if self.header.serial is None else checked_pattern(self.header.serial)

    def serial(self, text: str) -> str:
        """`text`, if it is a serial number of this product. Raises ValueError."""
        return checked_serial(text, self.pattern)

    def limits_for(self, sequence: Sequence, wiring: Wiring | None = None) -> dict[Point, Limit]:
        """The limit of every point of a sequence, the station's own ones too if there is a `wiring`. Raises BadDocuments."""
        found, flaws = resolve_limits(sequence, self.structure, self.limits, wiring)
        self.document.require(flaws)
        return found


def read_product(file: Path, families: Mapping[str, Family]) -> Product:
    """The product in a file. Raises BadDocuments with all that is wrong."""
    return product_of(read(file), families)


def product_of(document: Document, families: Mapping[str, Family]) -> Product:
    """The product of a document. Raises BadDocuments with all that is wrong."""
    tables = document.tables
    _, flaws = shape(ProductDocument, tables)
    header, _ = shape(ProductHeader, tables.get("product"))
    family = families.get(document.said("product", "family"))
    if header is not None:
        flaws += [*_odd_header(header), *_odd_family(header, families)]
    structure, odd = _structure(tables.get("structure"), family)
    flaws += odd
    limits: dict[str, Drawn] = {}
    if family is not None:
        sound = structure if not odd else None
        usual = (rule_of(header.rule) if header else None) or Rule.U
        limits, odd = read_limits(fitting(LimitEntry, tables.get("limits")), family.sequences, sound, usual)
        flaws += odd
    if family is not None and structure is not None and sound is not None:
        named = document.said("product", "sequence")
        for sequence in (each for each in family.sequences if each.name == named):
            said = {
                str(each.where[1]).partition("[")[0] for each in flaws if each.where[0] == "limits" and each.where[1:]
            }
            unresolved = resolve_limits(sequence, structure, limits)[1]
            flaws += [each for each in unresolved if each.where[1] not in said]
    document.require(flaws)
    if header is None or family is None or structure is None:
        raise AssertionError("what cannot be read has flaws")
    return Product(header, family, structure, limits, document)


def structure_of(document: Document, families: Mapping[str, Family]) -> Structure | None:
    """What the product of a document is made of, whatever else is not known of it; None where that cannot be read."""
    structure, flaws = _structure(document.tables.get("structure"), families.get(document.said("product", "family")))
    return None if flaws else structure


def _structure(given: object, family: Family | None) -> tuple[Structure | None, list[Flaw]]:
    if family is None or not isinstance(given, dict):
        return None, []
    structure, flaws = shape(family.structure, given, ("structure",))
    # What can be read without the values that do not fit has problems of its own to tell.
    told = structure or shape(family.structure, _without(given, [flaw.where[1:] for flaw in flaws]))[0]
    if told is not None:
        flaws += [Flaw(("structure", *where), what) for where, what in told.problems()]
    return structure, flaws


def _without(given: dict[str, Any], places: Iterable[Place]) -> dict[str, Any]:
    """The same tables without the keys at some places; places in arrays stay what they are."""
    copy = deepcopy(given)
    for *way, key in (place for place in places if len(place) > 2):  # a whole part that is missing is told once
        inside: Any = copy
        with suppress(LookupError, TypeError):
            for step in way:
                inside = inside[step]
            if isinstance(inside, dict):
                del inside[key]
    return copy


def _odd_header(header: ProductHeader) -> Iterator[Flaw]:
    if not PART_NUMBER.fullmatch(header.part_number):
        yield Flaw(("product", "part_number"), shown(header.part_number), SPOKEN[PART_NUMBER])
    if not REVISION.fullmatch(header.revision):
        yield Flaw(("product", "revision"), shown(header.revision), SPOKEN[REVISION])
    if not is_title(header.title):
        yield Flaw(("product", "title"), shown(header.title), "one printable line of at most 200 characters")
    if not header.jigs:
        yield Flaw(("product", "jigs"), "no jig", "the names of one or more jigs")
    for at, name in enumerate(header.jigs):
        if not NAME.fullmatch(name):
            yield Flaw(("product", "jigs", at), shown(name), SPOKEN[NAME])
    yield from odd_rule(("product", "rule"), header.rule)
    if header.serial is not None:
        try:
            checked_pattern(header.serial)
        except ValueError as odd:
            yield Flaw(("product", "serial"), f"{shown(header.serial)}: {odd}")


def _odd_family(header: ProductHeader, families: Mapping[str, Family]) -> Iterator[Flaw]:
    family = families.get(header.family)
    if family is None:
        yield Flaw(("product", "family"), shown(header.family), nearest(header.family, families))
    elif header.sequence not in (names := [each.name for each in family.sequences]):
        yield Flaw(("product", "sequence"), shown(header.sequence), nearest(header.sequence, names))
