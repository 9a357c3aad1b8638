"""One owner of a bench: the second is refused by name, whatever the first is, and nothing of it outlives a process."""

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from station.ledger.ledger import Ledger
from station.owning import FOLDER, InUseError, Owning, Who, lock_folder, place
from tests.station.command_line import Captured, station
from tests.station.lines import WHIP

HOLDS = """
import sys
from pathlib import Path
from station.owning import Owning, Who
owning = Owning(Who("station daemon", "bay-7", "/data"), Path(sys.argv[1]))
owning.take([("source", sys.argv[2])])
print("held", flush=True)
sys.stdin.read()
"""
LINK = "tcp://10.20.1.12:5025"
SECOND = Who("station run", "bay-7", "/other")


@pytest.fixture
def holder(tmp_path: Path) -> "subprocess.Popen[str]":
    """A process that owns the source."""
    started = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path), LINK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    assert "held\n" == started.stdout.readline()
    return started


def test_the_second_is_refused_by_name_until_the_first_has_died(
    tmp_path: Path, holder: "subprocess.Popen[str]"
) -> None:
    """F099: which instrument, where, and who has it: command, pid, data folder. SIGKILL frees it."""
    second = Owning(SECOND, tmp_path)
    try:
        with pytest.raises(InUseError) as refused:
            second.take([("load", "tcp://10.20.1.13:5025"), ("mains", LINK.replace("tcp", "modbus-tcp"))])
        said = f"bay-7's mains at modbus-tcp://10.20.1.12:5025 is in use by station daemon, pid {holder.pid}"
        assert f"{said}, data folder /data" == str(refused.value)
        with Owning(SECOND, tmp_path) as third:
            third.take([("load", "tcp://10.20.1.13:5025")])  # all or none: the second has nothing
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    second.take([("mains", LINK)])
    second.take([("mains", LINK)])
    second.release()


STATION = """
[station]
name = "bay-7"
site = "here"
[instruments.ohms]
model = "hioki-rm3545"
link = "tcp://10.20.1.12:5025"
[instruments.mux]
model = "keysight-daq970a"
link = "tcp://10.20.1.{n+20}:5025"
count = 2
[instruments.operator]
model = "console"
link = "console:"
[slots.A]
jig = "whip-panel-8"
roles = { ohmmeter = "ohms", matrix = "mux", multimeter = "mux1", operator = "operator" }
"""


def test_every_command_that_opens_an_instrument_asks_first(
    tmp_path: Path, holder: "subprocess.Popen[str]", monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """`run`, `read` and `check` end with exit code 2 and say who has it; no run is recorded."""
    file, data = tmp_path / "bay-7.toml", tmp_path / "data"
    file.write_text(STATION)
    monkeypatch.setenv(FOLDER, str(tmp_path))
    try:
        for command in (
            ("run", "--station", file, "--product", WHIP, "--serial", "SN1", "--data", data),
            ("read", "ohms", "--station", file),
            ("check", "--station", file),
        ):
            said = station(capsys, *command)
            assert 2 == said.code, command
            told = f"bay-7's ohms at {LINK} is in use by station daemon, pid {holder.pid}, data folder /data"
            assert told in " ".join(said.err.split()), command
    finally:
        holder.kill()
        holder.communicate()
    with Ledger.open(data) as ledger:
        assert 0 == asyncio.run(ledger.count())


def test_who_wants_what_nobody_else_can_have_is_not_refused(tmp_path: Path) -> None:
    """Emulators in this process, and a person at a terminal."""
    for _ in range(2):
        Owning(SECOND, tmp_path / "no such folder").take([("ohms", "sim:"), ("operator", "console:")])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tcp://LOCALHOST:5025", "tcp://127.0.0.1:5025"),
        ("modbus-tcp://bay.local:502?unit=1", "modbus-tcp://BAY.local:502?unit=2"),
        ("tcp://[::1]:5025", "tcp://[0:0::1]:5025"),
        ("serial:/dev/../dev/null?baudrate=9600", "modbus-rtu:/dev/null?baudrate=19200&unit=3"),
        (
            "visa:TCPIP0::10.0.0.21::inst0::INSTR",
            "visa:TCPIP0::10.0.0.21::INST0::INSTR",
        ),
    ],
)
def test_one_place_has_one_lock(one: str, other: str) -> None:
    """However it is written."""
    assert place(one) == place(other) != ""


def test_a_serial_line_is_the_device_behind_its_link(tmp_path: Path) -> None:
    """Names by id and by path lead to one device."""
    (tmp_path / "by-id").symlink_to("/dev/null")
    assert place(f"serial:{tmp_path}/by-id?baudrate=9600") == place("serial:/dev/null?baudrate=9600")


@pytest.mark.parametrize(
    "said", [b"", b"{", b"[]", b'{"pid": "1"}', b'{"pid": 1, "command": 2, "data": ""}', b"\xff" * 9000]
)
def test_an_owner_that_says_nonsense_is_another_process(tmp_path: Path, said: bytes) -> None:
    """Anybody may write what an owner says of itself."""
    with Owning(SECOND, tmp_path) as first:
        first.take([("source", LINK)])
        (lock,) = tmp_path.iterdir()
        lock.write_bytes(said)
        with pytest.raises(InUseError, match=r"in use by another process$"):
            Owning(SECOND, tmp_path).take([("source", LINK)])


def test_what_an_owner_says_reaches_no_terminal_as_an_escape(tmp_path: Path) -> None:
    """Nothing but what can be printed."""
    with Owning(SECOND, tmp_path) as first:
        first.take([("source", LINK)])
        (lock,) = tmp_path.iterdir()
        lock.write_text(json.dumps({"pid": 1, "command": "\x1b[2J", "data": "\n"}))
        with pytest.raises(InUseError) as refused:
            Owning(SECOND, tmp_path).take([("source", LINK)])
    assert str(refused.value).isprintable()


def test_a_link_or_a_folder_in_place_of_a_lock_is_refused(tmp_path: Path) -> None:
    """Nobody is made to open, or to overwrite, another file."""
    with Owning(SECOND, tmp_path) as first:
        first.take([("source", LINK)])
    (lock,) = tmp_path.iterdir()
    other = tmp_path / "precious"
    other.write_text("precious")
    puts: list[Callable[[], None]] = [lambda: lock.symlink_to(other), lock.mkdir, lambda: os.mkfifo(lock)]
    for put in puts:
        if lock.is_dir() and not lock.is_symlink():
            lock.rmdir()
        else:
            lock.unlink()
        put()
        with pytest.raises(InUseError, match="cannot be looked at"):
            Owning(SECOND, tmp_path).take([("source", LINK)])
    assert "precious" == other.read_text()


def test_the_folder_is_everybodys_and_nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sticky, as a folder of temporary files is; a file that is in its place is told."""
    monkeypatch.setenv(FOLDER, str(tmp_path / "locks"))
    assert 0o1777 == stat.S_IMODE(lock_folder().stat().st_mode)
    (tmp_path / "file").touch()
    monkeypatch.setenv(FOLDER, str(tmp_path / "file"))
    with pytest.raises(InUseError, match="cannot be kept"):
        lock_folder()
