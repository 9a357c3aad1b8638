"""YAML, read as plain tables, lists and texts, with lines. The one door to PyYAML, which comes with wireviz.

Nothing is constructed but texts, numbers, true, false and null, by the rules of YAML 1.2: no tags, no dates, and `NO`, `on`
and `1:30` stay the texts that people meant. Aliases are copied out, but only so far.
"""

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from station.config.problems import BadDocuments, Place, Problem, shown, spelled

MOST_BYTES = 256 * 1024
MOST_NODES = 20_000
"""Nodes of a document after its aliases are copied out."""
MOST_DEEP = 30
_CORE = "tag:yaml.org,2002:"
_MERGE = f"{_CORE}merge"
_SCALARS = (
    ("null", re.compile(r"~|null|Null|NULL|"), ["~", "n", "N", ""]),
    ("bool", re.compile(r"true|True|TRUE|false|False|FALSE"), list("tTfF")),
    ("int", re.compile(r"[-+]?[0-9]{1,18}"), list("-+0123456789")),
    ("float", re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]{1,3})?"), list("-+.0123456789")),
    ("merge", re.compile(r"<<"), ["<"]),
)


@dataclass
class YamlDocument:
    """What a file says, and on which line."""

    file: Path
    value: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    texts: dict[Place, str] = field(default_factory=dict)
    """Each scalar as it is written: `00123` has not become a number here."""

    def problem(self, where: Place, found: str, allowed: str = "") -> Problem:
        """A problem at a place, or at the nearest place above it that has a line."""
        line = next((self.lines[where[:n]] for n in range(len(where), -1, -1) if where[:n] in self.lines), 0)
        return Problem(spelled(self.file), line, ".".join(map(str, where)), found, allowed)


def read_yaml(file: Path) -> YamlDocument:
    """Read a file. Raises BadDocuments; without the package wireviz it says how to install it."""
    yaml = door("yaml", file)
    try:
        with file.open("rb") as opened:
            raw = opened.read(MOST_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError as odd:
        raise BadDocuments([Problem(spelled(file), 0, "", f"cannot be read: {odd.strerror}")]) from None
    except UnicodeDecodeError:
        raise BadDocuments([Problem(spelled(file), 0, "", "is not UTF-8 text")]) from None
    if len(raw) > MOST_BYTES:
        raise BadDocuments([Problem(spelled(file), 0, "", f"is larger than {MOST_BYTES // 1024} KiB")])
    try:
        root = yaml.compose(text, Loader=_loader(yaml))
    except yaml.YAMLError as odd:
        mark = getattr(odd, "problem_mark", None)
        said = str(getattr(odd, "problem", None) or "has characters that YAML does not allow")
        raise BadDocuments([Problem(spelled(file), mark.line + 1 if mark else 0, "", f"is not YAML: {said}")]) from None
    except RecursionError:
        raise BadDocuments([Problem(spelled(file), 0, "", "is nested too deeply")]) from None
    document = YamlDocument(file)
    if root is not None:
        document.value = _Builder(document).build(root, (), ())
    return document


def door(name: str, file: Path) -> ModuleType:
    """A module of the optional extra `harness`. Raises BadDocuments where it is not installed."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        how = "to read harness documents, install the extra: pip install 'rackproof[harness]'"
        raise BadDocuments(
            [Problem(spelled(file), 0, "", f"{how} (there is no package {name.partition('.')[0]})")]
        ) from None


def _loader(yaml: ModuleType) -> Any:  # noqa: ANN401 (a class of an untyped package)
    loader: Any = type("Loader", (yaml.SafeLoader,), {"yaml_implicit_resolvers": {}})
    for tag, pattern, first in _SCALARS:
        loader.add_implicit_resolver(_CORE + tag, re.compile(f"(?:{pattern.pattern})\\Z"), first)
    return loader


@dataclass
class _Builder:
    """Builds values from nodes, so that an alias is a copy and never the same object twice."""

    document: YamlDocument
    nodes: int = 0

    def build(self, node: Any, where: Place, above: tuple[int, ...]) -> Any:  # noqa: ANN401 (untyped nodes, any value)
        """The value of a node; its line and, for a scalar, its text go into the document."""
        line = node.start_mark.line + 1
        self.document.lines[where] = line
        self.nodes += 1
        if self.nodes > MOST_NODES or len(above) > MOST_DEEP or id(node) in above:
            line = self.document.lines.get(where[:1], line)  # an alias has the line of what it stands for
            raise self._bad(line, where, "its aliases or nesting make it larger than any harness")
        kind = node.tag.removeprefix(_CORE)
        match node.id, kind:
            case "mapping", "map":
                return self._table(node, where, (*above, id(node)))
            case "sequence", "seq":
                return [self.build(each, (*where, at), (*above, id(node))) for at, each in enumerate(node.value)]
            case "scalar", "null" | "bool" | "int" | "float" | "str" | "merge":
                self.document.texts[where] = node.value
                return _scalar(kind, node.value)
        raise self._bad(line, where, f"the tag {shown(node.tag)}", "no tags")

    def _table(self, node: Any, where: Place, above: tuple[int, ...]) -> dict[str, Any]:  # noqa: ANN401
        table: dict[str, Any] = {}
        for _, value in (each for each in node.value if each[0].tag == _MERGE):
            for each in reversed([*self._merged(value, where, above)]):
                table |= each
        self.document.lines[where] = node.start_mark.line + 1
        own: set[str] = set()
        for key, value in (each for each in node.value if each[0].tag != _MERGE):
            if key.id != "scalar":
                raise self._bad(key.start_mark.line + 1, where, "a key is a text")
            if key.value in own:
                raise self._bad(key.start_mark.line + 1, (*where, key.value), "the same key twice")
            own.add(key.value)
            table[key.value] = self.build(value, (*where, key.value), above)
        return table

    def _merged(self, value: Any, where: Place, above: tuple[int, ...]) -> Iterator[dict[str, Any]]:  # noqa: ANN401
        for each in value.value if value.id == "sequence" else [value]:
            if each.id != "mapping":
                raise self._bad(value.start_mark.line + 1, where, "what << copies is a table, or a list of tables")
            yield self.build(each, where, above)

    def _bad(self, line: int, where: Place, found: str, allowed: str = "") -> BadDocuments:
        name = spelled(self.document.file)
        return BadDocuments([Problem(name, line, ".".join(map(str, where)), found, allowed)])


def _scalar(kind: str, text: str) -> str | int | float | bool | None:
    match kind:
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int":
            return int(text)
        case "float":
            return float(text)
        case _:
            return text
