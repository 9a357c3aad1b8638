"""The part of a station file that `station daemon` reads: where work comes from, who may talk to it, where results go."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from station.config.names import SHORT_NAME, SPOKEN
from station.config.problems import Flaw, nearest, shown
from station.config.shapes import STRICT

_LISTEN = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):[0-9]{1,5}")
_BROKER = re.compile(r"mqtts?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?")
_LEVEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class TcpEntry:
    """The API over TCP: with TLS and tokens, or not at all."""

    __pydantic_config__: ClassVar[Any] = STRICT
    listen: str
    """HOST:PORT."""
    certificate: str
    """The server's certificate and those above it, PEM, relative to this file."""
    key: str
    """Its private key, PEM."""
    tokens: str
    """The file of tokens and their roles: `station token`."""
    hosts: list[str] = field(default_factory=list)
    """The names by which clients call this host, besides the one of `listen`; any other is refused."""


@dataclass(frozen=True, slots=True)
class DaemonEntry:
    """How the line runs by itself."""

    __pydantic_config__: ClassVar[Any] = STRICT
    socket: str = ""
    """The Unix socket of the API; else `station.sock` in the data folder."""
    tcp: TcpEntry | None = None
    """The API for other machines."""
    watch: str = ""
    """A folder into which job files are put, relative to this file."""
    scanner: str = ""
    """The instrument at which people scan a part number and a serial number."""
    most_mib: int = 0
    """The most that the data folder may hold; 0: whatever its disk has."""


@dataclass(frozen=True, slots=True)
class MqttEntry:
    """The broker, and what is told there. All files are relative to this file."""

    __pydantic_config__: ClassVar[Any] = STRICT
    broker: str
    """mqtts://HOST[:8883], or mqtt://HOST[:1883] on a network that nobody else is on."""
    root: str = "rackproof"
    """The first level of every topic; of Sparkplug's, the group."""
    payload: str = "json"
    """`json`, or `sparkplug` for Sparkplug B 3.0."""
    primary_host: str = ""
    """Of Sparkplug: the host application without which nothing is told; else it is told whoever listens."""
    client: str = ""
    """The client id; else one made of the station's name and this machine."""
    ca: str = ""
    """The certificate of who signed the broker's; else those that this machine trusts."""
    certificate: str = ""
    """This client's certificate, PEM."""
    key: str = ""
    """Its private key, PEM."""
    username: str = ""
    """The user, where the broker wants one."""
    password: str = ""
    """A file that holds the password."""
    commands: str = ""
    """A file with the keys of those who may command; without it nobody may."""
    receipts: bool = True
    """Whether a result is kept until its receiver has said that he has it."""
    telemetry_s: float = 1.0
    """Seconds between two batches of telemetry; 0: none."""


def socket_of(entry: DaemonEntry, folder: Path, data: Path) -> Path:
    """Where the API's Unix socket is, of a station file in `folder`."""
    return folder / entry.socket if entry.socket else data / "station.sock"


def odd_daemon(entry: DaemonEntry, instruments: Collection[str]) -> Iterator[Flaw]:
    """What is wrong with it, besides its types."""
    if entry.scanner and entry.scanner not in instruments:
        yield Flaw(("daemon", "scanner"), shown(entry.scanner), nearest(entry.scanner, instruments))
    if entry.most_mib and entry.most_mib < 64:
        yield Flaw(("daemon", "most_mib"), str(entry.most_mib), "0, or 64 and more")
    if entry.tcp and not _LISTEN.fullmatch(entry.tcp.listen):
        yield Flaw(("daemon", "tcp", "listen"), shown(entry.tcp.listen), "HOST:PORT")


def odd_mqtt(entry: MqttEntry) -> Iterator[Flaw]:
    """What is wrong with it, besides its types."""
    if not _BROKER.fullmatch(entry.broker):
        yield Flaw(("mqtt", "broker"), shown(entry.broker), "mqtts://HOST[:PORT] or mqtt://HOST[:PORT]")
    if not _LEVEL.fullmatch(entry.root):
        yield Flaw(("mqtt", "root"), shown(entry.root), "letters, digits, . _ and -, 64 at most")
    if entry.payload not in {"json", "sparkplug"}:
        yield Flaw(("mqtt", "payload"), shown(entry.payload), "json or sparkplug")
    if entry.primary_host and not _LEVEL.fullmatch(entry.primary_host):
        yield Flaw(("mqtt", "primary_host"), shown(entry.primary_host), "letters, digits, . _ and -, 64 at most")
    if entry.client and not SHORT_NAME.fullmatch(entry.client):
        yield Flaw(("mqtt", "client"), shown(entry.client), SPOKEN[SHORT_NAME])
    if bool(entry.certificate) is not bool(entry.key):
        yield Flaw(("mqtt", "certificate"), "one of certificate and key", "both, or none")
    if entry.telemetry_s < 0:
        yield Flaw(("mqtt", "telemetry_s"), str(entry.telemetry_s), "0 or more")
