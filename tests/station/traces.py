"""Traces to keep: small whole runs, with every kind of event in them."""

from dataclasses import replace
from datetime import UTC, datetime

from station.runid import run_id
from station.trace import (
    Answered,
    Event,
    Found,
    MadeSafe,
    Measured,
    Observed,
    Prompted,
    RunEnded,
    RunStarted,
    Sampled,
    StepEnded,
    StepStarted,
)

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def name(number: int) -> str:
    """The id of the run before which there were so many."""
    return run_id(BEGAN, "cell-2", b"%d" % number)


def started(run: str, **changes: object) -> RunStarted:
    """How a run of a simulated cable begins."""
    known = RunStarted(
        run=run,
        started=BEGAN.isoformat(),
        station="cell-2",
        slot="A",
        serial="SN1",
        part_number="PWR-WHIP-8",
        revision="C",
        product_digest="aa11",
        sequence="cable-continuity",
        sequence_digest="bb22",
        instruments={"ohms": "HIOKI RM3545 123"},
        simulated={"seed": 7, "faults": ["open:W3"]},
        steps=("zero", "conducts"),
    )
    return replace(known, **changes)  # type: ignore[arg-type] # each test knows the field it changes


def judged(at: float, step: str, point: str, value: float | None = 0.0123, state: str = "ok") -> Measured:
    """A judged resistance; 0.12 ohm is allowed."""
    verdict = "ERROR" if value is None else "PASSED" if value <= 0.119 else "FAILED"
    sure = None if value is None else 1e-4
    return Measured(at, step, "conduction", point, value, "ohm", sure, state, "ohms", None, 0.12, None, 0.119, verdict)


def step(at: float, called: str = "conducts", attempt: int = 1) -> list[Event]:
    """A step with one judged measurement."""
    return [
        StepStarted(at, called, attempt),
        judged(at + 0.25, called, "W3"),
        StepEnded(at + 0.5, called, attempt, "PASSED", ""),
    ]


def ended(at: float = 9.5, verdict: str = "PASSED", reason: str = "") -> RunEnded:
    """How it ends."""
    return RunEnded(at, "2026-01-01T00:00:09.500000+00:00", verdict, reason)


def whole(run: str, **changes: object) -> list[Event]:
    """A run that failed, with one of everything in its trace."""
    return [
        started(run, **changes),
        StepStarted(0.0, "zero", 1),
        Prompted(0.125, "zero", "Fit the shorting bar"),
        Answered(0.5, "zero", "done \N{GREEK SMALL LETTER OMEGA}\0"),
        Observed(0.75, "zero", "ambient", 21.5, "degC", 0.2, "ok", "thermo"),
        StepEnded(1.0, "zero", 1, "ERROR", "the link timed out", ("> :READ?\\n", "< ")),
        *step(1.0, "zero", 2),
        StepStarted(2.0, "conducts", 1),
        Sampled(2.5, "conducts", "voltage", "W3", "V", (2.0, 2.1, 2.2), (12.01, None, -0.0)),
        Sampled(2.75, "conducts", "voltage", "W3", "V", (2.3,), (11.875,)),
        judged(3.0, "conducts", "W1"),
        judged(3.25, "conducts", "W3", 1e9, "at-least"),
        Found(3.5, "conducts", "open", "W3", "open at J2 pin 3, 1.3 m from J1", 0.98, ("W3", "J2.3")),
        Found(3.5, "conducts", "high-resistance", "W1", "", 0.5, ()),
        StepEnded(4.0, "conducts", 1, "FAILED", "conduction[W3]"),
        MadeSafe(4.25, "PASSED", 0.01, ()),
        ended(4.25, "FAILED", "conducts: conduction[W3]"),
    ]
