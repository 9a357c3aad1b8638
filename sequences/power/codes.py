"""Codes: which outlets are on in which pattern, so that a few patterns tell all outlets apart.

Every outlet has a code of equal weight: it is on in half of the patterns. No such code contains another (Sperner), so an outlet
that obeys its own command and a second one's too, or only both at once, gives a code of its own away as surely as one
that obeys the wrong command; and each pattern has its opposite among what was commanded.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import comb

Code = tuple[bool, ...]


def patterns(count: int) -> int:
    """How many patterns tell `count` outlets apart: a little more than log2 of it (24 outlets: 7)."""
    length = 2
    while comb(length, length // 2) < count:
        length += 1
    return length


def codes(outlets: Sequence[int]) -> dict[int, Code]:
    """The code of each outlet: whether it is commanded on in each pattern."""
    length = patterns(len(outlets))
    weights = combinations(range(length), length // 2)
    return {
        outlet: tuple(at in chosen for at in range(length)) for outlet, chosen in zip(outlets, weights, strict=False)
    }


def decoded(seen: Mapping[int, Code], told: Mapping[int, Code]) -> dict[int, int | bool | None]:
    """Which outlet's command each outlet obeys, by what was seen of it; True: it is always on, False: never, None: none's.

    The outlets that obey their own command are left out.
    """
    owner = {code: outlet for outlet, code in told.items()}
    found: dict[int, int | bool | None] = {}
    for outlet, code in seen.items():
        if code == told[outlet]:
            continue
        found[outlet] = code[0] if len(set(code)) == 1 else owner.get(code)
    return found
