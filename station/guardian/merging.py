"""Merging: one order of making safe that keeps to those of several slots, where they share an instrument."""

from collections.abc import Collection, Iterable, Sequence

from sequences.sequence import Pause
from station.guardian.words import Arm, Stages

MOST_STAGES = 1 << 20
"""Behind every stage of a part."""


def grouped(arms: Sequence[Arm]) -> list[list[Arm]]:
    """The slots, those together that share an instrument, and those that share one with these."""
    groups: list[tuple[set[str], list[Arm]]] = []
    for arm in arms:
        names, together = {each.name for each in arm.chairs}, [arm]
        apart = [each for each in groups if names.isdisjoint(each[0])]
        for near in (each for each in groups if each not in apart):
            names |= near[0]
            together = [*near[1], *together]
        groups = [*apart, (names, together)]
    return [together for _, together in groups]


def merged(plans: Sequence[Stages]) -> Stages:
    """One order that keeps to several: what they share is made safe once, when the last of them comes to it.

    Part by part between the pauses; a pause is as long as the longest, and needs what any of them needs. What a pause needs
    is made safe before it, whoever else would do it later.
    """
    if len(plans) == 1:
        return plans[0]
    parts = [_parts(plan) for plan in plans]
    at: dict[str, tuple[int, int]] = {}
    pauses: dict[int, Pause] = {}
    for plan in parts:
        for number, (stages, pause) in enumerate(plan):
            for place, stage in enumerate(stages):
                at |= {name: max(at.get(name, (0, 0)), (number, place)) for name in stage}
            if pause is not None:
                known = pauses.get(number, Pause(0.0, ()))
                needs = tuple(dict.fromkeys((*known.needs, *pause.needs)))
                pauses[number] = Pause(max(known.seconds, pause.seconds), needs)
    for number, pause in pauses.items():
        at |= {name: min(at[name], (number, MOST_STAGES)) for name in pause.needs if name in at}
    joined: list[tuple[str, ...] | Pause] = []
    for number in range(max(map(len, parts))):
        places = sorted({where for part, where in at.values() if part == number})
        joined += [tuple(name for name, where in at.items() if where == (number, place)) for place in places]
        if number in pauses:
            joined.append(pauses[number])
    return tuple(joined)


def _parts(plan: Stages) -> list[tuple[list[tuple[str, ...]], Pause | None]]:
    """The stages between pauses, each with the pause that follows."""
    parts: list[tuple[list[tuple[str, ...]], Pause | None]] = []
    stages: list[tuple[str, ...]] = []
    for each in plan:
        if isinstance(each, Pause):
            parts.append((stages, each))
            stages = []
        else:
            stages.append(each)
    return [*parts, (stages, None)]


def without(stages: Stages, names: set[str]) -> Stages:
    """The same without some instruments, which keep nobody waiting."""

    def rest(some: Iterable[str]) -> tuple[str, ...]:
        return tuple(each for each in some if each not in names)

    left = (Pause(each.seconds, rest(each.needs)) if isinstance(each, Pause) else rest(each) for each in stages)
    return tuple(each for each in left if each)


def only(stages: Stages, names: Collection[str]) -> Stages:
    """Those instruments in the same order, with the pauses that need one of them."""
    left = (
        (each if set(each.needs).intersection(names) else ())
        if isinstance(each, Pause)
        else tuple(name for name in each if name in names)
        for each in stages
    )
    return tuple(each for each in left if each)
