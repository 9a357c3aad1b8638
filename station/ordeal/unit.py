"""What is promised of the unit: its verdict is earned, by numbers that are what they seem."""

import math
from collections.abc import Iterator
from typing import Any

from sequences.measurement import Point
from station.ordeal.case import ROUNDED, Case
from station.ordeal.disturbance import ASKED, HARMLESS, Kind
from station.trace import MadeSafe, Measured, StepStarted

DEAF = frozenset({"silent", "late", "garbled", "short-reply", "link-closed", "busy", "failing"})
"""Troubles in which nothing that an instrument says afterwards is a reading."""


def verdict(case: Case) -> Iterator[str]:
    """A bad unit never passes, a good one never fails, and both get what they deserve when nothing that matters has struck."""
    verdict, fault = case.kept.verdict, case.ordeal.fault
    deserved = "FAILED" if fault or case.bad_by_itself else "PASSED"
    allowed = {deserved, *_excused(case)}
    if verdict and verdict not in allowed:
        yield f"{fault or 'a good unit'} is {verdict}; allowed: {', '.join(sorted(allowed))}"
    if not verdict and not (case.killed or case.seen.raised):
        yield "there is no record of a run that nobody refused"
    safe = case.first(MadeSafe)
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


def whole(case: Case) -> Iterator[str]:
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


def judged(case: Case) -> Iterator[str]:
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


def read(case: Case) -> Iterator[str]:
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
