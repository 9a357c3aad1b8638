"""Shapes: what TOML gives, made into plain dataclasses. The one door to pydantic.

A dataclass asks for strictness by its `__pydantic_config__`; pydantic says where a value does not fit, and the words for
what would fit come from the annotations.
"""

import types
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from functools import cache
from threading import Lock
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import SchemaValidator

from station.config.problems import Flaw, Place, nearest, shown

Shape = TypeVar("Shape")
STRICT = {"extra": "forbid", "strict": True, "use_attribute_docstrings": True}
"""The `__pydantic_config__` of every document: no unknown keys, no conversions, and its fields' docstrings for editors."""

_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", date: "a date like 2027-03-01"}
_MAKING = Lock()
"""Held while a kind is made out: pydantic parses the source of a class for its docstrings, and CPython's parser must not be asked
by two threads at once (it counts its recursion for all of them together, and raises SystemError).
"""
_UNKNOWN = {"unexpected_keyword_argument", "extra_forbidden"}


def shape(kind: type[Shape], given: Any, above: Place = ()) -> tuple[Shape | None, list[Flaw]]:  # noqa: ANN401 (any TOML)
    """`given` as a `kind`, or None and everything that does not fit; places are told from `above` on."""
    try:
        with _MAKING:
            validator = _validator(kind)  # type: ignore[arg-type]  # every type is hashable
        return validator.validate_python(given), []
    except ValidationError as odd:
        errors = [(error["type"], _place(error["loc"], given)) for error in odd.errors(include_url=False)]
    places = {place for _, place in errors}
    inner = {place[:length] for place in places for length in range(len(place))}
    flaws = [_flaw(code, place, kind, given, above) for code, place in dict.fromkeys(errors) if place not in inner]
    return None, list(dict.fromkeys(flaws))


def fitting(kind: type[Shape], given: Any) -> dict[str, Shape]:  # noqa: ANN401 (any TOML)
    """Those entries of a table that fit, so that what they say can be checked although others do not fit."""
    entries = {key: shape(kind, each)[0] for key, each in given.items()} if isinstance(given, dict) else {}
    return {key: each for key, each in entries.items() if each is not None}


def described(kind: type) -> dict[str, Any]:
    """The JSON schema (2020-12) of a `kind`, with its fields' docstrings as descriptions."""
    with _MAKING:
        return TypeAdapter(kind).json_schema()


@cache
def _validator(kind: type) -> SchemaValidator:
    return SchemaValidator(_from_tables(TypeAdapter(kind).core_schema))


def _from_tables(node: Any) -> Any:  # noqa: ANN401 (a core schema is a tree of anything)
    """The same schema with dataclasses made from tables: strict ones would take ready instances only."""
    if isinstance(node, dict):
        inner = {key: _from_tables(value) for key, value in node.items() if key != "metadata"}
        return inner | {"strict": False} if node.get("type") == "dataclass" else inner
    return [_from_tables(each) for each in node] if isinstance(node, list) else node


def _place(loc: tuple[str | int, ...], given: Any) -> Place:  # noqa: ANN401 (any TOML)
    """A location of pydantic's without the names of union members, which are no keys of the document."""
    place: list[str | int] = []
    for at, key in enumerate(loc):
        inside = (isinstance(given, dict) and key in given) or (isinstance(given, list) and isinstance(key, int))
        if inside:
            given = given[key]
            place.append(key)
        elif isinstance(given, dict) and at == len(loc) - 1:
            place.append(key)
    return tuple(place)


def _flaw(code: str, place: Place, kind: type, given: Any, above: Place) -> Flaw:  # noqa: ANN401 (any TOML)
    unknown = code in _UNKNOWN
    wanted: list[Any] = [kind]
    for key in place[:-1] if unknown else place:
        wanted = [inner for each in wanted for inner in _inside(each, key)]
        given = given.get(key) if isinstance(given, dict) else given[key]
    if unknown:
        known = {name for each in wanted for name in _names(each)}
        return Flaw((*above, *place), f"unknown key {shown(place[-1])}", nearest(str(place[-1]), known))
    return Flaw((*above, *place), shown(given), " or ".join(dict.fromkeys(_words(each) for each in wanted)))


def _options(kind: Any) -> Iterator[Any]:  # noqa: ANN401 (an annotation)
    """The members of a union but None, or the annotation itself."""
    if get_origin(kind) in {Union, types.UnionType}:
        for each in get_args(kind):
            if each is not type(None):
                yield from _options(each)
    else:
        yield kind


def _inside(kind: Any, key: str | int) -> Iterator[Any]:  # noqa: ANN401 (an annotation)
    """What is wanted at a key of what is wanted."""
    for each in _options(kind):
        origin, inner = get_origin(each), get_args(each)
        if is_dataclass(each) and key in _names(each):
            yield from _options(get_type_hints(each)[str(key)])
        elif inner and ((origin is list and isinstance(key, int)) or (origin is dict and isinstance(key, str))):
            yield from _options(inner[-1])


def _names(kind: Any) -> list[str]:  # noqa: ANN401 (an annotation)
    return [each.name for each in fields(kind)] if is_dataclass(kind) else []


def _words(kind: Any) -> str:  # noqa: ANN401 (an annotation)
    if is_dataclass(kind):
        needed = [each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING]
        return f"a table with {', '.join(needed)}" if needed else "a table"
    if get_origin(kind) is Literal:
        return " or ".join(repr(each) for each in get_args(kind))
    if get_origin(kind) is list:
        return f"a list, each {' or '.join(_words(each) for each in _options(get_args(kind)[0]))}"
    return "a table" if get_origin(kind) is dict else _WORDS.get(kind, "something else")
