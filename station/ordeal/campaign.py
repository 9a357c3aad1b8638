"""A campaign: many ordeals from one seed, on all cores, with the same outcome however many there are."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from station.ledger.journal import SHARED
from station.ordeal.case import Case
from station.ordeal.death import die
from station.ordeal.disturbance import KILLS
from station.ordeal.kept import look
from station.ordeal.line import QUICKEST, product
from station.ordeal.ordeal import Ordeal, drawn
from station.ordeal.promises import broken
from station.ordeal.stage import carry_out
from station.processes import processes

BATCH = 20
"""Ordeals that a process is given at a time."""


@dataclass(frozen=True, slots=True)
class Broken:
    """One ordeal that has broken promises: its number, what was put in, and which ones."""

    number: int
    ordeal: str
    promises: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a campaign. `digest` is of all that came of each ordeal, in their order."""

    seed: int
    runs: int
    verdicts: dict[str, int]
    drawn: dict[str, int]
    struck: dict[str, int]
    broken: tuple[Broken, ...]
    digest: str

    @property
    def holds(self) -> bool:
        """Whether every promise was kept in every ordeal."""
        return not self.broken


Say = Callable[[int, tuple[Broken, ...]], None]
"""Told after each batch, in order: how many ordeals are over, and which of the batch have broken promises."""


def campaign(seed: int, runs: int, jobs: int = 1, say: Say = lambda *_: None) -> Outcome:
    """Ordeals number 0 to `runs` - 1 of the campaign with that seed, in `jobs` processes (1: in this one).

    Raises ProcessLostError where one of them is killed by somebody else.
    """
    starts = range(0, runs, BATCH)
    verdicts, was_drawn, struck = Counter[str](), Counter[str](), Counter[str]()
    found, digest, over = list[Broken](), blake2b(digest_size=16), 0
    for text in _batches([(seed, start, min(start + BATCH, runs)) for start in starts], jobs):
        digest.update(text)
        several = orjson.loads(text)
        new = tuple(Broken(each["number"], each["ordeal"], tuple(each["broken"])) for each in several if each["broken"])
        for each in several:
            verdicts[each["verdict"] or "none"] += 1
            was_drawn.update(each["drawn"])
            struck.update(each["struck"])
        found += new
        over += len(several)
        say(over, new)
    return Outcome(seed, runs, _sorted(verdicts), _sorted(was_drawn), _sorted(struck), tuple(found), digest.hexdigest())


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def single(seed: int, number: int) -> Case:
    """One ordeal of a campaign, with all that was seen of it."""
    return tried(drawn(seed, number, span))


def tried(ordeal: Ordeal) -> Case:
    """What comes of an ordeal. A good unit that was failed is tried once more, without anything that befalls it."""
    case = _case(ordeal)
    if ordeal.fault or case.kept.verdict != "FAILED":
        return case
    alone = _case(replace(ordeal, disturbances=()))
    return replace(case, bad_by_itself=alone.kept.verdict == "FAILED")


def _batches(batches: list[tuple[int, int, int]], jobs: int) -> Iterator[bytes]:
    if jobs == 1:
        yield from (batch(*each) for each in batches)
        return
    with processes(jobs) as pool:
        yield from pool.map(batch, *zip(*batches, strict=True))


def batch(seed: int, start: int, stop: int) -> bytes:
    """What came of the ordeals of these numbers, as JSON: for another process to read."""
    span(QUICKEST)
    gc.collect()
    gc.freeze()  # what is there now is never looked through again: each ordeal ends with a collection of its own garbage
    try:
        return orjson.dumps([_told(single(seed, number)) for number in range(start, stop)])
    finally:
        gc.unfreeze()


def _told(case: Case) -> dict[str, Any]:
    struck = [each for _, each in case.seen.struck]
    return {
        "number": case.ordeal.number,
        "ordeal": str(case.ordeal),
        "verdict": case.kept.verdict,
        "drawn": sorted(each.kind.value for each in case.ordeal.disturbances),
        "struck": sorted(each.kind.value for each in case.ordeal.disturbances if each in struck),
        "broken": broken(case),
    }


@cache
def span(part_number: str) -> tuple[float, int]:
    """How long a good run of a product takes, in seconds and in events: measured once."""
    with _folder() as name:
        seen = carry_out(Ordeal(0, 0, part_number, 0, "", (), 1), Path(name))
    return seen.shown[-1][0], len(seen.shown)


def _case(ordeal: Ordeal) -> Case:
    known = product(ordeal.part_number)
    if ordeal.kills:
        with _folder() as name:
            if (seen := die(ordeal, Path(name))) is not None:
                return Case(ordeal, known, seen, look(Path(name) / "data"))
    # Nobody was killed, or the run had ended before: the same again in this process, where all of it is seen.
    spared = replace(ordeal, disturbances=tuple(each for each in ordeal.disturbances if each.kind not in KILLS))
    with _folder() as name:
        seen = carry_out(spared, Path(name))
        kept = look(Path(name) / "data")  # first: what its journal holds would not survive a power cut
        return Case(ordeal, known, seen, kept, look(seen.cut) if seen.cut is not None else None)


def _folder() -> "TemporaryDirectory[str]":
    """A folder in memory where there is one: a campaign is about what disks are said to do, not about this one."""
    return TemporaryDirectory(prefix="ordeal-", dir=SHARED if SHARED.is_dir() else None)
