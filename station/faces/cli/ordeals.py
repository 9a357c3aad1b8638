"""`station prove --system`: the station's promises, under whatever can happen to a station."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from time import perf_counter

from station.faces.cli.options import Said, print_json
from station.faces.cli.progress import say

EVERY = 500
"""Ordeals between two lines of progress."""


def prove_system(seed: int, runs: int, only: Sequence[str], jobs: int, *, as_json: bool) -> int:
    """Carry out a campaign, or one ordeal of it; 1 where a promise was broken."""
    from station.ordeal.campaign import Broken, campaign, single
    from station.ordeal.promises import broken
    from station.ordeal.telling import of_broken, of_case, of_outcome
    from station.processes import ProcessLostError

    if only:
        number = _number(only)
        case = single(seed, number)
        if as_json:
            found = broken(case)
            print_json(
                {"seed": seed, "number": number, "ordeal": str(case.ordeal), "broken": found, "kept": case.kept.verdict}
            )
        else:
            _print(of_case(case))
        return 1 if broken(case) else 0

    def told(over: int, new: tuple[Broken, ...]) -> None:
        for each in new:
            for line in of_broken(seed, each):
                say(line)
        if over % EVERY == 0 or over == runs:
            say(f"{over} of {runs} after {perf_counter() - began:.0f} s")

    began = perf_counter()
    try:
        outcome = campaign(seed, runs, jobs, told)
    except ProcessLostError as lost:
        raise Said(str(lost), 3) from None
    if as_json:
        print_json({"schema": "rackproof.ordeals/1", **asdict(outcome), "holds": outcome.holds})
    else:
        _print(of_outcome(outcome, perf_counter() - began, jobs))
    return 0 if outcome.holds else 1


def _number(only: Sequence[str]) -> int:
    if len(only) != 1 or not only[0].isdecimal():
        raise Said(f"with --system, --only is the number of one ordeal, not {' '.join(only)!r}", 2)
    return int(only[0])


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
