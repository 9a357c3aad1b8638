"""The run record: what is left of a run when its trace is folded. `rackproof.run/1` is a contract that people script against."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from station.trace import Event, Found, MadeSafe, Measured, RunEnded, RunStarted, StepEnded, StepStarted

NAME: Final = "rackproof.run/1"
ENDINGS: Final = ("PASSED", "FAILED", "ERROR", "ABORTED", "INTERRUPTED", "REFUSED")
"""The verdicts of a run."""
EARNED: Final = frozenset({"PASSED", "FAILED", "ABORTED"})
"""Those that hold only if they can be kept: a run whose end could not be written was shown as an ERROR, and is one."""
VERDICTS: Final = ("SKIPPED", "PASSED", "FAILED", "ERROR", "ABORTED")
"""The verdicts of a step and of a measurement."""
UNENDED: Final = "the run ended before this step did"


def fold(events: Iterable[Event]) -> dict[str, Any]:
    """The record of a run that has ended, from all its events in order. A pure function: same trace, same record.

    Raises ValueError when the trace does not begin with its only RunStarted and end with its only RunEnded, but for an ERROR
    that comes after an end which was shown as one because its writing had been reported as failed. Every attempt
    of a step is an entry; one that never ended counts as an ERROR. Durations are kept to the microsecond.
    """
    trace = tuple(events)
    started, ended = _ends(trace)
    attempts: list[_Attempt] = []
    latest: dict[str, _Attempt] = {}
    findings: list[dict[str, Any]] = []
    made_safe: dict[str, Any] | None = None
    for event in trace[1:-1]:
        match event:
            case StepStarted(at, step, number):
                attempts.append(_Attempt(step, number, at))
                latest[step] = attempts[-1]
            case Measured() | StepEnded():
                if event.step not in latest:
                    attempts.append(_Attempt(event.step, 1, event.at))
                    latest[event.step] = attempts[-1]
                latest[event.step].note(event)
            case Found():
                marks = {"marks": list(event.marks)} if event.marks else {}
                named = {"cause": event.cause, "where": event.where, "text": event.text, "confidence": event.confidence}
                findings.append(named | marks)
            case MadeSafe():
                refusals = {"refusals": list(event.refusals)} if event.refusals else {}
                made_safe = {"verdict": event.verdict, "seconds": _seconds(event.seconds)} | refusals
            case _:
                pass  # evidence, which stays in the trace
    return {
        "schema": NAME,
        "run": started.run,
        "verdict": ended.verdict,
        "reason": ended.reason,
        "started": started.started,
        "ended": ended.ended,
        "line_time_s": _seconds(ended.at),
        "uut": {"serial": started.serial, "part_number": started.part_number, "revision": started.revision},
        "product_digest": started.product_digest,
        "sequence": {"name": started.sequence, "digest": started.sequence_digest},
        "station": started.station,
        "slot": started.slot,
        "instruments": started.instruments,
        "simulated": started.simulated,
        "steps": [each.entry(ended.at) for each in attempts],
        "findings": findings,
        "made_safe": made_safe,
    }


@dataclass(slots=True)
class _Attempt:
    """One attempt of one step, while the trace is read."""

    name: str
    number: int
    since: float
    measurements: list[dict[str, Any]] = field(default_factory=list)
    ended: StepEnded | None = None

    def note(self, event: Measured | StepEnded) -> None:
        if isinstance(event, Measured):
            self.measurements.append(_measurement(event))
        else:
            self.ended = event

    def entry(self, run_ended: float) -> dict[str, Any]:
        end = self.ended or StepEnded(run_ended, self.name, self.number, "ERROR", UNENDED)
        return {
            "name": self.name,
            "verdict": end.verdict,
            "attempt": self.number,
            "reason": end.reason,
            "seconds": _seconds(end.at - self.since),
            "measurements": self.measurements,
        }


def _ends(trace: Sequence[Event]) -> tuple[RunStarted, RunEnded]:
    """A trace's first and last event, which make it a whole run."""
    match trace:
        case (RunStarted() as started, *within, RunEnded() as ended):
            if within and _does_not_hold(within[-1], ended):
                within = within[:-1]
            if not any(isinstance(event, RunStarted | RunEnded) for event in within):
                return started, ended
            raise ValueError(f"the trace of run {started.run} begins or ends more than once")
        case (RunStarted() as started, *_):
            raise ValueError(f"run {started.run} has not ended")
    raise ValueError("a trace begins with RunStarted")


def _does_not_hold(end: Event, last: RunEnded) -> bool:
    """Whether an end is put right by the last one: it had reached the file though its writing was reported as failed."""
    return isinstance(end, RunEnded) and end.verdict in EARNED and last.verdict == "ERROR"


def _measurement(event: Measured) -> dict[str, Any]:
    judged = {
        "name": event.name,
        "point": event.point,
        "value": event.value,
        "unit": event.unit,
        "uncertainty": event.uncertainty,
        "low": event.low,
        "high": event.high,
        "accept_low": event.accept_low,
        "accept_high": event.accept_high,
        "verdict": event.verdict,
    }
    return judged if event.state == "ok" else judged | {"state": event.state}


def _seconds(seconds: float) -> float:
    return round(seconds, 6)


_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "number"}
_PERHAPS: Final = {"type": ["number", "null"]}
_INSTANT: Final = {"type": "string", "format": "date-time"}


def _object(properties: dict[str, Any], *, optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """A closed object: every property is there, but for the optional ones, and no other."""
    return {
        "type": "object",
        "properties": properties | (optional or {}),
        "required": list(properties),
        "additionalProperties": False,
    }


def _array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


SCHEMA: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A folded run record",
    **_object(
        {
            "schema": {"const": NAME},
            "run": {"type": "string", "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"},
            "verdict": {"enum": list(ENDINGS)},
            "reason": _TEXT,
            "started": _INSTANT,
            "ended": _INSTANT,
            "line_time_s": _NUMBER | {"description": "seconds of the line's time; under --sim they are simulated"},
            "uut": _object({"serial": _TEXT, "part_number": _TEXT, "revision": _TEXT}),
            "product_digest": _TEXT,
            "sequence": _object({"name": _TEXT, "digest": _TEXT}),
            "station": _TEXT,
            "slot": _TEXT,
            "instruments": {"type": "object", "additionalProperties": _TEXT},
            "simulated": {
                "description": "null on real hardware",
                "anyOf": [{"type": "null"}, _object({"seed": {"type": "integer"}, "faults": _array(_TEXT)})],
            },
            "steps": _array(
                _object(
                    {
                        "name": _TEXT,
                        "verdict": {"enum": list(VERDICTS)},
                        "attempt": {"type": "integer", "minimum": 1},
                        "reason": _TEXT,
                        "seconds": _NUMBER,
                        "measurements": _array(
                            _object(
                                {
                                    "name": _TEXT,
                                    "point": _TEXT | {"description": "empty for the whole unit"},
                                    "value": _PERHAPS | {"description": "null when it is not a number: see state"},
                                    "unit": _TEXT,
                                    "uncertainty": _PERHAPS | {"description": "expanded (k = 2), in the same unit"},
                                    "low": _PERHAPS,
                                    "high": _PERHAPS,
                                    "accept_low": _PERHAPS,
                                    "accept_high": _PERHAPS,
                                    "verdict": {"enum": list(VERDICTS)},
                                },
                                optional={"state": {"enum": ["at-least", "over-range", "no-reading"]}},
                            )
                        ),
                    }
                )
            ),
            "findings": _array(
                _object(
                    {
                        "cause": _TEXT | {"description": "written as the fault catalogue writes it"},
                        "where": _TEXT | {"description": "places, joined by +"},
                        "text": _TEXT,
                        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
                    },
                    optional={"marks": _array(_TEXT)},
                )
            ),
            "made_safe": {
                "description": "null when nothing was energised",
                "anyOf": [
                    {"type": "null"},
                    _object(
                        {"verdict": {"enum": list(VERDICTS)}, "seconds": _NUMBER}, optional={"refusals": _array(_TEXT)}
                    ),
                ],
            },
        }
    ),
}
"""JSON Schema (2020-12) of what `fold` gives, as `station show schema/run` prints it."""
