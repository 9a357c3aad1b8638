"""What a WireViz document must be like before wireviz may see it: known keys, plain values, sizes of real harnesses."""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from station.config.problems import Place, Problem, nearest, shown
from station.importing.yaml_text import YamlDocument

MOST_PINS = 2000
NOT_NEEDED = {
    *("image", "bgcolor", "bgcolor_title", "additional_components", "ignore_in_bom", "notes", "supplier", "spn"),
    *("show_name", "show_pincount", "show_wirecount", "show_wirenumbers", "show_equiv", "hide_disconnected_pins"),
}
"""What only a drawing or a bill of materials needs; an image's file is never looked for."""
_LISTS = {"pins", "pinlabels", "pincolors", "colors", "wirelabels", "loops"}
_COUNTS = {"pincount", "wirecount"}
_RANGE = re.compile(r"\s*(\d+)\s*-\s*(\d+)\s*")


def odd_document(document: YamlDocument, connector: type, cable: type) -> Iterator[Problem]:
    """Everything that wireviz would not understand, or would be kept busy with."""
    if not isinstance(document.value, dict):
        yield document.problem((), "is no harness", "a table with connectors, cables and connections")
        return
    for section, kind in (("connectors", connector), ("cables", cable)):
        entries = document.value.get(section)
        if entries is None:
            continue
        if not isinstance(entries, dict):
            yield document.problem((section,), shown(entries), "a table")
            continue
        for name, entry in entries.items():
            yield from _odd_entry(document, (section, name), entry, kind)
    connections = document.value.get("connections")
    if not isinstance(connections, list) or not connections:
        yield document.problem(("connections",), shown(connections), "a list of connection sets")
        return
    for at, each in enumerate(connections):
        yield from _odd_set(document, ("connections", at), each)


def _odd_entry(document: YamlDocument, where: Place, entry: object, kind: type) -> Iterator[Problem]:
    if entry is None:
        return
    if not isinstance(entry, dict):
        yield document.problem(where, shown(entry), "a table")
        return
    known = {each.name for each in fields(kind)} - {"name"}
    for key, value in entry.items():
        here = (*where, key)
        if key not in known:
            yield document.problem(here, f"unknown key {shown(key)}", nearest(key, known - NOT_NEEDED))
        elif key in _COUNTS and not (isinstance(value, int) and 1 <= value <= MOST_PINS):
            yield document.problem(here, shown(value), f"1 to {MOST_PINS}")
        elif key in _LISTS:
            yield from _odd_list(document, here, value)


def _odd_list(document: YamlDocument, where: Place, given: object) -> Iterator[Problem]:
    if not (isinstance(given, list) and len(given) <= MOST_PINS):
        yield document.problem(where, shown(given), f"a list of at most {MOST_PINS}")
        return
    for at, each in enumerate(given):
        if where[-1] == "loops":
            if not (
                isinstance(each, list) and len(each) == 2 and not any(isinstance(pin, dict | list) for pin in each)
            ):
                yield document.problem((*where, at), shown(each), "a list of two pins")
        elif isinstance(each, dict | list):
            yield document.problem((*where, at), shown(each), "a text or a number")


def _odd_set(document: YamlDocument, where: Place, entries: object) -> Iterator[Problem]:
    if not isinstance(entries, list) or not entries:
        yield document.problem(where, shown(entries), "a list of connectors and cables in turn")
        return
    for at, each in enumerate(entries):
        here = (*where, at)
        match each:
            case str():
                pass
            case list() if each and all(isinstance(name, str) for name in each) and len(each) <= MOST_PINS:
                pass
            case dict() if len(each) == 1:
                pins = next(iter(each.values()))
                yield from _odd_pins(document, here, pins if isinstance(pins, list) else [pins])
            case _:
                yield document.problem(here, shown(each), "a name, a list of names, or a name with its pins")


def _odd_pins(document: YamlDocument, where: Place, pins: list[Any]) -> Iterator[Problem]:
    count = 0
    for pin in pins:
        if pin is None or isinstance(pin, dict | list):
            yield document.problem(where, shown(pin), "pins or wires: numbers, labels, or ranges like 1-4")
            return
        span = _RANGE.fullmatch(str(pin)[:40])
        count += abs(int(span[1]) - int(span[2])) + 1 if span else 1
    if count > MOST_PINS:
        yield document.problem(where, f"{count} pins", f"at most {MOST_PINS}")
