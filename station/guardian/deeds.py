"""Deeds: what a guardian has done, kept in a file of lines that survives whatever it was that made it act."""

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = "guardian"
FILE = "deeds.jsonl"


@dataclass(frozen=True, slots=True)
class Deed:
    """A slot that a guardian made safe: when, in which run, why.

    Where it has not `ended`, the guardian did not come to its end either, and nobody knows what is safe. `fenced` says how the
    daemon was ended; `refusals` what was not confirmed safe.
    """

    at: str
    slot: str
    run: str
    why: str
    ended: bool = False
    fenced: str = ""
    refusals: tuple[str, ...] = ()
    seconds: float = 0.0


def folder_of(data: Path) -> Path:
    """The guardian's folder in a data folder, made if need be; nobody else's."""
    folder = data / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def record(data: Path, each: list[Deed]) -> None:
    """Write down, on the disk before it returns. Raises OSError."""
    lines = [
        json.dumps({name: getattr(deed, name) for name in Deed.__slots__}, separators=(",", ":")) + "\n"
        for deed in each
    ]
    descriptor = os.open(folder_of(data) / FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, ("\n" + "".join(lines)).encode())  # what was torn before stays a line of its own
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def deeds(data: Path) -> list[Deed]:
    """All that was done and not forgotten, the oldest first: each run's slot once, as it was last written down."""
    found: dict[tuple[str, str], Deed] = {}
    with suppress(FileNotFoundError):
        for said in (data / FOLDER / FILE).read_bytes().split(b"\n"):
            if (deed := _deed(said)) is not None:
                found[deed.slot, deed.run] = deed
    return list(found.values())


def forget(data: Path) -> None:
    """What was done has been seen to."""
    with suppress(FileNotFoundError):
        (data / FOLDER / FILE).unlink()


def _deed(said: bytes) -> Deed | None:
    """What a line says; nothing where it is torn."""
    try:
        told: Any = json.loads(said)
        deed = Deed(**told | {"refusals": tuple(told["refusals"])})
        texts: list[Any] = [deed.at, deed.slot, deed.run, deed.why, deed.fenced, *deed.refusals]
        numbered = isinstance(told.get("seconds"), int | float) and isinstance(told.get("ended"), bool)
    except (ValueError, TypeError, KeyError):
        return None
    return deed if numbered and all(isinstance(each, str) for each in texts) else None
