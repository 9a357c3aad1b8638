"""The ways in, on a real line: what the station file names, and what cannot take work."""

from pathlib import Path

import pytest

from station.intake.ways import ways_in
from station.line.line import Line
from station.service import RefusalError
from tests.station.line_work import on_line


def station_file(folder: Path, daemon: str) -> str:
    """The shipped line, with a table of its daemon."""
    from station.config.library import shipped

    text = (shipped() / "stations" / "simulated-line.toml").read_text()
    file = folder / "line.toml"
    file.write_text(f'{text}\n[daemon]\n{daemon}\n[instruments.gun-1]\nmodel = "barcode-scanner"\nlink = "sim:"\n')
    return str(file)


def test_a_station_file_that_names_no_way_has_none(tmp_path: Path) -> None:
    """And the line's conditions are its own only."""

    async def use(line: Line) -> tuple[int, int]:
        return len(ways_in(line)), len(line.watched)

    assert (0, 1) == on_line(tmp_path / "data", use)


def test_a_scanner_that_serves_a_slot_is_refused(tmp_path: Path) -> None:
    """By name, before anything runs."""

    async def use(line: Line) -> str:
        with pytest.raises(RefusalError) as refused:
            ways_in(line)
        return str(refused.value)

    assert "scan_a cannot take work: it serves slot A" in on_line(
        tmp_path / "data", use, station=station_file(tmp_path, 'scanner = "scan_a"')
    )
