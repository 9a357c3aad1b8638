"""JSON schemas (2020-12) of the documents, so that editors complete and check them.

Save one (`station show schema/product`) and name it in the first line of a TOML file: `#:schema product.schema.json`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from drivers.model import Model
from sequences.family import Family
from sequences.rules import Rule
from station.config.jig import JigDocument
from station.config.product import ProductDocument
from station.config.registers.own import MapDocument
from station.config.shapes import described
from station.config.station_file import StationDocument

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def product_schema(families: Mapping[str, Family]) -> Schema:
    """The schema of product files, with the structures of all families."""
    schema = _document(ProductDocument, "A product of Rackproof")
    _allow(schema["$defs"]["ProductHeader"], "family", families)
    _allow(
        schema["$defs"]["ProductHeader"], "sequence", (each.name for one in families.values() for each in one.sequences)
    )
    for each in ("ProductHeader", "LimitEntry"):
        _allow(schema["$defs"][each], "rule", Rule)
    return _with_inner(schema, "product", "structure", {name: family.structure for name, family in families.items()})


def jig_schema(families: Mapping[str, Family]) -> Schema:
    """The schema of jig files, with the wirings of all families."""
    schema = _document(JigDocument, "A jig of Rackproof")
    _allow(schema["$defs"]["JigHeader"], "family", families)
    return _with_inner(schema, "jig", "wiring", {name: family.wiring for name, family in families.items()})


def station_schema(models: Mapping[str, Model]) -> Schema:
    """The schema of station files."""
    schema = _document(StationDocument, "A station of Rackproof")
    # A map of registers in a folder that the station names is a model too, so then any name may be right.
    known = {"properties": {"model": {"enum": sorted(models)}}}
    schema["if"] = {"properties": {"station": {"required": ["registers"]}}}
    schema["else"] = {"properties": {"instruments": {"additionalProperties": known}}}
    return schema


def registers_schema() -> Schema:
    """The schema of maps of registers in our own form."""
    return _document(MapDocument, "A map of registers of Rackproof")


def _document(kind: type, title: str) -> Schema:
    return {"$schema": DIALECT, **described(kind), "title": title}


def _allow(schema: Schema, key: str, names: Iterable[str]) -> None:
    known = schema["properties"][key]
    known.get("anyOf", [known])[0]["enum"] = sorted(set(names))  # of one that may be left out: of its text


def _with_inner(schema: Schema, head: str, key: str, kinds: Mapping[str, type]) -> Schema:
    """Put what each family writes under `key` into the place that the document leaves to it: the family that is named under
    `head` decides, so a mistake is seen where it is, whatever the other families write.
    """
    schema["allOf"] = []
    for name, kind in kinds.items():
        inner = _renamed(described(kind), name)
        schema["$defs"] |= inner.pop("$defs", {})
        schema["$defs"][name] = inner
        named = {"properties": {head: {"properties": {"family": {"const": name}}, "required": ["family"]}}}
        schema["allOf"].append({"if": named, "then": {"properties": {key: {"$ref": f"#/$defs/{name}"}}}})
    return schema


def _renamed(node: Any, name: str) -> Any:  # noqa: ANN401 (a schema is a tree of anything)
    """The same schema with its definitions called after the family, so that two families may use the same words."""
    if isinstance(node, list):
        return [_renamed(each, name) for each in node]
    if not isinstance(node, dict):
        return node
    renamed = {key: _renamed(each, name) for key, each in node.items()}
    if isinstance(renamed.get("$ref"), str):
        renamed["$ref"] = renamed["$ref"].replace("#/$defs/", f"#/$defs/{name}.", 1)
    if isinstance(renamed.get("$defs"), dict):
        renamed["$defs"] = {f"{name}.{key}": each for key, each in renamed["$defs"].items()}
    return renamed
