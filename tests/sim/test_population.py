"""Units of a population: inside their ranges, themselves in every slot, and apart from one another."""

import math
import statistics
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cable.plant import CablePlant
from sim.cable.spec import CableSlot
from sim.here import Here
from sim.population import AS_DRAWN, MOST, Member
from tests.sim.small_bench import ohms, slot

RANGES = {"length": (0.98, 1.02), "ohms": (0.98, 1.02), "contact": (0.5, 2.0)}

ENDS = st.tuples(st.floats(0.01, 1e3), st.floats(1.001, 100.0)).map(lambda each: (each[0], each[0] * each[1]))


@given(ENDS, st.integers(1, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_good_unit_is_inside_every_range(ends: tuple[float, float], number: int, seed: int) -> None:
    """Linear or logarithmic, by its definition."""
    member = Member(number, {"gain": ends})
    low, high = ends[0] * (1 - 1e-12), ends[1] * (1 + 1e-12)
    assert low <= member.linear(member.key(seed), "gain", 0.0) <= high
    assert low <= member.logarithmic(member.key(seed), "gain", 0.0) <= high


def test_a_population_is_what_a_capable_process_makes() -> None:
    """Its mean is the middle of the range, and its deviation an eighth of the whole: Cp = 4/3."""
    units = [Member(number, {"gain": (0.9, 1.1)}) for number in range(1, 3001)]
    drawn = [each.linear(each.key(7), "gain", 0.0) for each in units]
    assert pytest.approx(1.0, abs=0.002) == statistics.fmean(drawn)
    assert pytest.approx(0.2 / 2 / MOST, rel=0.05) == statistics.stdev(drawn)
    spans = [Member(number, {"leak": (1e-4, 1.0)}) for number in range(1, 3001)]
    leaks = [math.log10(each.logarithmic(each.key(7), "leak", 0.0)) for each in spans]
    assert pytest.approx(-2.0, abs=0.05) == statistics.fmean(leaks)


def test_a_place_has_a_range_of_its_own() -> None:
    """It counts before that of its quantity; what has none is as usual, and so is all of the unit that is as drawn."""
    member = Member(1, {"leak": (1.0, 2.0), "leak header": (5.0, 6.0)})
    key = member.key(0)
    assert 1.0 <= member.linear(key, "leak", 0.0, "qd1") <= 2.0
    assert 5.0 <= member.linear(key, "leak", 0.0, "header") <= 6.0
    assert 0.3 == member.linear(key, "gain", 0.3)
    assert 0.3 == replace(member, number=0).linear(key, "leak", 0.3)


def test_the_unit_as_drawn_is_named_by_its_slot_and_a_numbered_one_by_its_number() -> None:
    """So a numbered unit is the same in every slot and under every label."""
    assert AS_DRAWN.key(7, "A", "SN-1") == (7, "A", "SN-1")
    assert Member(3).key(7, "A", "SN-1") == Member(3).key(7, "B", "SN-2") != Member(4).key(7, "B", "SN-2")
    assert Member(3).key(7, "A", "SN-1") != Member(3).key(8, "A", "SN-1")


def test_a_numbered_cable_is_the_same_cable_on_another_jig() -> None:
    """Its strands are; how its pins meet the jig's probes is of both."""
    one, other = plant("A", 5), plant("B", 5)
    assert strands(one) == strands(other) != strands(plant("A", 6))
    assert pytest.approx(ohms(one, "J1.1", "J2.1"), abs=0.006) == ohms(other, "J1.1", "J2.1")
    assert ohms(one, "J1.1", "J2.1") != ohms(other, "J1.1", "J2.1")


def test_cables_of_a_population_differ_within_their_ranges() -> None:
    """In length and in copper, wire by wire."""
    every = [strands(plant("A", number)) for number in range(1, 30)]
    drawn = strands(plant("A", 0))
    for unit in every:
        for name, (length, each) in unit.items():
            assert 0.98 <= length / drawn[name][0] <= 1.02
            assert 0.98 <= each / drawn[name][1] <= 1.02
    assert len(every) == len({each["W1"] for each in every})
    assert all(each["W1"] != each["W2"] for each in every)


def plant(name: str, number: int) -> CablePlant:
    """A slot with a numbered cable in it."""
    empty = slot(name)
    here = CableSlot(name, empty.jig, replace(empty.unit, member=Member(number, RANGES)))
    made = CablePlant(here, Here.still(7))
    made.mate()
    return made


def strands(made: CablePlant) -> dict[str, tuple[float, float]]:
    """Length and ohms per metre of each strand, before its contacts."""
    return {name: (run.length, run.ohms_per_metre) for name, run in made._harness.runs.items()}
