"""`station run`: exit codes, one JSON document, the same seed the same bytes, and nothing hostile gets in."""

import ast
import csv
import re
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from sim.catalogue.fault import Fault
from sim.faults import catalogue
from station.faces.cli.banner import show_banner
from station.faces.cli.tables import print_table
from station.record import SCHEMA
from tests.station.command_line import Captured, finished, process, station
from tests.station.lines import HARNESS, WHIP, blamed, carried_out, places, some_places, written

CSV = Path(__file__).parents[3] / "shared" / "bad_inputs.csv"
"""Hostile inputs that others have collected; not part of the project, and not everywhere."""
SERIAL = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,63}")
HOSTILE = [
    "",
    " ",
    "\t\r\n",
    "SN1\n",
    "SN1\r\nSN2",
    "SN\x001",
    "SN\x1b[2J\x1b]0;owned\x07",
    "\x1b]52;c;Y3VybA==\x07",
    "SN\x07\x08\x08XX",
    "SN\x9b31m",
    "SN\u202e1000",
    "\ufeffSN1",
    "SN-0\u041e1",
    "\uff11\uff12",
    "\u0661\u0662",
    "SN\U0001f4a5",
    "SN\udcff",
    "A" * 65,
    "A" * 65536,
    "sn1",
    ".SN1",
    "-SN1",
    "--help",
    "=1+1",
    "../../etc/passwd",
    "/dev/ttyUSB0",
    "SN1/cmd",
    "$SYS/broker",
    "$(reboot)`id`",
    "1; DROP TABLE runs;--",
    "%s%n",
    "{0.__class__}",
    "<script>alert(1)</script>",
]
CABLES = [fault for fault in catalogue() if fault.family == "cabling"]


def given(folder: Path, product: str = WHIP, serial: str = "SN0001") -> list[str]:
    """The arguments that every run needs."""
    return ["run", "--sim", "--product", product, f"--serial={serial}", "--data", str(folder)]


@pytest.mark.parametrize(
    ("fault", "code", "verdict"),
    [
        ("", 0, "PASSED"),
        ("open:W3", 1, "FAILED"),
        ("wrong-instrument:ohms", 2, "REFUSED"),
        ("silent:mux_a1", 3, "ERROR"),
        ("wrong-label", 3, "ERROR"),
    ],
)
def test_the_exit_code_is_the_verdict(tmp_path: Path, capsys: Captured, fault: str, code: int, verdict: str) -> None:
    """0 passed, 1 failed, 2 refused, 3 error; with --json one document on stdout that keeps to the schema."""
    faults = ["--fault", fault] if fault else []
    said = station(capsys, *given(tmp_path), *faults, "--json")
    assert (code, verdict) == (said.code, said.document["verdict"])
    assert [] == list(Draft202012Validator(SCHEMA).iter_errors(said.document))
    assert {"seed": 0, "faults": [fault] if fault else []} == said.document["simulated"]


def test_a_unit_of_the_population_is_chosen_by_its_number(tmp_path: Path, capsys: Captured) -> None:
    """The record says which it was, and keeps to the schema; another unit measures otherwise."""
    said = [station(capsys, *given(tmp_path), "--unit", number, "--json") for number in ("1", "2")]
    assert [0, 0] == [each.code for each in said]
    assert [1, 2] == [each.document["simulated"]["unit"] for each in said]
    assert [] == list(Draft202012Validator(SCHEMA).iter_errors(said[0].document))
    assert said[0].document["steps"] != said[1].document["steps"]


@pytest.mark.parametrize("fault", [each for each in CABLES if each.caught_by], ids=lambda fault: fault.name)
def test_each_fault_of_a_cable_gives_exit_code_1_and_its_place(tmp_path: Path, capsys: Captured, fault: Fault) -> None:
    """What was put in and what was found compare by machine."""
    place = some_places(fault, HARNESS, 2)[0]
    said = station(capsys, *given(tmp_path, HARNESS), "--fault", written(fault, place), "--json")
    assert (1, [(fault.name, places(place))]) == (said.code, blamed(said.document))


def test_people_read_stderr_and_machines_stdout(tmp_path: Path, capsys: Captured) -> None:
    """Without --json stdout is empty; progress, the big verdict, the finding and the run's id are on stderr."""
    said = station(capsys, *given(tmp_path), "--fault", "swap:W1+W4")
    assert (1, "") == (said.code, said.out)
    for text in ("every conductor conducts", "█", "W1 and W4 are swapped at J2", "SIMULATED"):
        assert text in said.err
    assert "█" not in station(capsys, *given(tmp_path), "--json").out


def test_nothing_is_coloured_without_a_terminal(tmp_path: Path, capsys: Captured) -> None:
    """No escape sequence reaches a file or a pipe."""
    assert "\x1b" not in "".join(station(capsys, *given(tmp_path))[1:])


def test_the_terminal_shows_what_was_allowed_and_what_accepted(tmp_path: Path, capsys: Captured) -> None:
    """Of what did not pass: tolerance, acceptance limits and the rule; of many the worst, and how many more."""
    ran = station(capsys, *given(tmp_path), "--fault", "high-resistance:W3=0.01")
    (line,) = (line for line in ran.err.splitlines() if line.startswith("  conduction[W3] reads"))
    assert "tolerance 24.07 mΩ to 32.37 mΩ; accepted 24.2" in line
    assert line.endswith("(guard band w = U)")
    faults = [f"--fault=high-resistance:W{wire}=0.01" for wire in range(1, 6)]
    ran = station(capsys, *given(tmp_path), *faults)
    assert 3 == ran.err.count("] reads ")
    assert "and 2 more readings that did not pass, or only just" in ran.err


@pytest.mark.parametrize("refused", [False, True], ids=["coloured", "NO_COLOR"])
def test_colour_is_for_terminals_and_can_be_refused(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch, *, refused: bool
) -> None:
    """A terminal gets the verdict in colour and heads of tables in bold, unless NO_COLOR is set."""
    record = carried_out(tmp_path, WHIP)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    if refused:
        monkeypatch.setenv("NO_COLOR", "1")
    show_banner(record)
    print_table(("what",), [("it is",)])
    out, err = capsys.readouterr()
    assert (not refused, not refused) == ("\x1b[" in out, "\x1b[" in err)


def test_a_second_run_in_the_same_folder_has_another_id(tmp_path: Path, capsys: Captured) -> None:
    """The same seed and the same unit, and yet another attempt: all are kept."""
    runs = [station(capsys, *given(tmp_path), "--json").document["run"] for _ in range(3)]
    assert 3 == len(set(runs))
    rows = station(capsys, "results", "--data", tmp_path, "--json").document
    assert set(runs) == {row["id"] for row in rows}


def test_another_seed_is_another_bench(tmp_path: Path, capsys: Captured) -> None:
    """Contacts, drifts and noise follow from the seed."""
    values = []
    for seed in ("1", "2"):
        record = station(capsys, *given(tmp_path / seed), "--seed", seed, "--json").document
        values.append([m["value"] for each in record["steps"] for m in each["measurements"]])
    assert values[0] != values[1]


def test_the_same_seed_gives_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    """Ids, times and noise included, whatever the hashes of that process."""
    runs = [
        process(*given(tmp_path / seed, HARNESS), "--fault", "swap:W1+W4", "--seed", "7", "--json", PYTHONHASHSEED=seed)
        for seed in ("1", "4242")
    ]
    one, other = (finished(each) for each in runs)
    assert (1, 1) == (one.code, other.code)
    assert one.out == other.out
    assert "Traceback" not in one.err


def hostile_rows() -> list[str]:
    """The serial numbers of the collection that are written as Python strings."""
    if not CSV.exists():
        return []
    found: list[str] = []
    with CSV.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["surface"] == "serial/barcode":
                try:
                    value = ast.literal_eval(row["payload_python_escaped"])
                except (SyntaxError, ValueError):
                    if '"*' not in row["payload_python_escaped"]:
                        continue
                    value = "A" * 65536
                found += [value] if isinstance(value, str) else [each for each in value if isinstance(each, str)]
    return found


@pytest.mark.parametrize("serial", HOSTILE + hostile_rows(), ids=lambda text: ascii(text)[:40])
def test_what_is_no_serial_number_is_refused_before_anything_is_opened(
    tmp_path: Path, capsys: Captured, serial: str
) -> None:
    """Exit code 2, a sentence without control characters, and no ledger; what the grammar allows is tested."""
    said = station(capsys, *given(tmp_path / "data", serial=serial))
    if SERIAL.fullmatch(serial):
        assert 0 == said.code
        return
    assert (2, "", False) == (said.code, said.out, (tmp_path / "data").exists())
    assert "Traceback" not in said.err
    assert all(each.isprintable() or each == "\n" for each in said.err)
    assert len(said.err) < 1000


@pytest.mark.parametrize("text", ["SN\x1b[2J", "SN\udcff", "A" * 5000], ids=ascii)
@pytest.mark.parametrize("option", ["--product", "--slot", "--sequence", "--station", "--fault"])
def test_no_name_is_obeyed_by_the_terminal(tmp_path: Path, capsys: Captured, option: str, text: str) -> None:
    """Whatever stands where a name should: exit code 2, and shown, not obeyed."""
    said = station(capsys, *given(tmp_path / "data"), f"{option}={text}")
    assert (2, "", False) == (said.code, said.out, (tmp_path / "data").exists())
    assert all(each.isprintable() or each == "\n" for each in said.err)


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (["--product", "PWR-WHIP-9"], "PWR-WHIP-8"),
        (["--product", "PWR-WHIP-8@A"], "C"),
        (["--slot", "Z"], "A, B, C, D"),
        (["--slot", "B"], "whip-panel-8"),
        (["--sequence", "cable-continuty"], "cable-continuity"),
        (["--station", "cell-3"], "cell-2"),
        (["--fault", "opne:W3"], "open"),
        (["--fault", "open:W33"], "W3"),
        (["--fault", "open:W3=80"], "7.5 m"),
        (["--fault", "high-resistance:W3=1e9"], "0.001 to 1000 ohm"),
        (["--fault", "removed"], "@30s"),
        (["--fault", "silent:ohm"], "ohms"),
        (["--fault", "short:W1+W99"], "W1+W"),
    ],
    ids=" ".join,
)
def test_an_unknown_name_is_answered_with_what_there_is(
    tmp_path: Path, capsys: Captured, arguments: list[str], allowed: str
) -> None:
    """Exit code 2 before anything is opened, and the nearest names that are valid."""
    said = station(capsys, *given(tmp_path / "data"), *arguments)
    assert (2, False) == (said.code, (tmp_path / "data").exists())
    assert allowed in said.err


def test_real_hardware_brings_its_own_faults(tmp_path: Path, capsys: Captured) -> None:
    """What belongs to a simulation is refused without --sim; so is a station where nothing is real."""
    real = ["run", "--product", WHIP, "--serial", "SN0001", "--data", str(tmp_path)]
    assert "belong to --sim" in station(capsys, *real, "--seed", "3").err
    assert "belong to --sim" in station(capsys, *real, "--unit", "3").err
    assert "which station?" in station(capsys, *real).err
    assert "nothing is real" in station(capsys, *real, "--station", "simulated-line").err
    assert 2 == station(capsys, *real).code
