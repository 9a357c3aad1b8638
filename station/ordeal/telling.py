"""Telling: what a person reads of a campaign and of one ordeal."""

from collections.abc import Iterator, Mapping

from station.ordeal.campaign import Broken, Outcome
from station.ordeal.case import Case
from station.ordeal.promises import broken
from station.trace import Measured, Sampled


def command(seed: int, number: int) -> str:
    """What reproduces one ordeal."""
    return f"station prove --system --seed {seed} --only {number}"


def of_broken(seed: int, each: Broken) -> Iterator[str]:
    """One ordeal that has broken promises, and how to see it again."""
    yield f"{each.number}: {each.ordeal}"
    yield from (f"  broken: {promise}" for promise in each.promises)
    yield f"  again: {command(seed, each.number)}"


def of_outcome(outcome: Outcome, seconds: float, jobs: int) -> Iterator[str]:
    """A whole campaign; `seconds` is how long it took."""
    yield f"{outcome.runs} runs, {outcome.runs / seconds / jobs:.1f} a second and core; the digest of all is {outcome.digest}"
    yield f"verdicts: {_shares(outcome.verdicts, outcome.runs)}"
    struck = (f"{name} {outcome.struck.get(name, 0)} of {count}" for name, count in outcome.drawn.items())
    yield f"struck: {', '.join(struck)}"
    yield (
        f"{len(outcome.broken)} runs have broken promises" if outcome.broken else "every promise was kept in every run"
    )


def of_case(case: Case) -> Iterator[str]:
    """One ordeal: what was put in, what was shown, what is kept, which promises broke."""
    yield f"put in: {case.ordeal}"
    for at, each in case.seen.struck:
        yield f"struck: {f'at {at:.3f} s, ' if at else ''}{each}"
    for at, event in case.seen.shown:
        if not isinstance(event, Measured | Sampled):
            yield f"shown: {at:.3f} s {event}"
    measured = sum(isinstance(event, Measured) for _, event in case.seen.shown)
    yield f"shown: {measured} measurements, and {case.seen.verdict or 'no verdict'}"
    if case.seen.raised:
        yield f"raised: {case.seen.raised}"
    reason = case.kept.record["reason"] if case.kept.record else ""
    yield f"kept: {len(case.kept.events)} events, {case.kept.verdict or 'no run'}{f' ({reason})' if reason else ''}"
    found = broken(case)
    yield from (f"broken: {each}" for each in found)
    if not found:
        yield "every promise was kept"


def _shares(counts: Mapping[str, int], runs: int) -> str:
    return ", ".join(f"{name} {count / runs:.1%}" for name, count in counts.items())
