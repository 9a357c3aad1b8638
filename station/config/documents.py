"""Documents: TOML files as they are read, before anybody knows what they mean."""

import hashlib
import math
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from station.config.problems import BadDocuments, Flaw, Place, Problem, shown, spelled

MOST_BYTES = 2 * 1024 * 1024
_AT_LINE = re.compile(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", re.DOTALL)
_MOST_INT = 2**63 - 1


@dataclass(frozen=True)
class Document:
    """One TOML file: its text, and its tables."""

    file: Path
    text: str
    tables: dict[str, Any]

    @cached_property
    def name(self) -> str:
        """The file as messages name it."""
        return spelled(self.file)

    @cached_property
    def odd_numbers(self) -> tuple[Flaw, ...]:
        """The numbers that nobody can mean; they are told with whatever else is wrong."""
        return tuple(_odd_numbers(self.tables, ()))

    @cached_property
    def digest(self) -> str:
        """A fingerprint of the text: 16 hexadecimal digits."""
        return hashlib.blake2b(self.text.encode(), digest_size=8).hexdigest()

    def said(self, *where: str) -> str:
        """The text at a place, whatever the rest is like; empty where there is none."""
        found: object = self.tables
        for key in where:
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, str) else ""

    def line_of(self) -> Callable[[Place], int]:
        """What tells the line of a place, counted from 1."""
        from station.config.lines import Lines  # a good document never needs it

        return Lines(self.text).line

    def problems(self, flaws: Iterable[Flaw]) -> list[Problem]:
        """The flaws with their lines."""
        from station.config.problems import field

        line = self.line_of()
        odd = self.odd_numbers
        # What else is said of the same place follows from the number.
        flaws = (*odd, *(each for each in flaws if not any(n.where[: len(each.where)] == each.where for n in odd)))
        return [Problem(self.name, line(each.where), field(each.where), each.found, each.allowed) for each in flaws]

    def require(self, flaws: Iterable[Flaw]) -> None:
        """Raises BadDocuments when there are any, or numbers that nobody can mean."""
        listed = list(flaws)
        if listed or self.odd_numbers:
            raise BadDocuments(self.problems(listed))


def read(file: Path) -> Document:
    """Read a file. Raises BadDocuments for what is no TOML file of reasonable size."""
    return parsed(file, text_of(file))


def parsed(file: Path, text: str) -> Document:
    """The document of a text that is, or will be, in `file`. Raises BadDocuments."""
    try:
        document = Document(file, text, tomllib.loads(text))
    except ValueError as odd:
        raise BadDocuments([_no_toml(file, text, str(odd))]) from None
    except RecursionError:
        raise BadDocuments([Problem(spelled(file), 0, "", "tables or arrays are nested too deeply")]) from None
    return document


def text_of(file: Path) -> str:
    """The text of a file. Raises BadDocuments for what is no text of reasonable size."""
    try:
        if not file.is_file():
            raise BadDocuments([Problem(spelled(file), 0, "", "there is no such file")])
        with file.open("rb") as opened:
            raw = opened.read(MOST_BYTES + 1)
    except OSError as odd:
        raise BadDocuments([Problem(spelled(file), 0, "", f"cannot be read: {odd.strerror}")]) from None
    if len(raw) > MOST_BYTES:
        raise BadDocuments([Problem(spelled(file), 0, "", f"is larger than {MOST_BYTES // 1024**2} MiB")])
    try:
        return raw.decode()
    except UnicodeDecodeError as odd:
        line = raw.count(b"\n", 0, odd.start) + 1
        raise BadDocuments([Problem(spelled(file), line, "", "is not UTF-8 text")]) from None


def _no_toml(file: Path, text: str, said: str) -> Problem:
    match = _AT_LINE.fullmatch(said)
    if match is None:  # the one thing of which tomllib gives no line: a number that Python refuses to read
        long = re.search(r"[0-9_]{4000}", text)
        line = text.count("\n", 0, long.start()) + 1 if long else 0
        return Problem(
            spelled(file), line, "", "is not TOML: a number of thousands of digits" if long else ascii(said)[:120]
        )
    line = int(match[2]) if match[2] else text.rstrip("\n").count("\n") + 1
    return Problem(spelled(file), line, "", f"is not TOML: {ascii(match[1])[1:-1][:120]}")


def _odd_numbers(value: object, where: Place) -> list[Flaw]:
    """TOML has integers without end, nan and inf; no field of ours means any of these."""
    match value:
        case dict():
            return [flaw for key, each in value.items() for flaw in _odd_numbers(each, (*where, key))]
        case list():
            return [flaw for at, each in enumerate(value) for flaw in _odd_numbers(each, (*where, at))]
        case float() if not math.isfinite(value):
            return [Flaw(where, str(value), "a finite number")]
        case int() if abs(value) > _MOST_INT:
            return [Flaw(where, shown(float(value)) if abs(value) < 10**300 else "a huge number", "less than 2^63")]
        case _:
            return []
