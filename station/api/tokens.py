"""Tokens: who may ask over TCP, and what. Only their digests are kept, in a file that nobody else may read."""

import hashlib
import hmac
import os
import secrets
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from station.config.names import NAME, SPOKEN
from station.config.problems import shown

ROLES: Final = ("watch", "operate", "maintain")
"""Each may do what those before it may: look; hand in, stop and abort; drain, reload and release."""
FREE_TRIES: Final = 5
"""Wrong tokens from one address that cost nothing."""
LONGEST: Final = 300.0
"""Seconds that an address waits at most."""
_MOST_ADDRESSES: Final = 1024


class TokenError(Exception):
    """The file of tokens cannot be used. Nobody is let in."""


@dataclass(frozen=True, slots=True)
class Token:
    """One who may ask."""

    name: str
    role: str
    digest: str
    expires: date


def digest_of(token: str) -> str:
    """What is kept of a token: it is 256 bits of chance, so that nothing slower is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def read_tokens(file: Path) -> list[Token]:
    """The tokens in a file. Raises TokenError."""
    try:
        fd = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as opened:
            if os.fstat(fd).st_mode & 0o077:
                raise TokenError(f"{file} may be read by others: chmod 600 {file.name}")
            document = tomllib.load(opened)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as odd:
        raise TokenError(f"{file} cannot be read: {odd}") from None
    if document.keys() - {"token"} or not isinstance(said := document.get("token", []), list):
        raise TokenError(f"{file} holds something else than tokens")
    return [_token(file, each) for each in said]


def add_token(file: Path, name: str, role: str, expires: date) -> str:
    """Make a token and keep its digest; it is told here and never again. Raises TokenError."""
    if not NAME.fullmatch(name):
        raise TokenError(f"{shown(name)} is no name of a token: {SPOKEN[NAME]}")
    known = read_tokens(file) if file.exists() else []
    if any(each.name == name for each in known):
        raise TokenError(f"{file} has a token called {name} already")
    token = secrets.token_urlsafe(32)
    known.append(Token(name, role, digest_of(token), expires))
    text = "# Digests of tokens, written by `station token`. Take one out, and it may not ask any more.\n" + "".join(
        f'\n[[token]]\nname = "{each.name}"\nrole = "{each.role}"\ndigest = "{each.digest}"\nexpires = {each.expires}\n'
        for each in known
    )
    new = file.with_name(f".{file.name}.new")
    try:
        new.unlink(missing_ok=True)
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as written:
            written.write(text)
            written.flush()
            os.fsync(fd)
        new.replace(file)
    except OSError as odd:
        raise TokenError(f"{file} cannot be written: {odd.strerror}") from None
    return token


def _token(file: Path, said: Any) -> Token:  # noqa: ANN401 (whatever TOML has)
    match said:
        case {"name": str(name), "role": str(role), "digest": str(digest), "expires": date() as expires, **rest} if (
            not rest and NAME.fullmatch(name) and role in ROLES and not isinstance(expires, datetime)
        ):
            return Token(name, role, digest, expires)
        case _:
            raise TokenError(
                f"{file}: a token has name, role ({', '.join(ROLES)}), digest and expires, and nothing else"
            )


@dataclass(eq=False)
class Lockout:
    """Addresses that have shown wrong tokens wait longer each time. A right token is never kept waiting."""

    _bad: dict[str, tuple[int, float]] = field(default_factory=dict)

    def wait(self, address: str, now: float) -> float:
        """Seconds until that address may try again."""
        tries, last = self._bad.get(address, (0, 0.0))
        pause = min(2.0 ** (tries - FREE_TRIES), LONGEST) if tries >= FREE_TRIES else 0.0
        return max(0.0, last + pause - now)

    def wrong(self, address: str, now: float) -> None:
        """A wrong token came from there."""
        tries, _ = self._bad.pop(address, (0, 0.0))
        if len(self._bad) >= _MOST_ADDRESSES:
            del self._bad[next(iter(self._bad))]
        self._bad[address] = (tries + 1, now)

    def right(self, address: str) -> None:
        """A right one did."""
        self._bad.pop(address, None)


def who(tokens: list[Token], shown: str, today: date) -> Token | None:
    """Whose token that is; every digest is compared, and each in constant time."""
    digest, found = digest_of(shown), None
    for each in tokens:
        if hmac.compare_digest(each.digest, digest) and each.expires >= today:
            found = each
    return found
