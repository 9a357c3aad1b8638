"""The log: a line for each run, and nobody is stopped by it."""

from pathlib import Path

import orjson
import pytest

from station.log import FILE, run_log
from station.trace import MadeSafe, Measured, RunEnded, StepEnded
from tests.station.fakes import STARTED

ENDS = (
    StepEnded(1.0, "it_breaks", 1, "ERROR", "no answer"),
    StepEnded(2.0, "it_is_cleaned", 1, "PASSED", ""),
    MadeSafe(2.0, "ERROR", 0.2, ("heater",)),
    RunEnded(2.2, "2026-01-01T00:00:02Z", "ERROR", "no answer"),
)


def test_a_run_is_two_lines_and_its_troubles(tmp_path: Path) -> None:
    """What is the same in all lines is bound once: station, slot, run, unit. Measurements are the ledger's."""
    measured = Measured(1.0, "s", "volts", "", 1.0, "V", 0.1, "ok", "meter", None, 2.0, None, 1.9, "PASSED")
    with run_log(tmp_path) as new_log:
        tell = new_log()
        for event in (STARTED, measured, *ENDS):
            tell(event)
    lines = [orjson.loads(line) for line in (tmp_path / FILE).read_bytes().splitlines()]
    assert ["run started", "step erred", "not confirmed safe", "run ended"] == [line["event"] for line in lines]
    assert [("station", "A", "RUN", "SN1")] * 4 == [
        tuple(line[key] for key in ("station", "slot", "run", "uut")) for line in lines
    ]


def test_a_full_disk_costs_log_lines_and_nothing_else(tmp_path: Path) -> None:
    """Logging never raises into a run."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    (tmp_path / FILE).symlink_to("/dev/full")
    with run_log(tmp_path) as new_log:
        tell = new_log()
        for event in (STARTED, *ENDS):
            tell(event)
