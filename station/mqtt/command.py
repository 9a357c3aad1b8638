"""A command: what one may say, and nothing else. Whether its sender may say it is not looked at here."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from station.config.names import NAME, PART_NUMBER, REVISION, SHORT_NAME, is_title
from station.config.serials import SERIAL
from station.line.ticket import LEAST_URGENT, MOST_URGENT, USUAL
from station.mqtt.signing import SCHEMA
from station.runid import is_run_id

MOST_BYTES: Final = 8192
"""Of a command: none that says something needs as many."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")
_MAC = re.compile(r"[A-Za-z0-9+/]{43}=")


class Verb(StrEnum):
    """What can be commanded."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    ABORT = "abort"
    STOP = "stop"
    PAUSE = "pause"
    GO_ON = "go-on"
    DRAIN = "drain"
    RELOAD = "reload"


class NoCommand(ValueError):
    """These bytes are no command."""


@dataclass(frozen=True, slots=True)
class Command:
    """Empty where it says nothing. `run` is the one that is meant: nothing is done to another."""

    id: str
    do: Verb
    station: str
    by: str
    issued: datetime
    expires: datetime
    slot: str = ""
    product: str = ""
    serial: str = ""
    sequence: str = ""
    priority: int = USUAL
    ticket: str = ""
    run: str = ""
    reason: str = ""


_FORMS: Final[dict[str, Callable[[str], object]]] = {
    "schema": SCHEMA.__eq__,
    "id": _ID.fullmatch,
    "do": lambda text: text in set(Verb),
    "station": NAME.fullmatch,
    "by": NAME.fullmatch,
    "issued": _INSTANT.fullmatch,
    "expires": _INSTANT.fullmatch,
    "mac": _MAC.fullmatch,
    "slot": SHORT_NAME.fullmatch,
    "product": lambda text: _is_product(*text.split("@")),
    "serial": SERIAL.fullmatch,
    "sequence": NAME.fullmatch,
    "ticket": is_run_id,
    "run": is_run_id,
    "reason": lambda text: text and is_title(text),
}
_ALWAYS: Final = frozenset({"schema", "id", "do", "station", "by", "issued", "expires", "mac"})
_PLACE: Final = frozenset({"slot", "reason"})
WORDS: Final[dict[Verb, tuple[frozenset[str], frozenset[str]]]] = {
    Verb.SUBMIT: (frozenset({"product", "serial"}), frozenset({"slot", "sequence", "priority", "reason"})),
    Verb.WITHDRAW: (frozenset({"ticket"}), frozenset({"reason"})),
    Verb.ABORT: (frozenset(), _PLACE | {"run"}),
    Verb.STOP: (frozenset(), _PLACE | {"run"}),
    Verb.PAUSE: (frozenset(), _PLACE),
    Verb.GO_ON: (frozenset(), _PLACE),
    Verb.DRAIN: (frozenset(), frozenset({"reason"})),
    Verb.RELOAD: (frozenset(), frozenset({"reason"})),
}
"""Of each verb: what it needs, and what it may have besides."""


def members(payload: bytes) -> dict[str, str | int]:
    """What a payload says, every value of its form. Raises NoCommand, in words that show nothing of it but the names of keys."""
    if len(payload) > MOST_BYTES:
        raise NoCommand(f"{len(payload)} bytes; {MOST_BYTES} at most")
    try:
        said = json.loads(payload.decode(), object_pairs_hook=_once, parse_constant=_never)
    except NoCommand:
        raise
    except (ValueError, RecursionError):
        raise NoCommand("no JSON") from None
    if not isinstance(said, dict):
        raise NoCommand("no JSON object")
    for key, value in said.items():
        if key == "priority":
            if type(value) is not int or not LEAST_URGENT <= value <= MOST_URGENT:
                raise NoCommand(f"priority is a whole number from {LEAST_URGENT} to {MOST_URGENT}")
        elif key not in _FORMS or not isinstance(value, str) or not _FORMS[key](value):
            raise NoCommand(f"{key[:20]!a} is no key, or has a value that it cannot have")
    return _complete(said)


def command_of(said: dict[str, str | int]) -> Command:
    """The command of what `members` gave. Raises NoCommand for a day that no calendar has."""
    rest: dict[str, Any] = {key: value for key, value in said.items() if key not in {"schema", "mac"}}
    try:
        issued, expires = (datetime.fromisoformat(rest.pop(name)) for name in ("issued", "expires"))
    except ValueError:
        raise NoCommand("no such time") from None
    return Command(**{**rest, "do": Verb(rest["do"]), "issued": issued, "expires": expires})


def _complete(said: dict[str, str | int]) -> dict[str, str | int]:
    if missing := _ALWAYS - said.keys():
        raise NoCommand(f"{min(missing)} is missing")
    needed, allowed = WORDS[Verb(str(said["do"]))]
    if missing := needed - said.keys():
        raise NoCommand(f"{min(missing)} is missing")
    if odd := said.keys() - _ALWAYS - needed - allowed:
        raise NoCommand(f"{said['do']} has no {min(odd)}")
    return said


def _is_product(part_number: str, *revision: str) -> bool:
    return bool(
        PART_NUMBER.fullmatch(part_number)
        and (not revision or (len(revision) == 1 and REVISION.fullmatch(revision[0])))
    )


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) != len(pairs):
        raise NoCommand("a key is there twice")
    return named


def _never(constant: str) -> None:
    raise NoCommand(f"{constant} is not JSON")
