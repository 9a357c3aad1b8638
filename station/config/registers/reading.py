"""Reading a map of registers, whichever form it has: what stands in it tells."""

from pathlib import Path

from drivers.maps.map import RegisterMap
from station.config.documents import Document, parsed, text_of
from station.config.problems import BadDocuments, Flaw
from station.config.registers.json_document import parsed_json
from station.config.registers.own import own_map
from station.config.registers.profile import profile_map
from station.config.registers.rackmon import rackmon_map

SUFFIXES = (".toml", ".json")


def read_map(file: Path) -> RegisterMap:
    """The map in a file. Raises BadDocuments with all that is wrong, each with its line."""
    return map_of(read_map_document(file))


def read_map_document(file: Path) -> Document:
    """The document of a map: JSON when it begins as an object does, else TOML. Raises BadDocuments."""
    text = text_of(file)
    return parsed_json(file, text) if text.lstrip("\ufeff \t\r\n").startswith("{") else parsed(file, text)


def map_of(document: Document) -> RegisterMap:
    """The map of a document. Raises BadDocuments."""
    tables = document.tables
    if "map" in tables:
        return own_map(document)
    if "ProbeRegister" in tables or "DeviceType" in tables:
        return profile_map(document, model_name(document.file))
    if "registers" in tables or "probe_register" in tables:
        return rackmon_map(document, model_name(document.file))
    forms = "[map] of our own form, probe_register of rackmon, or ProbeRegister of a device profile"
    raise BadDocuments(document.problems([Flaw((), "is no map of registers", forms)]))


def model_name(file: Path) -> str:
    """The name of the model that a JSON file is: the file's, in lower case, with hyphens."""
    return file.stem.lower().replace("_", "-").replace(" ", "-")
