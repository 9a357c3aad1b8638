"""Keys of commanders: files that nobody else can read, and a command line that makes keys and signs with them."""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from station.mqtt.command import Command, Verb
from station.mqtt.commands import Commands
from station.mqtt.keys import MOST_BYTES, Key, Keys, KeysError, OwnKey
from station.walls import real_wall
from tests.station.command_line import Captured, station

GOOD = f'["plc-7"]\nkey = "{"A" * 43}="\nmay = ["abort"]\nuntil = 2027-01-01\n'


def written(folder: Path, text: str | bytes, mode: int = 0o600) -> Path:
    """A file of keys."""
    path = folder / "commands.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def test_keys_are_read_as_they_were_written(tmp_path: Path) -> None:
    """Over what was there, at once, and for their owner alone; a day without a time is its beginning, UTC."""
    path = written(tmp_path, GOOD)
    keys = Keys.read(path)
    assert Key(bytes(32), frozenset({Verb.ABORT}), datetime(2027, 1, 1, tzinfo=UTC)) == keys.of["plc-7"]
    more = keys.with_key("mes.1", Key(bytes(range(40)), frozenset(Verb), datetime(2026, 5, 1, 1, 2, 3, tzinfo=UTC)))
    more.write(path)
    assert (more, 0o600, [path]) == (Keys.read(path), path.stat().st_mode & 0o777, list(tmp_path.iterdir()))
    assert "\\x" not in repr(more)
    with pytest.raises(KeysError, match="cannot be a commander"):
        keys.with_key('a"]\n', keys.of["plc-7"])


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660, 0o666, 0o601])
def test_a_file_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    """Whoever reads it could command, whoever writes it could make himself a key."""
    with pytest.raises(KeysError, match="chmod 0600"):
        Keys.read(written(tmp_path, GOOD, mode))


@pytest.mark.parametrize(
    "text",
    [
        b"\xff", "key =", '["a b"]\n' + GOOD.partition("\n")[2], GOOD.replace("abort", "fire"), GOOD.replace('["abort"]', '"abort"'),
        GOOD.replace('["abort"]', "[1]"), GOOD.replace("A" * 43 + "=", "AAAA"), GOOD.replace("A" * 43 + "=", "!" * 44), GOOD + "more = 1\n",
        GOOD.replace("until = 2027-01-01", ""), GOOD.replace("2027-01-01", "2027-01-01T00:00:00"), GOOD.replace("2027-01-01", '"never"'),
        GOOD + GOOD, "plc-7 = 1", "x" * (MOST_BYTES + 1), "a = " + "[" * 5000,
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_refused_and_shows_no_key(tmp_path: Path, text: str | bytes) -> None:
    """Whatever is wrong with it."""
    with pytest.raises(KeysError) as refused:
        Keys.read(written(tmp_path, text))
    assert "AAAA" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    """An absent one, a folder, a pipe that nobody writes to."""
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path / "absent", tmp_path, tmp_path / "pipe"):
        with pytest.raises(KeysError):
            Keys.read(path)
    with pytest.raises(KeysError, match="by and key"):
        OwnKey.read(written(tmp_path, GOOD))


def test_a_key_is_made_and_signed_with(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is shown by neither; what is signed is what the station takes."""
    monkeypatch.chdir(tmp_path)
    made = station(capsys, "command", "key", "plc-7", "--may", "abort", "--may", "submit")
    keys, own = Keys.read(tmp_path / "commands.toml"), OwnKey.read(tmp_path / "plc-7.key")
    assert (0, own.secret, frozenset({Verb.ABORT, Verb.SUBMIT})) == (
        made.code,
        keys.of["plc-7"].secret,
        keys.of["plc-7"].may,
    )
    assert {0o600} == {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert not re.search(r"[A-Za-z0-9+/]{43}=", made.out + made.err)
    signed = station(
        capsys, "command", "sign", "submit", "--key", "plc-7.key", "--station", "cell-2", "--product", "P1", "--serial", "S1", "--priority", "7"
    )  # fmt: skip
    commands = Commands("cell-2", keys, None, lambda: 0.0)  # type: ignore[arg-type]
    looked = commands.look("submit", signed.out.strip().encode(), real_wall())
    assert isinstance(looked, Command)
    assert ("P1", "S1", 7, timedelta(minutes=5)) == (
        looked.product,
        looked.serial,
        looked.priority,
        looked.expires - looked.issued,
    )


def test_a_key_is_not_replaced_by_mistake(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the station's nor the commander's; what is wrong is said, with exit code 2."""
    monkeypatch.chdir(tmp_path)
    make = ("command", "key", "plc-7", "--may", "abort")
    assert 0 == station(capsys, *make).code
    before = (tmp_path / "commands.toml").read_bytes()
    assert 2 == station(capsys, *make).code
    assert 2 == station(capsys, *make, "--replace").code
    assert before == (tmp_path / "commands.toml").read_bytes()
    assert 0 == station(capsys, *make, "--replace", "--give", "new.key").code
    assert OwnKey.read(tmp_path / "new.key").secret == Keys.read(tmp_path / "commands.toml").of["plc-7"].secret
    assert 2 == station(capsys, "command", "key", "a/b", "--may", "abort", "--give", "ab.key").code
    sign = ("command", "sign", "abort", "--station", "cell-2", "--key")
    (tmp_path / "new.key").chmod(0o644)
    assert 2 == station(capsys, *sign, "new.key").code
    for more in (("--run", "last"), ("--serial", "S1"), ("--reason", "a\nb"), ("--id", "a b"), ("--reason", "\udcff")):
        said = station(capsys, *sign, "plc-7.key", *more)
        assert (2, "") == (said.code, said.out), more
