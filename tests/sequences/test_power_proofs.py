"""What a safety tester proves: its own judgement, our limit, and the stimulus must all agree before a unit passes."""

from typing import cast

import pytest

from drivers.errors import InstrumentError
from drivers.power_roles import Proof
from drivers.reading import Reading
from sequences.limits import Limit, at_least, between
from sequences.measurement import Point
from sequences.power.safety import applied, judged
from sequences.power.safety_quantities import LEAKAGE, WITHSTAND_LASTED, WITHSTAND_STIMULUS
from sequences.take import Take
from sequences.verdict import Verdict

LIMITS: dict[Point, Limit] = {
    LEAKAGE.whole: between(0.0025, 0.0055, "A"),
    WITHSTAND_STIMULUS.whole: at_least(98.0, "%"),
    WITHSTAND_LASTED.whole: at_least(98.0, "%"),
}
STIMULUS = (WITHSTAND_STIMULUS.whole, WITHSTAND_LASTED.whole)


def judge(point: Point, reading: Reading) -> Verdict:
    """A pen that judges by the limits above, and records nothing."""
    return LIMITS[point].judge(reading)[0]


TAKE = cast("Take", judge)


def proof(amps: float = 0.004, volts: float = 1575.0, seconds: float = 1.3, *, passed: bool = True) -> Proof:
    """A withstand test at 1500 V for a second."""
    return Proof(
        Reading(volts, "V", 5.0, 0.0, "hipot"),
        Reading(amps, "A", 1e-5, 0.0, "hipot"),
        Reading(seconds, "s", 0.02, 0.0, "hipot"),
        passed,
    )


def test_a_tester_that_says_fail_of_what_the_limit_passes_is_an_error() -> None:
    """Either of them may be wrong: the unit has not passed, and nothing is wrong with it."""
    with pytest.raises(InstrumentError, match="says FAIL of leakage"):
        judged(TAKE, LEAKAGE.whole, proof(passed=False))


@pytest.mark.parametrize(("amps", "passed"), [(0.01, True), (0.01, False), (0.001, True)])
def test_what_the_limit_fails_has_failed_whatever_the_tester_says(amps: float, *, passed: bool) -> None:
    """Our limit counts, with our uncertainty."""
    assert Verdict.FAILED is judged(TAKE, LEAKAGE.whole, proof(amps, passed=passed))


@pytest.mark.parametrize("odd", [proof(volts=1000.0), proof(seconds=0.5), proof(volts=0.0)])
def test_a_pass_without_its_stimulus_proves_nothing(odd: Proof) -> None:
    """Too few volts, or for too short a time: an error of the tester, not of the unit."""
    with pytest.raises(InstrumentError, match="where 1500 for 1 s are asked"):
        applied(TAKE, STIMULUS, odd, 1500.0, 1.0, Verdict.PASSED)


def test_a_test_that_broke_off_at_a_bad_unit_is_no_error() -> None:
    """The insulation broke down before the time was over: that is the unit's fault."""
    applied(TAKE, STIMULUS, proof(volts=700.0, seconds=0.1), 1500.0, 1.0, Verdict.FAILED)
