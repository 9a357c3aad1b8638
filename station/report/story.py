"""A story: the record as the sentences and facts of a report, for the page and for the poster alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from station.report.bars import value_text
from station.report.blame import Fault, Health, faults_of, health_of
from station.report.drawing import Drawing
from station.report.judged import finite, judged_last, text, worst_first
from station.report.looks import Look, look_of
from station.report.moments import moment
from station.report.quantities import seconds
from station.report.terms import rule_long, rules_of, terms
from station.report.words import say

FAILING = 5


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what it is. `code` is set in the type of code."""

    name: str
    text: str
    code: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """What a report says first."""

    look: Look
    word: str
    long: str
    reason: str
    unit: tuple[Fact, ...]
    when: tuple[Fact, ...]
    faults: tuple[Fault, ...]
    failing: tuple[str, ...]
    """Sentences on the worst readings of a failed run whose cause was not located."""
    health: Health | None
    simulated: str
    """Empty on real hardware."""
    refusals: tuple[str, ...]


def story_of(record: Mapping[str, Any], drawing: Drawing | None) -> Story:
    """The story of a record."""
    verdict = text(record.get("verdict"))
    look = look_of(verdict)
    known = verdict.lower() == look.kind
    faults = faults_of(record.get("findings") or (), drawing)
    uut = record.get("uut") or {}
    unit = tuple(Fact(say(key), text(uut.get(key)) or say("nothing")) for key in ("serial", "part_number", "revision"))
    return Story(
        look,
        look.word if known else f"{look.word} ({verdict})",
        say(f"{look.kind}_long" if known else "unknown_long"),
        _reason(look, text(record.get("reason"))),
        unit,
        _when(record),
        faults,
        () if faults or look.kind != "failed" else _failing(record),
        health_of(record, faults, drawing) if drawing and drawing.wires else None,
        simulation(record),
        tuple(text(each) for each in (record.get("made_safe") or {}).get("refusals") or ()),
    )


def health_text(health: Health) -> str:
    """`998 of 1,000 wires good, 2 bad`."""
    kind = "health_unjudged" if health.unjudged else "health_bad" if health.bad else "health_good"
    counts = {"good": health.good, "total": health.total, "bad": health.bad, "unjudged": health.unjudged}
    return say(kind, **{key: f"{count:,}" for key, count in counts.items()})


def accused(fault: Fault) -> str:
    """The cause and the place, written as faults are."""
    return f"{fault.cause}:{fault.where}" if fault.where else fault.cause


def sure(fault: Fault) -> str:
    """The confidence in words; empty where there is none."""
    return "" if fault.confidence is None else say("confidence", percent=f"{100 * fault.confidence:.0f}\u00a0%")


def simulation(record: Mapping[str, Any]) -> str:
    """What was simulated; empty on real hardware."""
    simulated = record.get("simulated")
    if simulated is None:
        return ""
    faults = ", ".join(text(each) for each in simulated.get("faults") or ()) or say("no_faults")
    seed, unit = text(simulated.get("seed")), simulated.get("unit")
    if unit is None:
        return say("simulated_facts", seed=seed, faults=faults)
    return say("simulated_unit", seed=seed, unit=text(unit), faults=faults)


def _reason(look: Look, reason: str) -> str:
    if look.kind in {"error", "aborted", "interrupted", "refused"}:
        return say(f"why_{look.kind}", reason=reason or say("why_unsaid"))
    return say("why_failed", reason=reason) if reason else ""


def _failing(record: Mapping[str, Any]) -> tuple[str, ...]:
    bad = [each for each in worst_first(judged_last(record)) if not each.good]
    return tuple(
        say("failing", title=each.title, value=value_text(each), terms=terms(each) or say("no_limit"))
        for each in bad[:FAILING]
    )


def _when(record: Mapping[str, Any]) -> tuple[Fact, ...]:
    line_time = finite(record.get("line_time_s"))
    where = say("station_slot", station=text(record.get("station")), slot=text(record.get("slot")))
    facts = [Fact(say("tested"), moment(text(record.get("started")))), Fact(say("station"), where)]
    if line_time is not None:
        facts.append(Fact(say("line_time"), seconds(line_time)))
    return tuple(facts)


def facts_of(record: Mapping[str, Any]) -> Sequence[Fact]:
    """The facts at the foot."""
    sequence = record.get("sequence") or {}
    ended = text(record.get("ended"))
    return [
        Fact(say("run"), text(record.get("run")), code=True),
        Fact(say("started"), moment(text(record.get("started")))),
        Fact(say("ended"), moment(ended) if ended else say("nothing")),
        Fact(say("station"), say("station_slot", station=text(record.get("station")), slot=text(record.get("slot")))),
        *(
            Fact(f"{say('instruments')}: {text(role)}", text(identity))
            for role, identity in (record.get("instruments") or {}).items()
        ),
        Fact(say("sequence"), text(sequence.get("name"))),
        Fact(say("sequence_digest"), text(sequence.get("digest")) or say("nothing"), code=True),
        Fact(say("product_digest"), text(record.get("product_digest")) or say("nothing"), code=True),
        Fact(say("simulation"), simulation(record) or say("simulation_real")),
        *(Fact(say("resumed"), _resumed(each)) for each in record.get("resumed") or ()),
        Fact(say("safe"), _safe(record.get("made_safe"))),
        *_rules(record),
    ]


def _rules(record: Mapping[str, Any]) -> list[Fact]:
    """The rules by which the unit was judged; named where there are several."""
    rules = rules_of(judged_last(record))
    if not rules:
        return [Fact(say("rule"), say("rule_none"))]
    if len(rules) == 1:
        return [Fact(say("rule"), rule_long(rules[0]))]
    return [Fact(say("rule_named", rule=rule), rule_long(rule)) for rule in rules]


def _resumed(entry: Mapping[str, Any]) -> str:
    gap, earned = finite(entry.get("gap_s")) or 0.0, finite(entry.get("earned_s")) or 0.0
    when, reason = moment(text(entry.get("at"))), text(entry.get("reason"))
    return say("resumed_told", at=when, gap=seconds(gap), earned=seconds(earned), reason=reason)


def _safe(made_safe: Mapping[str, Any] | None) -> str:
    if not made_safe:
        return say("safe_none")
    took, verdict = finite(made_safe.get("seconds")), text(made_safe.get("verdict"))
    refusals = [text(each) for each in made_safe.get("refusals") or ()]
    if refusals or verdict != "PASSED":
        return say("safe_bad", refusals="; ".join(refusals) or verdict)
    return say("safe_good", seconds=seconds(took)) if took is not None else say("safe_other", verdict=verdict)
