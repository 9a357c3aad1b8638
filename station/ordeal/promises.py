"""The promises, checked after every ordeal by what was put in and what was seen: nothing here asks the engine's judgement."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sequences.measurement import Point
from station.ordeal.disturbance import ASKED, HARMLESS, KILLS, Kind
from station.ordeal.kept import Kept
from station.ordeal.line import Product
from station.ordeal.ordeal import Ordeal
from station.ordeal.stage import Seen, Shown
from station.order import safe_plan
from station.trace import Event, MadeSafe, Measured, RunEnded, RunStarted, StepStarted

DEAF = frozenset({"silent", "late", "garbled", "short-reply", "link-closed", "busy", "failing"})
"""Troubles in which nothing that an instrument says afterwards is a reading."""
ROUNDED = 2e-6
"""Seconds by which the same time may differ where it is written down twice."""


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of one ordeal."""

    ordeal: Ordeal
    product: Product
    seen: Seen
    kept: Kept
    cut: Kept | None = None
    """What was left where the power was cut."""

    @property
    def kinds(self) -> frozenset[Kind]:
        """What struck."""
        idle = {Kind.DISK_FULL, Kind.FSYNC_FAILS} if not self.seen.refused and not self.killed else set()
        return frozenset(each.kind for _, each in self.seen.struck).difference(idle)

    @property
    def killed(self) -> bool:
        """Whether its process was killed."""
        return any(each.kind in KILLS for _, each in self.seen.struck)

    def when(self, *kinds: Kind) -> list[float]:
        """When disturbances of these kinds struck."""
        return [at for at, each in self.seen.struck if each.kind in kinds]


Promise = Callable[[Case], Iterator[str]]


def broken(case: Case) -> list[str]:
    """Every promise that this ordeal has broken, as sentences; none if all hold."""
    return [f"{name}: {text}" for name, promise in PROMISES.items() for text in promise(case)]


def _verdict(case: Case) -> Iterator[str]:
    """A bad unit never passes, a good one never fails, and both get what they deserve when nothing that matters has struck."""
    verdict, fault = case.kept.verdict, case.ordeal.fault
    deserved = "FAILED" if fault else "PASSED"
    allowed = {deserved, *_excused(case)}
    if verdict and verdict not in allowed:
        yield f"{fault or 'a good unit'} is {verdict}; allowed: {', '.join(sorted(allowed))}"
    if not verdict and not (case.killed or case.seen.raised):
        yield "there is no record of a run that nobody refused"
    safe = _first(case.seen.shown, MadeSafe)
    if safe is not None and verdict in {"PASSED", "FAILED"}:
        began = safe[0] - safe[1].seconds
        for at in case.when(Kind.ABORTED, Kind.CANCELLED):
            if at < began - ROUNDED:
                yield f"{verdict}, though it was given up {began - at:.3f} s before it was made safe"


def _excused(case: Case) -> Iterator[str]:
    """The verdicts that what struck excuses."""
    kinds = case.kinds
    if case.killed:
        yield "INTERRUPTED"
    if kinds & ASKED or case.killed:  # of what else befell a process that was killed nobody tells
        yield "ABORTED"
    if kinds - HARMLESS - ASKED or case.killed:
        yield "ERROR"
    if Kind.TROUBLE in kinds or case.killed:
        yield "REFUSED"


def _whole(case: Case) -> Iterator[str]:
    """A unit that has passed has every declared measurement, each a number inside its limits by its own uncertainty."""
    record = case.kept.record
    if record is None or record["verdict"] != "PASSED":
        return
    order = case.product.order
    taken: dict[tuple[str, str], list[dict[str, Any]]] = {}
    last = {step["name"]: step for step in record["steps"]}
    for step in last.values():
        if step["verdict"] != "PASSED":
            yield f"PASSED with the step {step['name']} {step['verdict']}"
        for each in step["measurements"]:
            taken.setdefault((each["name"], each["point"]), []).append(each)
    for step in order.sequence.every_step():
        for measurement in step.measurements:
            for where in measurement.points(order.product.structure):
                point = measurement.of(where)
                found = taken.get((measurement.name, where), [])
                if not found:
                    yield f"PASSED without {point}"
                yield from (f"PASSED with {point} {why}" for each in found for why in _outside(each, point, case))


def _outside(each: dict[str, Any], point: Point, case: Case) -> Iterator[str]:
    value, limit = each["value"], case.product.order.limits[point]
    if (each["low"], each["high"], each["unit"]) != (limit.low, limit.high, limit.unit):
        yield f"judged by {each['low']} to {each['high']} {each['unit']}, declared are {limit.low} to {limit.high} {limit.unit}"
    if (
        value is None
        or not math.isfinite(value)
        or each["uncertainty"] is None
        or not math.isfinite(each["uncertainty"])
    ):
        yield f"that is no number ({each.get('state', 'ok')})"
        return
    if each.get("state") == "at-least":
        if limit.high is not None or limit.low is None or value < limit.low:
            yield f"of which only 'at least {value:g}' is known"
        return
    low, high = each["accept_low"], each["accept_high"]
    if limit.low is not None and not (low is not None and limit.low <= low <= value):
        yield f"at {value:g}, accepted from {low}, allowed from {limit.low:g}"
    if limit.high is not None and not (high is not None and value <= high <= limit.high):
        yield f"at {value:g}, accepted to {high}, allowed to {limit.high:g}"


def _judged(case: Case) -> Iterator[str]:
    """Whatever the run came to: no measurement is PASSED but a number inside its limits, and none FAILED but one outside."""
    for each in case.kept.events:
        if isinstance(each, Measured) and each.verdict in {"PASSED", "FAILED"} and each.state != "at-least":
            if each.value is None or not math.isfinite(each.value):
                yield f"{each.name}[{each.point}] is {each.verdict} without a number ({each.state})"
                continue
            inside = (each.accept_low is None or each.value >= each.accept_low) and (
                each.accept_high is None or each.value <= each.accept_high
            )
            if inside is not (each.verdict == "PASSED"):
                yield f"{each.name}[{each.point}] is {each.verdict} at {each.value:g}"


def _read(case: Case) -> Iterator[str]:
    """Nothing is measured with an instrument that is dead since before the step began."""
    dead: dict[str, float] = {}
    for at, each in sorted(case.seen.struck, key=lambda both: both[0]):
        if each.kind is Kind.TROUBLE:
            name, _, rest = each.what.partition(":")
            device = rest.partition("@")[0]
            dead.pop(device, None)
            if name in DEAF:
                dead[device] = at
    began = 0.0
    for at, event in case.seen.shown:
        if isinstance(event, StepStarted):
            began = at
        elif isinstance(event, Measured) and event.verdict in {"PASSED", "FAILED"}:
            for device in dead.keys() & set(event.by.split("+")):
                if dead[device] < began:
                    yield f"{event.name}[{event.point}] was read from {device}, dead {began - dead[device]:.3f} s before the step"


def _safe(case: Case) -> Iterator[str]:
    """Made safe exactly once, and in time. What a killed process leaves on is for its next start to find."""
    if case.killed:
        return
    made = _made_safe(case)
    ran = any(isinstance(event, StepStarted) for event in case.kept.events)
    if len(made) > 1 or (ran and not made):
        yield f"it was made safe {len(made)} times"
    longest = _longest(case)
    for event in made:
        if event.seconds > longest + ROUNDED:
            yield f"making safe took {event.seconds:.3f} s, at most {longest:.3f} s were promised"


def _off(case: Case) -> Iterator[str]:
    """In the end nothing is on, by what the plants saw, but what the record names."""
    named = " ".join(text for event in _made_safe(case) for text in event.refusals)
    for device, what in case.seen.energised.items():
        if device not in named:
            yield f"{device} is on in the end and nobody says so: {', '.join(what[:5])}"
        if case.kept.verdict in {"PASSED", "FAILED"}:
            yield f"{case.kept.verdict}, and {device} is on in the end"
    if case.seen.cooled is not None and case.seen.cooled.dry:
        yield "the heater was on while the coolant stood"
    if case.seen.cooled is not None and case.seen.cooled.turning and not named:
        yield "a pump still turns and nobody says so"


def _made_safe(case: Case) -> list[MadeSafe]:
    return [event for event in case.kept.events if isinstance(event, MadeSafe)]


def _longest(case: Case) -> float:
    known = case.product.prepared.station.instruments
    plan = safe_plan(case.product.order, {name: each.safe_within for name, each in known.items()})
    slept = sum(float(each.what) for _, each in case.seen.struck if each.kind is Kind.SUSPENDED)
    return plan.longest + slept


def _kept(case: Case) -> Iterator[str]:
    """What was shown is in the ledger, once and sound."""
    seen, kept = case.seen, case.kept
    yield from kept.problems
    if len(kept.verdicts) > 1:
        yield f"one attempt has {len(kept.verdicts)} records"
    if seen.shown and not kept.verdicts:
        yield f"the run has vanished: {len(seen.shown)} events of it were shown"
    if kept.verdict == "going on" or (kept.verdict == "INTERRUPTED" and not case.killed):
        yield f"it has ended, and the ledger calls it {kept.verdict}"
    if seen.verdict and kept.verdicts and seen.verdict != kept.verdict:
        yield f"{seen.verdict} was shown, {kept.verdict} is kept"
    shown = [event for _, event in seen.shown if not isinstance(event, RunEnded)]
    lost = _lost(shown, kept.events)
    if lost is not None:
        yield f"was shown and is not kept: {lost}"
    ends = [event.verdict for event in kept.events if isinstance(event, RunEnded)]
    if len(ends) > 1 and (Kind.FSYNC_FAILS not in case.kinds or ends[1:] != ["ERROR"]):
        yield f"it has ended {len(ends)} times: {', '.join(ends)}"
    if seen.record is not None and kept.record is not None and not case.kinds & {Kind.DISK_FULL, Kind.FSYNC_FAILS}:
        differs = sorted(key for key in seen.record if seen.record[key] != kept.record.get(key))
        if differs:
            yield f"the record that was given and the one that is kept differ in {', '.join(differs)}"
    if seen.record is not None and seen.record["verdict"] != seen.verdict:
        yield f"the record says {seen.record['verdict']}, the listener was shown {seen.verdict or 'nothing'}"


def _survives(case: Case) -> Iterator[str]:
    """A verdict that was shown survives the machine; a run that had none by then is interrupted, or had not begun."""
    if case.cut is None:
        return
    yield from case.cut.problems
    if case.seen.refused:
        return  # a disk that refuses, and then loses its power: what it had not taken, or had not synced, may be there or not
    shown = [event for _, event in case.seen.shown[: case.seen.shown_before]]
    ends = [event.verdict for event in shown if isinstance(event, RunEnded)]
    allowed = {ends[0]} if ends else {"INTERRUPTED", ""}
    if case.cut.verdict not in allowed:
        yield f"{ends[0] if ends else 'no verdict'} was shown when the power was cut; what is left says {case.cut.verdict or 'nothing'}"


def _lost(shown: Iterable[Event], kept: Iterable[Event]) -> Event | None:
    """The first event that was shown and is not kept at its place."""
    rest = iter(kept)
    return next((each for each in shown if not any(each == other for other in rest)), None)


def _timed(case: Case) -> Iterator[str]:
    """Durations are the loop's, whatever the wall clock says."""
    began, ended = _first(case.seen.shown, RunStarted), _first(case.seen.shown, RunEnded)
    if began is None or ended is None or case.kept.record is None:
        return
    took, said = ended[0] - began[0], case.kept.record["line_time_s"]
    if abs(took - said) > ROUNDED:
        yield f"it took {took:.6f} s and the record says {said:.6f} s"
    if any(step["seconds"] < 0.0 or step["seconds"] > took + ROUNDED for step in case.kept.record["steps"]):
        yield "a step took longer than the run, or less than nothing"


def _left(case: Case) -> Iterator[str]:
    """Nothing is left behind."""
    yield from case.seen.left
    yield from (
        f"a second start was not refused: {each}" for each in case.seen.second if not each.startswith("refused")
    )


def _first(shown: list[Shown], kind: type[Any]) -> tuple[float, Any] | None:
    return next(((at, event) for at, event in shown if isinstance(event, kind)), None)


PROMISES: dict[str, Promise] = {
    "verdict": _verdict,
    "whole": _whole,
    "judged": _judged,
    "read": _read,
    "safe": _safe,
    "off": _off,
    "kept": _kept,
    "survives": _survives,
    "timed": _timed,
    "left": _left,
}
"""Each by its word, which comes first in what is said of a broken one."""
