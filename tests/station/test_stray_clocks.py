"""A sequence that takes time or chance from the machine is found out, whichever way it is written."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from sequences.sequence import Sequence
from station.catalog import families
from station.stray_clocks import stray_clocks

OURS = {each.name: each for family in families().values() for each in family.sequences}
HEAD = """
    from sequences.sequence import Group, Sequence
    from sequences.step import step
"""
TAIL = """
    class Fixture:
        SAFE_ORDER = ()

    @step(timeout=1.0)
    async def try_it() -> None:
        "Do something."
        BODY

    SEQUENCE = Sequence("tried", "tried", Fixture, Group("all", main=(try_it,)))
"""
Write = Callable[..., Sequence]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Writes modules into a package of its own, and gives the sequence of the first."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)

    def make(imports: str, body: str = "pass", **others: str) -> Sequence:
        package = tmp_path / "strange"
        package.mkdir()
        (package / "__init__.py").write_text("")
        text = dedent(HEAD) + imports + "\n" + dedent(TAIL).replace("BODY", body.replace("\n", "\n    "))
        (package / "tests.py").write_text(text)
        for name, source in others.items():
            (package / f"{name}.py").write_text(source)
        importlib.invalidate_caches()
        found: Sequence = importlib.import_module("strange.tests").SEQUENCE
        return found

    yield make
    for name in set(sys.modules) - before:
        del sys.modules[name]


def told(sequence: Sequence) -> set[tuple[str, str]]:
    """The file and the name of each use."""
    return {(Path(each.file).stem, each.what) for each in stray_clocks(sequence)}


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_own_sequences_follow_from_loop_and_seed(name: str) -> None:
    """Every one, in all the modules of its package."""
    assert [] == stray_clocks(OURS[name])


@pytest.mark.parametrize(
    ("imports", "body", "what"),
    [
        ("import time", "time.sleep(1)", "time.sleep"),
        ("import time as t", "t.monotonic()", "time.monotonic"),
        ("from time import perf_counter as tick", "tick()", "time.perf_counter"),
        ("import time", "clock = time.time\nclock()", "time.time"),
        ("import time", "getattr(time, 'time')()", "time"),
        ("from time import *", "pass", "time.*"),
        ("", "import time\ntime.time_ns()", "time.time_ns"),
        ("", "__import__('time').time()", "time"),
        ("import importlib", "importlib.import_module('time')", "time"),
        ("from datetime import datetime", "datetime.now()", "datetime.datetime.now"),
        ("import datetime as dt", "dt.datetime.utcnow()", "datetime.datetime.utcnow"),
        ("from datetime import date as day", "day.today()", "datetime.date.today"),
        ("import random", "random.gauss(0, 1)", "random.gauss"),
        ("from random import random", "random()", "random.random"),
        ("import random", "random.Random().random()", "random.Random"),
        ("from random import Random", "Random(None)", "random.Random"),
        ("import numpy as np", "np.random.rand(3)", "numpy.random.rand"),
        ("from numpy.random import default_rng", "default_rng()", "numpy.random.default_rng"),
        ("import os", "os.urandom(8)", "os.urandom"),
        ("from uuid import uuid4", "uuid4()", "uuid.uuid4"),
        ("import secrets", "secrets.token_hex()", "secrets.token_hex"),
    ],
)
def test_the_machines_clock_and_its_chance_are_seen(write: Write, imports: str, body: str, what: str) -> None:
    """By their own names, by others, from inside a function, by a text."""
    assert ("tests", what) in told(write(imports, body))


@pytest.mark.parametrize(
    ("imports", "body"),
    [
        ("import asyncio", "await asyncio.sleep(1)\nasyncio.get_running_loop().time()"),
        ("import random", "random.Random(7).gauss(0, 1)"),
        ("from random import Random", "def draw(chance: Random) -> float:\n    return chance.random()"),
        ("import numpy as np", "np.random.default_rng(7).normal()"),
        ("from datetime import datetime, timedelta", "datetime.fromisoformat('2026-01-01') + timedelta(1)"),
        ("", "time = 3\nrandom = [time]\nrandom.sort()"),
        ("import os.path", "os.path.join('a', 'b')"),
    ],
)
def test_what_follows_from_loop_and_seed_is_left_alone(write: Write, imports: str, body: str) -> None:
    """The loop's time, seeded chance, dates that are written, names of one's own."""
    assert set() == told(write(imports, body))


def test_it_is_seen_in_the_modules_that_are_imported_from_the_same_package(write: Write) -> None:
    """Directly, by way of others, in a circle, and where the import stands in a function that never ran; with its line."""
    sequence = write(
        "from strange import near\n",
        "from .late import wait\nwait()",
        near="from strange.far import now\nfrom strange import near\n",
        far="import time\n\n\ndef now():\n    return time.time()\n",
        late="from time import sleep as wait\n",
        aside="import random\nrandom.random()\n",
    )
    assert "strange.late" not in sys.modules
    assert {("far", "time.time"), ("late", "time.sleep")} == told(sequence)
    assert [5] == [each.line for each in stray_clocks(sequence) if each.file.endswith("far.py")]


def test_the_fixtures_module_is_read_too(write: Write) -> None:
    """A fixture that waits by the machine's clock is no better than a step that does."""
    sequence = write(
        "from strange.bench import Fixture as Bench\n",
        bench="import time\n\n\nclass Fixture:\n    SAFE_ORDER = ()\n    at = time.time()\n",
    )
    assert ("bench", "time.time") in told(sequence)
