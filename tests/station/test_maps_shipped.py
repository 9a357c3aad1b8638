"""The maps that are shipped agree with the public facts that they were transcribed from."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from drivers.maps.map import Register
from station.config.library import shipped
from station.config.registers.models import MapShelf
from station.config.registers.reading import read_map

SHARED = Path(__file__).parents[3] / "shared/registers"
NAMES = {
    "orv3-psu": 50,
    "orv3-hpr-psu": 65,
    "orv3-hpr-bbu": 127,
    "orv3-hpr-cbu": 86,
    "orv3-hpr-pmm-psu": 48,
    "orv3-hpr-pmm-bbu": 48,
    "orv3-rpu": 243,
    "orv3-rpu2": 331,
}


def test_the_shipped_maps_have_no_problems() -> None:
    """All of them, with as many registers as their sources."""
    found, problems = MapShelf((shipped() / "registers",)).every()
    assert not problems
    assert {each.name: len(each.map.registers) for each in found} == NAMES
    assert all(each.document.file.stem == each.name for each in found)


needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not here")


@needs_shared
@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("orv3-psu", "fb_orv3_psu"),
        ("orv3-hpr-psu", "fb_orv3_hpr_psu"),
        ("orv3-hpr-bbu", "fb_orv3_hpr_bbu"),
        ("orv3-hpr-pmm-psu", "fb_orv3_hpr_pmm_psu"),
        ("orv3-hpr-pmm-bbu", "fb_orv3_hpr_pmm_psu"),
        ("orv3-rpu", "fb_orv3_rpu"),
        ("orv3-rpu2", "fb_newer_orv3_rpu2_transcribed"),
    ],
)
def test_the_shipped_maps_agree_with_their_tables(name: str, table: str) -> None:
    """Every register: its address, length, format, precision, scale, shift, sign and flags; and no other register."""
    known = read_map(shipped() / f"registers/{name}.toml")
    with (SHARED / f"tables/{table}.csv").open() as opened:
        rows = list(csv.DictReader(opened))
    seen = set()
    for row in rows:
        there = [each for each in known.registers.values() if each.address == int(row["addr"])]
        assert there, row["name"]
        for each in there:
            seen.add(each.name)
            assert each.name.removesuffix(f"_{each.address:04X}") in row["name"], row
            assert (int(row["count"]), _FORMAT[row["type"]]) == (each.length, each.format), row
            numbers = (int(row["precision"] or 0), float(row["scale"]), float(row["shift"]), row["signed"] == "1")
            assert numbers == (each.precision, each.scale, each.shift, each.signed), row
            assert sorted(_bits(row["flags"])) == sorted(each.flags.values()), row
            if ".." not in row["flags"]:
                assert {flag.strip() for flag in re.findall(r"\d+:([^|]+)", row["flags"])} == {*each.flags}
    assert seen == {*known.registers}


_FORMAT = {"STRING": "text", "INTEGER": "integer", "FLOAT": "fixed", "FLAGS": "flags", "RAW": "raw"}


def _bits(flags: str) -> list[int]:
    """The bits of a table's flags: `3:Name`, or `3..5:Name1..3` for several."""
    found: list[int] = []
    for part in filter(None, flags.split("|")):
        first, _, last = part.partition(":")[0].partition("..")
        found += range(int(first), int(last or first) + 1)
    return found


@needs_shared
@pytest.mark.parametrize(
    "name", [each for each in NAMES if (SHARED / f"rackmon/{each.replace('-', '_')}.json").is_file()]
)
def test_the_shipped_maps_agree_with_the_maps_of_rackmon(name: str) -> None:
    """What our reader of rackmon's form finds in the source is what stands in ours, but for what only ours says."""
    ours = read_map(shipped() / f"registers/{name}.toml")
    theirs = read_map(SHARED / f"rackmon/{name.replace('-', '_')}.json")
    assert {*ours.registers} == {*theirs.registers}
    for each, other in ((ours.registers[key], theirs.registers[key]) for key in ours.registers):
        assert _essence(each) == _essence(other)
        assert other.unit in {"", each.unit}
    assert (ours.baudrate, ours.parity, ours.addresses) == (theirs.baudrate, theirs.parity, theirs.addresses)
    assert (ours.model, ours.serial, ours.firmware) == (theirs.model, theirs.serial, theirs.firmware)


def _essence(each: Register) -> tuple[Any, ...]:
    numbers = (each.precision, each.scale, each.shift, each.signed, each.little)
    return (each.name, each.address, each.length, each.format, *numbers, {**each.flags})
