"""Keys: who may command what, until when. A file of secrets: its mode is looked at, and nothing of it is ever told."""

import os
import stat
import tomllib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Self

from station.config.names import NAME, SPOKEN
from station.mqtt.command import Verb

MOST_BYTES: Final = 1 << 18
KEY_BYTES: Final = 32


class KeysError(Exception):
    """A file of keys cannot be used; why, in words for a person."""


@dataclass(frozen=True, slots=True)
class Key:
    """One commander's."""

    secret: bytes = field(repr=False)
    may: frozenset[Verb]
    until: datetime


@dataclass(frozen=True, slots=True)
class Keys:
    """By commander."""

    of: Mapping[str, Key] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The keys of a file. Raises KeysError. It blocks."""
        document = _document(path)
        return cls({name: _key(f"{path.name}: {name}", name, table) for name, table in document.items()})

    def with_key(self, name: str, key: Key) -> "Keys":
        """These and that one. Raises KeysError for a name that is none."""
        if not NAME.fullmatch(name):
            raise KeysError(f"{name[:80]!a} cannot be a commander: {SPOKEN[NAME]}")
        return Keys({**self.of, name: key})

    def write(self, path: Path) -> None:
        """Put them into a file that only its owner can read, in place of what was there. Raises OSError. It blocks."""
        lines = [
            "# Keys of those who may command this station. Keep it to yourself; `station command key` writes it.",
            "",
        ]
        for name, key in self.of.items():
            may = ", ".join(f'"{verb}"' for verb in Verb if verb in key.may)
            until = key.until.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            lines += [
                f'["{name}"]',
                f'key = "{b64encode(key.secret).decode()}"',
                f"may = [{may}]",
                f"until = {until}",
                "",
            ]
        put(path, "\n".join(lines))


@dataclass(frozen=True, slots=True)
class OwnKey:
    """What a commander keeps: his name and his key."""

    by: str
    secret: bytes = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Self:
        """That of a file. Raises KeysError. It blocks."""
        match _document(path):
            case {"by": str(by), "key": str(key), **rest} if not rest and NAME.fullmatch(by):
                return cls(by, _secret(path.name, key))
            case _:
                raise KeysError(f"{path.name}: by and key are needed, and nothing else")

    def write(self, path: Path) -> None:
        """Put it into a new file that only its owner can read. Raises OSError, also where there is a file. It blocks."""
        text = f'by = "{self.by}"\nkey = "{b64encode(self.secret).decode()}"\n'
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
            file.write(text)


def put(path: Path, text: str) -> None:
    """Write a file of mode 0600 at once, or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _document(path: Path) -> dict[str, Any]:
    """A file of secrets, as TOML: a plain file of ours, or root's, that nobody else can read or write."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise KeysError(f"{path.name} is no plain file")
            if stat.S_IMODE(found.st_mode) & 0o077:
                raise KeysError(
                    f"{path.name} has mode {stat.S_IMODE(found.st_mode):04o}, others could use it: chmod 0600"
                )
            if found.st_uid not in {os.geteuid(), 0}:
                raise KeysError(f"{path.name} belongs to somebody else")
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise KeysError(f"{path.name}: {error.strerror}") from None
    if len(raw) > MOST_BYTES:
        raise KeysError(f"{path.name} has more than {MOST_BYTES} bytes")
    try:
        return tomllib.loads(raw.decode())
    except (ValueError, RecursionError):
        raise KeysError(f"{path.name} is no TOML") from None  # not where: the text of the error could show a key


def _key(where: str, name: str, table: object) -> Key:
    if not NAME.fullmatch(name):
        raise KeysError(f"{where}: a commander is {SPOKEN[NAME]}")
    match table:
        case {"key": str(key), "may": list(may), "until": date() as until, **rest} if not rest:
            pass
        case _:
            raise KeysError(f"{where}: key, may and until are needed, and nothing else")
    if not all(isinstance(each, str) and each in set(Verb) for each in may):
        raise KeysError(f"{where}: may is some of {', '.join(Verb)}")
    if not isinstance(until, datetime):
        until = datetime(until.year, until.month, until.day, tzinfo=UTC)
    if until.tzinfo is None:
        raise KeysError(f"{where}: until needs its zone, as in 2027-01-01T00:00:00Z")
    return Key(_secret(where, key), frozenset(Verb(each) for each in may), until)


def _secret(where: str, key: str) -> bytes:
    try:
        secret = b64decode(key, validate=True)
    except ValueError:
        secret = b""
    if len(secret) < KEY_BYTES:
        raise KeysError(f"{where}: key is at least {KEY_BYTES} bytes in base64")
    return secret
