"""Stray clocks: where a sequence takes time or chance from the machine instead of from its loop and its seed.

It is read, not run: the modules of its step bodies and of its fixture, and the modules of the same package that these import,
also where an import stands inside a function.
"""

import ast
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from sequences.sequence import Sequence

_TIME: Final = (
    "asctime clock_gettime clock_gettime_ns ctime gmtime localtime monotonic monotonic_ns perf_counter perf_counter_ns "
    "process_time process_time_ns sleep strftime thread_time thread_time_ns time time_ns"
)
CLOCKS: Final = frozenset(
    {f"time.{name}" for name in _TIME.split()}
    | {f"datetime.datetime.{name}" for name in ("now", "today", "utcnow")}
    | {"datetime.date.today", "os.times"}
)
"""What reads the machine's clock, or waits by it."""
CHANCE: Final = frozenset({"os.getrandom", "os.urandom", "random.SystemRandom", "uuid.uuid1", "uuid.uuid4"})
"""What draws chance that no seed repeats. So do all of `secrets`, and the functions of `random` and `numpy.random`, whose
generator all share."""
SEEDED: Final = frozenset(
    {"random.Random"}
    | {
        f"numpy.random.{name}"
        for name in ("BitGenerator", "Generator", "MT19937", "PCG64", "Philox", "RandomState", "SFC64")
    }
    | {f"numpy.random.{name}" for name in ("SeedSequence", "default_rng")}
)
"""What is repeatable when it is called with a seed."""
_WHOLE: Final = frozenset({"random", "secrets", "time", "numpy.random"})
"""Modules that nobody needs to hand on: what is asked of them then cannot be read here."""


class Stray(NamedTuple):
    """One place, and what is used there, by its full name."""

    file: str
    line: int
    what: str


def stray_clocks(sequence: Sequence) -> list[Stray]:
    """Every use of the machine's clock or chance in a sequence, by file and line; none where it follows from loop and seed."""
    todo = [_source_of(sequence.fixture), *(_source_of(step.body) for step in sequence.every_step())]
    seen: dict[Path, str] = {}
    found: set[Stray] = set()
    while todo:
        name, file = todo.pop()
        if file is None or file in seen:
            continue
        seen[file] = name
        tree = ast.parse(file.read_bytes(), str(file))
        reading = _Reading(name, file)
        reading.visit_imports(tree)
        found.update(reading.strays(tree))
        todo += [(each, _file_of(each)) for each in reading.near]
    return sorted(found)


def _source_of(thing: Callable[..., Any]) -> tuple[str, Path | None]:
    """The name and the file of the module in which a function or a class is written."""
    written = inspect.unwrap(thing)
    with suppress(TypeError, OSError):
        if source := inspect.getsourcefile(written):
            return written.__module__, Path(source)
    return written.__module__, None


def _file_of(module: str) -> Path | None:
    """The source of a module, which need not have been imported yet; None for what is no module, or has none."""
    loaded = sys.modules.get(module)
    origin = getattr(loaded, "__file__", None)
    if loaded is None:
        with suppress(ImportError, ValueError, AttributeError):
            spec = importlib.util.find_spec(module)
            origin = spec.origin if spec is not None else None
    return Path(origin) if origin is not None and origin.endswith(".py") and Path(origin).is_file() else None


class _Reading:
    """One module, read: what its names stand for, which modules of its package it imports, and what it should not use."""

    def __init__(self, module: str, file: Path) -> None:
        self._file = file
        self._package = module if file.name == "__init__.py" else module.rpartition(".")[0]
        self._top = module.partition(".")[0]
        self._names: dict[str, str] = {}
        self._imported: list[tuple[int, str]] = []
        self.near: list[str] = []

    def visit_imports(self, tree: ast.AST) -> None:
        """Learn what names stand for; imports of a function count for the whole module."""
        for node in ast.walk(tree):
            match node:
                case ast.Import(names=names):
                    for each in names:
                        top = each.name.partition(".")[0]
                        self._names[each.asname or top] = each.name if each.asname else top
                        self._note(each.name)
                case ast.ImportFrom(module=module, names=names, level=level):
                    origin = self._absolute(module or "", level)
                    self._note(origin)
                    for each in names:
                        self._names[each.asname or each.name] = f"{origin}.{each.name}"
                        self._note(f"{origin}.{each.name}")
                        self._imported.append((node.lineno, f"{origin}.{each.name}"))
                case _:
                    pass

    def strays(self, tree: ast.AST) -> Iterator[Stray]:
        """What it uses that it should not."""
        for line, name in self._imported:
            if _is_stray(name) or (name.endswith(".*") and name[:-2] in _WHOLE):
                yield Stray(str(self._file), line, name)
        inside = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        for node in ast.walk(tree):
            match node:
                case ast.Call():
                    name = self._called(node)
                case ast.Attribute() | ast.Name():
                    name = self._meant(node)
                    name = name if _is_stray(name) or (name in _WHOLE and id(node) not in inside) else ""
                case _:
                    continue
            if name:
                yield Stray(str(self._file), node.lineno, name)

    def _called(self, call: ast.Call) -> str:
        """What a call asks for that it should not: a generator without a seed, a module by a text."""
        name = self._meant(call.func)
        given = [*call.args, *(each.value for each in call.keywords)]
        first = given[0].value if given and isinstance(given[0], ast.Constant) else ...
        if name in SEEDED and (not given or first is None):
            return name
        by_text = name in {"__import__", "importlib.import_module"} and first in _WHOLE | {"datetime"}
        return str(first) if by_text else ""

    def _meant(self, node: ast.expr) -> str:
        """The dotted name for which an expression stands; empty when it is no name that was imported."""
        match node:
            case ast.Name(id=name):
                return self._names.get(name, name if name == "__import__" else "")
            case ast.Attribute(value=value, attr=attr):
                owner = self._meant(value)
                return f"{owner}.{attr}" if owner else ""
            case _:
                return ""

    def _absolute(self, module: str, level: int) -> str:
        if not level:
            return module
        above = self._package.split(".")[: len(self._package.split(".")) - level + 1]
        return ".".join([*above, *([module] if module else [])])

    def _note(self, module: str) -> None:
        if module.partition(".")[0] == self._top:
            self.near.append(module)


def _is_stray(name: str) -> bool:
    if name in CLOCKS or name in CHANCE:
        return True
    owner, _, last = name.rpartition(".")
    if owner == "secrets":
        return True
    return owner in {"random", "numpy.random"} and name not in SEEDED and last[:1].islower()
