"""Comparison: a recorded trace and its replay, event by event.

Left out are what says where a record stands and by what it was made, not what happened: the run's id (it counts the runs
that came before in its ledger) and the versions, which are told apart.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import zip_longest
from typing import Any, Final

from station.trace import Event, MadeSafe, Resumed, RunEnded, RunStarted, Sampled, StepEnded, StepStarted

NAME: Final = "rackproof.replay/1"
LEFT_OUT: Final = frozenset({"run", "program", "documents", "product_digest", "sequence_digest"})


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a replay first leaves the record. `number` counts the events from 1; `field` is empty where one has no event.

    `kind`, `at` and `step` are those of the recorded event, or of the replayed one where nothing was recorded.
    """

    number: int
    kind: str
    at: float
    step: str
    field: str
    recorded: Any
    replayed: Any


@dataclass(frozen=True, slots=True)
class Version:
    """What is not as it was: its name, and what it was and is; empty where nothing was recorded."""

    what: str
    recorded: str
    replayed: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of a replay. Of the `recorded` events only the first `compared` ones were decided by the seed.

    `different` counts by kind the events that are not what they were, those that are missing or too many included.
    """

    run: str
    verdicts: tuple[str, str]
    recorded: int
    replayed: int
    compared: int
    first: Difference | None
    different: dict[str, int]
    versions: tuple[Version, ...]

    @property
    def same(self) -> bool:
        """Whether everything that was compared is as it was."""
        return self.first is None

    @property
    def said(self) -> dict[str, Any]:
        """As JSON says it."""
        return {
            "schema": NAME,
            "run": self.run,
            "same": self.same,
            "verdict": dict(zip(("recorded", "replayed"), self.verdicts, strict=True)),
            "events": {"recorded": self.recorded, "replayed": self.replayed, "compared": self.compared},
            "first": _said(self.first) if self.first is not None else None,
            "different": self.different,
            "versions": [_said(each) for each in self.versions],
        }


def compare(recorded: Sequence[Event], replayed: Sequence[Event]) -> Comparison:
    """Compare two whole traces, each from its RunStarted to its RunEnded."""
    (began, ended), (again, end) = _ends(recorded), _ends(replayed)
    pairs = list(zip_longest(recorded, replayed))
    compared = len(recorded)
    if _first(pairs) is not None:
        compared = decided(recorded)
        pairs = pairs[:compared] if compared < len(recorded) else pairs
    return Comparison(
        began.run,
        (ended.verdict, end.verdict),
        len(recorded),
        len(replayed),
        compared,
        _first(pairs),
        _counted(pairs),
        tuple(_versions(began, again)),
    )


def decided(trace: Sequence[Event]) -> int:
    """How many events of a trace the seed has decided: the moment of an abort, or of a process's death, is not in it."""
    ended = trace[-1]
    if (died := next((number for number, event in enumerate(trace) if _tells_death(event)), None)) is not None:
        return died
    if not isinstance(ended, RunEnded) or ended.verdict not in {"ABORTED", "INTERRUPTED"}:
        return len(trace)
    if ended.verdict == "INTERRUPTED":
        return len(trace) - 1
    number = next((number for number, event in enumerate(trace) if _tells_abort(event, ended.reason)), len(trace) - 1)
    while isinstance(trace[number - 1], Sampled | StepStarted):  # a chunk that was cut short, a step that was skipped
        number -= 1
    return number


def _tells_death(event: Event) -> bool:
    """Whether an event is the first that is told by the process after the one that died."""
    return isinstance(event, Resumed) or (isinstance(event, MadeSafe) and bool(event.why))


def _tells_abort(event: Event, reason: str) -> bool:
    """Whether an event is the first that an abort leads to; asked to stop, a run skips what would have come, and says why."""
    match event:
        case StepEnded(verdict="ABORTED") | MadeSafe():
            return True
        case StepEnded(verdict="SKIPPED"):
            return bool(event.reason) and reason.startswith(event.reason)
        case _:
            return False


def _ends(trace: Sequence[Event]) -> tuple[RunStarted, RunEnded]:
    match trace:
        case (RunStarted() as started, *_, RunEnded() as ended):
            return started, ended
    raise ValueError("only runs that have ended are compared")


_Pair = tuple[Event | None, Event | None]


def _first(pairs: Iterable[_Pair]) -> Difference | None:
    for number, (one, other) in enumerate(pairs, 1):
        if (found := _difference(one, other)) is not None:
            told = one if one is not None else other
            at, step = getattr(told, "at", 0.0), getattr(told, "step", "")
            return Difference(number, type(told).__name__, at, step, *found)
    return None


def _difference(one: Event | None, other: Event | None) -> tuple[str, Any, Any] | None:
    """The first field in which two events differ, and both its values."""
    if one is None or other is None or type(one) is not type(other):
        return "", _kind(one), _kind(other)
    for field in fields(one):
        was, now = getattr(one, field.name), getattr(other, field.name)
        if field.name not in LEFT_OUT and was != now:
            return field.name, was, now
    return None


def _kind(event: Event | None) -> str | None:
    return None if event is None else type(event).__name__


def _counted(pairs: Iterable[_Pair]) -> dict[str, int]:
    """Each kind's events are compared with one another in order: one that came in between puts no other kind out of step."""
    several: dict[str, tuple[list[Event], list[Event]]] = {}
    for pair in pairs:
        for side, event in enumerate(pair):
            if event is not None:
                several.setdefault(type(event).__name__, ([], []))[side].append(event)
    counts = Counter(
        kind
        for kind, (these, those) in several.items()
        for one, other in zip_longest(these, those)
        if _difference(one, other) is not None
    )
    return dict(counts)


def _versions(was: RunStarted, now: RunStarted) -> Iterator[Version]:
    told = {
        "program": (was.program, now.program),
        f"sequence {was.sequence}": (was.sequence_digest, now.sequence_digest),
    }
    then, today = ({_product(each): each.product_digest} | each.documents for each in (was, now))
    told |= {name: (then.get(name, ""), today.get(name, "")) for name in dict.fromkeys((*then, *today))}
    yield from (Version(what, *both) for what, both in told.items() if both[0] != both[1])


def _product(started: RunStarted) -> str:
    return f"products/{started.part_number}@{started.revision}.toml"


def _said(each: Difference | Version) -> dict[str, Any]:
    return {field.name: getattr(each, field.name) for field in fields(each)}
