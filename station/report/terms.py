"""Terms: on what terms a reading was judged, in words, where its verdict needs them: it did not pass, or only just."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from sequences.rules import Rule
from station.report.judged import Judged, judged_last, worst_first
from station.report.quantities import span
from station.report.words import say
from station.risk import conformity

SURE = 0.999
"""A chance that is not worth a word: the reading lies within the tolerance, or outside, beyond doubt."""

SHORT: dict[str, str] = {
    Rule.SIMPLE: "rule_simple",
    Rule.U: "rule_u",
    Rule.ISO_14253: "rule_iso",
    Rule.METHOD_6: "rule_method_6",
}
LONG: dict[str, str] = {
    Rule.SIMPLE: "rule_simple_long",
    Rule.U: "rule_u_long",
    Rule.ISO_14253: "rule_iso_long",
    Rule.METHOD_6: "rule_method_6_long",
}


def terms(each: Judged) -> str:
    """Tolerance, what of it is accepted, and by which rule; how likely the unit is good where the reading leaves it open.

    Empty for a reading that passed by more than its uncertainty, and for one that no limit was held against.
    """
    if each.limits == (None, None) or not (each.marginal or not each.good):
        return ""
    said = _accepted(each)
    chance = _chance(each)
    return say("terms_likely", terms=said, percent=f"{100 * chance:.3g}\u00a0%") if 1 - SURE < chance < SURE else said


def rule_short(rule: str) -> str:
    """A rule in a few words; one that this program does not know by its name."""
    return say(SHORT[rule]) if rule in SHORT else rule


def rule_long(rule: str) -> str:
    """A rule in whole sentences; one that this program does not know by its name."""
    return say(LONG[rule]) if rule in LONG else rule


def undecided(record: Mapping[str, Any]) -> list[Judged]:
    """The readings whose terms should be told, of every step's last attempt: the worst first."""
    return worst_first(each for each in judged_last(record) if terms(each))


def rules_of(readings: Iterable[Judged]) -> list[str]:
    """The rules by which some readings were judged, each once."""
    return list(dict.fromkeys(each.rule for each in readings))


def _accepted(each: Judged) -> str:
    tolerance = span(each.low, each.high, each.unit)
    if each.value is None:
        return say("terms_unread", limit=tolerance, rule=rule_short(each.rule))
    if each.state == "at-least":
        return say("terms_bound", limit=tolerance)
    low, high = each.accepted
    if low is not None and high is not None and low > high:
        return say("terms_nothing", limit=tolerance, rule=rule_short(each.rule))
    if (low, high) == each.limits:
        return say("terms_all", limit=tolerance, rule=rule_short(each.rule))
    accepted = span(low, high, each.unit, _digits(each))
    return say("terms", limit=tolerance, accepted=accepted, rule=rule_short(each.rule))


def _digits(each: Judged) -> int:
    """As many digits as show the guard band; one that needs more than six does not matter."""
    needed = [4]
    for end, drawn_in in zip(each.limits, each.accepted, strict=True):
        if end and drawn_in is not None and drawn_in != end:
            needed.append(math.ceil(math.log10(abs(end / (end - drawn_in)))) + 1)
    return min(max(needed), 6)


def _chance(each: Judged) -> float:
    if each.value is None or not each.uncertainty or each.state == "at-least":
        return 1.0
    return conformity(each.low, each.high, each.value, each.uncertainty / 2)
