"""JSON schemas: editors complete and check what the loader takes, and say what each field means."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from jsonschema import Draft202012Validator

from station.config.library import shipped
from station.config.schemas import jig_schema, product_schema, registers_schema, station_schema
from station.config.shapes import STRICT
from tests.station.documents import FAMILIES, JIG, PRODUCT, STATION, changed, library

SCHEMAS = {
    "products": product_schema(FAMILIES),
    "jigs": jig_schema(FAMILIES),
    "stations": station_schema(library(shipped()).every_model()),
    "registers": registers_schema(),
}
MAP = (Path(__file__).parents[1] / "documents/registers/small-unit.toml").read_text()


def plain(text: str) -> Any:
    """TOML as editors hand it to a schema: dates are texts."""
    return json.loads(json.dumps(tomllib.loads(text), default=str))


def errors(kind: str, text: str) -> list[str]:
    """What the schema says of a document: the places of its errors."""
    found = Draft202012Validator(SCHEMAS[kind]).iter_errors(plain(text))
    return sorted(".".join(map(str, each.absolute_path)) for each in found)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_each_is_a_schema_of_2020_12(kind: str) -> None:
    """By the schema of schemas."""
    Draft202012Validator.check_schema(SCHEMAS[kind])
    assert "https://json-schema.org/draft/2020-12/schema" == SCHEMAS[kind]["$schema"]


@pytest.mark.parametrize(
    ("kind", "text"), [("products", PRODUCT), ("jigs", JIG), ("stations", STATION), ("registers", MAP)]
)
def test_good_documents_are_good_to_the_schema_too(kind: str, text: str) -> None:
    """And so are all that are shipped."""
    assert [] == errors(kind, text)
    for file in (shipped() / kind).glob("*.toml"):
        assert [] == errors(kind, file.read_text())


def test_mistakes_are_seen_where_they_are() -> None:
    """Unknown keys, wrong types, names that do not exist, in the family's part too."""
    assert ["structure"] == errors("products", changed(PRODUCT, "gauge =", "gague ="))
    assert ["structure.wires.3.kind"] == errors("products", changed(PRODUCT, '"shield"', '"screen"'))
    assert ["product.family"] == errors("products", changed(PRODUCT, '"cabling"', '"hoses"'))
    assert ["limits.isolation.rule"] == errors(
        "products", changed(PRODUCT, "at_least = 5e6", 'at_least = 5e6, rule = "guard"')
    )
    assert [] == errors("products", changed(PRODUCT, "at_least = 5e6", 'at_least = 5e6, rule = "method-6"'))
    assert ["product.sequence"] == errors("products", changed(PRODUCT, "cable-continuity", "continuity"))
    assert ["wiring.bar"] == errors("jigs", changed(JIG, "[9, 10]", "9"))
    assert ["instruments.ohms.model"] == errors("stations", changed(STATION, "rm3545", "rm3544"))
    assert ["registers.Volts.format"] == errors("registers", changed(MAP, '"fixed"', '"fixt"'))


def test_a_station_with_maps_of_its_own_may_name_any_model() -> None:
    """An editor does not see into the folders that it names."""
    text = changed(STATION, 'site = "here"', 'site = "here"\nregisters = ["maps"]')
    assert [] == errors("stations", changed(text, "rm3545", "rm3544"))


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_field_says_what_it_means(kind: str) -> None:
    """In a description, which editors show."""

    def fields(node: Any, name: str) -> Iterator[str]:
        if isinstance(node, dict):
            for key, each in node.get("properties", {}).items():
                meant = SCHEMAS[kind]["$defs"][each["$ref"].rpartition("/")[2]] if "$ref" in each else each
                if not (each.get("description") or meant.get("description")):
                    yield f"{name}.{key}"
            for key, each in node.items():
                yield from fields(each, key)

    conditions = {"if", "else"}  # they say again what stands elsewhere
    assert [] == list(fields({key: each for key, each in SCHEMAS[kind].items() if key not in conditions}, kind))


@dataclass(frozen=True, slots=True)
class Hose:
    """A hose, for a family that has words in common with another."""

    __pydantic_config__: ClassVar[Any] = STRICT
    bore: float
    """Millimetres."""


@dataclass(frozen=True, slots=True)
class Hoses:
    """Its structure."""

    __pydantic_config__: ClassVar[Any] = STRICT
    connectors: dict[str, Hose] = field(default_factory=dict)
    """The same word as in cabling, for something else."""


def test_families_with_the_same_words_do_not_get_into_each_others_way() -> None:
    """Each keeps its own definitions."""
    hoses = replace(FAMILIES["cabling"], name="hoses", structure=Hoses)  # type: ignore[arg-type]  # for its schema only
    schema = product_schema({**FAMILIES, "hoses": hoses})
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    text = (
        changed(PRODUCT[: PRODUCT.index("[structure]")], '"cabling"', '"hoses"')
        + "[structure.connectors.A]\nbore = 8.0\n"
    )
    assert (True, True, False) == (
        validator.is_valid(plain(PRODUCT)), validator.is_valid(plain(text)), validator.is_valid(plain(text + "length = 1.0\n")),
    )  # fmt: skip
