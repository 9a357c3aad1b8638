"""The same seed gives the same bytes: whatever the machine is like, and however many slots run at once."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson

from station.opening import Setup, prepare, run_orders
from station.orders import Request
from station.service import Simulated
from tests.station.same_bytes import ALONE, LINE, session

ROOT = Path(__file__).parents[2]
HERE = {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C", "USER": "one", "COLUMNS": "80", "OPENBLAS_NUM_THREADS": "2"}
THERE = {
    "PYTHONHASHSEED": "4242",
    "PYTHONOPTIMIZE": "1",
    "TZ": "Asia/Kathmandu",
    "LC_ALL": "C.UTF-8",
    "LANG": "de_DE.UTF-8",
    "USER": "another",
    "COLUMNS": "33",
    "NO_COLOR": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OPENBLAS_CORETYPE": "Prescott",
    "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-AVX2,-AVX2_Usable,-FMA_Usable",
}
"""Another hash seed, optimisation, time zone, language, user, and a processor of before 2013: its `exp` and `sin` are others."""


def begun(folder: Path, machine: dict[str, str], mask: int) -> "subprocess.Popen[bytes]":
    """A process on a machine of that kind, in a folder and a home of its own, with only what it needs of this one's."""
    folder.mkdir()
    return subprocess.Popen(
        [sys.executable, "-m", "tests.station.same_bytes", "data" if mask else folder / "records"],
        cwd=folder,
        umask=mask,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(folder), **machine},
    )


def test_the_same_seed_gives_the_same_bytes_on_any_machine(tmp_path: Path) -> None:
    """Of units alone and of one, two and four slots at once: hash seed, time zone, locale, user, folders, umask, optimisation,
    threads and the processor's arithmetic make no difference.
    """
    machines = [begun(tmp_path / "here", HERE, 0), begun(tmp_path / "another place", THERE, 0o077)]
    (one, said), (other, _) = (each.communicate(timeout=50) for each in machines)
    assert [0, 0] == [each.returncode for each in machines], said.decode()
    documents = len(ALONE) + 3
    assert (documents, documents) == (
        one.count(b"\n}\n") + one.count(b"\n]\n"),
        other.count(b"\n}\n") + other.count(b"\n]\n"),
    )
    assert hashlib.sha256(one).hexdigest() == hashlib.sha256(other).hexdigest()


def test_slots_that_wait_for_one_another_give_the_same_bytes_again(tmp_path: Path) -> None:
    """In one process, too: three slots, two of which share their ohmmeter; nothing of the first session is left."""
    first, again = (session(tmp_path / name, 3) for name in ("first", "again"))
    assert orjson.dumps(first) == orjson.dumps(again)
    assert ["PASSED"] * 3 == [each["verdict"] for each in first]


def test_who_shares_nothing_measures_what_it_would_alone(tmp_path: Path) -> None:
    """To the last digit and to the moment; only the run's id knows that there was another."""
    together = {record["slot"]: record for record in session(tmp_path / "together", 2)}
    for product, slot in LINE[:2]:
        setup = Setup(None, tmp_path / slot, Simulated(3))
        (alone,) = run_orders(prepare(setup, [Request(product, f"SN-{slot}", slot)]), [lambda _: None])
        assert without_id(alone) == without_id(together[slot])


def without_id(record: dict[str, Any]) -> dict[str, Any]:
    """A record without what counts the runs before it."""
    return {key: each for key, each in record.items() if key != "run"}
