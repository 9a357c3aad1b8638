"""Doors of the API: whoever may not come in cannot, by the permissions of files alone or by TLS and tokens."""

import asyncio
import os
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from station.api.doorways import doorways
from station.api.tokens import TokenError, add_token, read_tokens
from station.asking import Daemon, DeniedError, NoDaemonError
from station.service import RefusalError
from tests.station.api_work import ENTRY, LATER, Network, Reached, over_api
from tests.station.test_api import UNIT, recorded


def test_the_socket_is_for_its_owner_and_his_group(tmp_path: Path) -> None:
    """0660 from the moment it has its name, whatever the umask; when the daemon has ended there is none."""
    old = os.umask(0)
    try:
        with doorways(tmp_path / "here" / "line.sock", None, tmp_path):
            assert (tmp_path / "here" / "line.sock").stat().st_mode & 0o777 == 0o660
            assert [each.name for each in (tmp_path / "here").iterdir()] == ["line.sock"]
    finally:
        os.umask(old)
    assert not (tmp_path / "here" / "line.sock").exists()


def test_a_folder_that_anybody_may_write_to_has_no_door(tmp_path: Path) -> None:
    """There anybody could put his own socket in its place."""
    tmp_path.chmod(0o777)
    with pytest.raises(RefusalError, match="anybody"), doorways(tmp_path / "line.sock", None, tmp_path):
        pass


def test_what_a_dead_daemon_left_is_replaced(tmp_path: Path) -> None:
    """A socket that nobody listens at."""
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "line.sock"))
    left.close()
    with doorways(tmp_path / "line.sock", None, tmp_path) as (way,), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(tmp_path / "line.sock"))
        assert way.context is None


def test_a_file_of_somebody_is_not_replaced(tmp_path: Path) -> None:
    """What is no socket stays as it is, and so does one at which another daemon listens."""
    (tmp_path / "line.sock").write_text("mine")
    with pytest.raises(RefusalError, match=r"line\.sock"), doorways(tmp_path / "line.sock", None, tmp_path):
        pass
    assert (tmp_path / "line.sock").read_text() == "mine"
    with doorways(tmp_path / "a.sock", None, tmp_path):
        with pytest.raises(RefusalError, match="listens"), doorways(tmp_path / "a.sock", None, tmp_path):
            pass
        assert (tmp_path / "a.sock").is_socket()


def test_a_path_that_is_too_long_is_said_to_be(tmp_path: Path) -> None:
    """The kernel has room for 107 bytes; the text says what to do."""
    with pytest.raises(RefusalError, match="too long"), doorways(tmp_path / ("x" * 120), None, tmp_path):
        pass


@pytest.fixture
def network(tmp_path: Path) -> Network:
    """Certificates and tokens."""
    return Network.made(tmp_path)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "key.pem").chmod(0o640), "key.pem may be read by others"),
        (lambda folder: (folder / "tokens.toml").chmod(0o644), "tokens.toml may be read by others"),
        (lambda folder: (folder / "tokens.toml").unlink(), "tokens.toml cannot be read"),
        (lambda folder: (folder / "cert.pem").unlink(), "cannot be served"),
        (lambda folder: (folder / "cert.pem").write_text("x"), "cannot be served"),
        (lambda folder: (folder / "key.pem").write_text("x"), "cannot be served"),
    ],
)
def test_no_door_is_opened_that_would_not_lock(network: Network, spoil: Any, said: str) -> None:
    """What is wrong with its key, its certificate or its tokens is said at the start, and no port is opened."""
    spoil(network.folder)
    entry = replace(ENTRY, listen="127.0.0.1:0")
    with pytest.raises(RefusalError, match=said), doorways(network.folder / "s", entry, network.folder):
        pass


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[token]]\nname = 'a'", "and nothing else"),
        ("token = 3", "something else"),
        ("token = [3]", "and nothing else"),
        ("[[tokens]]", "something else"),
        ("[[token]]\nname='a'\nrole='root'\ndigest='x'\nexpires=2030-01-01", "watch, operate, maintain"),
        ("[[token]]\nname='a'\nrole='watch'\ndigest='x'\nexpires=2030-01-01T00:00:00Z", "and nothing else"),
        ("[[token]]\nname='a b'\nrole='watch'\ndigest='x'\nexpires=2030-01-01", "and nothing else"),
        ("\x00", "cannot be read"),
    ],
)
def test_a_file_of_tokens_is_read_strictly(tmp_path: Path, text: str, said: str) -> None:
    """Or nobody is let in."""
    file = tmp_path / "tokens.toml"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(TokenError, match=said):
        read_tokens(file)


def test_a_token_is_kept_as_a_digest_in_a_file_of_ones_own(tmp_path: Path) -> None:
    """Each name once; a name is a name; a link to somewhere else is not followed."""
    file = tmp_path / "tokens.toml"
    token = add_token(file, "mes", "operate", LATER)
    assert len(token) >= 43
    assert token not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(TokenError, match="already"):
        add_token(file, "mes", "watch", LATER)
    with pytest.raises(TokenError, match="no name"):
        add_token(file, 'x"\nrole = "maintain', "watch", LATER)
    (tmp_path / "link.toml").symlink_to(file)
    with pytest.raises(TokenError, match="cannot be read"):
        read_tokens(tmp_path / "link.toml")
    assert [each.name for each in read_tokens(file)] == ["mes"]


def test_a_client_asks_over_the_network_as_over_the_socket(network: Network) -> None:
    """With a token and the certificate of who signed; what he may not do he is told, whom he does not trust he does not ask."""
    record = recorded(network.folder)

    async def use(api: Reached) -> list[Any]:
        def asked() -> list[Any]:
            url = f"https://127.0.0.1:{api.port}"
            daemon = Daemon(url=url, token=network.tokens["watch"], ca=network.folder / "ca.pem")
            near = Daemon(api.socket)
            trace = [told.event for told in daemon.stream(f"/v1/runs/{record['run']}/events")]
            said: list[Any] = [daemon.ask("GET", "/v1/status") == near.ask("GET", "/v1/status"), trace[0], trace[-1]]
            with pytest.raises(DeniedError, match="the-watch may not do that"):
                daemon.ask("POST", "/v1/tickets", UNIT)
            with pytest.raises(DeniedError, match="no such run"):
                next(daemon.stream("/v1/runs/x/events"))
            with pytest.raises(NoDaemonError, match="CERTIFICATE_VERIFY_FAILED"):
                replace(daemon, ca=None).ask("GET", "/v1/status")
            with pytest.raises(NoDaemonError, match="https"):
                replace(daemon, url=url.replace("https", "http")).ask("GET", "/v1/status")
            with pytest.raises(NoDaemonError, match="station daemon starts one"):
                Daemon(network.folder / "none.sock").ask("GET", "/v1/status")
            return said

        return await asyncio.get_running_loop().run_in_executor(None, asked)

    assert over_api(network.folder, use, network) == [True, "RunStarted", "RunEnded"]
