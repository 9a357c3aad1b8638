"""What is promised of the bench: it comes to rest, made safe exactly once, and nothing of the run is left behind."""

from collections.abc import Iterator

from station.ordeal.case import ROUNDED, Case
from station.ordeal.disturbance import Kind
from station.order import safe_plan
from station.trace import MadeSafe, StepStarted


def safe(case: Case) -> Iterator[str]:
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


def off(case: Case) -> Iterator[str]:
    """In the end nothing is on, by what the plants saw, but what the record names."""
    named = {text.partition(" ")[0] for event in _made_safe(case) for text in event.refusals}
    for device, what in case.seen.energised.items():
        if device not in named:
            yield f"{device} is on in the end and nobody says so: {', '.join(what[:5])}"
        if case.kept.verdict in {"PASSED", "FAILED"}:
            yield f"{case.kept.verdict}, and {device} is on in the end"
    if case.seen.cooled is not None and case.seen.cooled.dry:
        yield "the heater was on while the coolant stood"
    if case.seen.cooled is not None and case.seen.cooled.turning and not named:
        yield "a pump still turns and nobody says so"


def left(case: Case) -> Iterator[str]:
    """Nothing is left behind."""
    yield from case.seen.left
    yield from (
        f"a second start was not refused: {each}" for each in case.seen.second if not each.startswith("refused")
    )


def _made_safe(case: Case) -> list[MadeSafe]:
    return [event for event in case.kept.events if isinstance(event, MadeSafe)]


def _longest(case: Case) -> float:
    known = case.product.prepared.station.instruments
    plan = safe_plan(case.product.order, {name: each.safe_within for name, each in known.items()})
    slept = sum(float(each.what) for _, each in case.seen.struck if each.kind is Kind.SUSPENDED)
    return plan.longest + slept
