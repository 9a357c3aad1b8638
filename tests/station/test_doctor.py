"""The doctor: each trouble is found, is as bad as it is, and comes with what to do."""

import asyncio
import fcntl
import json
import os
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from station.condition import Condition, Level
from station.config.station_file import Station
from station.config.unattended import DaemonEntry, MqttEntry, TcpEntry
from station.doctor import certificates, files, folder, machine, running
from station.doctor.case import Case
from station.doctor.doctor import looked, worst
from station.faces.cli.doctoring import WIDE, page
from station.ledger import schema
from station.ledger.ledger import Ledger
from station.line.tickets import Tickets
from station.opening import load_station
from tests.station.command_line import Captured, station
from tests.station.traces import ended, name, started, whole

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def bench(tmp_path: Path) -> Station:
    """The shipped simulated line, whose file lies in an empty folder."""
    known, _ = load_station(None, simulated=True)
    return replace(known, document=replace(known.document, file=tmp_path / "cell.toml"))


def one(found: Iterator[Condition], level: Level, *words: str) -> Condition:
    """The only one of that level; it says these words, and what to do."""
    (each,) = [each for each in found if each.level is level]
    assert all(word in each.text for word in words), each
    assert bool(each.remedy) is (level is not Level.OK), each
    return each


@pytest.mark.parametrize(
    ("days", "level"), [(-1, Level.ALARM), (0, Level.WARNING), (30, Level.WARNING), (31, Level.OK)]
)
def test_calibrations_run_out(bench: Station, tmp_path: Path, days: int, level: Level) -> None:
    """A month before people are told, and afterwards no run begins there."""
    meter = replace(next(iter(bench.instruments.values())), calibration_due=NOW.date() + timedelta(days=days))
    case = Case(tmp_path, replace(bench, instruments={"ohms": meter}), NOW)
    one(files.calibrations(case), level, *(["ohms"] if level is not Level.OK else []))


@pytest.mark.parametrize(
    ("days", "level"), [(-1, Level.ALARM), (0.5, Level.ALARM), (6, Level.WARNING), (29, Level.WARNING), (31, Level.OK)]
)
def test_certificates_end(bench: Station, tmp_path: Path, days: float, level: Level) -> None:
    """Told a month before; a day before it is an alarm."""
    ends = datetime(2030, 1, 1, tzinfo=UTC)
    made = trustme.CA().issue_cert("station.example", not_after=ends)
    made.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    tcp = TcpEntry("station.example:8443", "cert.pem", "key.pem", "tokens")
    case = Case(tmp_path, replace(bench, daemon=DaemonEntry(tcp=tcp)), ends - timedelta(days=days))
    one(files.expiries(case), level, "tcp.certificate")
    assert ends == certificates.ends((tmp_path / "cert.pem").read_text())


@pytest.mark.parametrize("content", ["", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", "garbage"])
def test_what_is_no_certificate_is_told(bench: Station, tmp_path: Path, content: str) -> None:
    """And so is one that is not there."""
    (tmp_path / "cert.pem").write_text(content)
    for file in ("cert.pem", "gone.pem"):
        mqtt = MqttEntry("mqtts://broker", certificate=file, key="key.pem")
        one(files.expiries(Case(tmp_path, replace(bench, mqtt=mqtt), NOW)), Level.ALARM, "mqtt.certificate")


def test_secrets_are_for_their_owner_alone(bench: Station, tmp_path: Path) -> None:
    """A key that others may read, and one that is not there, are alarms; what it holds is never told."""
    (tmp_path / "key.pem").write_text("VERY SECRET")
    (tmp_path / "key.pem").chmod(0o644)
    case = Case(tmp_path, replace(bench, mqtt=MqttEntry("mqtts://broker", key="key.pem")), NOW)
    assert "SECRET" not in one(files.secrets(case), Level.ALARM, "mqtt.key", "644").text
    (tmp_path / "key.pem").chmod(0o600)
    one(files.secrets(case), Level.OK)
    (tmp_path / "key.pem").unlink()
    one(files.secrets(case), Level.ALARM, "No such file")


def test_serial_devices_are_there(bench: Station, tmp_path: Path) -> None:
    """One that is, and one that is not."""
    device = tmp_path / "ttyUSB0"
    device.touch()
    meter = replace(next(iter(bench.instruments.values())), link=f"serial:{device}?baudrate=9600")
    case = Case(tmp_path, replace(bench, instruments={"ohms": meter}), NOW)
    one(files.devices(case), Level.OK)
    device.unlink()
    one(files.devices(case), Level.ALARM, "ohms", "is not there")


def test_a_data_folder_that_is_not_there_or_nearly_full(
    bench: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a warning before it is an alarm; the budget counts too."""
    one(folder.room(Case(tmp_path / "none")), Level.WARNING, "there is no folder")
    for free, level in ((1, Level.ALARM), (100 * 2**20, Level.WARNING), (2**40, Level.OK)):
        monkeypatch.setattr(folder, "weigh", lambda _, free=free: (0, free, 2**41))
        one(folder.room(Case(tmp_path)), level, "MiB are free")
    for used, level in ((85, Level.WARNING), (96, Level.ALARM)):
        monkeypatch.setattr(folder, "weigh", lambda _, used=used: (used * 2**20, 2**40, 2**41))
        one(folder.room(Case(tmp_path, replace(bench, daemon=DaemonEntry(most_mib=100)))), level, "of 100 MiB")


def keep(data: Path, verdict: str = "PASSED") -> str:
    """A ledger with one run."""
    with Ledger.open(data) as ledger:
        run = asyncio.run(ledger.begin(name))
        for event in [*whole(run)[:-1], ended(4.25, verdict)]:
            ledger.append(run, event)
    return run


def test_a_ledger_is_looked_through(tmp_path: Path) -> None:
    """What is sound, what was given up, what was interrupted, what was changed, and what is damaged."""
    run = keep(tmp_path)
    one(folder.ledger(Case(tmp_path)), Level.OK, "1 runs")
    with Ledger.open(tmp_path) as ledger:
        asyncio.run(ledger.thin(run, "telemetry", "2026-01-01"))
    one(folder.ledger(Case(tmp_path)), Level.OK, "2 events of 1 runs were given up")
    with closing(sqlite3.connect(tmp_path / schema.FILE)) as connection:
        connection.execute("DROP TRIGGER event_delete")
    one(folder.ledger(Case(tmp_path)), Level.ALARM, "not as they were made")
    (tmp_path / schema.FILE).write_bytes(b"not a ledger" * 1000)
    one(folder.ledger(Case(tmp_path)), Level.ALARM)


def test_runs_that_were_interrupted_are_told(tmp_path: Path) -> None:
    """Those that were ended as such, and those that still wait for it."""
    run = keep(tmp_path, "INTERRUPTED")
    one(folder.ledger(Case(tmp_path)), Level.WARNING, run)
    with closing(sqlite3.connect(tmp_path / schema.FILE)) as connection:
        connection.execute("INSERT INTO going VALUES (?, 'nobody-1')", (name(5),))
        connection.commit()
    one(folder.ledger(Case(tmp_path)), Level.ALARM, "lost their process", name(5))


def test_a_newer_ledger_is_told(tmp_path: Path) -> None:
    """In the words of who refuses it."""
    keep(tmp_path)
    with closing(sqlite3.connect(tmp_path / schema.FILE)) as connection:
        connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    one(folder.ledger(Case(tmp_path)), Level.ALARM, "newer rackproof")


def test_what_waits_for_somebody_is_told(tmp_path: Path) -> None:
    """A locked slot, results that wait for an hour, and those that were put aside; a stranger's file is no trouble."""
    keep(tmp_path)
    with closing(sqlite3.connect(tmp_path / "line.sqlite")) as connection:
        connection.executescript(
            "CREATE TABLE locks (slot, reason); INSERT INTO locks VALUES ('A', 'the heater is on')"
        )
    with closing(sqlite3.connect(tmp_path / "outbox.sqlite")) as connection:
        connection.executescript("CREATE TABLE entry (run, state, reason); INSERT INTO entry VALUES (1, 0, '')")
    fresh = datetime(2026, 1, 1, 0, 10, tzinfo=UTC)
    one(folder.waiting(Case(tmp_path, now=fresh)), Level.OK, "1 results wait", "10 minutes")
    one(folder.waiting(Case(tmp_path, now=fresh)), Level.ALARM, "slot A is locked: the heater is on")
    one(folder.waiting(Case(tmp_path, now=NOW)), Level.WARNING, "1 results wait")
    (tmp_path / "line.sqlite").unlink()
    with closing(sqlite3.connect(tmp_path / "outbox.sqlite")) as connection:
        connection.executescript("UPDATE entry SET state = 2, reason = 'no such schema'")
    one(folder.waiting(Case(tmp_path, now=NOW)), Level.ALARM, "no such schema")
    (tmp_path / "outbox.sqlite").write_bytes(b"somebody else's")
    assert [] == list(folder.waiting(Case(tmp_path, now=NOW)))


def test_the_guardians_deeds_are_told(tmp_path: Path) -> None:
    """As it was last written: begun, done, or not confirmed; a torn line is passed over."""
    deed = {
        "at": "2026-06-01T00:00:00Z",
        "slot": "A",
        "run": "R",
        "why": "the daemon hangs",
        "ended": False,
        "refusals": [],
    }
    file = tmp_path / "guardian" / "deeds.jsonl"
    file.parent.mkdir()
    for change, level in (
        ({}, Level.ALARM),
        ({"ended": True}, Level.WARNING),
        ({"ended": True, "refusals": ["heater"]}, Level.ALARM),
    ):
        with file.open("a") as lines:
            lines.write(f'{json.dumps(deed | change)}\n{{"at": "torn\n[1]\n')
        one(folder.deeds(Case(tmp_path)), level, "slot A")


def test_the_clock_is_kept_by_somebody(tmp_path: Path) -> None:
    """By systemd, by another, by nobody; and a time of day that cannot be is an alarm."""
    one(machine.clock(Case(tmp_path, now=NOW, root=tmp_path)), Level.WARNING, "nobody")
    (tmp_path / "run" / "chrony").mkdir(parents=True)
    one(machine.clock(Case(tmp_path, now=NOW, root=tmp_path)), Level.OK, "chrony")
    (tmp_path / "run" / "systemd" / "timesync").mkdir(parents=True)
    (tmp_path / machine.SYNCHRONISED).touch()
    one(machine.clock(Case(tmp_path, now=NOW, root=tmp_path)), Level.OK, "timesyncd")
    one(machine.clock(Case(tmp_path, now=datetime(1970, 1, 1, tzinfo=UTC), root=tmp_path)), Level.ALARM, "1970")
    with Ledger.open(tmp_path) as ledger:
        run = asyncio.run(ledger.begin(name))
        ledger.append(run, started(run, simulated=None, started="2026-07-01T00:00:00Z"))
        ledger.append(run, ended())
    one(machine.clock(Case(tmp_path, now=NOW, root=tmp_path)), Level.ALARM, "before the newest run")


def test_a_service_that_does_not_run_is_told(tmp_path: Path) -> None:
    """By its unit and its group of processes."""
    units, groups = tmp_path / "etc/systemd/system", tmp_path / "sys/fs/cgroup/system.slice"
    units.mkdir(parents=True)
    for each in ("rackproof.service", "rackproof-doctor.service"):
        (units / each).touch()
    (groups / "rackproof-doctor.service").mkdir(parents=True)
    one(machine.unit(Case(tmp_path, root=tmp_path)), Level.WARNING, "does not run")
    (groups / "rackproof.service").mkdir(parents=True)
    one(machine.unit(Case(tmp_path, root=tmp_path)), Level.OK, "runs")


def test_who_has_the_bench_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that somebody holds; one that nobody holds, or that is odd, is none."""
    monkeypatch.setenv("RACKPROOF_LOCKS", str(tmp_path))
    (tmp_path / "held").write_text('{"pid": 42, "command": "station daemon"}\n')
    (tmp_path / "free").write_text('{"pid": 43, "command": "station run"}\n')
    (tmp_path / "odd").write_text("[1]")
    fd = os.open(tmp_path / "held", os.O_RDWR)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        one(machine.locks(Case(tmp_path)), Level.OK, "42", "station daemon")
    finally:
        os.close(fd)
    assert [] == list(machine.locks(Case(tmp_path)))


@contextmanager
def answering(path: Path, answer: bytes) -> Iterator[None]:
    """A daemon that gives one answer."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        path.chmod(0o600)

        def serve() -> None:
            peer, _ = listening.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join(10)


def told(document: object, status: str = "200 OK") -> bytes:
    """An answer over HTTP."""
    body = json.dumps(document).encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize("level", [2, "ALARM", "alarm"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_daemon_that_runs_is_asked(tmp_path: Path, level: object, wrapped: bool) -> None:
    """What it says goes into the page."""
    said: object = [{"name": "broker", "level": level, "text": "it is away", "remedy": "see to it"}]
    with answering(tmp_path / "station.sock", told({"conditions": said} if wrapped else said)):
        found = list(running.daemon(Case(tmp_path)))
    one(iter(found), Level.ALARM, "it is away")
    one(iter(found), Level.OK, "it runs and answers")


@pytest.mark.parametrize(
    "answer",
    [b"", b"garbage\r\n\r\n", told([1]), told({}), told([], "500 No"), told([{"name": "x", "level": 9, "text": ""}])],
)
def test_a_daemon_that_does_not_answer_is_an_alarm(tmp_path: Path, answer: bytes) -> None:
    """Whatever comes instead."""
    with answering(tmp_path / "station.sock", answer):
        one(running.daemon(Case(tmp_path)), Level.ALARM, "does not answer")


def test_a_socket_without_a_daemon_and_one_for_everybody(tmp_path: Path) -> None:
    """Left behind by one that was killed; or open to whoever has an account here."""
    one(running.daemon(Case(tmp_path)), Level.OK, "none runs")
    path = tmp_path / "station.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
    path.chmod(0o600)
    one(running.daemon(Case(tmp_path)), Level.WARNING, "has ended without removing")
    path.chmod(0o666)
    assert 2 == sum(each.level is Level.WARNING for each in running.daemon(Case(tmp_path)))


def test_a_daemon_whose_socket_was_removed_is_told(tmp_path: Path) -> None:
    """It has the folder's tickets, and nobody can ask it."""
    tickets = Tickets.open(tmp_path)
    one(running.daemon(Case(tmp_path)), Level.WARNING, "does not listen")
    tickets.close()
    one(running.daemon(Case(tmp_path)), Level.OK, "none runs")


def test_a_lock_that_cannot_be_looked_at_is_told(tmp_path: Path) -> None:
    """Nobody says that no daemon runs who could not look."""
    (tmp_path / "line.lock").symlink_to(tmp_path / "elsewhere")
    one(running.daemon(Case(tmp_path)), Level.WARNING, "cannot be looked at")


def test_a_folder_that_may_only_be_read_is_an_alarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F078: as after a disk has failed, and was mounted again for reading."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    one(folder.room(Case(tmp_path)), Level.ALARM, "cannot be written")


def test_a_look_that_fails_keeps_no_other_from_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor is for when things are broken; the worst comes first."""

    def broken(_: Case) -> Iterator[Condition]:
        raise RuntimeError("nobody thought of that")

    monkeypatch.setattr("station.doctor.doctor.LOOKS", (machine.python, broken, running.daemon))
    found = looked(Case(tmp_path))
    assert (Level.ALARM, ["broken", "python", "daemon"]) == (worst(found), [each.name for each in found])


def test_a_page_has_eighty_columns() -> None:
    """However long a text is; nothing in it steers the terminal."""
    found = [
        Condition("calibration", Level.ALARM, "word " * 60, "do this " * 40),
        Condition("x", Level.OK, "\x1b[2Jwell"),
    ]
    lines = list(page(found))
    assert max(map(len, lines)) <= WIDE
    assert not any("\x1b" in line for line in lines)
    assert ("x   calibration", "1 alarm, 0 warnings") == (lines[0][:15], lines[-1])
    assert "all is well" == list(page(found[1:]))[-1]
    assert "\x1b[32mok" in "\n".join(page(found, colored=True))


def test_the_command_says_how_bad_it_is_by_its_code(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0 for all well, 1 for a warning, 3 for an alarm; one JSON document."""
    monkeypatch.setattr("station.doctor.doctor.LOOKS", (folder.room, folder.ledger, folder.waiting))
    monkeypatch.setattr(folder, "weigh", lambda _: (0, 2**40, 2**41))
    keep(tmp_path)
    said = station(capsys, "doctor", "--data", tmp_path)
    assert (0, "all is well") == (said.code, said.out.splitlines()[-1])
    assert 1 == station(capsys, "doctor", "--data", tmp_path / "none").code
    (tmp_path / schema.FILE).write_bytes(b"no ledger" * 1000)
    said = station(capsys, "doctor", "--data", tmp_path, "--json")
    assert (3, "alarm") == (said.code, said.document["level"])
    assert {"name", "level", "text", "remedy"} == set(said.document["conditions"][0])
    (tmp_path / "cell.toml").write_text("[station]\nname = 3\n")
    said = station(capsys, "doctor", "--data", tmp_path, "--station", tmp_path / "cell.toml")
    assert (3, True) == (said.code, "cell.toml" in said.out)
    assert 2 == station(capsys, "doctor", "--data", tmp_path, "--station", "nowhere").code
