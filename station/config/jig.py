"""Jigs: what mates the unit with the instruments, and how it is wired."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from sequences.family import Family, Wiring
from station.config.documents import Document, read
from station.config.names import NAME, SPOKEN, is_title
from station.config.problems import Flaw, nearest, shown
from station.config.shapes import STRICT, shape


@dataclass(frozen=True, slots=True)
class JigHeader:
    """What the jig is called, and whose it is."""

    __pydantic_config__: ClassVar[Any] = STRICT
    name: str
    """The name by which products and slots know it."""
    family: str
    """The family that knows its wiring: cabling, ..."""
    title: str = ""
    """For people."""


@dataclass(frozen=True, slots=True)
class JigDocument:
    """A jig file."""

    __pydantic_config__: ClassVar[Any] = STRICT
    jig: JigHeader
    """What the jig is called, and whose it is."""
    wiring: dict[str, Any]
    """How it is wired, as its family writes it."""


@dataclass(frozen=True)
class Jig:
    """A jig whose file has no problems."""

    header: JigHeader
    family: Family
    wiring: Wiring
    document: Document

    @property
    def name(self) -> str:
        """The name by which products and slots know it."""
        return self.header.name

    @property
    def title(self) -> str:
        """What it is, for people."""
        return self.header.title


def read_jig(file: Path, families: Mapping[str, Family]) -> Jig:
    """The jig in a file. Raises BadDocuments with all that is wrong."""
    return jig_of(read(file), families)


def jig_of(document: Document, families: Mapping[str, Family]) -> Jig:
    """The jig of a document. Raises BadDocuments with all that is wrong."""
    _, flaws = shape(JigDocument, document.tables)
    header, _ = shape(JigHeader, document.tables.get("jig"))
    family = families.get(document.said("jig", "family"))
    if header is not None:
        if not NAME.fullmatch(header.name):
            flaws.append(Flaw(("jig", "name"), shown(header.name), SPOKEN[NAME]))
        if not is_title(header.title):
            flaws.append(Flaw(("jig", "title"), shown(header.title), "one printable line of at most 200 characters"))
        if family is None:
            flaws.append(Flaw(("jig", "family"), shown(header.family), nearest(header.family, families)))
    wiring = None
    if family is not None and isinstance(document.tables.get("wiring"), dict):
        wiring, more = shape(family.wiring, document.tables["wiring"], ("wiring",))
        flaws += more
        if wiring is not None:
            flaws += [Flaw(("wiring", *where), what) for where, what in wiring.problems()]
    document.require(flaws)
    if header is None or family is None or wiring is None:
        raise AssertionError("what cannot be read has flaws")
    return Jig(header, family, wiring, document)
