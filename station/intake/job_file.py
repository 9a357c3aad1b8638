"""Job files: one unit that somebody wants tested, in TOML or JSON."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from station.config.documents import parsed
from station.config.names import NAME, PART_NUMBER, REVISION, SHORT_NAME, SPOKEN
from station.config.problems import BadDocuments, Flaw, Problem, field, shown, spelled
from station.config.serials import checked_serial
from station.config.shapes import STRICT, shape
from station.line.ticket import LEAST_URGENT, MOST_URGENT, USUAL
from station.orders import Request

MOST_BYTES = 64 * 1024
"""Bytes of the largest job file."""


@dataclass(frozen=True, slots=True)
class JobFile:
    """What a job file says. Names only: whether there are such a product and slot the line says."""

    __pydantic_config__: ClassVar[Any] = STRICT
    product: str
    """The part number, `PN` for its newest revision or `PN@REV`."""
    serial: str
    """The serial number on the unit's label."""
    slot: str | None = None
    """The slot; without it any free one that fits."""
    sequence: str | None = None
    """The sequence; without it the product's own."""
    priority: int = USUAL
    """0 to 9; the higher goes first."""

    @property
    def request(self) -> Request:
        """As the line takes it."""
        return Request(self.product, self.serial, self.slot, self.sequence)


def job_in(file: Path, raw: bytes) -> JobFile:
    """The job that `raw`, the bytes of `file`, says. Raises BadDocuments: line or field, what was found, what is allowed."""
    if len(raw) > MOST_BYTES:
        raise BadDocuments([Problem(spelled(file), 0, "", f"is larger than {MOST_BYTES // 1024} KiB")])
    try:
        text = raw.decode()
    except UnicodeDecodeError as odd:
        raise BadDocuments(
            [Problem(spelled(file), raw.count(b"\n", 0, odd.start) + 1, "", "is not UTF-8 text")]
        ) from None
    return _from_json(file, text) if file.suffix == ".json" else _from_toml(file, text)


def odd_names(job: JobFile) -> Iterator[Flaw]:
    """What is wrong with it, besides its types."""
    part_number, at, revision = job.product.partition("@")
    if not PART_NUMBER.fullmatch(part_number):
        yield Flaw(("product",), shown(job.product), SPOKEN[PART_NUMBER])
    elif at and not REVISION.fullmatch(revision):
        yield Flaw(("product",), shown(job.product), f"behind the @ {SPOKEN[REVISION]}")
    try:
        checked_serial(job.serial)
    except ValueError as odd:
        found, _, allowed = str(odd).removeprefix("found ").partition("; a serial number is ")
        yield Flaw(("serial",), found, allowed)
    if job.slot is not None and not SHORT_NAME.fullmatch(job.slot):
        yield Flaw(("slot",), shown(job.slot), SPOKEN[SHORT_NAME])
    if job.sequence is not None and not NAME.fullmatch(job.sequence):
        yield Flaw(("sequence",), shown(job.sequence), SPOKEN[NAME])
    if not LEAST_URGENT <= job.priority <= MOST_URGENT:
        yield Flaw(("priority",), shown(job.priority), f"{LEAST_URGENT} to {MOST_URGENT}")


def _from_toml(file: Path, text: str) -> JobFile:
    document = parsed(file, text)
    job, flaws = shape(JobFile, document.tables)
    document.require(flaws if job is None else odd_names(job))
    if job is None:
        raise AssertionError("what has no flaws has a shape")
    return job


class _OddError(Exception):
    """Something that JSON allows, or Python's reader does, and that nobody can mean: the last word of its kind, and why."""


def _from_json(file: Path, text: str) -> JobFile:
    name = spelled(file)
    try:
        given = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as odd:
        raise BadDocuments([Problem(name, odd.lineno, "", f"is not JSON: {odd.msg}")]) from None
    except _OddError as odd:
        word, why = odd.args
        raise BadDocuments([Problem(name, text.count("\n", 0, text.rfind(word)) + 1, "", why)]) from None
    except ValueError:
        raise BadDocuments([Problem(name, 0, "", "is not JSON: a number of thousands of digits")]) from None
    except RecursionError:
        raise BadDocuments([Problem(name, 0, "", "objects or arrays are nested too deeply")]) from None
    if not isinstance(given, dict):
        raise BadDocuments([Problem(name, 1, "", shown(given), "an object with product and serial")])
    job, flaws = shape(JobFile, given)
    flaws = flaws if job is None else list(odd_names(job))
    if job is None or flaws:
        raise BadDocuments(Problem(name, 0, field(each.where), each.found, each.allowed) for each in flaws)
    return job


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object each of whose keys is there once: of two, readers would believe different ones."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _OddError(json.dumps(key, ensure_ascii=False), f"the key {shown(key)} is there twice")
        found[key] = value
    return found


def _no_number(said: str) -> Any:  # noqa: ANN401 (it gives nothing)
    raise _OddError(said, f"{said} is no number of JSON")
