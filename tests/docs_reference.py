"""The generated parts of the reference pages. `python -m tests.docs_reference` writes them anew.

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`; what is around it is written by hand.
"""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner

from sequences.family import CONSOLE
from sim.faults import not_simulated
from station.api.asked import Field
from station.api.openapi import document
from station.api.routes import ROUTES
from station.catalog import families
from station.config.schemas import jig_schema, product_schema, registers_schema, station_schema
from station.faces.cli.commands import MODULES
from station.faces.cli.commands import station as command_line
from station.opening import usual_library
from station.record import SCHEMA
from station.watching.names import METRICS

REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "reference"
_WORDS = {
    "object": "table", "string": "text", "integer": "whole number", "boolean": "true or false", "number": "number", "date": "date",
    "date-time": "text", "null": "null",
}  # fmt: skip
_PART = re.compile(r"(<!-- generated: (?P<name>[a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def rewritten(text: str) -> str:
    """A page with its generated parts as they should be."""
    return _PART.sub(lambda part: f"{part[1]}\n{PARTS[part['name']]()}\n{part[3]}", text)


def commands() -> str:
    """Every command: what it does, its arguments and options, its examples."""
    context = click.Context(command_line, info_name="station")
    return "\n".join(line for name in MODULES for line in _command(command_line.get_command(context, name), name))


def faults() -> str:
    """The catalogue, as `station list faults --json` has it."""
    listed = [each for each in _listed_faults() if "where" in each]
    lines: list[str] = []
    for family in dict.fromkeys(each["family"] for each in listed):
        lines += [f"### {family}", ""]
        lines += _head("fault", "what is wrong", "where", "value", "tried at", "verdict", "caught by", "told from")
        lines += [_fault(each) for each in listed if each["family"] == family]
        lines.append("")
    return "\n".join(lines)


def _fault(each: dict[str, Any]) -> str:
    told = (f"`{name}`" if " " not in name else name for name in each["told from"])
    return _row(
        f"`{each['name']}`",
        each["title"],
        each["where"],
        each["value"],
        ", ".join(f"{value:g}" for value in each["severities"]),
        each["verdict"] or "it may escape",
        " or ".join(each["caught by"]) or "nobody",
        ", ".join(told),
    )


def _listed_faults() -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(CliRunner().invoke(command_line, ["list", "faults", "--json"]).stdout)
    return listed


def unplayed() -> str:
    """The faults that no simulated bench can have yet."""
    rows = (_row(name, *each) for name, each in not_simulated().items())
    return "\n".join([*_head("entry", "fault", "why not"), *rows, ""])


def station_faults() -> str:
    """The faults of the station itself, by their numbers, and what plays each."""
    lines = _head("number", "layer", "fault", "what must become of a run", "played by", "why not")
    for each in _listed_faults():
        if each["family"] == "station":
            players = [f"`{name}`" for name in (*each["faults"], *each["disturbances"])]
            players += [f"`tests/{each['tested']}`"] if each["tested"] else []
            lines.append(
                _row(each["name"], each["layer"], each["title"], each["verdict"], ", ".join(players), each["why"])
            )
    return "\n".join([*lines, ""])


def instruments() -> str:
    """The catalogue of models: roles, links, whence the accuracy, how far each is on the ladder, and its gaps."""
    library = usual_library()
    every = sorted(library.every_model().values(), key=lambda each: each.name)
    rows = [
        _row(
            f"`{each.name}`",
            each.title,
            ", ".join(role.__name__ for role in each.roles),
            ", ".join(f"`{scheme}:`" for scheme in each.links),
            each.accuracy or "measures nothing",
            each.rung,
        )
        for each in every
    ]
    lines = [*_head("model", "what it is", "roles", "links", "accuracy from", "rung"), *rows, ""]
    lines += ["### What is not public", ""]
    lines += [f"- `{each.name}`: {'; '.join(each.gaps)}." for each in every if each.gaps]
    lines += ["", "### Where the commands and registers come from", ""]
    lines += [f"- `{each.name}`: {each.source}." for each in every if each.source]
    return "\n".join([*lines, ""])


def product_keys() -> str:
    """Every key of a product file."""
    return _document(product_schema(families()))


def jig_keys() -> str:
    """Every key of a jig file."""
    return _document(jig_schema(families()))


def station_keys() -> str:
    """Every key of a station file."""
    return _document(station_schema(usual_library().every_model()))


def measurements() -> str:
    """What each sequence measures of a unit: every measurement needs a limit in the product's file."""
    lines: list[str] = []
    for family in families().values():
        for sequence in family.sequences:
            judged = [each for each in sequence.measurements() if not each.of_station]
            if sequence.learns or not judged:
                continue
            lines += [f"### Limits of `{sequence.name}`", "", *_head("measurement", "unit", "at", "what")]
            lines += [
                _row(f"`{each.name}`", each.unit, "each point" if each.over else "the whole", each.title)
                for each in judged
            ]
            lines.append("")
    return "\n".join(lines)


def roles() -> str:
    """The roles of a slot by the family of its jig, as the first shipped jig of each asks for them."""
    first = {jig.family.name: jig for jig in reversed(usual_library().jigs()[0])}
    lines: list[str] = []
    for name, family in families().items():
        if name not in first:
            continue
        lines += [
            f"### Roles with jigs of `{family.name}`",
            "",
            *_head("role", "how many", "what", "where none is named"),
        ]
        lines += [
            _row(
                f"`{role}`",
                str(need.count),
                need.role.__name__,
                {"": "a problem", CONSOLE: "the person at the terminal"}.get(
                    need.otherwise, f"the first of `{need.otherwise}`"
                ),
            )
            for role, need in first[name].wiring.needs().items()
        ]
        lines.append("")
    return "\n".join(lines)


def registers_keys() -> str:
    """Every key of a map of registers in our own form."""
    return _document(registers_schema())


def record_keys() -> str:
    """Every key of a folded run record."""
    rows = [_row(f"`{path}`", _kind(each), each.get("description", "")) for path, each in _walk(SCHEMA, "")]
    return "\n".join([*_head("key", "type", "what"), *rows, ""])


def metrics() -> str:
    """Every metric: its kind, its labels, its unit, and what it means."""
    rows = [
        _row(f"`{each.name}`", each.kind, ", ".join(f"`{label}`" for label in each.labels), each.unit, each.meaning)
        for each in METRICS
    ]
    return "\n".join([*_head("metric", "kind", "labels", "unit", "what"), *rows, ""])


def alerts() -> str:
    """A rule for Prometheus for each metric that can call a person."""
    lines = ["```yaml", "groups:", "  - name: rackproof", "    rules:"]
    for each in METRICS:
        if each.alert:
            words = each.name.removeprefix("rackproof_").removesuffix("_total").split("_")
            lines += [f"      - alert: Rackproof{''.join(map(str.capitalize, words))}"]
            lines += [f"        expr: {json.dumps(each.alert)}", "        for: 1m"]
    return "\n".join([*lines, "```", ""])


def routes() -> str:
    """What can be asked of a line, and by whom."""
    rows = [_row(f"`{each.method} {each.path}`", each.role, each.what) for each in ROUTES]
    return "\n".join([*_head("what", "role", "which"), *rows, ""])


def bodies() -> str:
    """The fields of what is handed in."""
    (fields,) = (each.body for each in ROUTES if each.does == "submit")
    rows = [_row(f"`{each.name}`", "required" if each.needed else "", each.what, _fits(each)) for each in fields]
    return "\n".join([*_head("field", "", "what", "allowed"), *rows, ""])


def _fits(field: Field) -> str:
    if field.bounds is not None:
        return f"{field.allowed}; usually {field.usual}"
    return "printable text, 200 characters at most" if field.pattern == Field("", "").pattern else f"`{field.pattern}`"


def api_document() -> str:
    """What is kept beside the pages as openapi.json."""
    return json.dumps(document(), indent=1) + "\n"


PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "faults": faults,
    "not simulated": unplayed,
    "station faults": station_faults,
    "instruments": instruments,
    "product": product_keys,
    "jig": jig_keys,
    "station": station_keys,
    "registers": registers_keys,
    "measurements": measurements,
    "roles": roles,
    "record": record_keys,
    "metrics": metrics,
    "alerts": alerts,
    "routes": routes,
    "bodies": bodies,
}


def _command(command: click.Command | None, name: str) -> Iterator[str]:
    assert command is not None, name
    if isinstance(command, click.Group):
        yield from (line for inner, each in command.commands.items() for line in _command(each, f"{name} {inner}"))
        return
    words = [each.make_metavar(click.Context(command)) for each in command.params if isinstance(each, click.Argument)]
    yield f"## station {name}\n"
    yield f"`{' '.join(['station', name, '[OPTIONS]', *words])}`\n"
    yield from _told(command.help or "")
    yield from _head("option", "what")
    for option in command.params:
        if isinstance(option, click.Option) and (record := option.get_help_record(click.Context(command))):
            yield _row(f"`{record[0]}`", record[1])
    yield ""


def _told(text: str) -> Iterator[str]:
    """A docstring: paragraphs, and as code what a terminal must not wrap."""
    for paragraph in re.split(r"\n\n+", inspect.cleandoc(text)):
        if not paragraph.startswith("\b\n"):
            yield " ".join(paragraph.split()) + "\n"
            continue
        lines = [line.removeprefix("Example:").strip() for line in paragraph.splitlines()[1:]]
        yield "\n".join(["```sh", *lines, "```\n"])


def _document(schema: dict[str, Any]) -> str:
    """The tables of a TOML document: one for each table that is written, by its path."""
    lines: list[str] = []
    for path, table in _tables(schema, schema["$defs"], ""):
        needed = table.get("required", ())
        lines += [f"### `{path}`" if path else "### the whole file", ""]
        lines += [" ".join(table["description"].split()), ""] if path and table.get("description") else []
        lines += _head("key", "type", "default", "what")
        for key, each in table["properties"].items():
            default = "required" if key in needed else f"`{json.dumps(each['default'])}`" if "default" in each else ""
            lines.append(_row(f"`{key}`", _kind(each), default.replace("`null`", ""), each.get("description", "")))
        lines.append("")
    return "\n".join(lines)


def _tables(node: dict[str, Any], known: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every table inside a schema with the path under which it is written."""
    if "properties" not in node:
        return
    if path:
        yield path, node
    for key, each in node["properties"].items():
        here = f"{path}.{key}" if path else key
        for inner, suffix in _inner(each):
            if "$ref" in inner:
                yield from _tables(known[inner["$ref"].removeprefix("#/$defs/")], known, here + suffix)
    for each in node.get("allOf", ()):  # what each family writes in a place of the document
        (head,) = each["if"]["properties"].values()
        family = head["properties"]["family"]["const"]
        for key, inner in each["then"]["properties"].items():
            for place, table in _tables(known[inner["$ref"].removeprefix("#/$defs/")], known, key):
                yield f"{place}` of `{family}", table


def _inner(node: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """What a value is made of, and how its place is written below its key."""
    for each in node.get("anyOf", [node]):
        if isinstance(each.get("additionalProperties"), dict):
            yield each["additionalProperties"], ".NAME"
        elif "items" in each:
            yield each["items"], "[]"
        else:
            yield each, ""


def _kind(node: dict[str, Any]) -> str:
    """The type of a value, in words."""
    match node:
        case {"anyOf": list() as options}:
            return " or ".join(kind for each in options if (kind := _kind(each)) != "null")
        case {"enum": list() as words}:
            return ", ".join(f"`{each}`" for each in words)
        case {"const": word}:
            return f"`{word}`"
        case {"type": list() as names}:
            return " or ".join(names)
        case {"type": "array", "items": inner}:
            return f"list of {_kind(inner).replace('list of', 'lists of')}{'' if inner.get('type') == 'array' else 's'}"
        case {"additionalProperties": dict() as inner}:
            return f"{_kind(inner)} by name"
    return _WORDS[node.get("format", node.get("type", "object"))]


def _walk(node: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, each in node.get("properties", {}).items():
        here = f"{path}.{key}" if path else key
        yield here, each
        for option in each.get("anyOf", [each]):
            yield from _walk(option, here)
            yield from _walk(option.get("items", {}), f"{here}[]")


def _head(*names: str) -> list[str]:
    return [_row(*names), _row(*("---" for _ in names))]


def _row(*cells: str) -> str:
    return f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    for page in sorted(REFERENCE.glob("*.md")):
        page.write_text(rewritten(page.read_text(encoding="utf-8")), encoding="utf-8")
    (REFERENCE / "openapi.json").write_text(api_document(), encoding="utf-8")
