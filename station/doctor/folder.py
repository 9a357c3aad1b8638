"""The data folder: whether it can be written, whether the ledger is sound, and what waits in it for somebody."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from station.budget import ALARM, MIB, WARN, weigh
from station.condition import Condition
from station.doctor.case import Case, alarm, warning, well
from station.ledger import owners, schema, thinning
from station.ledger.disk import RESERVE, check_filesystem
from station.ledger.errors import LedgerError
from station.ledger.history import History, Which

LITTLE = 16 * RESERVE
"""Free bytes below which people are told."""
OLD = 3600.0
"""Seconds that a result may wait in the outbox."""
LOCKED = "see what is unsafe there, make it safe, then: station release --slot S --reason WHY"


def room(case: Case) -> Iterator[Condition]:
    """Whether something can be written, on a disk that can hold a ledger, and how much."""
    if not case.data.is_dir():
        yield warning(
            "data",
            f"there is no folder {case.data} yet",
            "nothing to do: the first run makes it; or say which with --data",
        )
        return
    if not os.access(case.data, os.R_OK | os.W_OK | os.X_OK) or os.statvfs(case.data).f_flag & os.ST_RDONLY:
        yield alarm(
            "data",
            f"{case.data} cannot be written",
            "mount its disk for writing, and give the folder to the station's user",
        )
    try:
        check_filesystem(case.data)
    except LedgerError as error:
        yield alarm("data", str(error), "move the folder to a disk of this machine")
    size, free, _ = weigh(case.data)
    file = case.data / schema.FILE
    size += file.stat().st_size if file.exists() else 0
    if free < LITTLE:
        level = alarm if free < RESERVE else warning
        yield level(
            "disk",
            f"{free / MIB:.0f} MiB are free; no run begins below {RESERVE // MIB}",
            "make room on the disk: how-to/keep-the-disk-from-filling.md",
        )
    else:
        yield well("disk", f"{free / MIB:.0f} MiB are free; the data folder holds {size / MIB:.0f}")
    most = case.station.daemon.most_mib * MIB if case.station else 0
    if most and size >= WARN * most:
        level = alarm if size >= ALARM * most else warning
        yield level(
            "budget",
            f"the data folder holds {size / MIB:.0f} of {most // MIB} MiB",
            "give it more with [daemon] most_mib, or begin a new folder",
        )


def ledger(case: Case) -> Iterator[Condition]:
    """Whether it is whole, as far as can be said quickly, and what became of its last runs."""
    path = case.data / schema.FILE
    if not path.exists():
        return
    try:
        with closing(History(case.data)) as history:
            schema.look_for_damage(history.connection, path)
            if schema.knows_thinning(history.connection) and not schema.is_whole(history.connection):
                yield alarm(
                    "ledger",
                    "its tables or their locks are not as they were made",
                    "station ledger verify; find out who changed it",
                )
            runs, gone = history.count(), thinning.thinned(history.connection)
            thinned = (
                f"; {gone.events} events of {gone.runs} runs were given up for want of room" if gone.events else ""
            )
            yield well(
                "ledger", f"{runs} runs, no damage found quickly{thinned} (`station ledger verify` looks at all of it)"
            )
            yield from _runs(case, history)
    except (LedgerError, sqlite3.Error) as error:
        yield alarm("ledger", str(error), "keep the file as it is; begin a new data folder, and see to the disk")


def _runs(case: Case, history: History) -> Iterator[Condition]:
    going = history.connection.execute("SELECT run, owner FROM going").fetchall()
    dead = [run for run, owner in going if not owners.alive(case.data, owner)]
    if dead:
        text = f"{len(dead)} runs lost their process and are not ended yet: {', '.join(dead[:2])}"
        yield alarm("runs", text, "start the daemon: it makes safe what they left on, and ends them")
    lost = [row.id for row in history.runs(Which(verdict="INTERRUPTED"), 50)]
    latest = {row.id for row in history.runs(limit=50)}
    if recent := [run for run in lost if run in latest]:
        text = f"{len(recent)} of the last {len(latest)} runs were interrupted, {recent[0]} last"
        yield warning("runs", text, f"station report {recent[0]}; if power or the process fails often, find out why")


def waiting(case: Case) -> Iterator[Condition]:
    """Slots that are locked, and results that nobody has acknowledged."""
    for slot, reason in _asked(case.data / "line.sqlite", "SELECT slot, reason FROM locks"):
        yield alarm("slot", f"slot {slot} is locked: {reason}", LOCKED)
    for depth, first in _asked(case.data / "outbox.sqlite", "SELECT count(*), min(run) FROM entry WHERE state = 0"):
        if depth:
            age = _age(case, first)
            text = f"{depth} results wait to be acknowledged, the oldest for {age / 60:.0f} minutes"
            remedy = "see to the broker, and to who receives results there; nothing is lost meanwhile"
            yield warning("outbox", text, remedy) if age > OLD else well("outbox", text)
    for aside, reason in _asked(case.data / "outbox.sqlite", "SELECT count(*), max(reason) FROM entry WHERE state = 2"):
        if aside:
            yield alarm(
                "outbox",
                f"{aside} results were refused and put aside: {reason}",
                "mend what refuses them; each start of the daemon tries them again",
            )


def _age(case: Case, number: object) -> float:
    """Seconds since the run with that number in the ledger ended."""
    for (ended,) in _asked(case.data / schema.FILE, "SELECT ended FROM run WHERE n = ?", number):
        with suppress(ValueError):
            return max((case.now - datetime.fromisoformat(str(ended))).total_seconds(), 0.0)
    return 0.0


def deeds(case: Case) -> Iterator[Condition]:
    """What the guardian has done that nobody has seen to."""
    last: dict[tuple[str, str], dict[str, object]] = {}
    with suppress(OSError):
        for line in (case.data / "guardian" / "deeds.jsonl").read_bytes().splitlines():
            with suppress(ValueError, TypeError):
                said = json.loads(line)
                last[str(said["slot"]), str(said["run"])] = said
    for (slot, run), said in list(last.items())[-8:]:
        what = f"slot {slot} in run {run} at {str(said.get('at', ''))[:19]}: {said.get('why', '')}"
        if not said.get("ended"):
            yield alarm("guardian", f"it began to make safe {what}, and did not come to its end", LOCKED)
        elif said.get("refusals"):
            yield alarm("guardian", f"not confirmed safe: {said['refusals']}; {what}", LOCKED)
        else:
            yield warning(
                "guardian", f"it made safe {what}", "find out why the daemon died or hung: its log and the journal"
            )


def _asked(path: Path, question: str, *values: object) -> list[tuple[object, ...]]:
    """The answer of a database that somebody else may have open; nothing where there is none, or where it is of another make."""
    if not path.exists():
        return []
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as found:
        return found.execute(question, values).fetchall()
    return []
