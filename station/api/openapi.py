"""The OpenAPI document, made of the routes and of what they answer with."""

import re
from dataclasses import fields
from typing import Any, Final, get_type_hints

from station.api.asked import Fields
from station.api.routes import ROUTES, Route
from station.condition import Condition, Level
from station.ledger.history import RunRow
from station.line.ticket import Stage, Ticket
from station.line.views import SlotView, Status
from station.program import VERSION
from station.record import SCHEMA as RECORD

_TYPES: Final = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    Level: {"enum": [each.name.lower() for each in Level]},
    Stage: {"enum": list(Stage)},
    str | None: {"type": ["string", "null"]},
    float | None: {"type": ["number", "null"]},
    tuple[Condition, ...]: {"type": "array", "items": {"$ref": "#/components/schemas/Condition"}},
}


def _named(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [each.name for each in fields(kind)],
        "properties": {each.name: _TYPES[hints[each.name]] for each in fields(kind)},
        "description": " ".join((kind.__doc__ or "").split()),
    }


def _list(key: str, of: str) -> dict[str, Any]:
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{of}"}}
    return {"type": "object", "additionalProperties": False, "required": [key], "properties": {key: items}}


_TEXT: Final = {"type": "string"}
SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "Condition": _named(Condition),
    "Conditions": _list("conditions", "Condition"),
    "Done": {"type": "object", "additionalProperties": False, "properties": {}},
    "OpenApi": {"type": "object"},
    "Problem": {
        "type": "object",
        "additionalProperties": False,
        "required": ["error", "field", "found", "allowed"],
        "properties": {"error": _TEXT, "field": _TEXT, "found": _TEXT, "allowed": _TEXT},
    },
    "Record": {key: each for key, each in RECORD.items() if key != "$schema"},
    "Reloaded": {
        "type": "object",
        "additionalProperties": False,
        "required": ["problems"],
        "properties": {"problems": {"type": "array", "items": _TEXT}},
        "description": "With problems, the configuration stays as it was.",
    },
    "RunRow": _named(RunRow),
    "Runs": _list("runs", "RunRow"),
    "SlotView": _named(SlotView),
    "Slots": _list("slots", "SlotView"),
    "Status": _named(Status),
    "Ticket": _named(Ticket),
    "Tickets": _list("tickets", "Ticket"),
}
_PROBLEM: Final = {
    "description": "Refused; why",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def document() -> dict[str, Any]:
    """OpenAPI 3.1."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "A line of Rackproof", "version": VERSION, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "over TCP; none over the socket"}},
        },
    }  # fmt: skip


def _operation(route: Route) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": f"{route.does}{'_slot' if '{slot}' in route.path else ''}",
        "summary": route.what,
        "security": [{}, {"token": [route.role]}],
        "parameters": [
            *({"name": name, "in": "path", "required": True, "schema": _TEXT} for name in re.findall(r"{(\w+)}", route.path)),
            *({"name": each.name, "in": "query", "description": each.what, "schema": each.schema} for each in route.query),
        ],
        "responses": {str(route.status): {"description": "Done", "content": _content(route)}, "default": _PROBLEM},
    }  # fmt: skip
    if route.status == 201:
        said["responses"]["200"] = {"description": "It was there already", "content": _content(route)}
    if route.body:
        said["requestBody"] = {"required": True, "content": {"application/json": {"schema": _body(route.body)}}}
    return said


def _content(route: Route) -> dict[str, Any]:
    if "/" in route.answer:
        return {route.answer: {"schema": _TEXT}}
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{route.answer}"}}}


def _body(body: Fields) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [each.name for each in body if each.needed],
        "properties": {each.name: each.schema | {"description": each.what} for each in body},
    }
