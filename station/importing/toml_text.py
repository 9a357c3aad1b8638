"""TOML, written: one way only, so that the same document gives the same bytes."""

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

_BARE = re.compile(r"[A-Za-z0-9_-]+")

Value = str | int | float | list[str] | list[int] | Mapping[str, "Value"]


def key(name: str) -> str:
    """A key, in quotes where it needs them."""
    return name if _BARE.fullmatch(name) else text(name)


def text(words: str) -> str:
    """A text in quotes; what TOML cannot hold becomes a question mark."""
    clean = "".join("?" if "\ud800" <= each <= "\udfff" else each for each in words)
    return json.dumps(clean, ensure_ascii=False).replace("\x7f", "\\u007f")


def value(given: Value) -> str:
    """A value on one line."""
    match given:
        case str():
            return text(given)
        case int():
            return str(given)
        case float():
            return _number(given)
        case list():
            return f"[{', '.join(value(each) for each in given)}]"
        case _:
            return (
                f"{{ {', '.join(f'{key(name)} = {value(each)}' for name, each in given.items())} }}" if given else "{}"
            )


def _number(given: float) -> str:
    """A float that reads back the same, as people write it: 0.25, 5e6."""
    plain = 1e-4 <= abs(given) < 1e5 or not given
    return repr(given) if plain else f"{Decimal(repr(given)).normalize():e}".replace("e+", "e")


def table(name: str, entries: Mapping[str, Value]) -> list[str]:
    """The lines of a table."""
    return [f"[{name}]", *(f"{key(each)} = {value(given)}" for each, given in entries.items())]


def lines_of(name: str, entries: Iterable[str]) -> list[str]:
    """The lines of an array with an entry a line."""
    return [f"{key(name)} = [", *(f"    {each}" for each in entries), "]"]


def document(parts: Iterable[list[str]]) -> str:
    """Parts with an empty line between them."""
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def comments(words: Iterable[str]) -> list[str]:
    """Comment lines of printable text."""
    return [f"# {''.join(each if each.isprintable() else '?' for each in line)}".rstrip() for line in words]
