"""The log: a line for each run, and nobody is stopped by it."""

from pathlib import Path

import orjson
import pytest

from station.line.news import Item
from station.line.ticket import Stage, Ticket
from station.line.views import SlotView
from station.log import FILE, OFTEN, line_log, run_log
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


def lines_of(folder: Path) -> list[dict[str, object]]:
    """What is in the log."""
    return [orjson.loads(line) for line in (folder / FILE).read_bytes().splitlines()]


def test_a_line_tells_what_it_does(tmp_path: Path) -> None:
    """Modes, tickets, locked slots and refusals; a run's lines carry its station, slot, run and unit."""
    ticket = Ticket(
        "T", "PN", "SN1", "A", "", 5, "api", "", "2026-01-01T00:00:00Z", Stage.REFUSED, reason="no such slot"
    )
    news: list[tuple[str, dict[str, object]]] = [
        ("mode", {"mode": "draining"}),
        ("ticket", {"ticket": ticket}),
        ("slot", {"slot": SlotView("A", "jig", "locked", "the heater is on")}),
        ("slot", {"slot": SlotView("B", "jig", "free")}),
        ("refused", {"event": "shout", "reason": "no such command", "odd": object()}),
    ]
    news += [("event", {"run": "RUN", "event": event}) for event in (STARTED, *ENDS)]
    with line_log(tmp_path) as log:
        for kind, body in news:
            log.hear(Item(0, kind, body))
    lines = lines_of(tmp_path)
    assert ["mode", "ticket refused", "slot locked", "refused", "run started"] == [each["event"] for each in lines[:5]]
    assert {("RUN", "SN1")} == {(each["run"], each["uut"]) for each in lines[4:]}
    assert ("shout", "the heater is on") == (lines[3]["event_"], lines[2]["reason"])


def test_what_comes_again_and_again_is_counted(tmp_path: Path) -> None:
    """The same trouble a thousand times is a few lines; what is critical is always one."""
    with line_log(tmp_path) as log:
        for _ in range(1000):
            log.hear(Item(0, "trouble", {"text": "the disk is slow"}))
        log.logger.critical("trouble", text="fire")
    lines = lines_of(tmp_path)
    assert OFTEN + 1 <= len(lines) <= 2 * OFTEN + 1
    assert ("fire", 1000) == (lines[-1]["text"], log.held_back + len(lines) - 1)


def test_a_person_is_told_by_the_journal(tmp_path: Path) -> None:
    """What is a warning or worse goes there too, with its priority; what is usual does not."""
    heard: list[bytes] = []
    with line_log(tmp_path, heard.append) as log:
        log.hear(Item(0, "mode", {"mode": "paused"}))
        log.hear(Item(0, "trouble", {"text": "no room"}))
    assert [b"<4>"] == [each[:3] for each in heard]
