"""Maps of registers as models: each map in some folders is a driver without code.

A model of a map is known by its name: in our own form the one that stands in it, in the JSON forms that of the file, in
lower case with hyphens. Only the maps that somebody asks for are read whole.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from drivers.maps.bank import MapBank
from drivers.maps.map import RegisterMap
from drivers.model import Model
from drivers.roles import RegisterBank
from station.config.documents import Document
from station.config.problems import BadDocuments, Flaw, Problem
from station.config.registers.reading import SUFFIXES, map_of, model_name, read_map_document
from station.config.shelf import UnknownName, mentions

WITHIN = 0.5
"""Seconds for a reply: rackmon waits 0.3 for one, and 120 words take 0.15 s at 19,200 Bd."""
PAUSE = 0.003
"""Seconds that rackmon leaves the bus alone between two exchanges."""


@dataclass(frozen=True, slots=True)
class MapModel:
    """A map of registers and the model that it makes."""

    map: RegisterMap
    model: Model
    document: Document

    @property
    def name(self) -> str:
        """The name of the model."""
        return self.map.name


@dataclass(frozen=True, slots=True)
class MapShelf:
    """The maps in some folders. Of the same name in two folders the first folder's counts; twice in one is a problem."""

    folders: tuple[Path, ...]

    def named(self, name: str) -> MapModel:
        """The map of that name. Raises UnknownName, or BadDocuments where the only ones cannot be read."""
        found, problems = _each(file for file in self._files() if _is_about(file, name))
        unique, twins = _unique(each for each in found if each.name == name)
        if twins or (problems and not unique):
            raise BadDocuments([*twins, *problems])
        if not unique:
            raise UnknownName("map of registers", name, {each.name for each in self.every()[0]})
        return unique[0]

    def every(self) -> tuple[list[MapModel], list[Problem]]:
        """All maps, and what is wrong with those that cannot be read or are there twice."""
        found, problems = _each(self._files())
        unique, twins = _unique(found)
        return unique, [*problems, *twins]

    def _files(self) -> Iterator[Path]:
        for folder in dict.fromkeys(self.folders):
            if folder.is_dir():
                yield from sorted(file for file in folder.iterdir() if file.suffix in SUFFIXES)


def map_model(document: Document) -> MapModel:
    """The model of a document. Raises BadDocuments with all that is wrong."""
    made = map_of(document)
    model = Model(
        name=made.name,
        title=made.title,
        connect=partial(MapBank, map=made),
        roles=(RegisterBank,),
        within=WITHIN,
        speaks="registers",
        steady=bool(made.serial or made.model or made.firmware) or made.probe.expected is not None,
        links=("modbus-rtu", "modbus-tcp"),
        unit=made.unit,
        baudrate=made.baudrate,
        parity=made.parity,
        after_command=PAUSE,
        after_query=PAUSE,
        file=str(document.file.resolve()),
        accuracy="half of the last digit; what the device promises beyond that is not public",
        source=made.source,
        gaps=("word order and scales are not verified on hardware",),
    )
    return MapModel(made, model, document)


def _is_about(file: Path, name: str) -> bool:
    """Whether a file can be the map of that name; to know it without parsing all."""
    return model_name(file) == name or (file.suffix == ".toml" and mentions(file, name))


def _each(files: Iterable[Path]) -> tuple[list[MapModel], list[Problem]]:
    made: list[MapModel] = []
    problems: list[Problem] = []
    for file in files:
        try:
            made.append(map_model(read_map_document(file)))
        except BadDocuments as bad:
            problems += bad.problems
    return made, problems


def _unique(found: Iterable[MapModel]) -> tuple[list[MapModel], list[Problem]]:
    first: dict[str, MapModel] = {}
    twins: list[Problem] = []
    for each in found:
        other = first.setdefault(each.name, each)
        if other is not each and other.document.file.parent == each.document.file.parent:
            where = ("map", "name") if "map" in each.document.tables else ()
            twins += each.document.problems([Flaw(where, f"{each.name} is in {other.document.name} too")])
    return list(first.values()), twins
