"""The proof: what a campaign of cases says about a sequence. `rackproof.proof/1` is a contract that people script against."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Final

from sequences.claim import Claim, claim_for
from sequences.rules import half_width
from sim.catalogue.fault import PRODUCTS, Fault
from station.proving.case import Case
from station.proving.outcome import Outcome
from station.rates import interval
from station.risk import risk

NAME: Final = "rackproof.proof/1"
GOOD_ENOUGH: Final = {
    "exact": ("exact",),
    "near": ("exact", "near"),
    "anywhere": ("exact", "near", "elsewhere", "nowhere"),
}
"""What must have come of the location for a claim of some precision."""
REFUTED: Final = 0.90
"""The confidence of the interval whose upper end a share is held against: on that side alone it is missed once in 20."""

Tried = tuple[Case, Outcome]


@dataclass(frozen=True, slots=True)
class Proven:
    """What was proven, by names, and what tells it from others of the same names."""

    sequence: str
    sequence_digest: str
    product: str
    product_digest: str
    station: str
    slot: str
    version: str
    seed: int


def proof(proven: Proven, claimed: Sequence[Claim], faults: Sequence[Fault], tried: Sequence[Tried]) -> dict[str, Any]:
    """The whole proof: good units, each kind of fault, each claim, and every case. A pure function of its arguments."""
    kinds = {fault.name: [each for each in tried if each[0].kind == fault.name] for fault in faults}
    known = {fault.name: fault for fault in faults}
    judged = [_claim(claim, known.get(claim.fault), kinds.get(claim.fault, [])) for claim in claimed]
    return {
        "schema": NAME,
        **asdict(proven),
        "holds": all(each["holds"] is not False for each in judged),
        "line_time_s": round(sum(came.line_time for _, came in tried), 6),
        "units": _units([each for each in tried if not each[0].kind]),
        "faults": [
            _kind(fault, claim_for(claimed, fault.name), kinds[fault.name]) for fault in faults if kinds[fault.name]
        ],
        "claims": judged,
        "confusion": _confusion(kinds),
        "cases": [_case(*each) for each in tried],
    }


def _units(tried: Sequence[Tried]) -> dict[str, Any]:
    failed = [came for _, came in tried if came.verdict == "FAILED"]
    unsure = [came for _, came in tried if came.verdict not in {"PASSED", "FAILED"}]
    return {
        "tried": len(tried),
        "failed": _rate(len(failed), len(tried)),
        "not_judged": _rate(len(unsure), len(tried)),
        "steps": dict(Counter(came.step for came in (*failed, *unsure))),
        "readings": _readings(came for _, came in tried),
    }


def _readings(every: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Of each measurement, over all good units, the reading that came closest to its limits, and its uncertainty ratio."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for came in every:
        for name, reading in came.readings.items():
            found.setdefault(name, []).append(reading)
    return [_risky(name, min(readings, key=lambda each: each["room"])) for name, readings in found.items()]


def _risky(name: str, reading: Mapping[str, Any]) -> dict[str, Any]:
    """A reading with what its limit risks: of all units, if 95 % are in tolerance and all are read as surely as this one."""
    low, high, uncertainty = reading["low"], reading["high"], reading["uncertainty"]
    risks = risk(low, high, reading["accept_low"], reading["accept_high"], uncertainty / 2)
    return {"name": name, **reading, "tur": half_width(low, high) / uncertainty, "pfa": risks.pfa, "pfr": risks.pfr}


def _kind(fault: Fault, claim: Claim | None, tried: Sequence[Tried]) -> dict[str, Any]:
    every = [came for _, came in tried]
    return {
        "name": fault.name,
        "family": fault.family,
        "of_unit": fault.family in PRODUCTS,
        "unit": fault.value.unit if fault.value else "",
        "claimed": str(claim) if claim is not None else None,
        **_sums(every),
        "severities": [
            {"value": value, "claimed": claim is not None and claim.covers(value), **_sums([c for _, c in some])}
            for value, some in by_value(tried)
        ],
    }


def by_value(tried: Sequence[Tried]) -> Iterator[tuple[float | None, list[Tried]]]:
    """The cases of a kind of fault, by severity, in the order of the numbers."""
    values = dict.fromkeys(case.value for case, _ in tried)
    for value in sorted(values, key=lambda each: -1e300 if each is None else each):
        yield value, [each for each in tried if each[0].value == value]


def _sums(every: Sequence[Outcome]) -> dict[str, Any]:
    located = Counter(came.located for came in every if came.caught)
    times = [came.at for came in every if came.caught and came.at is not None]
    return {
        "tried": len(every),
        "caught": _rate(sum(came.caught for came in every), len(every)),
        "escaped": sum(came.verdict == "PASSED" for came in every),
        "blamed": sum(came.blamed for came in every),
        "exact": located["exact"],
        "near": located["near"],
        "elsewhere": located["elsewhere"] + located["nowhere"],
        "steps": dict(Counter(came.step for came in every if came.caught)),
        "caught_at_s": round(median(times), 6) if times else None,
        "line_time_s": round(median(came.line_time for came in every), 6),
    }


def _rate(count: int, of: int) -> dict[str, Any]:
    low, high = interval(count, of)
    return {"count": count, "share": round(count / of, 6) if of else None, "low": round(low, 6), "high": round(high, 6)}


def _claim(claim: Claim, fault: Fault | None, tried: Sequence[Tried]) -> dict[str, Any]:
    """Whether a claim holds: true, false, or null where nothing that it covers could be tried."""
    covered = [each for each in tried if claim.covers(each[0].value)]
    told = {"claim": str(claim), "fault": claim.fault, "located": claim.located, "share": claim.share}
    if fault is None or not covered:
        why = "this product has no place for it" if fault is None else "it was not tried at a value that is claimed"
        return told | {"holds": None, "why": why, "cases": []}
    escaped = [case for case, came in covered if not came.caught]
    astray = [case for case, came in covered if came.caught and came.located not in GOOD_ENOUGH[claim.located]]
    caught = len(covered) - len(escaped)
    if not caught or interval(caught, len(covered), REFUTED)[1] < claim.share:
        why = f"{len(escaped)} of {len(covered)} were not caught"
        return told | {"holds": False, "why": why, "cases": [case.number for case in escaped]}
    if astray:
        why = f"{len(astray)} of {len(covered)} were put somewhere else"
        return told | {"holds": False, "why": why, "cases": [case.number for case in astray]}
    return told | {"holds": True, "why": f"{caught} of {len(covered)} caught", "cases": []}


def _confusion(kinds: Mapping[str, Sequence[Tried]]) -> dict[str, dict[str, int]]:
    """By what was put in: what was found, or the verdict where nothing was."""
    return {
        name: dict(Counter(_called(came) for _, came in tried).most_common()) for name, tried in kinds.items() if tried
    }


def _called(came: Outcome) -> str:
    causes = {each.partition(":")[0] for each in came.found}
    return " and ".join(sorted(causes)) if causes else came.verdict


def _case(case: Case, came: Outcome) -> dict[str, Any]:
    told = asdict(case) | asdict(came) | {"found": list(came.found)}
    del told["readings"], told["kind"], told["place"], told["value"]
    return told
