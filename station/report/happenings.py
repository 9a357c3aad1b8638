"""Happenings: the trace, one line of words for each event."""

from collections.abc import Sequence
from typing import NamedTuple

from station.report.plain import shortened
from station.report.quantities import exact, reading, seconds
from station.report.words import say
from station.trace import (
    Answered,
    Event,
    Found,
    MadeSafe,
    Measured,
    Observed,
    Prompted,
    Resumed,
    RunEnded,
    RunStarted,
    Sampled,
    Soaked,
    StepEnded,
    StepStarted,
)

MOST = 5000
LONGEST = 2000
"""Characters of one line."""


class Happening(NamedTuple):
    """When (seconds since the run began), the kind of event, and the event in words."""

    at: str
    kind: str
    text: str


def happenings(events: Sequence[Event]) -> tuple[list[Happening], int, list[Happening]]:
    """The first events, how many are left out after them, and the last ones."""
    if len(events) <= MOST:
        return [_happening(event) for event in events], 0, []
    half = MOST // 2
    return (
        [_happening(event) for event in events[:half]],
        len(events) - MOST,
        [_happening(event) for event in events[-half:]],
    )


def _happening(event: Event) -> Happening:
    kind, text = _told(event)
    when = 0.0 if isinstance(event, RunStarted) else event.at
    return Happening(f"{when:.3f}", say(kind), shortened(text, LONGEST))


def _told(event: Event) -> tuple[str, str]:
    match event:
        case Measured():
            return "e_measured", say("t_measured", title=_title(event), value=_read(event), verdict=event.verdict)
        case Observed():
            return "e_observed", say("t_observed", name=event.name, value=_read(event), by=event.by)
        case Sampled():
            return "e_sampled", say("t_sampled", title=_title(event), count=f"{len(event.values):,}")
        case Found():
            return "e_found", say("t_found", text=event.text, cause=event.cause, where=event.where)
        case Prompted():
            return "e_prompted", event.text
        case Answered():
            return "e_answered", event.text
        case _:
            return _framed(event)


def _framed(event: RunStarted | StepStarted | StepEnded | Soaked | MadeSafe | Resumed | RunEnded) -> tuple[str, str]:
    match event:
        case RunStarted():
            unit = {"serial": event.serial, "part_number": event.part_number, "revision": event.revision}
            return "e_run", say("t_run", run=event.run, station=event.station, slot=event.slot, **unit)
        case StepStarted():
            return "e_step", say("t_step", step=event.step, attempt=f"{event.attempt}")
        case StepEnded():
            said = say("t_step_ended", step=event.step, attempt=f"{event.attempt}", verdict=event.verdict)
            return "e_step_ended", _because(said, event.reason)
        case Soaked():
            return "e_soaked", say("t_soaked", step=event.step, seconds=seconds(event.seconds))
        case MadeSafe():
            told = "; ".join((*filter(None, [event.why]), *event.refusals))
            return "e_safe", _because(f"{event.verdict}, {seconds(event.seconds)}", told)
        case Resumed():
            said = say("t_resumed", gap=seconds(event.gap), earned=seconds(event.earned), turns=f"{event.turns}")
            return "e_resumed", _because(said, event.reason)
        case RunEnded():
            return "e_run_ended", _because(event.verdict, event.reason)


def _because(said: str, reason: str) -> str:
    return say("t_because", said=said, reason=reason) if reason else said


def _title(event: Measured | Sampled) -> str:
    return f"{event.name}[{event.point}]" if event.point else event.name


def _read(event: Measured | Observed) -> str:
    if event.value is not None and event.state == "ok":
        return exact(event.value, event.unit, event.uncertainty)
    return reading(event.value, event.unit, event.uncertainty, event.state)
