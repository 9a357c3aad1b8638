"""The catalogue: every model, family and sequence that this station knows, its own and those of others by entry points."""

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType

import drivers
import sequences
from drivers.model import Model
from sequences.family import Family
from sequences.sequence import Sequence

DRIVERS, SEQUENCES = "rackproof.drivers", "rackproof.sequences"
"""The entry point groups by which others' modules come in: a module with MODELS, a module with FAMILIES."""


@cache
def models() -> dict[str, Model]:
    """Every model by name: each module two floors below `drivers` may have MODELS."""
    return {model.name: model for module in _driver_modules() for model in getattr(module, "MODELS", ())}


@cache
def families() -> dict[str, Family]:
    """Every family by name: each package below `sequences` that has a `family` module with FAMILIES."""
    found = [
        importlib.import_module(f"sequences.{package.name}.family")
        for package in pkgutil.iter_modules(sequences.__path__)
        if package.ispkg
    ]
    found += [entry.load() for entry in entry_points(group=SEQUENCES)]
    return {family.name: family for module in found for family in module.FAMILIES}


def all_sequences() -> dict[str, Sequence]:
    """Every sequence by name."""
    return {sequence.name: sequence for family in families().values() for sequence in family.sequences}


def _driver_modules() -> Iterator[ModuleType]:
    for package in pkgutil.iter_modules(drivers.__path__, "drivers."):
        if package.ispkg and package.name != "drivers.links":
            inside = importlib.import_module(package.name)
            for module in pkgutil.iter_modules(inside.__path__, f"{package.name}."):
                yield importlib.import_module(module.name)
    for entry in entry_points(group=DRIVERS):
        yield entry.load()
