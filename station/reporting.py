"""Reports: a run out of the ledger, as files."""

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from sequences.cabling.cable import Cable
from station.catalog import families
from station.config.documents import read
from station.config.problems import BadDocuments
from station.config.product import structure_of
from station.keeping import kept
from station.ledger.history import History, RunRow, Which
from station.ledger.schema import FILE
from station.report.drawing import Drawing, drawing_of
from station.report.junit import render_junit, render_unrecorded
from station.report.page import render_html
from station.trace import Found

_DIGEST = re.compile(r"[0-9a-f]{16}")


def write_report(folder: Path, run: str, output: Path | None, picture: Path | None) -> list[Path] | None:
    """Write the report of a run, given by its id, the beginning of one, or `last`; the files, or None for no such run.

    Raises LedgerError, and PictureUnavailableError where no picture can be made. The cable is drawn as it was tested.
    """
    with closing(History(folder)) as history:
        found = [history.last()] if run == "last" else history.find(run, 2)
        if len(found) != 1 or found[0] is None:
            return None
        record, events = history.record(found[0]), history.events(found[0])
        given_up = history.thinned(found[0])
    drawing = drawn(folder, record["product_digest"])
    page = output or Path(f"report-{found[0]}.html")
    page.write_text(render_html(record, events, drawing, given_up), encoding="utf-8")
    if picture is None:
        return [page]
    from station.report.poster import render_png

    picture.write_bytes(render_png(record, drawing))
    return [page, picture]


def write_junit(file: Path, record: Mapping[str, Any], found: Iterable[Found]) -> None:
    """Write a run as JUnit XML, whole or not at all."""
    _whole(file, render_junit(record, found))


def write_unrecorded(file: Path, product: str, serial: str, verdict: str, reason: str) -> None:
    """Write what became no run as JUnit XML: one error."""
    _whole(file, render_unrecorded(product, serial, verdict, reason))


def _whole(file: Path, content: bytes) -> None:
    new = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        new.write_bytes(content)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


def runs(folder: Path, which: Which, limit: int) -> list[RunRow]:
    """The newest runs in a data folder; none where there is no ledger yet. Raises LedgerError."""
    if not (folder / FILE).exists():
        return []
    with closing(History(folder)) as history:
        return history.runs(which, limit)


def drawn(folder: Path, digest: str) -> Drawing | None:
    """The drawing of the product as it was tested; None when it is no cable, or its document was not kept."""
    if not _DIGEST.fullmatch(digest):
        return None
    try:
        structure = structure_of(read(kept(folder, digest)), families())
    except BadDocuments:
        return None
    return drawing_of(structure) if isinstance(structure, Cable) else None
