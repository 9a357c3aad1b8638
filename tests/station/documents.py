"""Documents for the tests of what people write down: good ones, and ways to make them bad."""

import re
from collections.abc import Callable
from pathlib import Path

from drivers.links.address import parse
from drivers.model import Model
from sequences.family import Family
from station.catalog import families, models
from station.config.documents import parsed
from station.config.jig import Jig, jig_of
from station.config.library import Library
from station.config.problems import BadDocuments
from station.config.product import Product, product_of

FAMILIES: dict[str, Family] = families()
MODELS: dict[str, Model] = models()
FIXTURES = Path(__file__).parents[2] / "fixtures"

PRODUCT = """\
[product]
part_number = "PN-1"
revision = "A"
title = "A small cable"
family = "cabling"
sequence = "cable-continuity"
jigs = ["small-jig"]
serial = "SN[0-9]{6}"

[structure]
gauge = "24 AWG"
length = 2.0
joints = ["S1"]
wires = [
    { name = "W1-2", ends = ["J1.1-2", "J2.1-2"] },
    { name = "W3", ends = ["J1.3", "S1"] },
    { name = "W4", ends = ["S1", "J2.3"] },
    { name = "SH", ends = ["J1.4", "J2.4"], kind = "shield" },
]
[structure.pairs]
P1 = ["W1", "W2"]
[structure.connectors.J1]
pins = 4
[structure.connectors.J2]
pins = 4
labels = { 1 = "GND" }

[limits]
conduction = { tolerance = 0.04, plus = 0.008, unit = "ohm" }
"conduction[W3+W4]" = { at_most = 0.5, unit = "ohm" }
shield = { at_most = 0.5, unit = "ohm" }
isolation = { at_least = 5e6, unit = "ohm" }
pair_capacitance = { between = [60e-12, 140e-12], unit = "F" }
"""

JIG = """\
[jig]
name = "small-jig"
family = "cabling"
title = "A small jig"

[wiring]
mainframes = [
    { cards = ["DAQM901A", "DAQM904A", "DAQM904A"] },
    { cards = ["DAQM904A", "DAQM904A", "DAQM904A"] },
]
bar = [9, 10]
reference = { points = [11, 12], ohms = 5e6, tolerance = 0.002 }
identity = { points = [13, 14], ohms = 4700.0, tolerance = 0.02 }
[wiring.points]
J1 = "1-4"
J2 = "5-8"
"""

STATION = """\
[station]
name = "cell-1"
site = "here"

[instruments.ohms]
model = "hioki-rm3545"
link = "serial:/dev/ttyS0?baudrate=9600"
serial = "H-1"
calibration_due = 2027-03-01

[instruments.mux]
model = "keysight-daq970a"
link = "tcp://10.0.0.{n+20}:5025"
serial = ["K-1", "K-2"]
count = 2
safe_within = 1.0

[slots.A]
jig = "small-jig"
roles = { ohmmeter = "ohms", matrix = "mux" }
"""


def product(text: str = PRODUCT) -> Product:
    """The product of a text that would be in products/x.toml."""
    return product_of(parsed(Path("products/x.toml"), text), FAMILIES)


def jig(text: str = JIG) -> Jig:
    """The jig of a text that would be in jigs/x.toml."""
    return jig_of(parsed(Path("jigs/x.toml"), text), FAMILIES)


def changed(text: str, old: str, new: str) -> str:
    """The text with one thing changed, which it must have."""
    assert old in text
    return text.replace(old, new, 1)


def library(root: Path) -> Library:
    """The library of one folder."""
    return Library(FAMILIES, MODELS, parse, (root,))


def shelved(root: Path, **files: str) -> Path:
    """A folder with files: `products__PN` is products/PN.toml."""
    for name, text in files.items():
        file = root / f"{name.replace('__', '/')}.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def said(make: Callable[[], object]) -> list[str]:
    """The problems that are told when something is read, one a line; none when it is good."""
    try:
        make()
    except BadDocuments as bad:
        return [str(problem) for problem in bad.problems]
    return []


def shipped(name: str) -> str:
    """The text of a shipped document, such as products/PDU-3P-24."""
    return (FIXTURES / f"{name}.toml").read_text(encoding="utf-8")


def told(problems: list[str], file: str, expected: str) -> bool:
    """Whether a problem is told of a file, with a line, that begins as expected."""
    return any(re.match(rf"{file}:\d+: {re.escape(expected)}", each) for each in problems)


def unspoken(folder: Path, text: str) -> list[str]:
    """What the library says of a product beside the shipped ones, without file and line."""
    root = shelved(folder, products__x=text)
    problems = Library(FAMILIES, MODELS, parse, (root, FIXTURES)).products()[1]
    return [str(each).partition("x.toml:")[2].partition(": ")[2] for each in problems]
