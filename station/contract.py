"""Contracts: the parts of which the JSON schemas (2020-12) of what people script against are made."""

from typing import Any, Final

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
TEXT: Final = {"type": "string"}
NUMBER: Final = {"type": "number"}
COUNT: Final = {"type": "integer", "minimum": 0}
PERHAPS: Final = {"type": ["number", "null"]}
INSTANT: Final = {"type": "string", "format": "date-time"}


def closed(properties: dict[str, Any], *, optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """A closed object: every property is there, but for the optional ones, and no other."""
    return {
        "type": "object",
        "properties": properties | (optional or {}),
        "required": list(properties),
        "additionalProperties": False,
    }


def listed(items: dict[str, Any]) -> dict[str, Any]:
    """An array of these."""
    return {"type": "array", "items": items}


def counted(by: str) -> dict[str, Any]:
    """An object whose keys are names of some kind, and whose values are counts."""
    return {"type": "object", "additionalProperties": COUNT, "description": f"counts by {by}"}
