"""`station sim serve`: the same emulators behind real TCP ports and ptys, reached by `station run` without --sim."""

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.ledger.history import History
from station.ledger.ledger import Ledger
from tests.station.command_line import Said, finished, process
from tests.station.lines import HARNESS, WHIP, blamed, carried_out

CASES = {
    "A": (WHIP, ""),
    "B": (WHIP, "open:B/W3"),
    "C": (WHIP, "swap:C/W1+W4"),
    "D": (HARNESS, ""),
    "E": (HARNESS, "open:E/W52=1.3"),
    "F": (HARNESS, "swap:F/W29+W33"),
}
"""What lies in which slot, and what is wrong with it."""
SETTLED = 30.0
"""Seconds in which a process must have come so far, on a machine that is busy with other things."""


def bench_file(folder: Path) -> Path:
    """A station with a slot for each case, nothing shared."""
    lines = ['[station]\nname = "six"\nsite = "here"\n']
    for slot, (product, _) in CASES.items():
        jig, count = ("whip-panel-8", 2) if product == WHIP else ("harness-panel-160", 7)
        name = slot.lower()
        lines += [
            f'[instruments.ohms_{name}]\nmodel = "hioki-rm3545"\n',
            f'[instruments.mux_{name}]\nmodel = "keysight-daq970a"\ncount = {count}\n',
            f'[instruments.scan_{name}]\nmodel = "barcode-scanner"\n',
            f'[slots.{slot}]\njig = "{jig}"\nroles = {{ ohmmeter = "ohms_{name}", matrix = "mux_{name}", '
            f'multimeter = "mux_{name}1", operator = "scan_{name}" }}\n',
        ]
    file = folder / "six.toml"
    file.write_text("\n".join(lines))
    return file


class Server:
    """A running `station sim serve`, and the station file that it has written."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.process = process("sim", "serve", "--folder", folder / "served", "--for", "60", *arguments)
        assert self.process.stdout is not None
        self.file = self.process.stdout.readline().strip()
        assert self.file, finished(self.process)

    def run(self, data: Path, slot: str, product: str) -> "subprocess.Popen[str]":
        """Start `station run` against it; the unit's serial number is the slot's."""
        given = ("--product", product, "--serial", f"SN{slot}", "--slot", slot, "--data", data)
        return process("run", "--station", self.file, *given, "--json")

    def end(self) -> Said:
        """Ask it to stop, as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        return finished(self.process)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of this file that do not kill theirs."""
    folder = tmp_path_factory.mktemp("served")
    faults = [word for _, fault in CASES.values() if fault for word in ("--fault", fault)]
    running = Server(folder, "--station", str(bench_file(folder)), *faults)
    yield running
    said = running.end()
    assert (0, False) == (said.code, "Traceback" in said.err)


def wait_for(data: Path, step: str) -> None:
    """Wait until a run in that data folder has begun a step."""
    end = time.monotonic() + SETTLED
    while time.monotonic() < end:
        time.sleep(0.02)
        if (data / "ledger.sqlite").exists() and step in steps_begun(data):
            return
    raise TimeoutError(step)


def steps_begun(data: Path) -> set[str]:
    """The steps that the newest run in a data folder has begun, as far as the ledger's file knows."""
    history = History(data)
    try:
        last = history.last()
        return {getattr(event, "step", "") for event in history.events(last)} if last else set()
    finally:
        history.close()


def test_units_are_judged_as_in_the_simulation(server: Server, tmp_path: Path) -> None:
    """Six slots at once over real bytes: the same verdicts, findings and exit codes as `--sim` gives, one ledger for all."""
    started = {slot: server.run(tmp_path / "data", slot, product) for slot, (product, _) in CASES.items()}
    for slot, (product, fault) in CASES.items():
        said = finished(started[slot], SETTLED)
        assert said.code in {0, 1}, said.err
        fault = fault.replace(f"{slot}/", "")
        expected = carried_out(tmp_path / f"sim-{slot}", product, *filter(None, [fault]))
        assert (expected["verdict"], blamed(expected)) == (said.document["verdict"], blamed(said.document)), slot
        assert {"PASSED": 0, "FAILED": 1}[expected["verdict"]] == said.code
        assert expected["sequence"] == said.document["sequence"]
        assert {"seed": 0, "faults": [each for _, each in CASES.values() if each]} == said.document["simulated"]


def test_the_operator_takes_the_unit_off_and_brings_the_next(server: Server, tmp_path: Path) -> None:
    """One unit after the other in the same slot: each begins with an empty jig."""
    for _ in range(2):
        said = finished(server.run(tmp_path, "A", WHIP), SETTLED)
        assert 0 == said.code, said.err


def test_a_run_that_is_stopped_is_aborted_and_safe(server: Server, tmp_path: Path) -> None:
    """SIGINT in the middle of a run: exit code 4, the record says ABORTED, by whom, and that the bench was made safe."""
    started = server.run(tmp_path, "D", HARNESS)
    time.sleep(1.5)
    started.send_signal(signal.SIGINT)
    said = finished(started, SETTLED)
    assert (4, "ABORTED") == (said.code, said.document["verdict"]), said.err
    assert "SIGINT" in said.document["reason"]
    assert "PASSED" == said.document["made_safe"]["verdict"]


def test_a_bench_that_dies_in_mid_run_is_an_error(tmp_path: Path) -> None:
    """The far ends are gone: ERROR, exit code 3, nothing is said of the unit, and the record is kept."""
    running = Server(tmp_path, "--station", str(bench_file(tmp_path)))
    started = running.run(tmp_path / "data", "D", HARNESS)
    time.sleep(2.0)
    running.process.kill()
    finished(running.process)
    said = finished(started, SETTLED)
    assert (3, "ERROR", []) == (said.code, said.document["verdict"], said.document["findings"]), said.err
    assert "FAILED" == said.document["made_safe"]["verdict"] or said.document["made_safe"]["refusals"]
    with Ledger.open(tmp_path / "data"):
        pass
