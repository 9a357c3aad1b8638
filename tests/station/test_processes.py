"""Processes that work for another one: none is left behind, however that one ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from station.processes import ProcessLostError, processes

ROOT = Path(__file__).parents[2]
PARENT = """
import os, sys, time
from station.processes import processes

if __name__ == "__main__":
    with processes(2) as pool:
        for each in [pool.submit(os.getpid) for _ in range(8)]:
            print(each.result(), flush=True)
        print("ready", flush=True)
        pool.submit(time.sleep, 60).result()
"""

AS_AT_A_TERMINAL = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background may have been told to ignore it
from station.faces.cli import main
main()
"""


def die() -> None:
    """As when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def alive(pid: int) -> bool:
    """Whether a process is there, and no zombie."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def test_they_end_when_whoever_began_them_is_killed(tmp_path: Path) -> None:
    """SIGKILL, in which nothing can be said any more."""
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as parent:  # fmt: skip
        assert parent.stdout is not None
        said = iter(parent.stdout.readline, "ready\n")
        workers = {int(line) for line in said}
        assert workers
        parent.kill()
    until = time.monotonic() + 10.0
    while any(map(alive, workers)) and time.monotonic() < until:
        time.sleep(0.02)
    assert [] == [each for each in workers if alive(each)]


def test_one_that_is_killed_is_an_error_and_no_hang() -> None:
    """What it had cannot come back."""
    with pytest.raises(ProcessLostError, match="killed"), processes(1) as pool:
        pool.submit(die).result()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_proof_that_is_told_to_end_ends_as_aborted(number: signal.Signals) -> None:
    """Exit code 4, and no page of tracebacks: Ctrl-C reaches every process of a terminal."""
    command = ["prove", "cable-continuity", "--product", "CTL-HARNESS-64", "--jobs", "2"]
    with subprocess.Popen(
        [sys.executable, "-c", AS_AT_A_TERMINAL, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        cwd=ROOT, process_group=0,
    ) as proof:  # fmt: skip
        assert proof.stderr is not None
        assert "cases" in proof.stderr.readline()  # it has begun
        os.killpg(proof.pid, number)
        _, said = proof.communicate(timeout=30)
    assert 4 == proof.returncode
    assert "Traceback" not in said
