"""Harness documents for the tests of importing, and what comes of them."""

from pathlib import Path

from sequences.cabling.cable import Cable
from station.config.documents import parsed
from station.config.jig import jig_of
from station.config.product import Product, product_of
from station.importing.importer import Imported, import_file
from tests.station.documents import FAMILIES, said

DOCUMENTS = Path(__file__).parents[1] / "documents"


def written(folder: Path, name: str, text: str) -> Path:
    """A file with a text."""
    file = folder / name
    file.write_text(text)
    return file


def loaded(imported: Imported) -> Product:
    """The product as the loader reads it, with a jig that it fits."""
    product = product_of(parsed(Path("products") / imported.product_file, imported.product_toml), FAMILIES)
    jig = jig_of(parsed(Path("jigs") / imported.jig_file, imported.jig_toml), FAMILIES)
    assert (jig.name,) == product.jigs
    assert [] == jig.wiring.misfits(product.structure)
    return product


def cable(imported: Imported) -> Cable:
    """Its structure."""
    structure = loaded(imported).structure
    assert isinstance(structure, Cable)
    return structure


def yaml(folder: Path, text: str) -> Imported:
    """What comes of a WireViz document."""
    return import_file(written(folder, "harness.yml", text))


def odd(file: Path) -> list[str]:
    """What is wrong with a document, by its name only."""
    return [each.replace(f"{file.parent}/", "") for each in said(lambda: import_file(file))]
