"""What is promised of the record: whatever was shown is in it, once, and says how long things really took."""

from collections.abc import Iterable, Iterator

from station.ordeal.case import ROUNDED, Case
from station.ordeal.disturbance import Kind
from station.trace import Event, RunEnded, RunStarted


def kept(case: Case) -> Iterator[str]:
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
    # Of what befell a process that was killed nobody tells: what was to befall it may have.
    kinds = case.ordeal.kinds if case.killed else case.kinds
    if len(ends) > 1 and (Kind.FSYNC_FAILS not in kinds or ends[1:] != ["ERROR"]):
        yield f"it has ended {len(ends)} times: {', '.join(ends)}"
    if seen.record is not None and kept.record is not None and not case.kinds & {Kind.DISK_FULL, Kind.FSYNC_FAILS}:
        differs = sorted(key for key in seen.record if seen.record[key] != kept.record.get(key))
        if differs:
            yield f"the record that was given and the one that is kept differ in {', '.join(differs)}"
    if seen.record is not None and seen.record["verdict"] != seen.verdict:
        yield f"the record says {seen.record['verdict']}, the listener was shown {seen.verdict or 'nothing'}"


def survives(case: Case) -> Iterator[str]:
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


def timed(case: Case) -> Iterator[str]:
    """Durations are the loop's, whatever the wall clock says."""
    began, ended = case.first(RunStarted), case.first(RunEnded)
    if began is None or ended is None or case.kept.record is None:
        return
    took, said = ended[0] - began[0], case.kept.record["line_time_s"]
    if abs(took - said) > ROUNDED:
        yield f"it took {took:.6f} s and the record says {said:.6f} s"
    if any(step["seconds"] < 0.0 or step["seconds"] > took + ROUNDED for step in case.kept.record["steps"]):
        yield "a step took longer than the run, or less than nothing"


def _lost(shown: Iterable[Event], kept: Iterable[Event]) -> Event | None:
    """The first event that was shown and is not kept at its place."""
    rest = iter(kept)
    return next((each for each in shown if not any(each == other for other in rest)), None)
