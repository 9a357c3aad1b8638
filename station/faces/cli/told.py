"""What `station show` tells of a thing: the same facts as a JSON document and as lines for people."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from drivers.model import Model
from sequences.cabling.cable import Cable
from sequences.measurement import Measurement
from sequences.sequence import Group, Loop, Node, Sequence
from station.config.library import Library
from station.config.product import Product


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that has a name: what kind it is, and all its facts."""

    kind: str
    name: str
    document: dict[str, Any]
    table: tuple[tuple[str, ...], ...] = ()
    """Facts that people read as a table, its head first; in the document they stand under `registers`."""


def found(name: str, station_file: str | None = None) -> Thing | None:
    """The thing of that name, whatever it is; None if there is none. Raises BadDocuments for a bad file of that name."""
    from station.opening import library_of

    if name.startswith("schema/"):
        return _schema(name.removeprefix("schema/"))
    library = library_of(station_file)
    kind, _, rest = name.partition("/")
    if kind == "model" and rest:
        return _model(rest, library)
    if kind == "fault" and rest:
        return _fault(rest)
    looks = (_sequence, _model, lambda known, _: _fault(known), _document)
    return next((thing for look in looks if (thing := look(name, library)) is not None), None)


def told(thing: Thing) -> Iterator[str]:
    """The thing in lines: its name, then its facts, nested ones indented."""
    yield f"{thing.kind} {thing.name}"
    yield from _lines(
        {key: each for key, each in thing.document.items() if not (thing.table and key == "registers")}, 1
    )


def _lines(value: Any, depth: int) -> Iterator[str]:  # noqa: ANN401 (whatever JSON can hold)
    pad = "  " * depth
    items = value.items() if isinstance(value, dict) else ((None, each) for each in value)
    for key, each in items:
        head = f"{pad}{key}: " if key is not None else f"{pad}- "
        if isinstance(each, dict | list) and each:
            if key is None and isinstance(each, dict) and "name" in each:
                yield f"{pad}- {each['name']}"
                yield from _lines({k: v for k, v in each.items() if k != "name"}, depth + 2)
                continue
            yield head.rstrip()
            yield from _lines(each, depth + 1)
        elif each not in (None, "", [], {}):
            yield f"{head}{each}"


def _sequence(name: str, library: Library) -> Thing | None:
    sequences = {each.name: each for family in library.families.values() for each in family.sequences}
    sequence = sequences.get(name)
    return None if sequence is None else Thing("sequence", name, plan(sequence))


def plan(sequence: Sequence) -> dict[str, Any]:
    """The plan of a sequence: its steps in order, what each measures, and on what terms."""
    fixture = sequence.fixture.__name__
    claims = {"catches": [str(claim) for claim in sequence.catches]} if sequence.catches else {}
    return {"title": sequence.title, "fixture": fixture, "digest": sequence.digest, **claims, **_group(sequence.steps)}


def _group(group: Group) -> dict[str, Any]:
    parts = {"setup": group.setup, "main": group.main, "cleanup": group.cleanup}
    return {part: [_node(node) for node in nodes] for part, nodes in parts.items() if nodes}


def _node(node: Node) -> dict[str, Any]:
    if isinstance(node, Group):
        return {"name": node.name, **_group(node)}
    if isinstance(node, Loop):
        times = "for each item of the product" if node.over else f"{node.times} times"
        return {"name": f"loop, {times}", "steps": [_node(step) for step in node.steps]}
    return {
        "name": node.title,
        "what": " ".join(node.doc.split()),
        "measures": [_measurement(each) for each in node.measurements],
        "timeout": f"{node.timeout:g} s",
        "attempts": node.retry.attempts if node.retry.attempts > 1 else None,
        "needs": [need.title for need in node.needs],
    }


def _measurement(each: Measurement) -> str:
    points = " at each point" if each.over else ""
    whose = "the station's own limit" if each.of_station else "limit by the product"
    return f"{each.name} [{each.unit}]{points}: {each.title} ({whose})"


def _model(name: str, library: Library) -> Thing | None:
    from station.config.shelf import UnknownName

    model = library.models.get(name)
    if model is not None:
        return Thing("model", name, _facts(model))
    try:
        found = library.map_of_registers(name)
    except UnknownName:
        return None
    from station.faces.cli.map_told import map_document, map_table

    return Thing("model", name, {**_facts(found.model), **map_document(found)}, map_table(found.map))


def _facts(model: Model) -> dict[str, Any]:
    roles = [role.__name__.lower() for role in model.roles]
    return {"title": model.title, "roles": roles, "longest reply": f"{model.within:g} s"}


def _fault(name: str) -> Thing | None:
    from station.faces.cli.fault_told import fault_named

    document = fault_named(name)
    return None if document is None else Thing("fault", name, {key: document[key] for key in document if key != "name"})


def _document(name: str, library: Library) -> Thing | None:
    from station.config.shelf import UnknownName

    for kind in ("product", "jig", "station"):
        try:
            each = getattr(library, kind)(name)
        except UnknownName:
            continue
        document = {"file": each.document.name, **each.document.tables}
        if isinstance(each, Product) and isinstance(each.structure, Cable):
            document = {**_nets(each.structure), **document}
        return Thing(kind, name, document)
    return None


def _nets(cable: Cable) -> dict[str, Any]:
    netlist = cable.netlist
    return {
        "counts": f"{len(netlist.pins)} pins, {len(netlist.drawn)} wires, {len(netlist.nets)} nets, {len(netlist.paths)} paths"
    }


def _schema(name: str) -> Thing | None:
    if name.startswith("mqtt-"):
        from station.mqtt.payloads import SCHEMAS

        known = SCHEMAS.get(name.removeprefix("mqtt-"))
        return None if known is None else Thing("schema", name, known)
    from station.catalog import families
    from station.config.schemas import jig_schema, product_schema, registers_schema, station_schema
    from station.opening import usual_library
    from station.proving.schema import SCHEMA as PROOF
    from station.record import SCHEMA

    makers = {
        "run": lambda: SCHEMA,
        "proof": lambda: PROOF,
        "product": lambda: product_schema(families()),
        "jig": lambda: jig_schema(families()),
        "station": lambda: station_schema(usual_library().every_model()),
        "registers": registers_schema,
    }
    return Thing("schema", name, makers[name]()) if name in makers else None
