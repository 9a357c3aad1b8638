"""From-to lists: one wire a line, strictly read."""

from pathlib import Path

import pytest

from station.importing.importer import import_file
from station.importing.sizes import gauge_of, metres_of
from station.importing.toml_text import value
from tests.station.imports import DOCUMENTS, cable, loaded, odd, written

HEADER = "wire,from,to,gauge,length,color,kind\n"
CABINET = DOCUMENTS / "cabinet.csv"


def test_a_list_becomes_a_cable() -> None:
    """Pins, splices, lugs, shields and mated contacts."""
    made = cable(import_file(CABINET))
    assert (["SP1"], ["J1", "J2", "J3", "GND_LUG"]) == (made.joints, list(made.connectors))
    assert {
        "W1": ("J1.1", "J2.1"),
        "W2": ("J1.2", "SP1"),
        "W5": ("J1.4", "GND_LUG.1"),
        "M1": ("J2.A", "J3.1"),
    }.items() <= {wire.name: (wire.a, wire.b) for wire in made.netlist.drawn}.items()
    assert ["shield", "mate", "wire"] == [wire.kind for wire in made.wires[-3:]]


def test_numbered_pins_that_nothing_uses_are_empty_cavities() -> None:
    """Named pins are those that are named."""
    made = cable(import_file(CABINET))
    assert (10, ["1", "2", "3", "A"]) == (made.connectors["J1"].pins, made.connectors["J2"].pins)
    assert ("J1.5",) in [net.pins for net in made.netlist.nets]


def test_gauges_lengths_and_quoted_colours_are_understood() -> None:
    """As people write them, and as RFC 4180 quotes them."""
    wires = {wire.name: wire for wire in cable(import_file(CABINET)).wires}
    assert ("20 AWG", 1.5, "black, striped") == (wires["W2"].gauge, wires["W2"].length, wires["W2"].color)
    assert ("2.5 mm2", 0.9144, 'green "PE"') == (wires["W5"].gauge, wires["W5"].length, wires["W5"].color)


def test_the_part_number_is_the_files_name(tmp_path: Path) -> None:
    """In our grammar; a change is noted."""
    assert "CABINET" == loaded(import_file(CABINET)).part_number
    imported = import_file(written(tmp_path, "my cable (2).csv", HEADER + "W1,J1.1,J2.1,24 AWG,1,,\n"))
    assert "MY-CABLE-2" == loaded(imported).part_number
    assert (
        "the part number is MY-CABLE-2: 'my cable (2)' has characters that part numbers cannot have",
    ) == imported.notes


def test_columns_may_be_left_out_and_stand_in_any_order(tmp_path: Path) -> None:
    """wire, from and to are needed; a mark of byte order and Windows' line ends do no harm."""
    imported = import_file(written(tmp_path, "a.csv", "\ufeffto,from,Wire\r\nJ2.1,J1.1,W1\r\n\r\n"))
    assert [("W1", ["J1.1", "J2.1"])] == [(wire.name, wire.ends) for wire in cable(imported).wires]


def test_a_large_list_needs_more_mainframes(tmp_path: Path) -> None:
    """As many as its points and the jig's own parts take."""
    rows = "".join(f"W{n},J1.{n},J2.{n},24 AWG,1,,\n" for n in range(1, 501))
    imported = import_file(written(tmp_path, "large.csv", HEADER + rows))
    assert 500 == len(cable(imported).netlist.paths)
    assert "count = 42" in imported.jig_toml
    assert "empty_at_least = 1e8" in imported.jig_toml


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["1: found no wire; allowed: one wire a line"]),
        (HEADER, ["1: found no wire; allowed: one wire a line"]),
        ("wire,from,to,colour\nW1,J1.1,J2.1,red\n", ["1: found unknown column 'colour'; allowed: color"]),
        ("wire;from;to\n", ["1: found no column from; allowed: the header wire,from,to,gauge,length,color,kind",
                            "1: found no column to; allowed: the header wire,from,to,gauge,length,color,kind",
                            "1: found no column wire; allowed: the header wire,from,to,gauge,length,color,kind",
                            "1: found unknown column 'wire;from;to'; allowed: wire, from"]),
        ("wire,from,to,to\n", ["1: a column twice"]),
        (HEADER + "W1,J1.1,J2.1\n", ["2: found 3 fields; allowed: 7, as in the header"]),
        (HEADER + "1W,J1.1,J2.1,,,,\n", ["2: wire: found '1W'; allowed: a letter, then letters, digits and _, at most 31"]),
        (HEADER + "W1,J1.1,J2.1,,,,\nW1,J1.2,J2.2,,,,\n", ["3: wire: W1 is on line 2 already"]),
        (HEADER + "W1,J1 1,J2.1-4,,,,\n", ["2: from: found 'J1 1'; allowed: a pin like J1.3, or a splice like S1",
                                           "2: to: found 'J2.1-4'; allowed: a pin like J1.3, or a splice like S1"]),
        (HEADER + "W1,J1.1,J1.1,,,,\n", ["2: to: begins and ends at 'J1.1'"]),
        (HEADER + "W1,J1.1,J2.1,24X,,,\n", ["2: gauge: found '24X'; allowed: 24 AWG, 2/0 AWG or 0.25 mm2"]),
        (HEADER + "W1,J1.1,J2.1,,-1,,\n", ["2: length: found '-1'; allowed: a number of metres above 0, at most 1000, or one with a unit: 250 mm"]),
        (HEADER + "W1,J1.1,J2.1,,nan,,\n", ["2: length: found 'nan'; allowed: a number of metres above 0, at most 1000, or one with a unit: 250 mm"]),
        (HEADER + "W1,J1.1,J2.1,,,,twisted\n", ["2: kind: found 'twisted'; allowed: wire, shield or mate"]),
        (HEADER + 'W1,J1.1,"J2\n.1",,,,\nW2,J1.1,x y,,,,\n', ["2: to: found 'J2\\n.1'; allowed: a pin like J1.3, or a splice like S1",
                                                            "4: to: found 'x y'; allowed: a pin like J1.3, or a splice like S1"]),
        (HEADER + 'W1,"J1".1,J2.1,,,,\n', ["2: is not CSV: ',' expected after '\"'"]),
        (HEADER + '"W1,J1.1,J2.1,,,,\n', ["2: is not CSV: unexpected end of data"]),
        (HEADER + "W1,J1.1,\x1b[2J,,,,\n", ["2: to: found '\\x1b[2J'; allowed: a pin like J1.3, or a splice like S1"]),
        (HEADER + "=1+1,J1.1,J2.1,,,,\n", ["2: wire: found '=1+1'; allowed: a letter, then letters, digits and _, at most 31"]),
        (HEADER + "W1,J1.1,J1,,,,\nW2,J1,J2.1,,,,\n", [": J1 is both a connector and a splice"]),
        (HEADER + "W1,S1,S2,,,,\nW2,S1,S2,,,,\n", [": makes no cable that can be tested: a cable has at least one connector"]),
        (HEADER + "x" * 1024 * 1024, [": is larger than 1 MiB"]),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_line(tmp_path: Path, text: str, problems: list[str]) -> None:
    """All at once, by line."""
    wanted = [f"list.csv{each}" if each.startswith(":") else f"list.csv:{each}" for each in problems]
    assert wanted == odd(written(tmp_path, "list.csv", text))


@pytest.mark.parametrize(
    ("text", "gauge"),
    [("24 AWG", "24 AWG"), ("24awg", "24 AWG"), ("AWG 24", "24 AWG"), ("2/0 AWG", "2/0 AWG"), ("0.250 mm2", "0.25 mm2"), ("0.25 mm²", "0.25 mm2"), ("1", "1 mm2"), ("16.0 mm2", "16 mm2"), ("99 AWG", None), ("5/0 AWG", None), ("0", None), ("x", None), ("24 AWGs", None), ("1/0", None)],
)  # fmt: skip
def test_gauges_as_people_write_them(text: str, gauge: str | None) -> None:
    """In our words, or not at all."""
    assert gauge == gauge_of(text)


@pytest.mark.parametrize(
    ("text", "metres"),
    [("2", 2.0), ("2.5 m", 2.5), ("250mm", 0.25), ("12 in", 0.3048), ("3 ft", 0.9144), ('10"', 0.254), ("0", None), ("1001", None), ("1e3", None), ("2 km", None), ("\u0662", None)],
)  # fmt: skip
def test_lengths_as_people_write_them(text: str, metres: float | None) -> None:
    """In metres, or not at all."""
    assert metres == metres_of(text)


def test_numbers_are_written_as_people_write_them() -> None:
    """And read back the same."""
    assert ["0.25", "5e6", "1e-12", "47000.0", "1.234567e5"] == [
        value(each) for each in (0.25, 5e6, 1e-12, 47000.0, 123456.7)
    ]
    assert '{ a = [1, 2], "b c" = "\\"", d = {} }' == value({"a": [1, 2], "b c": '"', "d": {}})
