"""Outcomes: what came of a case. Whether the fault was caught, where it was put, by which step, and when."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.catalogue.fault import PRODUCTS, Fault
from station.proving.case import Case
from station.trace import Event, Found, Measured, RunEnded, StepEnded

BAD = frozenset({"FAILED", "ERROR"})
KEPT = ("point", "value", "unit", "uncertainty", "low", "high", "accept_low", "accept_high", "rule", "verdict")
"""What is kept of a reading."""


@dataclass(slots=True)
class Watch:
    """A listener on one run: when, and in which step, something was first held against the unit or the station."""

    step: str = ""
    at: float | None = None

    def __call__(self, event: Event) -> None:
        """Hear an event."""
        if self.at is not None:
            return
        match event:
            case Found():
                self.step, self.at = event.step, event.at
            case Measured() | StepEnded() if event.verdict in BAD:
                self.step, self.at = event.step, event.at
            case RunEnded() if event.verdict != "PASSED":
                self.step, self.at = "identify", event.at
            case _:
                pass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case, of which `unit`. `located` is exact, near, elsewhere, or nowhere. `found` are the findings, written as faults are.

    `readings` are, for a good unit, the reading of each measurement that came closest to its limits.
    """

    number: int
    unit: int
    verdict: str
    caught: bool
    blamed: bool
    located: str
    step: str
    at: float | None
    line_time: float
    found: tuple[str, ...]
    reason: str
    readings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


Beside = Mapping[str, Collection[str]]
"""What else a place is called: the wires that end in a pin."""


def outcome(
    case: Case, fault: Fault | None, record: Mapping[str, Any], watch: Watch, beside: Beside | None = None
) -> Outcome:
    """What came of a case. A fault of the unit is caught by FAILED; one of the station by a run that judges no unit.

    `blamed`: the unit was failed although nothing is wrong with it.
    """
    verdict, findings = record["verdict"], record["findings"]
    of_unit = fault is not None and fault.family in PRODUCTS
    caught = fault is not None and (verdict == "FAILED" if of_unit else verdict in {"ERROR", "REFUSED"})
    return Outcome(
        case.number,
        case.unit,
        verdict,
        caught,
        verdict == "FAILED" and not of_unit,
        (_located(case, findings, beside or {}) if of_unit else _named(case, record)) if caught else "nowhere",
        watch.step,
        watch.at,
        record["line_time_s"],
        tuple(":".join(filter(None, (each["cause"], each["where"]))) for each in findings),
        record["reason"],
        {} if case.kind else _closest(record),
    )


def _located(case: Case, findings: Sequence[Mapping[str, Any]], beside: Beside) -> str:
    """How well a fault of the unit was located: by one finding, which says all, or by one among several."""
    there = _places(case.place)
    every = [
        (each["cause"], _places(each["where"]), _places(each["where"]) | set(each.get("marks", ())))
        for each in findings
    ]
    if [(cause, where) for cause, where, _ in every] == [(case.kind, there)]:
        return "exact"
    there = there.union(*(beside.get(place, ()) for place in there))
    if any(cause == case.kind or not there.isdisjoint(marks) for cause, _, marks in every):
        return "near"
    return "elsewhere" if findings else "nowhere"


def _places(where: str) -> set[str]:
    return set(filter(None, where.rpartition("/")[2].split("+")))


def _named(case: Case, record: Mapping[str, Any]) -> str:
    """Whether the reason names what is wrong at the station: the instrument, the mainframe of a relay, the point of the jig."""
    said = " ".join([record["reason"], *(step["reason"] for step in record["steps"])])
    names = {place.partition(".")[0] if "." in place else place for place in _places(case.place)}
    return "exact" if not names or _all_said(names, said) else "nowhere"


def _all_said(names: Collection[str], said: str) -> bool:
    return all(name in said for name in names)


def _closest(record: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Of each measurement the reading with the least room to its acceptance limits, in units of its uncertainty."""
    found: dict[str, dict[str, Any]] = {}
    for step in record["steps"]:
        for each in step["measurements"]:
            if each["value"] is None or not each["uncertainty"]:
                continue  # a bound carries its uncertainty in its value
            told = {key: each[key] for key in KEPT} | {"room": _room(each)}
            if each["name"] not in found or told["room"] < found[each["name"]]["room"]:
                found[each["name"]] = told
    return found


def _room(each: Mapping[str, Any]) -> float:
    """The room to the nearer acceptance limit, in expanded uncertainties."""
    ends: tuple[tuple[float | None, float], ...] = ((each["accept_low"], 1.0), (each["accept_high"], -1.0))
    value, uncertainty = float(each["value"]), float(each["uncertainty"])
    return min((value - end) * way for end, way in ends if end is not None) / uncertainty
