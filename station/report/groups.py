"""Groups: the measurements of a run, those of one step and name together, the bad ones first."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from markupsafe import Markup

from station.report.bars import bar, value_text
from station.report.judged import Judged, judged_of, text
from station.report.quantities import brief, span
from station.report.strips import strip
from station.report.terms import rule_short, terms
from station.report.words import say

OPEN = 24
"""Readings that did not pass, or only just, and are shown at once; the rest is folded."""
BARS = 100
"""Up to this many passing readings get a bar each; more are listed in figures."""


@dataclass(frozen=True, slots=True)
class Line:
    """One reading in the page."""

    point: str
    value: str
    terms: str
    """On which terms it was judged; empty where it passed beyond doubt."""
    verdict: str
    bar: Markup


@dataclass(frozen=True, slots=True)
class Group:
    """The readings of one measurement in one attempt of a step."""

    step: str
    name: str
    note: str
    single: bool
    good: bool
    verdict: str
    """The worst of its readings' verdicts."""
    summary: str
    reads: str
    limit: str
    strip: Markup
    open: tuple[Line, ...]
    more: tuple[Line, ...]
    folded: tuple[Line, ...]
    figures: tuple[tuple[str, str], ...]


def groups_of(record: Mapping[str, Any]) -> tuple[Group, ...]:
    """All groups: those with bad readings first, superseded attempts last."""
    steps = list(record.get("steps") or ())
    last = {text(step.get("name")): at for at, step in enumerate(steps)}
    found: list[tuple[bool, bool, Group]] = []
    for at, step in enumerate(steps):
        name = text(step.get("name"))
        old = last[name] != at
        note = say("superseded", attempt=text(step.get("attempt"))) if old else ""
        by_name: dict[str, list[Judged]] = {}
        for fields in step.get("measurements") or ():
            each = judged_of(name, fields)
            by_name.setdefault(each.name, []).append(each)
        for readings in by_name.values():
            group = _group(readings, note)
            found.append((old, group.good, group))
    return tuple(group for _, _, group in sorted(found, key=lambda each: each[:2]))


def titled(name: str) -> str:
    """A name of code as words."""
    return name.replace("_", " ")


def _group(readings: list[Judged], note: str) -> Group:
    bad = [each for each in readings if not each.good]
    good = [each for each in readings if each.good and not each.marginal]
    shown = bad + [each for each in readings if each.good and each.marginal]
    limits = {(each.low, each.high, each.unit, each.rule) for each in readings}
    count = f"{len(readings):,}"
    if len(readings) == 1:
        summary = say("one_bad" if bad else "one_good")
    else:
        summary = say("some_bad", bad=f"{len(bad):,}", count=count) if bad else say("all_good", count=count)
    single = len(readings) == 1
    barred = len(good) <= BARS
    first = readings[0]
    return Group(
        titled(first.step),
        titled(first.name),
        note,
        single,
        not bad,
        "FAILED" if any(each.verdict == "FAILED" for each in bad) else bad[0].verdict if bad else "PASSED",
        summary,
        "" if single else _reads(readings),
        _limit(first) if len(limits) == 1 else say("limits_differ"),
        Markup() if single else strip(readings),
        tuple(_line(each) for each in (readings if single else shown[:OPEN])),
        () if single else tuple(_line(each) for each in shown[OPEN:]),
        () if single or not barred else tuple(_line(each) for each in good),
        () if barred else tuple((each.point, value_text(each)) for each in good),
    )


def _line(each: Judged) -> Line:
    return Line(each.point or titled(each.name), value_text(each), terms(each), each.verdict, bar(each))


def _limit(each: Judged) -> str:
    return say("limit", limit=span(each.low, each.high, each.unit), rule=rule_short(each.rule))


def _reads(readings: list[Judged]) -> str:
    values = sorted(each.value for each in readings if each.value is not None)
    if not values:
        return say("no_reading")
    low, middle, high = (brief(value, readings[0].unit, 4) for value in (values[0], median(values), values[-1]))
    return say("reads_one", value=low) if low == high else say("reads", low=low, high=high, median=middle)
