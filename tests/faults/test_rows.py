"""Every fault of a station is played by something that exists, or says why it is not."""

import csv
import re
from pathlib import Path

import pytest

from sim.catalogue.station_faults import DISTURBANCES, STATION_FAULTS, StationFault
from sim.faults import catalogue

TESTS = Path(__file__).parents[1]
CATALOGUE = Path(__file__).parents[3] / "shared" / "faults.csv"
"""The catalogue itself; not part of the project, and not everywhere."""
KINDS = {fault.name for fault in catalogue()}
NAME = re.compile(r"def test_f(\d{3})_", re.IGNORECASE)
TESTED = {f"F{number}" for file in sorted(TESTS.rglob("test_*.py")) for number in NAME.findall(file.read_text("utf-8"))}
BY_ROW = 56
"""The first ones, up to the network's, have a test by their id each."""


def test_there_is_every_row_once() -> None:
    """F001 to F134, in order."""
    assert [f"F{number:03}" for number in range(1, 135)] == [row.id for row in STATION_FAULTS]


@pytest.mark.parametrize("row", STATION_FAULTS, ids=lambda row: row.id)
def test_a_row_is_played_or_says_why_not(row: StationFault) -> None:
    """One of the two, not both; and what plays it exists: kinds of faults, disturbances, a module of tests."""
    played = bool(row.faults or row.disturbances or row.tested)
    assert played != bool(row.why), f"{row.id}, {row.title}"
    assert KINDS.issuperset(row.faults)
    assert set(DISTURBANCES).issuperset(row.disturbances)
    assert not row.tested or (TESTS / f"{row.tested}.py").is_file()
    assert row.title
    assert row.outcome


@pytest.mark.parametrize("row", STATION_FAULTS[:BY_ROW], ids=lambda row: row.id)
def test_a_row_of_an_instrument_has_a_test_by_its_id_or_a_reason(row: StationFault) -> None:
    """A reason that a test disproves is none."""
    assert (row.id in TESTED) != bool(row.why), f"{row.id}, {row.title}"


def test_every_disturbance_stands_for_a_row() -> None:
    """None is there for its own sake."""
    assert set(DISTURBANCES) == {each for row in STATION_FAULTS for each in row.disturbances}


@pytest.mark.skipif(not CATALOGUE.exists(), reason="the catalogue is not here")
def test_the_rows_are_those_of_the_catalogue() -> None:
    """Its ids, and their layers."""
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        written = [(each["id"], each["layer"]) for each in csv.DictReader(file)]
    assert written == [(row.id, row.layer) for row in STATION_FAULTS]
