"""Verdicts, and how a whole is judged by its parts."""

from collections.abc import Iterable
from enum import IntEnum


class Verdict(IntEnum):
    """What is said of a step. FAILED speaks of the unit under test; ERROR and ABORTED speak of the station and its people."""

    SKIPPED = 0
    PASSED = 1
    FAILED = 2
    ERROR = 3
    ABORTED = 4


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of them; nothing at all is SKIPPED, which is not a pass."""
    return max(verdicts, default=Verdict.SKIPPED)
