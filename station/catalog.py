"""The catalogue: every model, family and sequence that this station knows, its own and those of others by entry points."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType

import drivers
import sequences
from drivers.model import Model
from sequences.family import Family

DRIVERS, SEQUENCES = "rackproof.drivers", "rackproof.sequences"
"""The entry point groups by which others' modules come in: a module with MODELS, a module with FAMILIES."""


@cache
def models() -> dict[str, Model]:
    """Every model by name: each module two floors below `drivers` may have MODELS. Raises ValueError for a name that is taken."""
    found: dict[str, Model] = {}
    for module in _driver_modules():
        found = with_models(found, getattr(module, "MODELS", ()))
    return found


@cache
def families() -> dict[str, Family]:
    """Every family by name: each package below `sequences` that has a `family` module with FAMILIES.

    Raises ValueError for a name that is taken.
    """
    modules = [
        importlib.import_module(f"sequences.{package.name}.family")
        for package in pkgutil.iter_modules(sequences.__path__)
        if package.ispkg
    ]
    modules += [entry.load() for entry in entry_points(group=SEQUENCES)]
    found: dict[str, Family] = {}
    for module in modules:
        found = with_families(found, module.FAMILIES)
    return found


def with_families(known: Mapping[str, Family], more: Iterable[Family]) -> dict[str, Family]:
    """What is known, and more: a family of a known name adds its sequences to it.

    Raises ValueError for a sequence whose name is taken, and for a family that is another one of the same name.
    """
    joined = dict(known)
    for family in more:
        taken = {each.name: each for one in joined.values() for each in one.sequences}
        ours = joined.get(family.name, replace(family, sequences=()))
        if (ours.structure, ours.wiring) != (family.structure, family.wiring):
            raise ValueError(
                f"there is a family {family.name!r} already; to add sequences to it, take its structure and its wiring"
            )
        for each in family.sequences:
            if taken.setdefault(each.name, each) is not each:
                raise ValueError(f"there is a sequence {each.name!r} already")
        new = tuple(each for each in family.sequences if each not in ours.sequences)
        joined[family.name] = replace(ours, sequences=(*ours.sequences, *new))
    return joined


def with_models(known: Mapping[str, Model], more: Iterable[Model]) -> dict[str, Model]:
    """What is known, and more. Raises ValueError for a model whose name is taken."""
    joined = dict(known)
    for model in more:
        if joined.setdefault(model.name, model) is not model:
            raise ValueError(f"there is a model {model.name!r} already")
    return joined


def _driver_modules() -> Iterator[ModuleType]:
    for package in pkgutil.iter_modules(drivers.__path__, "drivers."):
        if package.ispkg and package.name != "drivers.links":
            inside = importlib.import_module(package.name)
            for module in pkgutil.iter_modules(inside.__path__, f"{package.name}."):
                yield importlib.import_module(module.name)
    for entry in entry_points(group=DRIVERS):
        yield entry.load()
