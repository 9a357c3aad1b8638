"""Seeded chance and the air of the hall."""

import statistics
from itertools import pairwise

from sim.ambient import Ambient
from sim.noise import Streams, normal, uniform


def test_a_number_belongs_to_its_key_alone() -> None:
    """These numbers are the same in every process, whatever its hash seed: they were written down once."""
    assert [0.5684, -1.0551] == [round(uniform(7, "A", "W1"), 4), round(normal(7, "A", "W1"), 4)]


def test_normal_deviates_are_normal() -> None:
    """Mean 0, deviation 1, and about 5 % beyond two deviations."""
    drawn = [normal(1, number) for number in range(4000)]
    assert abs(statistics.fmean(drawn)) < 0.05
    assert abs(statistics.stdev(drawn) - 1.0) < 0.05
    assert 0.03 < sum(abs(each) > 2.0 for each in drawn) / len(drawn) < 0.06


def test_streams_do_not_disturb_each_other() -> None:
    """Drawing another quantity, place, device or slot in between changes no number of the first."""
    alone, together = Streams(3), Streams(3)
    expected = [alone.next("A", "ohms", "resistance", "") for _ in range(5)]
    drawn = []
    for _ in range(5):
        together.next("A", "ohms", "gain", "")
        drawn.append(together.next("A", "ohms", "resistance", ""))
        together.next("A", "mux1", "resistance", "")
        together.next("A", "ohms", "resistance", "2")
        together.next("B", "ohms", "resistance", "")
    assert expected == drawn
    assert 5 == len(set(drawn))


def test_the_air_wanders_slowly_about_23_degrees() -> None:
    """Never further than 0.73 K, and never faster than 5 mK in a second."""
    air = Ambient.seeded(7)
    course = [air.at(float(seconds)) for seconds in range(0, 4000, 1)]
    assert max(abs(celsius - 23.0) for celsius in course) <= 0.73
    assert max(abs(after - before) for before, after in pairwise(course)) < 0.005
    assert max(course) - min(course) > 0.2


def test_another_seed_is_another_day() -> None:
    """The air of two seeds differs."""
    assert Ambient.seeded(1).at(0.0) != Ambient.seeded(2).at(0.0)
