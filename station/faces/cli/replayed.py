"""What came of a replay, in words."""

from collections.abc import Iterator

from station.comparison import Comparison, Difference, Version

_NOT_IN_THE_SEED = {
    "ABORTED": "the moment of the abort is not in the seed",
    "INTERRUPTED": "the moment at which its process died is not in the seed",
}


def told(found: Comparison) -> str:
    """Lines for people: whether it is the same, else where it differs first, how often, and what is not as it was."""
    return "\n".join(_lines(found))


def _lines(found: Comparison) -> Iterator[str]:
    which = f"run {found.run}"
    if found.first is None:
        yield f"{which}: the same, event by event: {found.compared} events"
    else:
        yield f"{which}: it differs"
        yield f"  first at {_place(found.first)}"
        yield f"  events that differ: {', '.join(f'{count} {kind}' for kind, count in found.different.items())}"
        yield f"  verdict: recorded {found.verdicts[0]}, replayed {found.verdicts[1]}"
    if found.compared < found.recorded:
        why = _NOT_IN_THE_SEED.get(found.verdicts[0], "")
        yield f"  of {found.recorded} events the first {found.compared} were compared: {why}"
    if found.versions:
        yield "  not as it was, which may be why:" if found.first is not None else "  not as it was, without effect:"
        yield from (f"    {_version(each)}" for each in found.versions)


def _place(first: Difference) -> str:
    during = f" of {first.step}" if first.step else ""
    where = f"event {first.number}, {first.kind}{during} at {first.at:.3f} s"
    if not first.field:
        return f"{where}: recorded {first.recorded or 'no event'}, replayed {first.replayed or 'no event'}"
    return f"{where}: {first.field} was {_short(first.recorded)}, is {_short(first.replayed)}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."


def _version(each: Version) -> str:
    was, now = each.recorded or "not recorded", each.replayed or "not there"
    return f"{each.what}: {was}, now {now}"
