"""The run record: what is left of a run when its trace is folded. `rackproof.run/1` is a contract that people script against."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from sequences.rules import Rule
from station.contract import COUNT, DIALECT, INSTANT, NUMBER, PERHAPS, TEXT, closed, listed
from station.trace import Event, Found, MadeSafe, Measured, Resumed, RunEnded, RunStarted, StepEnded, StepStarted

NAME: Final = "rackproof.run/1"
ENDINGS: Final = ("PASSED", "FAILED", "ERROR", "ABORTED", "INTERRUPTED", "REFUSED")
"""The verdicts of a run."""
EARNED: Final = frozenset({"PASSED", "FAILED", "ABORTED"})
"""Those that hold only if they can be kept: a run whose end could not be written was shown as an ERROR, and is one."""
VERDICTS: Final = ("SKIPPED", "PASSED", "FAILED", "ERROR", "ABORTED")
"""The verdicts of a step and of a measurement."""
UNENDED: Final = "the run ended before this step did"
CUT_OFF: Final = "the station's process ended during this step; the run was resumed"


def fold(events: Iterable[Event]) -> dict[str, Any]:
    """The record of a run that has ended, from all its events in order. A pure function: same trace, same record.

    Raises ValueError when the trace does not begin with its only RunStarted and end with its only RunEnded, but for an ERROR
    that comes after an end which was shown as one because its writing had been reported as failed. Every attempt
    of a step is an entry; one that never ended counts as an ERROR. Durations are kept to the microsecond.
    """
    folding = Folding()
    for event in events:
        folding.take(event)
    return folding.record()


class Folding:
    """A fold that goes on while the run does: of each event it keeps what the record needs, and of samples nothing.

    So a burn-in of weeks takes as much memory as its judged measurements. `started` is None until the run has begun,
    `ended` until it has ended.
    """

    def __init__(self) -> None:
        self.started: RunStarted | None = None
        self.ended: RunEnded | None = None
        self._attempts: list[_Attempt] = []
        self._latest: dict[str, _Attempt] = {}
        self._findings: list[dict[str, Any]] = []
        self._made_safe: dict[str, Any] | None = None
        self._resumed: list[dict[str, Any]] = []

    def take(self, event: Event) -> None:
        """Take in the next event. Raises ValueError for one that cannot come next: a run begins once, and ends once."""
        if self.started is None:
            if not isinstance(event, RunStarted):
                raise ValueError("a trace begins with RunStarted")
            self.started = event
            return
        put_right = self.ended is not None and isinstance(event, RunEnded) and does_not_hold(self.ended, event)
        if isinstance(event, RunStarted) or (self.ended is not None and not put_right):
            raise ValueError(f"the trace of run {self.started.run} begins or ends more than once")
        match event:
            case StepStarted(at, step, number):
                self._begin(_Attempt(step, number, at))
            case Measured() | StepEnded():
                if event.step not in self._latest:
                    self._begin(_Attempt(event.step, 1, event.at))
                self._latest[event.step].note(event)
            case Found():
                self._findings.append(_finding(event))
            case MadeSafe() | Resumed():
                self._note(event)
            case RunEnded():
                self.ended = event
            case _:
                pass  # evidence, which stays in the trace

    def record(self) -> dict[str, Any]:
        """The record. Raises ValueError while the run has not ended."""
        started, ended = self.started, self.ended
        if started is None:
            raise ValueError("a trace begins with RunStarted")
        if ended is None:
            raise ValueError(f"run {started.run} has not ended")
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
            "steps": [each.entry(ended.at) for each in self._attempts],
            "findings": self._findings,
            "made_safe": self._made_safe,
        } | ({"resumed": self._resumed} if self._resumed else {})

    def _note(self, event: MadeSafe | Resumed) -> None:
        """The last that was made safe counts. Of a run that goes on, the step that was going on ended when it was last heard of."""
        if isinstance(event, MadeSafe):
            refusals = {"refusals": list(event.refusals)} if event.refusals else {}
            self._made_safe = {"verdict": event.verdict, "seconds": _seconds(event.seconds)} | refusals
            return
        last = self._attempts[-1] if self._attempts else None
        if last is not None and last.ended is None:
            last.ended = StepEnded(max(last.since, event.at - event.gap), last.name, last.number, "ERROR", CUT_OFF)
        told = {"at": event.resumed, "gap_s": _seconds(event.gap), "earned_s": _seconds(event.earned)}
        self._resumed.append(told | {"turns": event.turns, "step": event.step, "reason": event.reason})

    def _begin(self, attempt: "_Attempt") -> None:
        self._attempts.append(attempt)
        self._latest[attempt.name] = attempt


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


def _finding(event: Found) -> dict[str, Any]:
    named = {"cause": event.cause, "where": event.where, "text": event.text, "confidence": event.confidence}
    return named | ({"marks": list(event.marks)} if event.marks else {})


def does_not_hold(end: RunEnded, last: RunEnded) -> bool:
    """Whether an end is put right by the last one: it had reached the file though its writing was reported as failed."""
    return end.verdict in EARNED and last.verdict == "ERROR"


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
        "rule": event.rule,
        "verdict": event.verdict,
    }
    return judged if event.state == "ok" else judged | {"state": event.state}


def _seconds(seconds: float) -> float:
    return round(seconds, 6)


SCHEMA: Final[dict[str, Any]] = {
    "$schema": DIALECT,
    "title": "A folded run record",
    **closed(
        {
            "schema": {"const": NAME},
            "run": {"type": "string", "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"},
            "verdict": {"enum": list(ENDINGS)},
            "reason": TEXT,
            "started": INSTANT,
            "ended": INSTANT,
            "line_time_s": NUMBER | {"description": "seconds of the line's time; under --sim they are simulated"},
            "uut": closed({"serial": TEXT, "part_number": TEXT, "revision": TEXT}),
            "product_digest": TEXT,
            "sequence": closed({"name": TEXT, "digest": TEXT}),
            "station": TEXT,
            "slot": TEXT,
            "instruments": {"type": "object", "additionalProperties": TEXT},
            "simulated": {
                "description": "null on real hardware",
                "anyOf": [
                    {"type": "null"},
                    closed(
                        {"seed": {"type": "integer"}, "faults": listed(TEXT)},
                        optional={
                            "unit": {
                                "type": "integer",
                                "minimum": 1,
                                "description": "its number in the population; without one, the unit as drawn",
                            }
                        },
                    ),
                ],
            },
            "steps": listed(
                closed(
                    {
                        "name": TEXT,
                        "verdict": {"enum": list(VERDICTS)},
                        "attempt": {"type": "integer", "minimum": 1},
                        "reason": TEXT,
                        "seconds": NUMBER,
                        "measurements": listed(
                            closed(
                                {
                                    "name": TEXT,
                                    "point": TEXT | {"description": "empty for the whole unit"},
                                    "value": PERHAPS | {"description": "null when it is not a number: see state"},
                                    "unit": TEXT,
                                    "uncertainty": PERHAPS | {"description": "expanded (k = 2), in the same unit"},
                                    "low": PERHAPS,
                                    "high": PERHAPS,
                                    "accept_low": PERHAPS | {"description": "the lower end, drawn in by the rule"},
                                    "accept_high": PERHAPS | {"description": "the upper end, drawn in by the rule"},
                                    "verdict": {"enum": list(VERDICTS)},
                                },
                                optional={
                                    "rule": {
                                        "enum": [each.value for each in Rule],
                                        "description": "the decision rule; without it, u",
                                    },
                                    "state": {"enum": ["at-least", "over-range", "no-reading"]},
                                },
                            )
                        ),
                    }
                )
            ),
            "findings": listed(
                closed(
                    {
                        "cause": TEXT | {"description": "written as the fault catalogue writes it"},
                        "where": TEXT | {"description": "places, joined by +"},
                        "text": TEXT,
                        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
                    },
                    optional={"marks": listed(TEXT)},
                )
            ),
            "made_safe": {
                "description": "null when nothing was energised",
                "anyOf": [
                    {"type": "null"},
                    closed(
                        {"verdict": {"enum": list(VERDICTS)}, "seconds": NUMBER}, optional={"refusals": listed(TEXT)}
                    ),
                ],
            },
        },
        optional={
            "resumed": listed(
                closed(
                    {
                        "at": INSTANT | {"description": "when the run went on, after its process had died"},
                        "gap_s": NUMBER | {"description": "seconds since the last that was known of it"},
                        "earned_s": NUMBER | {"description": "seconds of soak from before that count"},
                        "turns": COUNT | {"description": "turns of loops from before that count"},
                        "step": TEXT | {"description": "where it was interrupted"},
                        "reason": TEXT,
                    }
                )
            )
        },
    ),
}
"""JSON Schema (2020-12) of what `fold` gives, as `station show schema/run` prints it."""
