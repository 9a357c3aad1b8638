"""`python -m station.ordeal`: a campaign, or one ordeal of it; exits with 1 when a promise was broken."""

import argparse
import os
import sys
from collections.abc import Iterable
from time import perf_counter

from station.ordeal.campaign import Broken, campaign, single
from station.ordeal.promises import broken
from station.ordeal.telling import of_broken, of_case, of_outcome


def main() -> int:
    """Carry out what the command line asks for."""
    asked = _parser().parse_args()
    if asked.only is not None:
        case = single(asked.seed, asked.only)
        _say(of_case(case))
        return 1 if broken(case) else 0

    def told(over: int, new: tuple[Broken, ...]) -> None:
        for each in new:
            _say(of_broken(asked.seed, each))
        if over % 1000 == 0 or over == asked.runs:
            _say([f"{over} of {asked.runs} after {perf_counter() - began:.0f} s"])

    began = perf_counter()
    outcome = campaign(asked.seed, asked.runs, asked.jobs, told)
    _say(of_outcome(outcome, perf_counter() - began, asked.jobs))
    return 0 if outcome.holds else 1


def _say(lines: Iterable[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m station.ordeal", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", type=int, help="the number of one ordeal")
    return parser


if __name__ == "__main__":
    sys.exit(main())
