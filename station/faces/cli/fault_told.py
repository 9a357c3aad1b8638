"""What is told of faults: of those that a bench can have, of those that none can have yet, and of those of the station itself."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from sim.catalogue.fault import Fault, Value
from sim.catalogue.station_faults import StationFault

WIDTH = 100
_INDENT = 4
_STATION = "station"
"""The family of faults that befall the station rather than a bench."""
_DOMAIN = {"C": "cabling", "P": "power", "K": "cooling", "I": "instrument, fixture or operator"}
"""The families of the domain's lists, by the letters of their entries."""
_MUST = {
    "cabling": "A unit with one of these must come out FAILED, and located.",
    "power": "A unit with one of these must come out FAILED, and located.",
    "cooling": "A unit with one of these must come out FAILED, and located.",
    "instrument": "With one of these no unit is judged: ERROR, or REFUSED before anything is energised.",
    "fixture": "With one of these no unit is judged: ERROR.",
    "operator": "With one of these no unit is judged: ERROR.",
}


def fault_rows() -> list[dict[str, Any]]:
    """Every fault: those that can be put in, those of the domain's lists that cannot yet, and the station's own."""
    from sim.catalogue.station_faults import STATION_FAULTS
    from sim.faults import catalogue, not_simulated

    rows = [fault_document(each) for each in catalogue()]
    rows += [
        {"name": name, "family": _DOMAIN[name[0]], "title": each.title, "simulated": False, "why": each.why}
        for name, each in not_simulated().items()
    ]
    return [*rows, *map(_station_document, STATION_FAULTS)]


def fault_document(fault: Fault) -> dict[str, Any]:
    """All that is known of a kind of fault."""
    value = fault.value
    return {
        "name": fault.name,
        "family": fault.family,
        "title": fault.title,
        "simulated": True,
        "where": fault.place.text,
        "value": f"{value.text}: {value}{_unsaid(value)}" if value else "",
        "unit": value.unit if value else "",
        "default": value.default if value else None,
        "severities": list(fault.severities),
        "when": _when(fault),
        "verdict": fault.verdict if fault.caught_by else "",
        "caught by": [name.replace("_", " ") for name in fault.caught_by],
        "told from": list(fault.told_from),
        "stands for": list(fault.stands_for),
    }


def fault_named(name: str) -> dict[str, Any] | None:
    """The fault of that name, or of that number in the lists (C13, F070)."""
    return next((row for row in fault_rows() if row["name"] == name), None)


def fault_lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    """The catalogue for people, family after family, then what is not simulated, then the station's own."""
    played = [row for row in rows if row["simulated"] and row["family"] != _STATION]
    for family in dict.fromkeys(row["family"] for row in played):
        yield from (family.upper(), _MUST[family], "")
        for row in (each for each in played if each["family"] == family):
            yield from _entry(row)
        yield ""
    yield from ("NOT SIMULATED YET", "No bench can have these; nobody should take silence for coverage.", "")
    for row in (each for each in rows if not each["simulated"] and each["family"] != _STATION):
        yield from _numbered(row, row["why"])
    yield from (
        "",
        "OF THE STATION ITSELF",
        "What befalls its wires, disk, clocks, process and people: what must become",
        "of a run, and what plays it.",
        "",
    )
    for row in (each for each in rows if each["family"] == _STATION):
        yield from _numbered(row, f"{row['verdict']}; {_player(row)}")


def _entry(row: dict[str, Any]) -> Iterator[str]:
    by = " or ".join(row["caught by"])
    yield row["name"]
    yield from _paragraph(row["title"])
    yield from _paragraph(f"where: {row['where']}")
    if row["value"]:
        yield from _paragraph(f"value: {row['value']}")
    if row["when"]:
        yield from _paragraph(f"when: {row['when']}")
    yield from _paragraph(f"{row['verdict']} by: {by}" if by else "nobody claims to catch it")
    yield from _paragraph(f"told from: {', '.join(row['told from'])}")


def _numbered(row: dict[str, Any], more: str) -> Iterator[str]:
    head = f"{row['name']:<6}"
    yield from wrap(f"{head}{row['title']}: {more}", WIDTH, subsequent_indent=" " * 6)


def _paragraph(text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent=" " * _INDENT, subsequent_indent=" " * (_INDENT + 2))


def _player(row: dict[str, Any]) -> str:
    """What plays a fault of the station, or why nothing does."""
    parts = (
        ("faults ", row["faults"]),
        ("disturbance ", row["disturbances"]),
        ("tests/", [row["tested"]] if row["tested"] else []),
    )
    return ", ".join(head + " ".join(names) for head, names in parts if names) or f"not simulated: {row['why']}"


def _station_document(row: StationFault) -> dict[str, Any]:
    return {
        "name": row.id,
        "family": _STATION,
        "layer": row.layer,
        "title": row.title,
        "simulated": not row.why,
        "verdict": row.outcome,
        "faults": list(row.faults),
        "disturbances": list(row.disturbances),
        "tested": row.tested,
        "why": row.why,
    }


def _unsaid(value: Value) -> str:
    return "" if value.default is None else f"; if nothing is written {value.default:g}"


def _when(fault: Fault) -> str:
    if fault.timed:
        return f"needs a time, as in @30s; it does not end: {fault.lasting}"
    if fault.lasting:
        return f"it does not end: {fault.lasting}"
    return f"@{fault.pattern} if nothing else is written" if fault.pattern else ""
