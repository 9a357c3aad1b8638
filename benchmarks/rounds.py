"""Rounds: contenders measured in turn, so that whatever else the machine does falls on all of them alike."""

import gc
from collections.abc import Callable, Mapping
from statistics import median

from benchmarks.figure import Say

Contender = Callable[[], float]
"""Does its work once, and returns what it measured."""


def alternately(contenders: Mapping[str, Contender], rounds: int, say: Say) -> dict[str, float]:
    """The median of what each contender measured.

    Each goes once in every round, and each round begins with another one. The round before the first does not count.
    """
    names = list(contenders)
    measured: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds + 1):
        first = turn % len(names)
        for name in (*names[first:], *names[:first]):
            gc.collect()
            value = contenders[name]()
            if turn > 0:
                measured[name].append(value)
        say(f"round {turn} of {rounds}" if turn else "warm")
    return {name: median(values) for name, values in measured.items()}
