"""The promises, checked after every ordeal by what was put in and what was seen: nothing here asks the engine's judgement."""

from collections.abc import Callable, Iterator

from station.ordeal import record, rest, unit
from station.ordeal.case import Case

PROMISES: dict[str, Callable[[Case], Iterator[str]]] = {
    "verdict": unit.verdict,
    "whole": unit.whole,
    "judged": unit.judged,
    "read": unit.read,
    "safe": rest.safe,
    "off": rest.off,
    "kept": record.kept,
    "survives": record.survives,
    "timed": record.timed,
    "left": rest.left,
}
"""Each by its word, which comes first in what is said of a broken one."""


def broken(case: Case) -> list[str]:
    """Every promise that this ordeal has broken, as sentences; none if all hold."""
    return [f"{name}: {text}" for name, promise in PROMISES.items() for text in promise(case)]
