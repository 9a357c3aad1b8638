"""Workers: whoever carries out cases, here, in another process, or on another machine. Text goes in, text comes out."""

import atexit
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

import orjson

from sim.faults import catalogue
from sim.sketch import beside
from station.orders import Request
from station.program import VERSION
from station.proving.case import Case
from station.proving.outcome import Outcome, Watch, outcome
from station.service import Simulated
from station.simulating import spec_of
from station.trial import Trials

LEMONS = 5
"""Units in a row that may be false alarms by themselves."""


class ForeignWorkerError(Exception):
    """A worker that has another program, product or sequence: what it finds would be about something else."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be proven, by names, and the fingerprints of what the names stand for where the proof is made."""

    request: Request
    station: str | None
    prints: tuple[str, ...] = ()


class Worker:
    """Carries out cases of one task. Its trials share a ledger; close it, or use it in a `with`."""

    def __init__(self, task: Task) -> None:
        """Raises BadDocuments, or RefusalError with what is allowed."""
        self.trials = Trials(task.request, task.station)
        self._faults = {fault.name: fault for fault in catalogue()}
        self._beside = beside(spec_of(self.trials.prepared.station, self.trials.prepared.orders, Simulated(0)))

    @property
    def prints(self) -> tuple[str, ...]:
        """The fingerprints of the program, of the product and of the sequence."""
        (order,) = self.trials.prepared.orders
        return VERSION, order.product.digest, order.sequence_digest

    def carry_out(self, case: Case) -> Outcome:
        """What comes of a case.

        A unit that fails without the fault as well is a false alarm by itself. Those are counted among the good units; here it
        would hide what the fault does, or add to what is found, so the next unit is taken. Where so many in a row fail by
        themselves, the sequence does, and what came of the first counts.
        """
        tried: list[Outcome] = []
        for unit in range(case.unit, case.unit + LEMONS):
            each = replace(case, unit=unit)
            tried.append(self._try(each))
            if not (_may_be_by_itself(each, tried[-1]) and self._try(replace(each, fault="")).verdict == "FAILED"):
                return tried[-1]
        return tried[0]

    def _try(self, case: Case) -> Outcome:
        watch = Watch()
        record = self.trials.run(Simulated(case.seed, case.faults, case.unit), watch)
        return outcome(case, self._faults.get(case.kind), record, watch, self._beside)

    def close(self) -> None:
        """Let go of the ledger."""
        self.trials.close()


def _may_be_by_itself(case: Case, came: Outcome) -> bool:
    """Whether the unit was failed for something else than the fault, or for more."""
    return bool(case.fault) and came.verdict == "FAILED" and (came.blamed or came.located != "exact")


_mine = threading.local()
"""The worker of each thread: a loop, and a ledger, belong to one."""


def packed(task: Task, some: Iterable[Case]) -> str:
    """A part of a proof as text."""
    return orjson.dumps({"task": asdict(task), "cases": [asdict(case) for case in some]}).decode()


def unpacked(text: str) -> list[Outcome]:
    """What a worker says of its part."""
    return [Outcome(**each | {"found": tuple(each["found"])}) for each in orjson.loads(text)]


def carry_out(text: str) -> str:
    """Carry out a part of a proof. Raises ForeignWorkerError where this worker would not prove the same thing."""
    part: dict[str, Any] = orjson.loads(text)
    task = Task(Request(**part["task"]["request"]), part["task"]["station"], tuple(part["task"]["prints"]))
    worker = _worker(task)
    if worker.prints != task.prints:
        raise ForeignWorkerError(f"it has {', '.join(worker.prints)} where {', '.join(task.prints)} is to be proven")
    return orjson.dumps([asdict(worker.carry_out(Case(**each))) for each in part["cases"]]).decode()


def _worker(task: Task) -> Worker:
    """The worker of this thread at the task; one that was at another is let go."""
    at, worker = getattr(_mine, "at", (None, None))
    if worker is None or at != task:
        if worker is not None:
            atexit.unregister(worker.close)
            worker.close()
        worker = Worker(task)
        atexit.register(worker.close)
        _mine.at = task, worker
    return worker
