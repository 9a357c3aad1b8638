"""The proof of a test: what is claimed is tried, what escapes is said, and whoever carries it out finds the same."""

import hashlib
import importlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sequences.cabling.continuity import CABLE_CONTINUITY
from sequences.claim import Claim, claims
from sequences.sequence import Group, Sequence
from sim.faults import catalogue, parse
from station.catalog import families
from station.orders import Request
from station.proving.case import Case, Scope, cases
from station.proving.cluster import Cluster
from station.proving.hands import HandsLostError
from station.proving.outcome import Outcome
from station.proving.proof import Proven, proof
from station.proving.proving import prove_with, require_possible
from station.proving.schema import SCHEMA
from station.proving.task import task_of
from station.proving.worker import LEMONS, ForeignWorkerError, Task, Worker, carry_out, packed
from station.report.proof_page import render_proof
from station.service import RefusalError, Simulated
from station.simulating import spec_of
from tests.station.lines import WHIP

TASK = Task(Request(WHIP, "PROOF", None, CABLE_CONTINUITY.name), None)
SMALL = ("prove", "cable-continuity", "--product", WHIP, "--units", "4", "--trials", "1")


def proven(sequence: Sequence, *only: str, trials: int = 2, units: int = 0, relaxed: str = "") -> dict[str, Any]:
    """The proof of a sequence as it is, or as somebody has changed it; without the upper limit of the measurement `relaxed`."""
    worker = Worker(TASK)
    try:
        (order,) = worker.trials.prepared.orders
        limits = {
            point: replace(limit, high=1e9) if point.measurement.name == relaxed else limit
            for point, limit in order.limits.items()
        }
        changed = replace(order, sequence=sequence, limits=limits)
        worker.trials.prepared = replace(worker.trials.prepared, orders=(changed,))
        return prove_with(worker, TASK, Scope(0, units, trials, only))
    finally:
        worker.close()


def claiming(*claimed: Claim) -> Sequence:
    """The sequence with other claims."""
    return replace(CABLE_CONTINUITY, catches=claimed)


def without(name: str) -> Sequence:
    """The sequence without one of its main steps."""
    group = CABLE_CONTINUITY.steps
    left = tuple(each for each in group.main if getattr(each, "name", "") != name)
    assert len(left) < len(group.main)
    return replace(CABLE_CONTINUITY, steps=Group(group.name, left, group.setup, group.cleanup))


def verdicts(proof: dict[str, Any]) -> dict[str, bool | None]:
    """Whether each claim holds."""
    return {claim["fault"]: claim["holds"] for claim in proof["claims"]}


def test_a_sequence_keeps_what_it_claims() -> None:
    """Claimed, tried, caught and located; good units pass."""
    proof = proven(
        claiming(*claims("open", "swap"), *claims("silent", located="anywhere")), "open", "swap", "silent", units=3
    )
    assert {"open": True, "swap": True, "silent": True} == verdicts(proof)
    assert proof["holds"]
    assert 0 == proof["units"]["failed"]["count"]
    mine = [kind for kind in proof["faults"] if kind["of_unit"]]
    assert [kind["exact"] for kind in mine] == [kind["tried"] for kind in mine]


def test_a_sequence_without_a_step_is_not_proven() -> None:
    """What the step alone has caught escapes."""
    mutant = replace(without("no_two_nets_touch"), catches=claims("open", "short"))
    proof = proven(mutant, "open", "short")
    assert {"open": True, "short": False} == verdicts(proof)
    assert not proof["holds"]
    (short,) = (kind for kind in proof["faults"] if kind["name"] == "short")
    assert short["tried"] == short["escaped"]


def test_a_sequence_without_a_limit_is_not_proven() -> None:
    """A contact of any resistance passes."""
    claimed = claiming(Claim("high-resistance", at_least=0.5, located="anywhere"))
    assert proven(claimed, "high-resistance")["holds"]
    proof = proven(claimed, "high-resistance", relaxed="conduction")
    assert {"high-resistance": False} == verdicts(proof)


def test_a_fault_that_is_put_elsewhere_breaks_a_claim_that_locates_it() -> None:
    """A jumper of some ohms is told as a short of the wires at its pins: near, not exact."""
    mapping = replace(CABLE_CONTINUITY, catches=(Claim("extra-jumper"),))
    exact = proven(mapping, "extra-jumper", trials=6)
    near = proven(replace(mapping, catches=(Claim("extra-jumper", located="near"),)), "extra-jumper", trials=6)
    assert {"extra-jumper": True} == verdicts(near)
    assert exact["holds"] is all(each["exact"] == each["tried"] for each in exact["faults"])


def test_what_has_no_place_here_is_not_held_to_be_proven() -> None:
    """A cable without twisted pairs cannot have a split one: neither true nor false, and said."""
    proof = proven(claiming(*claims("open", "split-pair")))
    (claim,) = (each for each in proof["claims"] if each["fault"] == "split-pair")
    assert (claim["holds"], claim["why"]) == (None, "this product has no place for it")


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        (Claim("opne"), "'opne', which no plant can make; there is open"),
        (Claim("fan-failed"), "fan-failed, which the plant of this slot cannot make"),
        (Claim("open", at_least=-1.0), "open, -1 or more; open: 0 to 1000 m"),
        (Claim("swap", at_least=1.0), "swap, 1 or more; swap: it has no value"),
    ],
)
def test_a_claim_that_could_never_be_wrong_is_refused_by_name(claim: Claim, said: str) -> None:
    """A fault that is in no catalogue, that this plant cannot make, or a value that it cannot have."""
    with pytest.raises(RefusalError, match=re.escape(said)):
        proven(claiming(claim))


def test_a_claim_may_hold_outside_of_a_range() -> None:
    """A gain is wrong on both sides of one."""
    gain = Claim("ct-gain", at_least=1.03, at_most=0.97)
    assert [True, False, False, True] == [gain.covers(value) for value in (0.97, 0.98, 1.02, 1.03)]
    assert "ct-gain, 0.97 or less or 1.03 or more" == str(gain)
    band = Claim("x", at_least=1.0, at_most=2.0)
    assert [False, True, False] == [band.covers(value) for value in (0.5, 1.5, 2.5)]


def test_without_a_product_the_one_is_taken_that_most_claims_can_be_tried_on() -> None:
    """Of the cables, the one with pairs, shields and jumpers."""
    assert "CTL-HARNESS-64@B" == task_of("cable-continuity").request.product


def test_a_worker_that_has_another_product_is_refused() -> None:
    """It would prove something else."""
    with pytest.raises(ForeignWorkerError):
        carry_out(packed(replace(TASK, prints=("0", "1", "2")), []))


def test_the_page_needs_nothing_else_and_obeys_nothing() -> None:
    """One file without scripts and addresses; text in it is escaped; the same proof gives the same bytes."""
    proof = proven(claiming(*claims("high-resistance", located="anywhere")), "high-resistance", "silent", units=2)
    proof["product"] = "<script>alert(1)</script>"
    page = render_proof(proof)
    assert "<script" not in page
    assert not re.search(r"""(?:src|href)=["']?(?!#)""", page)
    assert 'class="curves"' in page
    assert page == render_proof(json.loads(json.dumps(proof)))


def station(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """The command line as a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from station.faces.cli import main; main()", *arguments],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip


def test_the_same_proof_for_any_hash_seed_and_any_number_of_jobs() -> None:
    """One SHA-256."""
    told = {
        hashlib.sha256(station(*SMALL, "--json", "--jobs", jobs, PYTHONHASHSEED=seed).stdout.encode()).hexdigest()
        for jobs, seed in (("1", "0"), ("2", "1"))
    }
    assert 1 == len(told)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("prove", "cable-continuty"), "there is cable-continuity"),
        (("prove", "cable-learn"), "learns from a unit and judges none"),
        ((*SMALL, "--only", "opne"), "no fault is called 'opne'; there is open"),
        (("prove", "cable-continuity", "--product", "PWR-WHIP-9"), "PWR-WHIP-8"),
        (("prove", "cable-continuity", "--product", WHIP, "--slot", "Z"), "no slot 'Z'"),
        (("prove",), "which sequence?"),
    ],
)
def test_wrong_names_exit_with_2_and_the_nearest_that_there_are(arguments: tuple[str, ...], said: str) -> None:
    """Nothing is on stdout."""
    ran = station(*arguments)
    assert (2, "") == (ran.returncode, ran.stdout)
    assert said in ran.stderr


@contextmanager
def cluster(folder: Path) -> "Iterator[tuple[str, list[subprocess.Popen[bytes]]]]":
    """A Dask scheduler and two workers of one thread each, as anyone would start them; their address, and the workers."""
    file = folder / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": Path(__file__).parents[2]}
    scheduler = subprocess.Popen(
        [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)],
        **quiet,  # type: ignore[call-overload]  # a mapping of what every process is given
    )
    local = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1", "--local-directory", str(folder)]
    workers: list[subprocess.Popen[bytes]] = []
    try:
        while not file.exists() or not file.stat().st_size:
            assert scheduler.poll() is None
            time.sleep(0.02)
        workers += [
            subprocess.Popen([*dask, "worker", "--scheduler-file", str(file), *local], **quiet)  # type: ignore[call-overload]  # as above
            for _ in range(2)
        ]
        yield json.loads(file.read_text())["address"], workers
    finally:
        for each in (*workers, scheduler):
            each.kill()
            each.wait()


def test_a_cluster_finds_the_same_and_a_lost_worker_loses_nothing(tmp_path: Path) -> None:
    """Two workers, one of which is killed in the middle: the same bytes as from one process."""
    alone = station(*SMALL, "--json", "--jobs", "1")
    with cluster(tmp_path) as (address, workers):
        together = subprocess.Popen(
            [sys.executable, "-c", "from station.faces.cli import main; main()", *SMALL, "--json", "--scheduler", address],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert together.stderr is not None
        assert b"cases" in together.stderr.readline()  # it has begun
        os.kill(workers[0].pid, signal.SIGKILL)
        told, said = together.communicate(timeout=40)
    assert alone.stdout.encode() == told, said.decode()


def test_a_cluster_that_is_not_there_is_an_error_and_no_hang() -> None:
    """It says where it looked."""
    with pytest.raises(HandsLostError, match=r"no scheduler at tcp://127\.0\.0\.1:1"):
        list(Cluster("tcp://127.0.0.1:1", patience=0.3).carry_out(TASK, []))


def test_what_the_catalogue_says_is_caught_some_sequence_claims() -> None:
    """And what somebody claims, the catalogue says is caught: neither list can grow alone."""
    sequences = [each for family in families().values() for each in family.sequences]
    claimed = {claim.fault for each in sequences for claim in each.catches}
    assert {fault.name for fault in catalogue() if fault.caught_by} == claimed


@pytest.mark.parametrize(
    "name", [each.name for family in families().values() for each in family.sequences if not each.learns]
)
def test_every_sequence_claims_something_that_its_plant_can_make(name: str) -> None:
    """A claim that the plant cannot make is refused before anything is tried."""
    worker = Worker(task_of(name))
    try:
        (order,) = worker.trials.prepared.orders
        spec = spec_of(worker.trials.prepared.station, [order], Simulated(0))
        require_possible(order.sequence.catches, spec)
        assert order.sequence.catches
    finally:
        worker.close()


def test_a_proof_is_what_its_schema_says() -> None:
    """`rackproof.proof/1` is a contract."""
    Draft202012Validator(SCHEMA).validate(proven(claiming(*claims("open")), "open", "high-resistance", units=2))


def test_a_sequence_that_reads_the_machines_clock_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it says could not be said again."""
    (tmp_path / "hasty.py").write_text(
        "import time\n"
        "from sequences.step import step\n\n"
        "@step(timeout=1.0)\n"
        "async def it_is_late() -> None:\n"
        '    """By the clock on the wall."""\n'
        "    time.time()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    step = importlib.import_module("hasty").it_is_late
    group = CABLE_CONTINUITY.steps
    hasty = replace(CABLE_CONTINUITY, steps=Group(group.name, (*group.main, step), group.setup, group.cleanup))
    with pytest.raises(RefusalError, match=r"from the machine.*hasty\.py:7: time\.time"):
        proven(hasty)


@pytest.mark.parametrize("kind", ["silent", "open"])
def test_a_unit_that_is_a_false_alarm_by_itself_hides_no_fault(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails without the fault as well: it is counted among the good units, and here the next unit is taken."""
    worker = Worker(TASK)
    tried = []

    def run(simulated: Simulated, watch: Any) -> dict[str, Any]:
        tried.append((simulated.unit, simulated.faults))
        lemon = simulated.unit < 7
        found = (
            [{"cause": "leak", "where": "W1+W2"}] if lemon else [{"cause": "open", "where": "W3"}] * (kind == "open")
        )
        verdict = "FAILED" if lemon or kind == "open" else "ERROR"
        return {"findings": found, "line_time_s": 1.0, "reason": "W3: no answer", "steps": [], "verdict": verdict}

    monkeypatch.setattr(worker.trials, "run", run)
    fault = f"{kind}:W3"
    try:
        came = worker.carry_out(Case(3, kind, "W3", None, fault, 1, 5))
    finally:
        worker.close()
    assert (came.unit, came.caught, came.blamed, came.located) == (7, True, False, "exact")
    assert [(5, (fault,)), (5, ()), (6, (fault,)), (6, ()), (7, (fault,))] == tried


def test_a_sequence_that_fails_every_unit_is_told_so_and_does_not_search_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After some units in a row it is the sequence that blames, and what came of the first unit counts."""
    worker = Worker(TASK)
    units = []

    def run(simulated: Simulated, watch: Any) -> dict[str, Any]:
        units.append(simulated.unit)
        found = [{"cause": "leak", "where": "W1+W2"}]
        return {"findings": found, "line_time_s": 1.0, "reason": "", "steps": [], "verdict": "FAILED"}

    monkeypatch.setattr(worker.trials, "run", run)
    try:
        came = worker.carry_out(Case(3, "silent", "ohms", None, "silent:ohms", 1, 5))
    finally:
        worker.close()
    assert (5, True) == (came.unit, came.blamed)
    assert set(range(5, 5 + LEMONS)) == set(units)


def shared(caught: int, of: int, share: float) -> bool | None:
    """Whether a claim of a share holds, where so many were caught of so many."""
    fault = next(each for each in catalogue() if each.name == "reset")
    tried = [
        (
            Case(number, "reset", "ohms", None, "reset:ohms@1s", 1, 1),
            Outcome(number, 1, "ERROR", number < caught, False, "exact", "identify", 1.0, 1.0, (), ""),
        )
        for number in range(of)
    ]
    proven = Proven("a", "b", "c", "d", "e", "f", "g", 0)
    (claim,) = proof(proven, (Claim("reset", share=share),), [fault], tried)["claims"]
    holds: bool | None = claim["holds"]
    return holds


@pytest.mark.parametrize(
    ("caught", "of", "share", "holds"),
    [
        (0, 1, 0.6, False),  # none is never a share of something
        (0, 4, 0.6, False),
        (1, 4, 0.6, True),  # bad luck, once in six times
        (5, 16, 0.6, False),  # once in fifty
        (12, 16, 0.6, True),
        (15, 16, 1.0, False),
        (16, 16, 1.0, True),
    ],
)
def test_a_share_is_refuted_by_what_would_be_rare(caught: int, of: int, share: float, *, holds: bool) -> None:
    """Less than once in 20 times, if it were true."""
    assert shared(caught, of, share) is holds


def test_a_timed_fault_is_tried_in_every_part_of_the_run() -> None:
    """Else all of its trials might lie where it does no harm."""
    worker = Worker(TASK)
    try:
        (order,) = worker.trials.prepared.orders
        spec = spec_of(worker.trials.prepared.station, [order], Simulated(0))
        made = cases(spec, Scope(trials=3, units=0, only=("removed",)), 120.0)
    finally:
        worker.close()
    assert list(range(12)) == [int(parse(case.fault).at // 10.0) for case in made]
