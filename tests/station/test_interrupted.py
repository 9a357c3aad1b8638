"""Killed at any moment, and a disk that fills up: nothing that was shown is lost, and the ledger opens again.

RACKPROOF_KILLS=200 kills that many processes instead of a dozen.
"""

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from station.ledger import disk
from station.ledger.errors import LedgerError
from station.ledger.history import History
from tests.station.command_line import PROGRAM, Captured, process, station
from tests.station.lines import HARNESS, WHIP

KILLS = int(os.environ.get("RACKPROOF_KILLS", "12"))
SLOWLY = max(2, KILLS // 8)
"""Of so many kills the run takes the time that it takes on the line."""
RUN_AFTER_RUN = """
import sys
from station.faces.cli.commands import Commands
while True:
    for fault in ((), ("--fault", "open:W3"), ("--fault", "silent:ohms")):
        Commands.run(["run", "--sim", "--product", "PWR-WHIP-8", "--serial", "SN1", "--data", sys.argv[1], "--json", *fault])
"""
FULL_AFTER = """
import json, resource, sys
from pathlib import Path
from station.opening import Setup, prepare, run_orders
from station.orders import Request
from station.service import Simulated
from station.trace import StepStarted

def listen(event):
    if isinstance(event, StepStarted) and event.step == sys.argv[2]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))

setup = Setup(None, Path(sys.argv[1]), Simulated(0, ()))
(record,) = run_orders(prepare(setup, [Request("CTL-HARNESS-64", "SN1")]), [listen])
print(json.dumps(record))
"""


def shown(file: Path) -> dict[str, str]:
    """The verdicts that were shown whole, by run."""
    decoder, text, found = json.JSONDecoder(), file.read_text(), dict[str, str]()
    with suppress(json.JSONDecodeError):  # the last one was being written
        while text:
            record, end = decoder.raw_decode(text)
            found[record["run"]] = record["verdict"]
            text = text[end:].lstrip()
    return found


def kept(data: Path) -> dict[str, str]:
    """The verdicts in the ledger, by run."""
    with closing(History(data)) as history:
        return {row.id: row.verdict or "going on" for row in history.runs(limit=100_000)}


def verify(capsys: Captured, data: Path) -> None:
    """`station ledger verify` finds nothing wrong."""
    said = station(capsys, "ledger", "verify", "--data", data, "--json")
    assert (0, []) == (said.code, said.document["problems"])


def killed(started: "subprocess.Popen[str]", after: float) -> None:
    """Kill a process as nothing can be caught."""
    with started:
        time.sleep(after)
        started.kill()
    assert -signal.SIGKILL == started.returncode


@pytest.mark.timeout(60 + 3 * KILLS)
def test_killed_at_any_moment_nothing_that_was_shown_is_lost(tmp_path: Path, capsys: Captured) -> None:
    """Run after run into one ledger: after each kill it is sound, every verdict shown is there, one run is INTERRUPTED."""
    chance, data = random.Random(8), tmp_path / "data"  # noqa: S311 (no secret)
    known: dict[str, str] = {}
    for number in range(KILLS):
        log = tmp_path / f"shown{number}"
        with log.open("w") as out:
            started = subprocess.Popen(
                [sys.executable, "-c", RUN_AFTER_RUN, str(data)], stdout=out, stderr=subprocess.DEVNULL, text=True
            )
        while not data.exists() or (number % 2 and not shown(log) and started.poll() is None):
            time.sleep(0.01)  # every other one is killed after it has shown something, however slow the machine is
        killed(started, chance.uniform(0.0, 0.3) + (0.0 if number % 2 else 0.3))
        verify(capsys, data)
        before, known = known, kept(data)
        assert shown(log).items() <= known.items()
        assert before.items() <= known.items()
        new = [verdict for run, verdict in known.items() if run not in before]
        assert {"PASSED", "FAILED", "ERROR", "INTERRUPTED"} >= set(new)
        assert new.count("INTERRUPTED") <= 1
        assert len(new) <= len(shown(log)) + 1
    assert len(known) >= KILLS // 2


@pytest.mark.timeout(60 + 8 * SLOWLY)
def test_a_run_that_is_killed_on_the_line_is_interrupted(tmp_path: Path, capsys: Captured) -> None:
    """`--real-time`, killed while it is going on: it is INTERRUPTED, says in which step, and has a report all the same."""
    chance, data = random.Random(9), tmp_path / "data"  # noqa: S311 (no secret)
    for number in range(SLOWLY):
        given = ("--sim", "--real-time", "--product", HARNESS, "--serial", f"SN{number}", "--data", data)
        started = process("run", *given)
        while runs_begun(data) <= number:
            time.sleep(0.02)
        killed(started, chance.uniform(0.0, 1.5 if KILLS < 100 else 4.5))
        verify(capsys, data)
        assert number + 1 == runs_begun(data)
    rows = station(capsys, "results", "--last", "1000", "--data", data, "--json").document
    assert {("INTERRUPTED", True)} == {(row["verdict"], "process ended" in row["reason"]) for row in rows}
    assert 0 == station(capsys, "report", "last", "--data", data, "--output", tmp_path / "report.html").code
    assert "INTERRUPTED" in (tmp_path / "report.html").read_text()


def runs_begun(data: Path) -> int:
    """How many runs the ledger's file knows of; none while it is being made."""
    with suppress(LedgerError), closing(History(data)) as history:
        return history.count()
    return 0


@pytest.mark.parametrize("step", ["the_matrix_has_its_cards", "every_conductor_conducts", "the_panel_opens"])
def test_a_disk_that_fills_up_in_mid_run_is_an_error_and_the_bench_is_safe(
    tmp_path: Path, capsys: Captured, step: str
) -> None:
    """From one moment on not a byte can be written: ERROR though all was well, made safe; the ledger opens again and is sound."""
    said = subprocess.run(
        [sys.executable, "-c", FULL_AFTER, str(tmp_path / "data"), step], capture_output=True, text=True, check=True
    )
    record = json.loads(said.stdout)
    assert ("ERROR", "PASSED") == (record["verdict"], record["made_safe"]["verdict"])
    assert "the record could not be kept" in record["reason"]
    verify(capsys, tmp_path / "data")
    assert {"ERROR", "INTERRUPTED"} >= set(kept(tmp_path / "data").values())


@pytest.mark.parametrize("most", [1, 4096, 20_000])
def test_a_disk_that_is_full_lets_nothing_begin(tmp_path: Path, capsys: Captured, most: int) -> None:
    """No room for the ledger: exit code 3 and a sentence, no record, and later it works again."""
    given = ["run", "--sim", "--product", WHIP, "--serial", "SN1", "--data", str(tmp_path / "data"), "--json"]
    said = subprocess.run(
        [*PROGRAM, *given],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
    )
    assert (3, "", False) == (said.returncode, said.stdout, "Traceback" in said.stderr)
    assert 0 == station(capsys, *given).code
    verify(capsys, tmp_path / "data")


def test_a_nearly_full_disk_is_refused_before_anything_is_opened(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Less free than a run may need: exit code 3, and the sentence says how much there is."""
    monkeypatch.setattr(disk, "RESERVE", 2**62)
    said = station(capsys, "run", "--sim", "--product", WHIP, "--serial", "SN1", "--data", tmp_path / "data")
    assert (3, "", True) == (said.code, said.out, "is full" in said.err)
