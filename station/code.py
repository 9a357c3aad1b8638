"""Code: folders of Python modules that a station file names. What they declare is found as entry points are.

A module may have FAMILIES, MODELS and EMULATORS; one that has none of them is there for the others to import. Modules are
imported by their own names, after everything else on the path: none of them can stand in for a module that others know.
"""

import importlib
import pkgutil
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from drivers.model import Model
from sequences.family import Family
from station.catalog import families, models, with_families, with_models
from station.config.problems import BadDocuments, Problem, shown, spelled

DECLARED: Mapping[str, tuple[type[tuple[object, ...]] | type[dict[object, object]], type]] = {
    "FAMILIES": (tuple, Family),
    "MODELS": (tuple, Model),
    "EMULATORS": (dict, str),
}
"""What a module may declare: in what, and of what."""


def load_code(folders: Iterable[Path]) -> tuple[Mapping[str, Family], Mapping[str, Model]]:
    """All families and models there are, with those of the modules in some folders; their emulators are found from now on.

    A folder that is not there is left out: the station file's own problem. Raises BadDocuments with the file and the line of
    everything that cannot be imported, or declares what is there already.
    """
    there = [folder.resolve() for folder in dict.fromkeys(folders) if folder.is_dir()]
    imported = [each for folder in there for each in _imported(folder)]
    problems = [each for each in imported if isinstance(each, Problem)]
    modules = tuple(each for each in imported if isinstance(each, ModuleType))
    problems += [problem for module in modules for problem in _misdeclared(module)]
    for folder in there if not problems else ():
        inside = [module for module in modules if Path(str(module.__file__)).is_relative_to(folder)]
        if not any(hasattr(module, name) for module in inside for name in DECLARED):
            problems.append(Problem(spelled(folder), 0, "", f"none of its modules has {', '.join(DECLARED)}"))
    if problems:
        raise BadDocuments(problems)
    return _joined(modules)


@cache
def _joined(modules: tuple[ModuleType, ...]) -> tuple[Mapping[str, Family], Mapping[str, Model]]:
    from sim import makers  # only where there is code of others

    every, each_model = families(), models()
    problems = []
    for module in modules:
        try:
            every = with_families(every, getattr(module, "FAMILIES", ()))
            each_model = with_models(each_model, getattr(module, "MODELS", ()))
            makers.add(getattr(module, "EMULATORS", {}))
        except ValueError as taken:
            problems.append(Problem(spelled(Path(str(module.__file__))), 0, "", str(taken)))
    if problems:
        raise BadDocuments(problems)
    return every, each_model


def _imported(folder: Path) -> Iterator[ModuleType | Problem]:
    """Each module of a folder, or why there is none."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
        importlib.invalidate_caches()
    for found in sorted(pkgutil.iter_modules([str(folder)]), key=lambda each: each.name):
        file = folder / found.name / "__init__.py" if found.ispkg else folder / f"{found.name}.py"
        yield _module(folder, found.name, file)


def _module(folder: Path, name: str, file: Path) -> ModuleType | Problem:
    if not name.isidentifier():
        return Problem(spelled(file), 0, "", f"{shown(name)} cannot be imported", "letters, digits and _")
    if (other := _found(name)) != file:
        return Problem(spelled(file), 0, "", f"another module is called {name} ({other}); give it another name")
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever others' code does when it is imported, it is told)
        at, line = _place(error, folder, file)
        return Problem(spelled(at), line, "", f"{type(error).__name__}: {error}".splitlines()[0])


def _found(name: str) -> Path | str:
    """Where Python finds a module; a word where that is no file."""
    try:
        spec = find_spec(name)
    except ValueError:  # it is loaded, and does not say from where
        spec = None
    origin = spec.origin if spec is not None else None
    return Path(origin).resolve() if origin and Path(origin).is_file() else origin or "built in"


def _place(error: BaseException, folder: Path, file: Path) -> tuple[Path, int]:
    """The innermost place in the folder where an import broke."""
    if isinstance(error, SyntaxError) and error.filename:
        return Path(error.filename), error.lineno or 0
    frames = [each for each in traceback.extract_tb(error.__traceback__) if Path(each.filename).is_relative_to(folder)]
    return (Path(frames[-1].filename), frames[-1].lineno or 0) if frames else (file, 0)


def _misdeclared(module: ModuleType) -> Iterator[Problem]:
    """What a module declares in a form that nobody reads."""
    for name, (whole, one) in DECLARED.items():
        declared = getattr(module, name, whole())
        if not isinstance(declared, whole) or not all(isinstance(each, one) for each in declared):
            wanted = "a dict of emulators by model" if whole is dict else f"a tuple of {one.__name__}"
            yield Problem(spelled(Path(str(module.__file__))), 0, name, shown(declared), wanted)
