"""Reports: a run out of the ledger, as files."""

from contextlib import closing
from pathlib import Path

from sequences.cabling.cable import Cable
from station.config.problems import BadDocuments
from station.config.shelf import UnknownName
from station.faces.report.drawing import Drawing, drawing_of
from station.faces.report.page import render_html
from station.ledger.history import History
from station.opening import usual_library


def write_report(folder: Path, run: str, output: Path | None, picture: Path | None) -> list[Path] | None:
    """Write the report of a run, given by its id, the beginning of one, or `last`; the files, or None for no such run.

    Raises LedgerError. The cable is drawn when its product file can still be read.
    """
    with closing(History(folder)) as history:
        found = [history.last()] if run == "last" else history.find(run, 2)
        if len(found) != 1 or found[0] is None:
            return None
        record, events = history.record(found[0]), history.events(found[0])
    drawing = drawn(record["uut"]["part_number"], record["uut"]["revision"])
    page = output or Path(f"report-{found[0]}.html")
    page.write_text(render_html(record, events, drawing), encoding="utf-8")
    if picture is None:
        return [page]
    from station.faces.report.poster import render_png

    picture.write_bytes(render_png(record, drawing))
    return [page, picture]


def drawn(part_number: str, revision: str) -> Drawing | None:
    """The drawing of a product; None when it is no cable, or its file is gone."""
    try:
        product = usual_library().product(f"{part_number}@{revision}")
    except (UnknownName, BadDocuments):
        return None
    return drawing_of(product.structure) if isinstance(product.structure, Cable) else None
