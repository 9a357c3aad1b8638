"""The library: where products, jigs, stations and maps of registers are found.

First the folders that the station file names, then those of $STATION_FIXTURES, then what is shipped.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self, TypeAlias, TypeVar

from drivers.maps.bank import MapBank
from drivers.model import Model
from drivers.roles import RegisterBank
from sequences.family import Family, Mapped
from station.config.documents import Document, read
from station.config.instruments import CheckLink
from station.config.jig import Jig, jig_of
from station.config.names import revision_order
from station.config.problems import BadDocuments, Flaw, Problem, nearest, shown
from station.config.product import Product, product_of
from station.config.registers.models import MapModel, MapShelf
from station.config.registers.reading import read_map_document
from station.config.shelf import Shelf, UnknownName
from station.config.station_file import Station, folders, station_of

Made = TypeVar("Made")
LoadCode: TypeAlias = Callable[[tuple[Path, ...]], tuple[Mapping[str, Family], Mapping[str, Model]]]
"""All families and models there are with the code in some folders. Raises BadDocuments."""


def shipped() -> Path:
    """The fixtures that come with the program: in a wheel inside the package, in a checkout beside it."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "shipped"
    return inside if inside.is_dir() else package.parent / "fixtures"


@dataclass(frozen=True)
class Library:
    """What stands in `roots`, folders that have products/, jigs/, stations/ and registers/; more folders come before them."""

    families: Mapping[str, Family]
    models: Mapping[str, Model]
    check_link: CheckLink
    roots: tuple[Path, ...]
    more_products: tuple[Path, ...] = ()
    more_jigs: tuple[Path, ...] = ()
    more_registers: tuple[Path, ...] = ()
    load_code: LoadCode | None = None
    """Where it is None, a station's folders of code are left alone."""

    @classmethod
    def usual(
        cls,
        families: Mapping[str, Family],
        models: Mapping[str, Model],
        check_link: CheckLink,
        load_code: LoadCode | None = None,
    ) -> Self:
        """The library of this environment."""
        named = [Path(each) for each in os.environ.get("STATION_FIXTURES", "").split(os.pathsep) if each]
        return cls(families, models, check_link, (*named, shipped()), load_code=load_code)

    def beside(self, station: Document) -> Self:
        """The library with the folders that a station's document names before all others, and with what its code brings.

        Raises BadDocuments for code that cannot be imported.
        """
        families, models = self.families, self.models
        if self.load_code is not None and (code := folders(station, "code")):
            families, models = self.load_code(code)
        return replace(
            self,
            families=families,
            models=models,
            more_products=folders(station, "products"),
            more_jigs=folders(station, "jigs"),
            more_registers=folders(station, "registers"),
        )

    def product(self, name: str) -> Product:
        """The product `PN` in its newest revision, or `PN@REV`. Raises UnknownName, or BadDocuments."""
        part_number, _, revision = name.partition("@")
        found = {each.said("product", "revision"): each for each in self._products.named(part_number)}
        if revision and revision not in found:
            raise UnknownName(f"revision of {part_number} called", revision, found)
        return product_of(found[revision or max(found, key=revision_order)], self.families)

    def jig(self, name: str) -> Jig:
        """The jig of that name. Raises UnknownName, or BadDocuments."""
        return jig_of(self._jigs.named(name)[0], self.families)

    def station(self, name: str) -> Station:
        """The station of that name, or in the file of that path. Raises UnknownName, or BadDocuments."""
        return self.station_in(self.station_document(name))

    def station_document(self, name: str) -> Document:
        """Its document, whatever else may be wrong with it. Raises UnknownName, or BadDocuments."""
        if name.endswith(".toml") or os.sep in name:
            return read(Path(name))
        return self._stations.named(name)[0]

    def station_in(self, document: Document) -> Station:
        """The station of a document. Raises BadDocuments."""
        beside = self.beside(document)
        models, problems = beside.models_for(document)
        jigs: dict[str, Jig] = {}

        def find_jig(name: str) -> Jig:
            if name not in jigs:
                jigs[name] = beside.jig(name)
            return jigs[name]

        try:
            station = station_of(document, models, self.check_link, find_jig)
        except BadDocuments as bad:
            raise BadDocuments([*bad.problems, *problems]) from None
        if problems:
            raise BadDocuments(problems)
        made_from = {f"stations/{station.name}.toml": document}
        made_from |= {f"jigs/{name}.toml": jig.document for name, jig in jigs.items()}
        for model in station.models.values():
            if model.file:
                file = Path(model.file)
                made_from[f"registers/{model.name}{file.suffix}"] = read_map_document(file)
        return replace(station, documents=made_from)

    def products(self) -> tuple[list[Product], list[Problem]]:
        """Every product in every revision, and all that is wrong: in its file, with its jigs, because it is there twice."""
        made, problems = _each(self._products, lambda each: product_of(each, self.families))
        for product in made:
            if flaws := [*self.misfits(product), *self.unspoken(product)]:
                problems += product.document.problems(flaws)
        return sorted(made, key=lambda each: (each.part_number, revision_order(each.revision))), problems

    def jigs(self) -> tuple[list[Jig], list[Problem]]:
        """Every jig, and all that is wrong."""
        return _each(self._jigs, lambda each: jig_of(each, self.families))

    def stations(self) -> tuple[list[Station], list[Problem]]:
        """Every station, and all that is wrong."""
        return _each(self._stations, self.station_in)

    def map_of_registers(self, name: str) -> MapModel:
        """The map of that name. Raises UnknownName, or BadDocuments."""
        return self._registers.named(name)

    def maps(self) -> tuple[list[MapModel], list[Problem]]:
        """Every map of registers, and all that is wrong. One that is called as a model with code is a problem."""
        found, problems = self._registers.every()
        for each in found:
            if each.name in self.models:
                problems += each.document.problems(
                    [Flaw((), f"{each.name} is a model already, with a driver of its own")]
                )
        return [each for each in found if each.name not in self.models], problems

    def every_model(self) -> dict[str, Model]:
        """Every model, with code or by a map that can be read."""
        return {**{each.name: each.model for each in self.maps()[0]}, **self.models}

    def misfits(self, product: Product) -> Iterator[Flaw]:
        """The jigs of a product that do not exist, or with which it cannot be mated."""
        for at, name in enumerate(product.jigs):
            where = ("product", "jigs", at)
            try:
                jig = self.jig(name)
            except UnknownName as unknown:
                yield Flaw(where, shown(name), unknown.args[1])
            except BadDocuments:
                continue  # its problems are told of with the jigs
            else:
                same = jig.family is product.family
                whys = jig.wiring.misfits(product.structure) if same else [f"is a jig for {jig.family.name}"]
                yield from (Flaw(where, f"{name}: {why}") for why in whys)

    def unspoken(self, product: Product) -> Iterator[Flaw]:
        """The registers and flags that a product names and its map has not."""
        structure = product.structure
        if not isinstance(structure, Mapped):
            return
        try:
            registers = self.map_of_registers(structure.map).map.registers
        except UnknownName as unknown:
            yield Flaw(("structure", "map"), shown(structure.map), unknown.args[1])
            return
        except BadDocuments:
            return  # its problems are told of with the maps
        for where, spoken in structure.spoken().items():
            name, _, flag = spoken.partition(".")
            if name not in registers:
                yield Flaw(("structure", *where), f"register {shown(name)}", nearest(name, registers))
            elif flag and flag not in registers[name].flags:
                yield Flaw(("structure", *where), f"flag {shown(flag)} of {name}", nearest(flag, registers[name].flags))

    @property
    def _products(self) -> Shelf:
        return self._shelf(self.more_products, "product", ("part_number", "revision"))

    @property
    def _jigs(self) -> Shelf:
        return self._shelf(self.more_jigs, "jig", ("name",))

    @property
    def _registers(self) -> MapShelf:
        return MapShelf((*self.more_registers, *(root / "registers" for root in self.roots)))

    @property
    def _stations(self) -> Shelf:
        return self._shelf((), "station", ("name",))

    def _shelf(self, more: Iterable[Path], section: str, keys: tuple[str, ...]) -> Shelf:
        return Shelf((*more, *(root / f"{section}s" for root in self.roots)), section, keys)

    def models_for(self, document: Document) -> tuple[dict[str, Model], list[Problem]]:
        """The models that the instruments of a station can be, and what is wrong with the maps that they name.

        Only those maps are read, unless a name is unknown: then all, because one of them was perhaps meant. What names a
        bad map is judged as if it were a good one.
        """
        models = dict(self.models)
        problems: list[Problem] = []
        for name in _models_named(document):
            if name not in models:
                try:
                    models[name] = self._registers.named(name).model
                except UnknownName:
                    models = {**self.every_model(), **models}
                except BadDocuments as bad:
                    problems += bad.problems
                    models[name] = _unread(name)
        return models, problems


def _models_named(document: Document) -> list[str]:
    instruments = document.tables.get("instruments")
    entries = instruments.values() if isinstance(instruments, dict) else ()
    named = [each.get("model") for each in entries if isinstance(each, dict)]
    return list(dict.fromkeys(each for each in named if isinstance(each, str)))


def _unread(name: str) -> Model:
    """What stands for a map that is there and bad: nothing is opened by it."""

    def connect(link: object) -> MapBank:
        raise AssertionError(f"{name} could not be read, and {link} is opened")

    return Model(name, "", connect, (RegisterBank,), speaks="registers", links=("modbus-rtu", "modbus-tcp"))


def _each(shelf: Shelf, make: Callable[[Document], Made]) -> tuple[list[Made], list[Problem]]:
    documents, problems = shelf.every()
    made: list[Made] = []
    for each in documents:
        try:
            made.append(make(each))
        except BadDocuments as bad:
            problems += bad.problems
    return made, list(dict.fromkeys(problems))
