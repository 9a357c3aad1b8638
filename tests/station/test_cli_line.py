"""The commands for a line that runs by itself, against a daemon in a process of its own."""

import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import orjson
import pytest

from station.faces.cli import watching
from station.faces.cli.happenings import in_words
from station.opening import load_station
from tests.station.api_work import Network
from tests.station.command_line import Captured, finished, process, station
from tests.station.lines import WHIP
from tests.station.test_daemon import until

UNIT = ("--product", WHIP, "--serial")
BURN_IN = ("--product", "PDU-3P-24", "--sequence", "pdu-burn-in", "--serial")


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of a daemon that serves the simulated line, in which whips of slot D have an open wire."""
    folder = tmp_path_factory.mktemp("line")
    with started(folder, "--fault", "open:D/W3") as daemon:
        yield folder
        ended(daemon)


def started(folder: Path, *more: str) -> "Popen[str]":
    """A daemon that serves."""
    daemon = process("daemon", "--sim", "--data", folder, *more)
    until((folder / "station.sock").exists)
    return daemon


def ended(daemon: "Popen[str]") -> None:
    """Told to end until it has."""
    for _ in range(3):
        daemon.send_signal(signal.SIGTERM)
        time.sleep(0.2)
    assert finished(daemon).code == 0


def test_a_unit_is_handed_in_and_followed_to_its_verdict(line: Path, capsys: Captured) -> None:
    """As `station run` shows it, with its exit code; with --json the record alone on stdout."""
    good = station(capsys, "submit", *UNIT, "SN1", "--slot", "A", "--data", line, "--wait")
    assert (good.code, good.out) == (0, "")
    assert "every conductor conducts" in good.err
    assert "SIMULATED" in good.err
    bad = station(capsys, "submit", *UNIT, "SN2", "--slot", "D", "--data", line, "--wait", "--json")
    assert (bad.code, bad.document["verdict"]) == (1, "FAILED")
    assert "W3" in bad.err


def test_a_ticket_waits_is_listed_and_withdrawn(line: Path, capsys: Captured) -> None:
    """On a line that is paused; handed in again under its key it is the same ticket."""
    assert station(capsys, "pause", "--data", line).code == 0
    first = station(capsys, "submit", *UNIT, "SN3", "--key", "k", "--data", line)
    again = station(capsys, "submit", *UNIT, "SN3", "--key", "k", "--data", line, "--json")
    assert first.out.strip() == again.document["ticket"]
    assert "SN3" in station(capsys, "queue", "--data", line).out
    (queued,) = station(capsys, "queue", "--stage", "queued", "--data", line, "--json").document
    assert queued["serial"] == "SN3"
    gone = station(capsys, "withdraw", first.out.strip(), "--reason", "wrong unit", "--data", line)
    assert gone.code == 0
    assert "nothing waits" in station(capsys, "queue", "--data", line).err
    assert "wrong unit" in station(capsys, "queue", "--stage", "withdrawn", "--data", line).out
    assert station(capsys, "go-on", "--data", line).code == 0


def test_what_is_tested_is_shown_and_aborted(line: Path, capsys: Captured) -> None:
    """Its slot says what it does; who waits for it is told ABORTED with exit code 4."""
    waiting = process("submit", *UNIT, "SN4", "--slot", "A", "--data", line, "--wait")
    until(lambda: station(capsys, "slots", "--data", line, "--json").document[0]["step"] != "")
    assert "SN4" in station(capsys, "slots", "--data", line).out
    assert station(capsys, "abort", "--slot", "A", "--reason", "the operator says so", "--data", line).code == 0
    said = finished(waiting)
    assert said.code == 4
    assert "the operator says so" in said.err


def test_a_slot_stops_after_its_step(line: Path, capsys: Captured) -> None:
    """The step that goes on ends, the rest is not done."""
    waiting = process("submit", *UNIT, "SN5", "--slot", "A", "--data", line, "--wait")
    until(lambda: station(capsys, "slots", "--data", line, "--json").document[0]["step"] != "")
    assert station(capsys, "stop", "--all", "--reason", "end of the shift", "--data", line).code == 0
    assert finished(waiting).code == 4


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("submit", "--product", "NO-SUCH", "--serial", "SN1"), "no product"),
        (("submit", *UNIT, "SN 1"), "SN 1"),
        (("withdraw", "../../x", "--reason", "y"), "nothing here"),
        (("withdraw", "nope", "--reason", "y"), "no ticket"),
        (("abort", "--reason", "x"), "--all"),
        (("abort", "--all", "--slot", "A", "--reason", "x"), "--all"),
        (("abort", "--slot", "Z", "--reason", "x"), "no slot 'Z'"),
        (("stop", "--slot", "a/b?", "--reason", "x"), "a/b?"),
        (("pause", "--slot", "Z"), "no slot 'Z'"),
        (("release", "--slot", "A", "--reason", "x"), "not locked"),
        (("watch", "--run", "nope"), "no such run"),
        (("slots", "--token-file", "x"), "--url"),
        (("slots", "--socket", "x"), "one daemon at a time"),
        (("slots", "--url", "https://x"), "one daemon at a time"),
    ],
)
def test_what_the_line_does_not_do_it_says(line: Path, capsys: Captured, given: tuple[str, ...], said: str) -> None:
    """Exit code 2, and why."""
    found = station(capsys, *given, "--data", line)
    assert (found.code, found.out) == (2, "")
    assert said in found.err


@pytest.mark.parametrize("given", ["slots", "queue", "watch", "reload", "drain", "pause", "go-on"])
def test_where_no_daemon_is_it_is_said(tmp_path: Path, capsys: Captured, given: str) -> None:
    """Exit code 3, and how to start one."""
    said = station(capsys, given, "--data", tmp_path)
    assert (said.code, said.out) == (3, "")
    assert "station daemon starts one" in said.err


def test_a_configuration_is_read_again(line: Path, capsys: Captured) -> None:
    """It says so."""
    said = station(capsys, "reload", "--data", line)
    assert (said.code, "read again" in said.err) == (0, True)


def test_a_run_is_watched_from_its_beginning_to_its_end(line: Path, capsys: Captured) -> None:
    """Also after it has ended: in words, and as one document a line."""
    record = station(capsys, "submit", *UNIT, "SN6", "--slot", "A", "--data", line, "--wait", "--json").document
    words = station(capsys, "watch", "--run", record["run"], "--data", line)
    assert words.code == 0
    assert "every conductor conducts" in words.out
    assert words.out.splitlines()[-1].endswith("PASSED")
    lines = station(capsys, "watch", "--run", record["run"], "--data", line, "--json").out.splitlines()
    documents = [orjson.loads(each) for each in lines]
    assert [int(each["id"]) for each in documents] == list(range(1, len(documents) + 1))
    assert (documents[0]["event"], documents[-1]["event"]) == ("RunStarted", "RunEnded")


def test_a_watcher_lives_through_a_restart_and_ends_with_ctrl_c(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The daemon ends within two seconds although somebody watches; started again, the watcher is told how all is."""
    with started(tmp_path) as first:
        watcher = process("watch", "--data", tmp_path, PYTHONUNBUFFERED="1")
        request.addfinalizer(watcher.kill)  # it would wait for the next daemon for ever
        assert watcher.stdout is not None
        assert "serving" in watcher.stdout.readline()
        began = time.perf_counter()
        first.send_signal(signal.SIGTERM)
        assert first.wait(10) == 0
        assert time.perf_counter() - began < 2.0
        assert first.stderr is not None
        assert "Traceback" not in first.stderr.read()
    assert "draining" in watcher.stdout.readline()
    with started(tmp_path) as second:
        assert any("serving" in each for each in watcher.stdout)
        watcher.send_signal(signal.SIGINT)
        assert watcher.wait(10) == 0
        watcher.communicate()
        ended(second)


def test_draining_returns_when_the_daemon_has_ended(tmp_path: Path, capsys: Captured) -> None:
    """With --wait; what runs comes to its end first."""
    with started(tmp_path) as daemon:
        station(capsys, "submit", *UNIT, "SN1", "--data", tmp_path)
        until(lambda: bool(station(capsys, "slots", "--data", tmp_path, "--json").document[0]["run"]))
        assert station(capsys, "drain", "--wait", "--data", tmp_path).code == 0
        assert finished(daemon, 5).code == 0
    (row,) = station(capsys, "results", "--data", tmp_path, "--json").document
    assert row["verdict"] == "PASSED"


def test_over_a_network_it_is_asked_with_a_token(tmp_path: Path, capsys: Captured) -> None:
    """A station file with [daemon.tcp]: what the role allows is done, the rest is denied, and a server that nobody vouches for not asked."""
    network = Network.made(tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    tcp = f'[daemon.tcp]\nlisten = "127.0.0.1:{port}"\ncertificate = "cert.pem"\nkey = "key.pem"\ntokens = "tokens.toml"\n'
    shipped, _ = load_station(None, simulated=True)
    (tmp_path / "line.toml").write_text(f"{shipped.document.file.read_text()}\n{tcp}")
    (tmp_path / "mine").write_text(network.tokens["operate"])
    (tmp_path / "mine").chmod(0o600)
    there = ("--url", f"https://127.0.0.1:{port}", "--token-file", tmp_path / "mine")
    trusted = (*there, "--ca", tmp_path / "ca.pem")
    with started(tmp_path, "--station", str(tmp_path / "line.toml")) as daemon:
        until(lambda: station(capsys, "slots", *trusted).code == 0)
        ticket = station(capsys, "submit", *UNIT, "SN1", "--slot", "A", *trusted, "--json").document
        denied = station(capsys, "drain", *trusted)
        unknown = station(capsys, "slots", *there)
        assert station(capsys, "abort", "--all", "--reason", "x", *trusted).code == 0
        ended(daemon)
    assert ticket["source"] == "api:the-operate"
    assert (denied.code, unknown.code) == (2, 3)
    assert "the-operate may not do that" in denied.err
    assert "certificate verify failed" in unknown.err
    assert not [each for each in (denied, unknown) if network.tokens["operate"] in each.err]


def test_a_token_is_shown_once(tmp_path: Path, capsys: Captured) -> None:
    """Its digest alone is kept; a second one of that name is refused, and so is a file that others may read."""
    given = ("token", "--file", tmp_path / "t.toml", "--name", "mes", "--role", "operate", "--days", "30")
    made = station(capsys, *given)
    assert made.code == 0
    assert made.out.strip() not in made.err + (tmp_path / "t.toml").read_text()
    assert station(capsys, *given).code == 2
    (tmp_path / "t.toml").chmod(0o644)
    assert "chmod 600" in station(capsys, *given).err


@pytest.mark.parametrize(("text", "mode"), [("abc\n", 0o644), ("", 0o600), ("a\nb\n", 0o600), ("\xff\n", 0o600)])
def test_a_bad_file_of_a_token_is_not_used(tmp_path: Path, capsys: Captured, text: str, mode: int) -> None:
    """Others may read it, or it holds no token: exit code 2; the token is not shown."""
    file = tmp_path / "mes.token"
    file.write_text(text, encoding="latin-1")
    file.chmod(mode)
    said = station(capsys, "slots", "--url", "https://127.0.0.1:1", "--token-file", file)
    assert said.code == 2
    assert "abc" not in said.err


def test_over_a_network_it_needs_a_token(capsys: Captured) -> None:
    """Exit code 2, before anything is asked."""
    said = station(capsys, "slots", "--url", "https://127.0.0.1:1")
    assert (said.code, "--token-file" in said.err) == (2, True)


def test_pauses_between_tries_grow() -> None:
    """Up to a bound that a person would wait."""
    assert list(watching.PAUSES) == sorted(watching.PAUSES)
    assert watching.PAUSES[-1] <= 10


def test_what_tells_people_nothing_is_left_out() -> None:
    """Single measurements, and kinds that a later daemon may have."""
    assert in_words("Measured", {}) == ""
    assert in_words("something new", {}) == ""
