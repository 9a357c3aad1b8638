"""Problems: what is wrong in a document, where, and what would be right."""

import difflib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

Place = tuple[str | int, ...]
"""Keys and indices from the top of a document."""

_BARE = re.compile(r"[A-Za-z0-9_-]{1,80}")


class Flaw(NamedTuple):
    """What is wrong at a place of a document whose lines are not known yet. `allowed` is empty where `found` says it all."""

    where: Place
    found: str
    allowed: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong, by file and line (0: the whole file)."""

    file: str
    line: int
    field: str
    found: str
    allowed: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        what = f"found {self.found}; allowed: {self.allowed}" if self.allowed else self.found
        return ": ".join(part for part in (place, self.field, what) if part)


class BadDocuments(Exception):
    """All that is wrong with what was read, sorted by file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def field(where: Place) -> str:
    """A place as people read it: `structure.wires[3].gauge`, `limits."conduction[W3]"`."""
    text = ""
    for key in where:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            text += f"{'.' if text else ''}{key if _BARE.fullmatch(key) else _quoted(key)}"
    return text


def shown(value: object) -> str:
    """A value as it may stand in a message: short, and without characters that a terminal would obey."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return repr(value if len(value) <= 60 else f"{value[:57]}...")
        case int() | float():
            return f"{value:.15g}" if abs(value) < 1e15 else f"{value:.3e}"
        case date():
            return value.isoformat()
        case dict():
            return "a table"
        case list():
            return "a list"
        case _:
            return "nothing" if value is None else type(value).__name__


def nearest(word: str, known: Iterable[str]) -> str:
    """The known words that `word` was perhaps meant to be, else all of them, for the `allowed` of a problem."""
    options = sorted(known)
    close = difflib.get_close_matches(word[:80], options, n=3, cutoff=0.5)
    listed = close or options[:20]
    more = "" if close or len(options) <= len(listed) else f" and {len(options) - len(listed)} more"
    return (", ".join(listed) + more) or "none"


def spelled(file: Path) -> str:
    """A file as people know it: from where they stand, if it lies below."""
    try:
        return str(file.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(file)


def _quoted(key: str) -> str:
    return json.dumps(key if len(key) <= 60 else f"{key[:57]}...")
