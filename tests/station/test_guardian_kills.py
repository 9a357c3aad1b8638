"""Killed and frozen: whichever of the daemon and its guardian it is, and when, no output stays on.

Emulators on real sockets in a process of their own, a burn-in of a rack PDU in another. `benchmarks/guardian.py` does it at
every step.
"""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.guardian.guardian import PATIENCE
from station.guardian.guarding import BEAT, MISSED
from tests.station.guarded_bay import Bay

SAFE_WITHIN = 5.0
"""Seconds from a kill until the source and the relays are off; it is a fraction of one where the machine has nothing else to do."""
FROZEN_FOR = 2 * PATIENCE


@pytest.fixture
def bay(tmp_path: Path) -> Iterator[Bay]:
    """One bay for each test."""
    made = Bay(tmp_path)
    yield made
    made.end()


@pytest.mark.parametrize(
    ("how", "step"),
    [
        (signal.SIGKILL, "the_tester_reaches_the_jig"),
        (signal.SIGSTOP, "the_tester_reaches_the_jig"),
        (signal.SIGKILL, "the_insulation_withstands"),
    ],
)
def test_a_daemon_that_is_lost_leaves_nothing_on(bay: Bay, how: signal.Signals, step: str) -> None:
    """The guardian ends it, makes safe, and writes down what it did; thawed, nothing of the daemon is left to switch on."""
    bay.begin()
    bay.reach(step)
    time.sleep(0.3)
    assert bay.on()
    assert bay.line is not None
    began = time.perf_counter()
    bay.line.send_signal(how)
    assert bay.seconds_on(began) < SAFE_WITHIN + (FROZEN_FOR if how is signal.SIGSTOP else 0.0)
    assert -signal.SIGKILL == bay.line.wait(10)
    (deed,) = bay.deeds()
    assert ("P", ()) == (deed.slot, deed.refusals)
    assert [] == bay.on() + bay.serial_on()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_guardian_that_is_lost_is_replaced_and_the_next_one_knows_it_all(bay: Bay, how: signal.Signals) -> None:
    """The run goes on; then the daemon is killed too, and the second guardian makes safe."""
    bay.begin()
    first = bay.reach("the_tester_reaches_the_jig")
    os.kill(first, how)
    time.sleep(MISSED * BEAT if how is signal.SIGSTOP else 0.0)
    second = bay.reach("every_outlet_is_earthed")
    while second in {first, 0}:
        second = int(bay.next()["guardian"])
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    assert bay.line is not None
    began = time.perf_counter()
    bay.line.kill()
    assert bay.seconds_on(began) < SAFE_WITHIN
    assert () == bay.deeds()[0].refusals
    assert [] == bay.on() + bay.serial_on()
