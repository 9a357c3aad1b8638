"""JSON documents, as they are read before anybody knows what they mean; and where in their text a place stands."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from station.config.documents import Document
from station.config.problems import BadDocuments, Place, Problem, field, spelled

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


@dataclass(frozen=True)
class JsonDocument(Document):
    """One JSON file whose top is an object."""

    def line_of(self) -> Callable[[Place], int]:
        """What tells the line of a place, counted from 1."""
        known: dict[Place, int] = {}
        for place, at in _places(self.text):
            known.setdefault(place, at)

        def line(where: Place) -> int:
            return next((known[where[:length]] for length in range(len(where), 0, -1) if where[:length] in known), 1)

        return line


def parsed_json(file: Path, text: str) -> JsonDocument:
    """The document of a text. Raises BadDocuments for what is no JSON object, or has a key twice."""
    twice: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            twice.append("")
        return made

    try:
        top = json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as odd:
        raise BadDocuments([Problem(spelled(file), odd.lineno, "", f"is not JSON: {odd.msg}")]) from None
    except ValueError:
        raise BadDocuments([Problem(spelled(file), 0, "", "is not JSON: a number of thousands of digits")]) from None
    except RecursionError:
        raise BadDocuments([Problem(spelled(file), 0, "", "objects or lists are nested too deeply")]) from None
    if not isinstance(top, dict):
        raise BadDocuments([Problem(spelled(file), 1, "", "is no JSON object")])
    if twice:
        raise BadDocuments(_twice(file, text))
    return JsonDocument(file, text, top)


def _twice(file: Path, text: str) -> Iterator[Problem]:
    first: dict[Place, int] = {}
    for place, line in _places(text):
        if place in first:
            yield Problem(spelled(file), line, field(place), f"the key is there already, in line {first[place]}")
        first.setdefault(place, line)


def _places(text: str) -> Iterator[tuple[Place, int]]:
    """Every key and element of a JSON text that json has accepted, with its line."""
    here: list[str | int] = []  # the key or index at which each open object or list stands now
    keys: list[bool] = []  # whether each open thing is an object that waits for a key
    line, last = 1, 0
    for token in _TOKEN.finditer(text):
        line, last = line + text.count("\n", last, token.start()), token.start()
        said = token[0]
        if keys and keys[-1] and said.startswith('"'):
            here[-1], keys[-1] = json.loads(said), False
            yield tuple(here), line
        elif said in "}]":
            here.pop()
            keys.pop()
        elif said == ",":
            at = here[-1]
            if isinstance(at, int):
                here[-1] = at + 1
            else:
                keys[-1] = True
        elif said != ":":
            if here and isinstance(here[-1], int):
                yield tuple(here), line
            if said in "{[":
                here.append("" if said == "{" else 0)
                keys.append(said == "{")
