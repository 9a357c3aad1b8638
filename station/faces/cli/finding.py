"""Finding the daemon: the options that say where it is, which every command shares that asks it something."""

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from station.faces.cli.options import F, Said, data_folder, option_station, plain_words

if TYPE_CHECKING:
    from station.asking import Daemon

_FILE = click.Path(path_type=Path, dir_okay=False)
_OPTIONS = (
    option_station,
    click.option("--data", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="The daemon's data folder, in which its socket is; else $STATION_DATA, else the user's data directory."),
    click.option("--socket", type=click.Path(path_type=Path), metavar="PATH", help="The daemon's socket itself."),
    click.option("--url", metavar="https://HOST:PORT", help="A daemon on another machine; needs --token-file."),
    click.option("--token-file", type=_FILE, metavar="FILE", help="A file that holds a token of `station token`, and that nobody else may read."),
    click.option("--ca", type=_FILE, metavar="FILE", help="The certificate of who signed the daemon's; else those that this machine trusts."),
)  # fmt: skip


def option_daemon(command: F) -> F:
    """--data, --station, --socket, --url with --token-file and --ca: the command is given the `daemon` that they mean.

    No daemon there ends with exit code 3, one that does not do it with 2.
    """

    @functools.wraps(command)
    def asking(
        station_file: str | None, data: Path | None, socket: Path | None, url: str | None,
        token_file: Path | None, ca: Path | None, **given: object,
    ) -> int:  # fmt: skip
        from station.asking import Daemon, DeniedError, NoDaemonError

        with plain_words():
            if sum(each is not None for each in (url, socket, data or station_file)) > 1:
                raise Said("one daemon at a time: --url, or --socket, or --data with or without --station", 2)
            if url is None and (token_file or ca):
                raise Said("--token-file and --ca belong to --url: over a socket, its permissions are the lock", 2)
            if url is not None:
                daemon = Daemon(url=url, token=_token(token_file), ca=ca)
            else:
                daemon = Daemon(socket or _socket(station_file, data))
            try:
                return int(command(daemon=daemon, **given))
            except NoDaemonError as nobody:
                raise Said(str(nobody), 3) from None
            except DeniedError as no:
                raise Said(str(no), 2) from None

    wrapped: Any = asking
    for add in reversed(_OPTIONS):
        wrapped = add(wrapped)
    found: F = wrapped
    return found


def said_by(daemon: "Daemon", method: str, path: str, *names: str, **body: object) -> dict[str, Any]:
    """What the daemon answers; `names` fill the places of the path."""
    from urllib.parse import quote

    filled = path.format(*(quote(each, safe="") for each in names))
    return daemon.ask(method, filled, {name: each for name, each in body.items() if each is not None} or None)


def _socket(station_file: str | None, data: Path | None) -> Path:
    from station.config.unattended import socket_of

    folder = data_folder(data)
    if station_file is None:
        return folder / "station.sock"
    from station.opening import load_station

    station, _ = load_station(station_file, simulated=True)
    return socket_of(station.daemon, station.document.file.parent, folder)


def _token(file: Path | None) -> str:
    if file is None:
        raise Said("--url needs --token-file: over a network the daemon wants to know who asks", 2)
    with file.open("rb") as opened:
        if os.fstat(opened.fileno()).st_mode & 0o077:
            raise Said(f"{file} may be read by others: chmod 600 {file.name}", 2)
        token = opened.read(1024).decode("ascii", "replace").strip()
    if not token.isascii() or not token.isprintable() or not token:
        raise Said(f"{file} holds no token: one line, as `station token` has printed it", 2)
    return token
