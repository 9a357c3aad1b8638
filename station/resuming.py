"""Resuming: from the trace of an interrupted run to what of it counts when it goes on, or why it does not. Pure: no clock, no file.

Nothing that was not sure is credited. A run that had failed, erred, or begun to end is never gone on with, nor is one of which
anything is not what it was.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sequences.sequence import Sequence as Test
from sequences.step import Step
from station.trace import (
    Event,
    Found,
    MadeSafe,
    Measured,
    Observed,
    Resumed,
    RunEnded,
    RunStarted,
    Sampled,
    Soaked,
    StepEnded,
    StepStarted,
)

LONGEST_GAP: Final = 4 * 3600.0
"""Seconds after which a run is not gone on with: whatever lay there so long may have been moved, wetted or exchanged."""
MOST: Final = 5
"""Times that a run is resumed: a line that dies again and again while it tests a unit must not go on energising it."""

_SAME: Final = {
    "serial": "the unit",
    "part_number": "the part number",
    "revision": "the revision",
    "product_digest": "the product's file (its limits may have changed)",
    "sequence": "the sequence",
    "sequence_digest": "the sequence's source",
    "program": "the program's version",
    "station": "the station",
    "slot": "the slot",
}


@dataclass(frozen=True, slots=True)
class Credit:
    """What of an interrupted run counts when it goes on.

    `at` is the run's time now, `gap` how long nobody looked, in seconds. `attempts` says how many every step has had, by its
    name with its item. `earned` are seconds of soak and `seen` what was observed last in each part before, by the same name;
    `turns` are the steps of turns that need not be done again.
    """

    at: float
    gap: float
    step: str
    attempts: Mapping[str, int] = field(default_factory=dict)
    earned: Mapping[str, float] = field(default_factory=dict)
    seen: Mapping[str, tuple[Observed, ...]] = field(default_factory=dict)
    turns: frozenset[str] = frozenset()
    seconds: float = 0.0
    """Of soak, in all: in turns that need not be done again, and earned in others."""
    whole: int = 0
    """Turns that need not be done again."""

    def told(self, when: str, reason: str) -> Resumed:
        """As the trace says it."""
        return Resumed(self.at, when, self.step, self.gap, self.seconds, self.whole, reason)


def since(started: RunStarted, now: datetime) -> float:
    """Seconds by the wall clock since a run began; less than 0 where the clock says that it has not."""
    try:
        return (now - datetime.fromisoformat(started.started)).total_seconds()
    except (ValueError, TypeError):
        return -1.0


def last_known(events: Sequence[Event]) -> float:
    """The latest of a run's time that is known of it."""
    return max((0.0 if isinstance(each, RunStarted) else each.at for each in events), default=0.0)


def objection(events: Sequence[Event], test: Test, at: float) -> str:
    """Why an interrupted run does not go on, as far as its own trace and the time `at` say; empty: it may."""
    return next(_objections(events, test, at), "")


def changed(then: RunStarted, now: RunStarted) -> str:
    """What is not any more as it was when a run began, in words; empty: all is."""
    for name, what in _SAME.items():
        if getattr(then, name) != getattr(now, name):
            return f"{what} is not what it was"
    if (then.simulated is None) is not (now.simulated is None):
        return "what was simulated is real now, or the other way round"
    for name, digest in then.documents.items():
        if digest != now.documents.get(name) and not name.startswith("stations/"):
            return f"{name} is not what it was" if name in now.documents else f"{name} is not used any more"
    for name in then.instruments.keys() | now.instruments.keys():
        was, here = then.instruments.get(name, ""), now.instruments.get(name, "")
        if was != here:
            return f"{name} was {was or 'not there'} and is {here or 'not there'} now"
    return ""


def credit(events: Sequence[Event], test: Test, structure: Any, at: float) -> Credit:  # noqa: ANN401 (each family has its own)
    """What counts of a run to which there is no objection."""
    parts, attempts, passed = _parts(events)
    turns, whole = _turns(test, structure, passed)
    earned: dict[str, float] = {}
    seconds = 0.0
    for step, name in _named(test, structure):
        if step.earns is None or name not in parts:
            continue
        lasted = [each.soaked for each in parts[name]]
        if name in turns:
            seconds += max(lasted, default=0.0)
        else:
            earned[name] = step.earns.of(lasted)
            seconds += earned[name]
    seen = {
        name: tuple(observed for part in each for observed in part.seen.values())
        for name, each in parts.items()
        if name not in turns
    }
    last = last_known(events)
    where = next((each.step for each in reversed(events) if isinstance(each, StepStarted)), "")
    return Credit(at, at - last, where, attempts, earned, seen, turns, seconds, whole)


@dataclass(slots=True)
class _Part:
    """One attempt of a step: how long it has soaked for sure, and what it has observed last."""

    soaked: float = 0.0
    seen: dict[str, Observed] = field(default_factory=dict)


def _parts(events: Sequence[Event]) -> tuple[dict[str, list[_Part]], dict[str, int], set[str]]:
    """Each step's attempts, how many there were, and the steps whose last attempt has passed."""
    parts: dict[str, list[_Part]] = defaultdict(list)
    attempts: dict[str, int] = {}
    passed: set[str] = set()
    for event in events:
        match event:
            case StepStarted():
                parts[event.step].append(_Part())
                attempts[event.step] = max(event.attempt, attempts.get(event.step, 0))
                passed.discard(event.step)
            case StepEnded(verdict="PASSED"):
                passed.add(event.step)
            case Soaked() if event.step in parts:
                parts[event.step][-1].soaked = event.seconds
            case Observed() if event.step in parts:
                parts[event.step][-1].seen[event.name] = event
            case _:
                pass
    return dict(parts), attempts, passed


def _turns(test: Test, structure: Any, passed: set[str]) -> tuple[frozenset[str], int]:  # noqa: ANN401 (each family has its own)
    """The steps of turns that have passed as a whole, and how many turns those are."""
    found: list[list[str]] = []
    for loop in test.loops():
        for item in loop.items(structure) if loop.resumes else ():
            names = [f"{step.name}[{item}]" for step in loop.steps]
            if passed.issuperset(names):
                found.append(names)
    return frozenset(name for names in found for name in names), len(found)


def _named(test: Test, structure: Any) -> Iterator[tuple[Step, str]]:  # noqa: ANN401 (each family has its own)
    """Each step under each name that it has in a trace."""
    looped = set[Step]()
    for loop in test.loops():
        looped.update(loop.steps)
        yield from ((step, f"{step.name}[{item}]") for item in loop.items(structure) for step in loop.steps)
    yield from ((step, step.name) for step in test.every_step() if step not in looped)


def _ambiguous(test: Test) -> Iterator[str]:
    """Steps that may be credited, and whose name in a trace could be another's as well."""
    times = Counter(step.name for step in test.every_step())
    turns = {step for loop in test.loops() if loop.resumes for step in loop.steps}
    yield from (step.name for step in test.every_step() if times[step.name] > 1 and (step.earns or step in turns))


def _objections(events: Sequence[Event], test: Test, at: float) -> Iterator[str]:
    if not test.resumes:
        yield f"{test.name} does not allow it"
    for name in _ambiguous(test):
        yield f"{test.name} has {name} more than once: nobody can tell which of them counts"
    for event in events:
        yield from _of(event)
    if sum(isinstance(each, Resumed) for each in events) >= MOST:
        yield f"it was resumed {MOST} times already"
    if at < 0.0:
        yield "the clock says that it has not begun yet"
    gap = at - last_known(events)
    if gap < 0.0:
        yield f"the clock was set back: its last event lies {-gap:.0f} s ahead"
    if gap > LONGEST_GAP:
        yield f"nobody looked for {gap / 3600.0:.1f} h, {LONGEST_GAP / 3600.0:g} are allowed"


def _of(event: Event) -> Iterator[str]:
    """What speaks against going on in one event."""
    match event:
        case RunEnded():
            yield "it has ended"
        case MadeSafe(why=""):
            yield "it had begun to make safe"
        case Found():
            yield f"{event.step} had found something: {event.cause} {event.where}".rstrip()
        case StepEnded(verdict="FAILED" | "ERROR" | "ABORTED"):
            yield f"{event.step} had not passed: {event.verdict}"
        case StepEnded(verdict="SKIPPED"):
            yield f"{event.step} had been skipped"
        case Measured() if event.verdict != "PASSED":
            yield f"{event.step} had a measurement outside its limits: {event.name}"
        case Sampled() if event.verdict != "PASSED":
            what = (
                "a sample outside its limits" if event.verdict else "samples of which nobody knows whether they passed"
            )
            yield f"{event.step} had {what}: {event.name}"
        case _:
            pass
