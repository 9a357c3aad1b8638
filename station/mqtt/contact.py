"""The contact: where the broker is, and how a station shows who it is there. Read again before each connection."""

import hashlib
import os
import socket
import ssl
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from station.config.station_file import Station

_MACHINE = Path("/etc/machine-id")
_PORTS = {"mqtt": 1883, "mqtts": 8883}


class ContactError(Exception):
    """A file that is needed for the connection cannot be used, and why."""


@dataclass(frozen=True, slots=True)
class Contact:
    """`certificate`, `key`, `ca` and `password` are files. `owner` is what the client id is made of, where there is none."""

    host: str
    port: int
    tls: bool
    client: str
    owner: str = ""
    username: str = ""
    password: Path | None = None
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    @classmethod
    def of(cls, station: Station, folder: Path) -> Self:
        """As the station file says; a client id that it leaves open is made of the station, the data folder and this machine."""
        entry = station.mqtt
        if entry is None:
            raise ValueError("the station file names no broker")
        url, beside = urlsplit(entry.broker), station.document.file.parent

        def file(name: str) -> Path | None:
            return beside / name if name else None

        return cls(
            url.hostname or "",
            url.port or _PORTS[url.scheme],
            url.scheme == "mqtts",
            entry.client or station.name[:40],
            "" if entry.client else str(folder),
            entry.username,
            file(entry.password),
            file(entry.ca),
            file(entry.certificate),
            file(entry.key),
        )

    def identity(self) -> str:
        """The client id. May block."""
        return f"{self.client}-{_machine(self.owner)}" if self.owner else self.client

    def secret(self) -> str | None:
        """The password. May block. Raises ContactError."""
        return None if self.password is None else _private(self.password).strip("\r\n")

    def context(self) -> "Named | None":
        """What a connection with TLS is made with. May block. Raises ContactError."""
        if not self.tls:
            return None
        context = Named(ssl.PROTOCOL_TLS_CLIENT)
        context.name = self.host
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            if self.ca is not None:
                context.load_verify_locations(self.ca)
            else:
                context.load_default_certs()
            if self.certificate is not None and self.key is not None:
                _private(self.key)
                context.load_cert_chain(self.certificate, self.key, password=_no_password)
        except (OSError, ValueError) as odd:
            raise ContactError(f"the certificates for {self.host} cannot be used: {odd}") from odd
        return context


class Named(ssl.SSLContext):
    """Asks for a certificate of `name`, by whatever address its owner is reached."""

    name: str
    made: ssl.SSLSocket | None = None
    """The last socket, which the library forgets to close when it is refused."""

    def wrap_socket(self, sock: socket.socket, **rest: object) -> ssl.SSLSocket:  # type: ignore[override] # all by name
        """As SSLContext does, for `name`."""
        rest["server_hostname"] = self.name
        self.made = super().wrap_socket(sock, **rest)  # type: ignore[arg-type] # as they were given
        return self.made


def _private(file: Path) -> str:
    """The text of a file that nobody but its owner may read."""
    try:
        with file.open(encoding="utf-8") as opened:
            if stat.S_IMODE(os.fstat(opened.fileno()).st_mode) & 0o077:
                raise ContactError(f"{file.name} holds a secret and others may read it: chmod 600 {file.name}")
            return opened.read(65536)
    except (OSError, UnicodeDecodeError) as odd:
        raise ContactError(f"{file.name} cannot be read: {odd}") from None


def _no_password() -> str:
    raise ValueError("the key is encrypted; a daemon has nobody to ask for its password")


def _machine(owner: str) -> str:
    """Eight digits that the same owner has on no other machine, nor another one on this."""
    name = _MACHINE.read_text("ascii") if _MACHINE.exists() else socket.gethostname()
    return hashlib.blake2b(f"{name.strip()} {owner}".encode(), digest_size=4).hexdigest()
