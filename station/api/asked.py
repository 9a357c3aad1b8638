"""What is asked: JSON of strangers, read strictly, and the fields that each request may have."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from station.config.problems import shown

MOST_BODY: Final = 64 * 1024
"""Bytes of a request's body."""


class OddRequest(Exception):
    """A request that is not understood: the status, what was found where, and what is allowed there."""

    def __init__(self, status: int, error: str, field: str = "", found: str = "", allowed: str = "") -> None:
        super().__init__(error)
        self.status = status
        self.problem = {"error": error, "field": field, "found": found, "allowed": allowed}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body or a query: a text that fits `pattern`, or a number between two bounds; a query's is clamped."""

    name: str
    what: str
    pattern: str = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,200}"
    needed: bool = False
    bounds: tuple[int, int] | None = None
    choices: tuple[str, ...] = ()
    usual: str | int | None = None

    @property
    def allowed(self) -> str:
        """In words."""
        if self.bounds is not None:
            return f"a whole number, {self.bounds[0]} to {self.bounds[1]}"
        return " or ".join(self.choices) if self.choices else f"a text that fits {self.pattern}"

    @property
    def schema(self) -> dict[str, Any]:
        """As OpenAPI says it."""
        if self.bounds is not None:
            said: dict[str, Any] = {"type": "integer", "minimum": self.bounds[0], "maximum": self.bounds[1]}
        elif self.choices:
            said = {"enum": list(self.choices)}
        else:
            said = {"type": "string", "pattern": f"^{self.pattern}$"}
        return said | ({"default": self.usual} if self.usual is not None else {})

    def read(self, found: object) -> str | int:
        """What was given, if it is allowed. Raises OddRequest."""
        good = (
            type(found) is int and self.bounds[0] <= found <= self.bounds[1]
            if self.bounds is not None
            else isinstance(found, str)
            and (found in self.choices if self.choices else re.fullmatch(self.pattern, found) is not None)
        )
        if good and isinstance(found, str | int):
            return found
        raise OddRequest(422, f"{self.name} is not allowed", self.name, shown(found), self.allowed)


Fields = Sequence[Field]


def body_of(raw: bytes, fields: Fields) -> dict[str, Any]:
    """The fields of a JSON object; an empty body is an empty object. Raises OddRequest."""
    try:
        said = json.loads(raw or b"{}", object_pairs_hook=_once, parse_constant=_never, parse_float=_finite)
    except (ValueError, RecursionError) as odd:
        raise OddRequest(
            400, f"the body is no JSON object: {odd}", found=shown(raw[:80].decode("utf-8", "replace"))
        ) from None
    if not isinstance(said, dict):
        raise OddRequest(400, "the body is no JSON object", found=shown(said), allowed="a JSON object")
    return _fields(said, fields)


def query_of(given: Mapping[str, str], fields: Fields) -> dict[str, Any]:
    """The fields of a query; a number that is too large or too small becomes the nearest one. Raises OddRequest."""
    said: dict[str, Any] = dict(given)
    for each in fields:
        if each.bounds is not None and each.name in said:
            if not re.fullmatch(r"-?[0-9]{1,18}|-?[0-9]{1,3}e[0-9]{1,2}", said[each.name]):
                raise OddRequest(422, f"{each.name} is not allowed", each.name, shown(said[each.name]), each.allowed)
            said[each.name] = min(max(int(float(said[each.name])), each.bounds[0]), each.bounds[1])
    return _fields(said, fields)


def _fields(said: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    known = {each.name: each for each in fields}
    for name in said:
        if name not in known:
            raise OddRequest(422, "there is no such field", shown(name), allowed=", ".join(known) or "no field at all")
    for each in fields:
        if each.needed and each.name not in said:
            raise OddRequest(422, f"{each.name} is needed", each.name, "nothing", each.allowed)
    return {name: each.read(said[name]) if name in said else each.usual for name, each in known.items()}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) != len(pairs):
        raise ValueError("a key is there twice")
    return named


def _never(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if value in {float("inf"), float("-inf")}:
        raise ValueError(f"{text[:20]} is too large")
    return value
