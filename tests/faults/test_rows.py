"""Every row of the catalogue of faults up to the network's has a test by its id, or a reason why not."""

import csv
import re
from pathlib import Path

import pytest

from tests.faults.rows import NOT_INJECTABLE, ROWS, Row

TESTS = Path(__file__).parents[1]
CATALOGUE = Path(__file__).parents[3] / "shared" / "faults.csv"
"""The catalogue itself; not part of the project, and not everywhere."""
LAYERS = {row.layer for row in ROWS}
NAME = re.compile(r"def test_f(\d{3})_", re.IGNORECASE)
TESTED = {f"F{number}" for file in sorted(TESTS.rglob("test_*.py")) for number in NAME.findall(file.read_text("utf-8"))}


def test_there_is_every_row_once() -> None:
    """F001 to F056, in order."""
    assert [f"F{number:03}" for number in range(1, 57)] == [row.id for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_has_a_test_or_a_reason(row: Row) -> None:
    """One of the two, not both: a reason that a test disproves is none."""
    assert (row.id in TESTED) != bool(NOT_INJECTABLE.get(row.id)), f"{row.id}, {row.title}"


@pytest.mark.skipif(not CATALOGUE.exists(), reason="the catalogue is not here")
def test_the_rows_are_those_of_the_catalogue() -> None:
    """Its ids, and their layers."""
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        written = [(each["id"], each["layer"]) for each in csv.DictReader(file)]
    assert [each for each in written if each[1] in LAYERS] == [(row.id, row.layer) for row in ROWS]
