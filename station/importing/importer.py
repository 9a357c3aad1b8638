"""Import: a harness document in, a product and a proposed jig out, as TOML that a person reads and then owns."""

import re
from dataclasses import dataclass
from pathlib import Path

from sequences.cabling.cable import Cable
from sequences.cabling.parts import Connector, Span
from station.config.names import PART_NUMBER, REVISION
from station.config.problems import BadDocuments, Problem, spelled
from station.importing.from_to import read_from_to
from station.importing.joining import joined
from station.importing.proposals import Panel, limits_for, panel_for
from station.importing.toml_text import Value, comments, document, key, lines_of, table, value
from station.importing.wireviz import read_wireviz
from station.importing.words import one_line

SEQUENCE = "cable-continuity"


@dataclass(frozen=True, slots=True)
class Imported:
    """The two documents, the names in them, and notes for the person who imports them."""

    product_toml: str
    jig_toml: str
    notes: tuple[str, ...]
    part_number: str
    revision: str
    jig: str

    @property
    def product_file(self) -> str:
        """The file name that the product should have."""
        return f"{self.part_number}.toml"

    @property
    def jig_file(self) -> str:
        """The file name that the jig should have."""
        return f"{self.jig}.toml"


@dataclass(frozen=True, slots=True)
class _Source:
    """What was read, whatever it was read from."""

    file: str
    kind: str
    title: str
    part_number: str
    revision: str
    cables: dict[str, str]


def import_file(file: Path) -> Imported:
    """The product and the jig of a WireViz document (.yml, .yaml) or a from-to list (.csv). Raises BadDocuments."""
    name = one_line(file.name)
    match file.suffix.lower():
        case ".yml" | ".yaml":
            harness = read_wireviz(file)
            cable, notes = joined(harness)
            source = _Source(name, "WireViz", harness.title, harness.part_number, harness.revision, harness.cables)
        case ".csv":
            cable, notes = read_from_to(file)
            source = _Source(name, "a from-to list", "", "", "", {})
        case _:
            raise BadDocuments(
                [Problem(spelled(file), 0, "", f"a {file.suffix or 'plain'} file", ".yml, .yaml or .csv")]
            )
    if odd := cable.problems():
        raise BadDocuments(
            [Problem(spelled(file), 0, "", f"makes no cable that can be tested: {what}") for _, what in odd]
        )
    part_number = _part_number(source.part_number or file.stem, notes)
    revision = source.revision.upper() if REVISION.fullmatch(source.revision.upper()) else "A"
    jig = f"{part_number.lower()[:58]}-panel"
    panel = panel_for(cable, jig)
    limits = limits_for(cable)
    said = [*notes, *limits.notes]
    entries: dict[str, Value] = {name: dict(each) for name, each in limits.entries.items()}
    return Imported(
        _product(source, cable, part_number, revision, jig, said, entries),
        _jig(source, panel, part_number, jig),
        tuple(said),
        part_number,
        revision,
        jig,
    )


def _part_number(wanted: str, notes: list[str]) -> str:
    """A part number of our grammar; a note where it had to be changed."""
    found = re.sub(r"[^A-Z0-9._-]+", "-", wanted.strip().upper()).strip("._-")[:64] or "HARNESS"
    if found != wanted.strip().upper() or not PART_NUMBER.fullmatch(found):
        notes.append(f"the part number is {found}: {one_line(wanted)!r} has characters that part numbers cannot have")
    return found


def _product(
    source: _Source, cable: Cable, part_number: str, revision: str, jig: str, notes: list[str], limits: dict[str, Value]
) -> str:
    header: dict[str, Value] = {
        "part_number": part_number,
        "revision": revision,
        "title": source.title or part_number,
        "family": "cabling",
        "sequence": SEQUENCE,
        "jigs": [jig],
    }
    return document(
        [
            comments([f"Imported from {source.file} ({source.kind}). Read it against the drawing before it tests anything.",
                      *(f"- {note}" for note in notes)]),
            table("product", header),
            ["[structure]", *([f"joints = {value(cable.joints)}"] if cable.joints else []), *_wires(source, cable)],
            *(table(f"structure.connectors.{key(name)}", _connector(each)) for name, each in cable.connectors.items()),
            [*comments(["Proposed. The nominal resistance of a wire follows from its gauge and length; contacts and splices add to it."]),
             *table("limits", limits)],
        ]
    )  # fmt: skip


def _wires(source: _Source, cable: Cable) -> list[str]:
    entries: list[str] = []
    last = ""
    for wire in cable.wires:
        stem = wire.name.rpartition("_")[0]
        about = next((each for each in source.cables if each.strip("_") == stem), "")
        if about and about != last:
            entries += comments([f"{stem}: {source.cables[about]}"])
        last = about
        entries.append(f"{value(_wire(wire))},")
    return lines_of("wires", entries)


def _wire(wire: Span) -> dict[str, Value]:
    found: dict[str, Value] = {"name": wire.name, "ends": wire.ends}
    if wire.gauge is not None:
        found["gauge"] = wire.gauge
    if wire.length is not None:
        found["length"] = wire.length
    if wire.kind != "wire":
        found["kind"] = wire.kind
    if wire.color:
        found["color"] = wire.color
    return found


def _connector(connector: Connector) -> dict[str, Value]:
    found: dict[str, Value] = {"title": connector.title} if connector.title else {}
    found["pins"] = connector.pins
    if connector.labels:
        found["labels"] = connector.labels
    return found


def _jig(source: _Source, panel: Panel, part_number: str, jig: str) -> str:
    frames = ['{ cards = ["DAQM901A", "DAQM904A", "DAQM904A"] },']
    if panel.more_mainframes:
        count = f", count = {panel.more_mainframes}" if panel.more_mainframes > 1 else ""
        frames.append(f'{{ cards = ["DAQM904A", "DAQM904A", "DAQM904A"]{count} }},')
    return document(
        [
            comments([f"Proposed for {part_number}, imported from {source.file} ({source.kind}). Wire it so, or write here how it is wired."]),
            table("jig", {"name": jig, "family": "cabling", "title": f"Panel for {part_number}"}),
            [
                "[wiring]",
                *lines_of("mainframes", frames),
                f"bar = {value(panel.bar)}",
                f"reference = {value({'points': panel.reference, 'ohms': 5e6, 'tolerance': 0.002})}",
                *comments(["Solder a value of its own onto every jig: the station knows the jig by it."]),
                f"identity = {value({'points': panel.identity, 'ohms': panel.ohms, 'tolerance': 0.02})}",
                f"empty_at_least = {value(panel.empty_at_least)}",
            ],
            table("wiring.points", dict(panel.points)),
        ]
    )  # fmt: skip
