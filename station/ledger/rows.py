"""Rows: what the typed tables say of a run. They say nothing that its trace does not say."""

from collections.abc import Callable
from typing import Any, Final

from station.trace import RunStarted

Row = tuple[Any, ...]
Record = dict[str, Any]

RUN: Final = "id, started, station, slot, serial, part_number, revision, sequence, simulated, ended, verdict, reason, line_time_s"
END: Final = "ended, verdict, reason, line_time_s"


def run(event: RunStarted, record: Record | None = None) -> Row:
    """The row RUN of a run; without a record it goes on."""
    uut = (event.serial, event.part_number, event.revision)
    fixed = (
        event.run,
        event.started,
        event.station,
        event.slot,
        *uut,
        event.sequence,
        int(event.simulated is not None),
    )
    return fixed + (end(record) if record is not None else (None, None, "", None))


def end(record: Record) -> Row:
    """The columns END of that row, once the run has ended."""
    return (record["ended"], record["verdict"], record["reason"], record["line_time_s"])


def _steps(record: Record) -> list[Row]:
    return [
        (record["run"], number, each["name"], each["verdict"], each["attempt"], each["reason"], each["seconds"])
        for number, each in enumerate(record["steps"], 1)
    ]


def _measurements(record: Record) -> list[Row]:
    return [
        (record["run"], step, number, *_measurement(each))
        for step, entry in enumerate(record["steps"], 1)
        for number, each in enumerate(entry["measurements"], 1)
    ]


def _measurement(each: Record) -> Row:
    value = (each["value"], each["unit"], each["uncertainty"], each.get("state", "ok"))
    limits = (each["low"], each["high"], each["accept_low"], each["accept_high"])
    return (each["name"], each["point"], *value, *limits, each["verdict"])


def _findings(record: Record) -> list[Row]:
    return [
        (record["run"], number, each["cause"], each["where"], each["text"], each["confidence"])
        for number, each in enumerate(record["findings"], 1)
    ]


FOLDED: Final[dict[str, tuple[str, Callable[[Record], list[Row]]]]] = {
    "step": ("run, number, name, verdict, attempt, reason, seconds", _steps),
    "measurement": (
        "run, step, number, name, point, value, unit, uncertainty, state, low, high, accept_low, accept_high, verdict",
        _measurements,
    ),
    "finding": ("run, number, cause, place, text, confidence", _findings),
}
"""The tables folded from a run that has ended: their columns, and their rows from its record, in order."""
