"""Learning: a golden cable on a jig becomes a product file that says what was found, and waits for a person to confirm it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sequences.cabling.places import numbers
from sequences.cabling.wiring import CableWiring
from station.catalog import families
from station.config.documents import parsed
from station.config.jig import Jig
from station.config.names import PART_NUMBER, SPOKEN
from station.config.product import Product, product_of
from station.service import RefusalError
from station.trace import Event, Observed

SEQUENCE = "cable-learn"
SPREAD, CONTACTS = 0.15, 0.02
"""How far a unit may be from the golden one: a fraction of its resistance, and ohms for contacts."""
_JOINED = re.compile(r"joined (\S+) (\S+)")
_UNCONFIRMED = re.compile(r'^confirmed_by = ""[^\n]*$', re.MULTILINE)
_PERSON = re.compile(r"[^\W_][\w .'-]{1,60}")


@dataclass(frozen=True, slots=True)
class Joint:
    """Two pins that the golden cable joins, and the ohms between them at 20 degrees Celsius."""

    a: str
    b: str
    ohms: float


def blank(part_number: str, jig: Jig) -> Product:
    """A product of which only the connectors are known: those that the jig has. Raises RefusalError."""
    if not PART_NUMBER.fullmatch(part_number):
        raise RefusalError(f"{part_number!r} is no part number: {SPOKEN[PART_NUMBER]}")
    if not isinstance(jig.wiring, CableWiring):
        raise RefusalError(f"{jig.name} is a jig for {jig.family.name}; only cables are learned")
    text = (
        _head(part_number, jig.name, SEQUENCE)
        + '[structure]\nconfirmed_by = ""\nwires = []\n\n'
        + _connectors(jig.wiring)
    )
    return product_of(parsed(Path(f"{part_number}.toml"), text), families())


def joints(events: Iterable[Event]) -> list[Joint]:
    """What a run of the learning sequence has found, in the order in which it was found."""
    return [
        Joint(match[1], match[2], event.value)
        for event in events
        if isinstance(event, Observed) and event.value is not None and (match := _JOINED.fullmatch(event.name))
    ]


def learned_toml(part_number: str, jig: Jig, found: list[Joint], golden: str) -> str:
    """The product file of what was learned from the golden unit with that serial number; nobody has confirmed it yet."""
    if not isinstance(jig.wiring, CableWiring):
        raise RefusalError(f"{jig.name} is a jig for {jig.family.name}; only cables are learned")
    wires = [f'    {{ name = "W{n}", ends = ["{each.a}", "{each.b}"] }},' for n, each in enumerate(found, start=1)]
    limits = [
        f'"conduction[W{n}]" = {{ between = [{(1 - SPREAD) * each.ohms:.6f}, {(1 + SPREAD) * each.ohms + CONTACTS:.6f}], unit = "ohm" }}'
        for n, each in enumerate(found, start=1)
    ]
    return "\n".join(
        [
            f"# Learned from the golden unit {golden}. No unit can pass until a person has looked at this and says so:",
            f"# station confirm {part_number} --by NAME",
            _head(part_number, jig.name, "cable-continuity") + "[structure]",
            'confirmed_by = ""',
            "wires = [",
            *wires,
            "]",
            "",
            _connectors(jig.wiring) + "[limits]",
            *limits,
            'isolation = { at_least = 5e6, unit = "ohm" }',
            "",
        ]
    )


def confirm(product: Product, person: str) -> Path:
    """Write a person's name under a learned netlist; the file. Raises RefusalError where there is nothing to confirm."""
    if not _PERSON.fullmatch(person):
        raise RefusalError(f"{person!r} is no person's name")
    file, text = product.document.file, product.document.text
    if len(_UNCONFIRMED.findall(text)) != 1:
        raise RefusalError(f'{product.name} waits for nobody\'s confirmation (no line confirmed_by = "" in {file})')
    file.write_text(_UNCONFIRMED.sub(f'confirmed_by = "{person}"', text), encoding="utf-8")
    return file


def _head(part_number: str, jig: str, sequence: str) -> str:
    return (
        f'[product]\npart_number = "{part_number}"\nrevision = "A"\ntitle = "learned"\nfamily = "cabling"\n'
        f'sequence = "{sequence}"\njigs = ["{jig}"]\n\n'
    )


def _connectors(wiring: CableWiring) -> str:
    counts = {name: len(numbers(text)) for name, text in wiring.points.items()}
    return "".join(f"[structure.connectors.{name}]\npins = {count}\n\n" for name, count in counts.items())
