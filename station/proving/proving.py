"""Proving: a sequence against the whole catalogue of faults, by as many hands as there are."""

from collections.abc import Callable
from collections.abc import Sequence as Several
from dataclasses import replace
from pathlib import Path
from typing import Any

from sequences.claim import Claim
from sequences.sequence import Sequence
from sim.catalogue.fault import Fault
from sim.faults import catalogue
from sim.spec import WorldSpec
from station.config.problems import nearest, spelled
from station.program import VERSION
from station.proving.case import Case, Scope, applying, cases
from station.proving.hands import Hands
from station.proving.outcome import Outcome
from station.proving.proof import Proven, proof
from station.proving.worker import Task, Worker
from station.service import RefusalError, Simulated
from station.simulating import spec_of
from station.stray_clocks import stray_clocks

Say = Callable[[int, int], object]
"""Is told how many cases are done, of how many."""


def prove(task: Task, scope: Scope, hands: Hands | None = None, say: Say = lambda *_: None) -> dict[str, Any]:
    """The proof of a task's sequence: `rackproof.proof/1`. The same for any number of hands; without `hands`, by this one.

    Raises BadDocuments; RefusalError for names, for claims that cannot be tried here, and for a good unit that does not pass
    as drawn; HandsLostError.
    """
    worker = Worker(task)
    try:
        return prove_with(worker, replace(task, prints=worker.prints), scope, hands, say)
    finally:
        worker.close()


def prove_with(
    worker: Worker, task: Task, scope: Scope, hands: Hands | None = None, say: Say = lambda *_: None
) -> dict[str, Any]:
    """The same with a worker that is there already."""
    prepared = worker.trials.prepared
    (order,) = prepared.orders
    spec = spec_of(prepared.station, prepared.orders, Simulated(0))
    claimed = order.sequence.catches
    require_known(scope.only)
    require_timeless(order.sequence)
    require_possible(claimed, spec)
    drawn = worker.trials.run(Simulated(scope.seed))
    if drawn["verdict"] != "PASSED":
        why = drawn["reason"] or "; ".join(each["text"] for each in drawn["findings"])
        raise RefusalError(f"a good {order.product.name} does not pass {order.sequence.name} here: {why}")
    every = cases(spec, scope, drawn["line_time_s"])
    came = dict[int, Outcome]()
    for each in hands.carry_out(task, every) if hands is not None else map(worker.carry_out, every):
        came[each.number] = each
        say(len(came), len(every))
    faults = [fault for fault in applying(spec) if not scope.only or fault.name in scope.only]
    proven = Proven(
        order.sequence.name, order.sequence_digest, order.product.name, order.product.digest,
        prepared.station.name, order.slot.name, VERSION, scope.seed,
    )  # fmt: skip
    considered = [claim for claim in claimed if not scope.only or claim.fault in scope.only]
    return proof(proven, considered, faults, _in_order(every, came))


def require_known(names: Several[str]) -> None:
    """Raise RefusalError for the name of a fault that is in no catalogue, with the nearest that is."""
    known = {fault.name for fault in catalogue()}
    for name in names:
        if name not in known:
            raise RefusalError(f"no fault is called {name!r}; there is {nearest(name, known)}")


def require_timeless(sequence: Sequence) -> None:
    """Raise RefusalError for a sequence that takes time or chance from the machine: what it says cannot be said again."""
    if strays := stray_clocks(sequence):
        places = "; ".join(f"{spelled(Path(each.file))}:{each.line}: {each.what}" for each in strays)
        raise RefusalError(
            f"{sequence.name} takes time or chance from the machine, not from its loop and its seed: {places}"
        )


def require_possible(claimed: Several[Claim], spec: WorldSpec) -> None:
    """Raise RefusalError for a claim of what no plant here can make: such a claim could never be wrong."""
    known = {fault.name: fault for fault in catalogue()}
    for claim in claimed:
        fault = known.get(claim.fault)
        if fault is None:
            raise RefusalError(
                f"the sequence claims to catch {claim.fault!r}, which no plant can make; there is {nearest(claim.fault, known)}"
            )
        if not any(isinstance(slot, fault.place.slots) for slot in spec.slots):
            raise RefusalError(
                f"the sequence claims to catch {fault.name}, which the plant of this slot cannot make: it sits at {fault.place.text}"
            )
        _require_value(claim, fault)


def _require_value(claim: Claim, fault: Fault) -> None:
    for end in (claim.at_least, claim.at_most):
        if end is not None and (fault.value is None or not fault.value.low <= end <= fault.value.high):
            allowed = str(fault.value) if fault.value else "it has no value"
            raise RefusalError(f"the sequence claims {claim}; {fault.name}: {allowed}")


def _in_order(every: Several[Case], came: dict[int, Outcome]) -> list[tuple[Case, Outcome]]:
    return [(case, came[case.number]) for case in every]
