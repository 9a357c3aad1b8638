"""Harness: the line time of a good 1,000-net harness against its bound, and how long the commands take in real time."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.figure import Beside, Figure, Say
from benchmarks.slot import new_ledger
from sequences.cabling.bound import least_states
from sequences.cabling.cable import Cable
from sequences.cabling.panel import CablePanel
from sequences.cabling.wiring import CableWiring
from sim import clock
from station.ledger.ledger import Ledger
from station.opening import Prepared, Setup, prepare, service_of
from station.orders import Request
from station.service import Simulated
from station.trace import Answered, Event, Prompted, RunEnded

PRODUCT = "BACKPLANE-1000"
RUN_S, HELP_S = 3.0, 0.2
"""The targets, in real seconds."""
SERIAL = "BENCH-0001"


@dataclass(frozen=True, slots=True)
class Line:
    """A simulated run: its time and the part of it in which a person was waited for, in seconds; its matrix states."""

    seconds: float
    person: float
    states: int
    least: int
    settle: float

    @property
    def bound(self) -> float:
        """Seconds below which no run can be: each state that is needed must settle."""
        return self.least * self.settle


def measure(say: Say, *, rounds: int = 5, product: str = PRODUCT) -> list[Figure]:
    """The line time in simulated seconds, the commands in real seconds."""
    line = line_of(product)
    say(f"{product} is through")
    runs, helps = list[float](), list[float]()
    for turn in range(rounds):
        runs.append(_run(product))
        helps += [_station("--help") for _ in range(3)]
        say(f"round {turn + 1} of {rounds}")
    bare = _timed([sys.executable, "-c", "import click"])
    return [
        Figure(
            f"{product}: matrix states", line.states, "", None, (Beside("the least that can prove it", line.least),)
        ),
        Figure(
            f"{product}: line time, without the {line.person:g} s of the person",
            line.seconds - line.person,
            "s",
            None,
            (
                Beside(f"the bound: {line.least} states x {1000 * line.settle:g} ms to settle", line.bound),
                Beside(f"settling of the {line.states} states made", line.states * line.settle),
            ),
        ),
        Figure(
            f"station run --sim --product {product}",
            median(runs),
            "s",
            RUN_S,
            (Beside("the line time that it simulates", line.seconds),),
        ),
        Figure("station --help, the best of several", min(helps), "s", HELP_S, (Beside("python, import click", bare),)),
    ]


def line_of(product: str) -> Line:
    """Test a good unit in virtual time, and count."""
    prepared = prepare(Setup(None, Path(), Simulated(0, ())), [Request(product, SERIAL)])
    with new_ledger() as ledger:
        return clock.run(_line(prepared, ledger))


async def _line(prepared: Prepared, ledger: Ledger) -> Line:
    (order,) = prepared.orders
    cable, wiring = order.product.structure, order.jig.wiring
    assert isinstance(cable, Cable)
    assert isinstance(wiring, CableWiring)
    service = service_of(prepared, ledger)
    person, states = 0.0, 0

    def listen(event: Event) -> None:
        nonlocal person, states
        match event:
            case Prompted():
                person -= event.at
            case Answered():
                person += event.at
            case RunEnded():
                run = service.running[order.slot.name]
                assert run is not None
                assert isinstance(run.job.fixture, CablePanel)
                states = run.job.fixture.crossbar.states
            case _:
                pass

    try:
        record = await service.run(order, listen)
    finally:
        service.bench.close()
    assert record["verdict"] == "PASSED", record["reason"]
    return Line(record["line_time_s"], person, states, least_states(cable.netlist), wiring.settle)


def _run(product: str) -> float:
    """Real seconds of the whole process."""
    with TemporaryDirectory(prefix="rackproof-bench-") as folder:
        return _station("run", "--sim", "--product", product, "--serial", SERIAL, "--data", folder, "--json")


def _station(*arguments: str) -> float:
    return _timed([sys.executable, "-c", "from station.faces.cli import main; main()", *arguments])


def _timed(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "NO_COLOR": "1"})
    return time.perf_counter() - began
