"""Proofs: a cable's sequence against its whole catalogue at 64 wires, on every core, beside the runs that it cannot do without."""

import os
import time

from benchmarks.figure import Beside, Figure, Say
from station.orders import Request
from station.proving.case import Scope
from station.proving.hands import Processes
from station.proving.proving import prove
from station.proving.worker import Task
from station.service import Simulated
from station.trial import Trials

PRODUCT, SEQUENCE = "CTL-HARNESS-64", "cable-continuity"
WITHIN_S = 60.0
"""The target on two cores, in real seconds."""
UNITS = 50


def measure(say: Say, *, units: int = UNITS, product: str = PRODUCT) -> list[Figure]:
    """The whole proof in real seconds, beside as many good runs on as many cores, and beside one core."""
    request, cores = Request(product, "PROOF", None, SEQUENCE), len(os.sched_getaffinity(0))
    began = time.perf_counter()
    proof = prove(Task(request, None), Scope(units=units), Processes(cores))
    took = time.perf_counter() - began
    cases = len(proof["cases"])
    say(f"{cases} cases on {cores} cores in {took:.1f} s")
    run = _one_run(request)
    return [
        Figure(
            f"{SEQUENCE} on {product}: {cases} cases, {cores} cores",
            took,
            "s",
            WITHIN_S,
            (
                Beside(f"{cases} good runs, {cores} at once", run * cases / cores),
                Beside("the line's time that it simulates", proof["line_time_s"]),
            ),
        )
    ]


def _one_run(request: Request, rounds: int = 10) -> float:
    """Seconds of a good run where everything is prepared."""
    with Trials(request) as trials:
        trials.run(Simulated(0))
        began = time.perf_counter()
        for seed in range(rounds):
            trials.run(Simulated(seed))
        return (time.perf_counter() - began) / rounds
