"""The command line over what is kept: results, report, the ledger; and what makes products: import, learn, confirm."""

from pathlib import Path

import pytest

from tests.station.command_line import Captured, Said, station
from tests.station.lines import HARNESS, WHIP

DOCUMENTS = Path(__file__).parents[1] / "documents"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in; the data goes into `data` there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STATION_DATA", "data")
    return tmp_path


def run(capsys: Captured, product: str, *more: str, serial: str = "SN1") -> Said:
    """One simulated run."""
    return station(capsys, "run", "--sim", "--product", product, "--serial", serial, *more)


def test_what_was_run_is_in_the_results_and_in_the_report(here: Path, capsys: Captured) -> None:
    """Newest first, narrowed down by verdict and unit; the report names the finding; the ledger is sound."""
    run(capsys, WHIP)
    run(capsys, WHIP, "--fault", "wrong-instrument:ohms", serial="SN2")
    failed = run(capsys, HARNESS, "--fault", "swap:W7+W8", "--json", serial="SN3").document
    rows = station(capsys, "results", "--json").document
    assert ["FAILED", "REFUSED", "PASSED"] == [row["verdict"] for row in rows]
    assert {"SN1", "SN2", "SN3"} == {line.split()[5] for line in station(capsys, "results").out.splitlines()}
    for which in (["--verdict", "failed"], ["--serial", "SN3"], ["--product", HARNESS], ["--last", "1"]):
        assert [failed["run"]] == [row["id"] for row in station(capsys, "results", *which, "--json").document]
    assert {row["id"] for row in rows} == {row["id"] for row in station(capsys, "list", "runs", "--json").document}
    written = station(capsys, "report", failed["run"], "--output", "report.html", "--picture", "report.png")
    assert (0, ["report.html", "report.png"]) == (written.code, written.out.split())
    assert "W7 and W8 are swapped at J2" in Path("report.html").read_text()
    assert b"\x89PNG" == Path("report.png").read_bytes()[:4]
    verified = station(capsys, "ledger", "verify", "--json")
    assert (0, {"runs": 3, "problems": [], "thinned": {"events": 0, "runs": 0}}) == (verified.code, verified.document)


def test_the_last_report_and_one_that_is_not_there(here: Path, capsys: Captured) -> None:
    """`last` writes beside us under the run's id; what no run, or more than one, begins with is exit code 2."""
    ids = [run(capsys, WHIP, "--json").document["run"] for _ in range(2)]
    said = station(capsys, "report")
    assert (0, True) == (said.code, Path(said.out.strip()).exists())
    assert said.out.strip().removeprefix("report-").removesuffix(".html") in ids
    for odd in ("0", "nope", "../../x", "%", "\x1b[2J"):
        refused = station(capsys, "report", odd)
        assert (2, True) == (refused.code, "\x1b" not in refused.err)
    assert 3 == station(capsys, "report", "last", "--output", "no/such/folder/report.html").code


def test_a_ledger_that_is_damaged_is_told(here: Path, capsys: Captured) -> None:
    """Verify says what is wrong, or that it cannot be opened: exit code 3, no traceback, and no run begins."""
    run(capsys, WHIP)
    (here / "data" / "ledger.sqlite").write_bytes(b"not a ledger at all" * 1000)
    for arguments in (["ledger", "verify"], ["results"], ["report"]):
        assert 3 == station(capsys, *arguments).code
    assert (3, "") == run(capsys, WHIP)[:2]


def test_an_imported_harness_is_run_at_once(here: Path, capsys: Captured) -> None:
    """Three files and their notes; importing again refuses without --replace; the bench that was written runs."""
    said = station(capsys, "import", DOCUMENTS / "cabinet.csv", "--into", "mine")
    files = ["mine/products/CABINET.toml", "mine/jigs/cabinet-panel.toml", "mine/stations/CABINET-bench.toml"]
    assert (0, files) == (said.code, said.out.split())
    assert "note: " in said.err
    again = station(capsys, "import", DOCUMENTS / "cabinet.csv", "--into", "mine")
    assert (2, True) == (again.code, "--replace" in again.err)
    assert 0 == station(capsys, "import", DOCUMENTS / "cabinet.csv", "--into", "mine", "--replace").code
    assert 0 == run(capsys, "CABINET", "--station", files[2]).code
    assert 1 == run(capsys, "CABINET", "--station", files[2], "--fault", "open:W1").code


@pytest.mark.parametrize("name", ["gone.yml", "odd.txt", "empty.yml", "broken.yml"])
def test_what_is_no_harness_is_refused(here: Path, capsys: Captured, name: str) -> None:
    """Exit code 2, and nothing is written."""
    for file, text in (("odd.txt", "x"), ("empty.yml", ""), ("broken.yml", "a: [")):
        Path(file).write_text(text)
    said = station(capsys, "import", name, "--into", "mine")
    assert (2, False) == (said.code, Path("mine").exists())
    assert "Traceback" not in said.err


def test_a_learned_netlist_needs_a_person(here: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unconfirmed it is REFUSED; confirmed it passes a good unit and fails a bad one; nobody confirms it twice."""
    monkeypatch.setenv("STATION_FIXTURES", "mine")
    learned = station(capsys, "learn", "NEW-1", "--slot", "A", "--serial", "GOLD1", "--sim", WHIP, "--into", "mine")
    assert (0, "mine/products/NEW-1.toml\n") == learned[:2]
    assert "8 wires learned" in learned.err
    refused = run(capsys, "NEW-1", "--json")
    assert (2, "REFUSED", []) == (refused.code, refused.document["verdict"], refused.document["steps"])
    assert "nobody has confirmed it" in refused.document["reason"]
    assert 0 == station(capsys, "confirm", "NEW-1", "--by", "R. Okafor").code
    assert 'confirmed_by = "R. Okafor"' in Path("mine/products/NEW-1.toml").read_text()
    assert (0, 1) == (run(capsys, "NEW-1").code, run(capsys, "NEW-1", "--fault", "swap:W1+W2").code)
    assert 2 == station(capsys, "confirm", "NEW-1", "--by", "R. Okafor").code


@pytest.mark.parametrize(
    "change",
    [
        {"part": "bad name"},
        {"part": "../x"},
        {"--slot": "Q"},
        {"--serial": "gold 1"},
        {"--serial": "\x1b[2J"},
        {"--sim": "PWR-WHIP-9"},
        {"--sim": HARNESS},
    ],
    ids=str,
)
def test_what_cannot_be_learned_is_refused(here: Path, capsys: Captured, change: dict[str, str]) -> None:
    """Exit code 2, no traceback, no product file."""
    given = {"part": "NEW-1", "--slot": "A", "--serial": "GOLD1", "--sim": WHIP} | change
    part = given.pop("part")
    said = station(capsys, "learn", part, *(word for pair in given.items() for word in pair), "--into", "mine")
    assert (2, False) == (said.code, Path("mine").exists())
    assert all(each.isprintable() or each == "\n" for each in said.err)


@pytest.mark.parametrize("person", ["", " ", "\x1b[2J", 'x"\nwires = []', "x" * 100])
def test_nobody_without_a_name_confirms(
    here: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch, person: str
) -> None:
    """A person's name is written into a file: it has a grammar."""
    monkeypatch.setenv("STATION_FIXTURES", "mine")
    station(capsys, "learn", "NEW-1", "--slot", "A", "--serial", "GOLD1", "--sim", WHIP, "--into", "mine")
    assert 2 == station(capsys, "confirm", "NEW-1", "--by", person).code
    assert 'confirmed_by = ""' in Path("mine/products/NEW-1.toml").read_text()


def test_a_golden_unit_that_is_not_connected_teaches_nothing(
    here: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no product without a confirmed person: an unknown one cannot be confirmed either."""
    monkeypatch.setenv("STATION_FIXTURES", "mine")
    assert 2 == station(capsys, "confirm", "NEW-9", "--by", "R. Okafor").code
    assert 2 == station(capsys, "confirm", WHIP, "--by", "R. Okafor").code
