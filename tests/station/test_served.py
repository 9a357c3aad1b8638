"""`station sim serve`: the same emulators behind real TCP ports and ptys, reached by `station run` without --sim."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from station.config.library import shipped
from station.ledger.errors import LedgerError
from station.ledger.history import History
from station.opening import load_station
from station.serving import lay
from tests.station.command_line import Captured, Said, finished, process, station
from tests.station.lines import HARNESS, OWN, WHIP, blamed, carried_out, imported

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
            f'[slots.{slot}]\njig = "{jig}"\n[slots.{slot}.roles]\nohmmeter = "ohms_{name}"\nmatrix = "mux_{name}"\n',
            f'multimeter = "mux_{name}1"\noperator = "scan_{name}"\n',
        ]
    file = folder / "six.toml"
    file.write_text("\n".join(lines))
    return file


class Server:
    """A running `station sim serve`, and the station file that it has written."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.process = process("sim", "serve", "--folder", folder / "served", "--for", "120", *arguments)
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
    """Wait until the only run in a data folder has begun a step, as far as the ledger's file knows."""
    end = time.monotonic() + SETTLED
    while time.monotonic() < end:
        time.sleep(0.02)
        with suppress(LedgerError), closing(History(data)) as history:
            if (run := history.last()) and any(getattr(each, "step", "") == step for each in history.events(run)):
                return
    raise TimeoutError(step)


def test_units_are_judged_as_in_the_simulation(server: Server, tmp_path: Path) -> None:
    """Six slots at once over real bytes: the same verdicts, findings and exit codes as `--sim` gives, one ledger for all."""
    started = {slot: server.run(tmp_path / "data", slot, product) for slot, (product, _) in CASES.items()}
    for slot, (product, fault) in CASES.items():
        said = finished(started[slot], SETTLED)
        assert said.code in {0, 1}, said.err
        alone = [fault.replace(f"{slot}/", "")] if fault else []
        expected = carried_out(tmp_path / f"sim-{slot}", product, *alone)
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
    wait_for(tmp_path, "every_conductor_conducts")
    started.send_signal(signal.SIGINT)
    said = finished(started, SETTLED)
    assert (4, "ABORTED") == (said.code, said.document["verdict"]), said.err
    assert "SIGINT" in said.document["reason"]
    assert "PASSED" == said.document["made_safe"]["verdict"]


def test_a_bench_that_dies_in_mid_run_is_an_error(tmp_path: Path) -> None:
    """The far ends are gone: ERROR, exit code 3, nothing is said of the unit, and the record is kept."""
    running = Server(tmp_path, "--station", str(bench_file(tmp_path)))
    started = running.run(tmp_path / "data", "D", HARNESS)
    wait_for(tmp_path / "data", "every_conductor_conducts")
    running.process.kill()
    finished(running.process)
    said = finished(started, SETTLED)
    assert (3, "ERROR", []) == (said.code, said.document["verdict"], said.document["findings"]), said.err
    assert ("ERROR", 9) == (said.document["made_safe"]["verdict"], len(said.document["made_safe"]["refusals"]))
    with closing(History(tmp_path / "data")) as history:
        assert said.document == history.record(said.document["run"])


def test_what_is_served_finds_its_products_again(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file that is written names the folders that the served station names, wherever it lies itself."""
    monkeypatch.chdir(tmp_path)
    part_number, bench = imported(OWN / "cabinet.csv", Path("mine"))
    said = station(capsys, "sim", "serve", "--station", bench, "--folder", "served", "--for", "0")
    assert 0 == said.code
    assert f"slot A: {part_number}@A" in said.err
    _, library = load_station(said.out.strip(), simulated=True)
    assert part_number == library.product(part_number).part_number


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [(["--product", "PWR-WHIP-9"], WHIP), (["--fault", "opne:W3"], "open"), (["--station", "cell-3"], "cell-2")],
    ids=" ".join,
)
def test_what_cannot_be_served_is_refused(tmp_path: Path, capsys: Captured, arguments: list[str], allowed: str) -> None:
    """Exit code 2, and what there is."""
    said = station(capsys, "sim", "serve", "--folder", tmp_path, "--for", "0", *arguments)
    assert (2, True) == (said.code, allowed in said.err)


def test_a_product_with_a_serial_pattern_of_its_own_is_served_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies on the jigs has no serial number, so no pattern refuses it."""
    text = (shipped() / "products" / f"{WHIP}.toml").read_text()
    (tmp_path / "products").mkdir()
    (tmp_path / "products" / "strict.toml").write_text(
        text.replace("[structure]", 'serial = "W[0-9]{5}"\n\n[structure]', 1)
    )
    monkeypatch.setenv("STATION_FIXTURES", str(tmp_path))
    assert [WHIP] == [order.product.part_number for order in lay(str(bench_file(tmp_path)), [WHIP]).orders][:1]


def test_it_can_be_started_again_on_the_same_ports(tmp_path: Path) -> None:
    """What was written down of it stays true, as of a bench whose power came back."""
    file = bench_file(tmp_path)
    written = []
    for turn in range(2):
        again = Server(tmp_path / str(turn), "--station", str(file), "--ports", "21700")
        written.append([line for line in Path(again.file).read_text().splitlines() if "tcp://" in line])
        assert again.end().code == 0
    assert written[0] == written[1]
    assert written[0]
