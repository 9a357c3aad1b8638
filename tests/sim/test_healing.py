"""Healing: a fault that is gone has left nothing behind, in whatever order several of them go."""

import math
from itertools import permutations

import pytest

from sim.faults import catalogue, each_place, example
from sim.quantity import Quantity
from sim.world import World
from tests.sim.small_bench import bench, drawn
from tests.sim.small_world import Clock, everything, move, resistance

HEALING = [text for each in catalogue() if not each.lasting and (text := example(each, bench()))]
TOGETHER = [tuple(HEALING[at : at + 8]) for at in range(0, len(HEALING), 8)]
LASTING = {"removed", "reset", "half-open", "jig-swapped", "wrong-instrument", "card-swapped"}


def healed(*faults: str, until: float = 5.0) -> World:
    """A world in which they were there from 1 s to a moment that has passed."""
    clock = Clock()
    here = World(bench(tuple(f"{fault}@1s-{until}s" for fault in faults)), clock)
    clock.seconds += 2.0
    here.ill("ohms")  # somebody looks: they strike
    clock.seconds += until
    return here


def mate(here: World) -> None:
    """The unit is plugged in, and a relay at an empty pin stays closed: nobody takes it off between two looks."""
    here.scan("gun")
    move(bench(), here, 3, "J1.10")


def well() -> World:
    """The same world without faults, at the same time."""
    return healed()


@pytest.mark.parametrize("some", TOGETHER, ids=lambda some: some[0].partition(":")[0])
def test_what_has_healed_is_as_good_as_new(some: tuple[str, ...]) -> None:
    """Eight at once: whatever instruments can learn is what they would have learned of a good one, to the last digit."""
    assert everything(well()) == everything(healed(*some))


def test_what_no_hand_can_undo_lasts() -> None:
    """The whole list."""
    assert LASTING == {each.name for each in catalogue() if each.lasting}


@pytest.mark.parametrize("order", tuple(permutations((3, 4, 5))))
def test_faults_of_one_place_end_in_any_order(order: tuple[int, ...]) -> None:
    """Two swaps that share a wire and a bad contact on it: when all are gone, nothing is; before, what is left is there."""
    clock = Clock()
    faults = ("swap:W1+W2", "swap:W2+W3", "high-resistance:W2=7")
    here = World(bench(tuple(f"{fault}@1s-{end}s" for fault, end in zip(faults, order, strict=True))), clock)
    mate(here)
    fresh = resistance(well_mated(), "J1.2", "J2.2")
    clock.seconds += 2.0
    assert math.inf == resistance(here, "J1.2", "J2.2")
    clock.seconds += max(order[:2]) - 2.0  # both swaps are gone
    rest = 7.0 if order[2] == 5 else 0.0
    assert pytest.approx(fresh + rest, abs=1e-4) == resistance(here, "J1.2", "J2.2")
    clock.seconds += 3.0
    assert pytest.approx(fresh, abs=1e-4) == resistance(here, "J1.2", "J2.2")


def well_mated() -> World:
    """A good world with its unit in place."""
    here = well()
    here.scan("gun")
    return here


def test_a_relay_that_gets_free_goes_where_it_was_told() -> None:
    """Told to close while it was stuck open, it closes; of two faults on one relay the later one counts while it lasts."""
    clock = Clock()
    here = World(bench(("relay-stuck-open:mux1.211@1s-3s", "relay-stuck-closed:mux1.211@2s-4s")), clock)
    spec = bench()
    move(spec, here, 2, "J1.1")
    clock.seconds += 1.0
    move(spec, here, 1, "J1.1")
    seen = [here.sense("ohms", Quantity.FOUR_WIRE) < 1.0]
    for _ in range(2):
        clock.seconds += 1.0
        seen.append(here.sense("ohms", Quantity.FOUR_WIRE) < 1.0)
    move(spec, here, 1, "J1.1", closed=False)
    seen.append(here.sense("ohms", Quantity.FOUR_WIRE) < 1.0)
    clock.seconds += 1.0
    seen.append(here.sense("ohms", Quantity.FOUR_WIRE) < 1.0)
    assert [False, True, True, True, False] == seen


def test_what_comes_again_is_there_for_its_time_only() -> None:
    """From 2 s to 2.5 s of every 10 s, for a day, whether somebody looked in between or not."""
    clock = Clock()
    here = World(bench(("high-resistance:W1=5@2s-2.5s/10s",)), clock)
    mate(here)
    start, there = clock.seconds, []
    for at in (1.9, 2.1, 2.6, 11.9, 12.0, 12.4, 12.6, 86_402.2, 86_402.6):
        clock.seconds = start + at
        there.append(resistance(here, "J1.1", "J2.1") > 1.0)
    assert [False, True, False, False, True, True, False, True, False] == there


def test_an_intermittent_contact_has_a_pattern_of_its_own() -> None:
    """50 ms of every 2 s, unless moments are written."""
    clock = Clock()
    here = World(bench(("intermittent:W1=1000",)), clock)
    mate(here)
    start = clock.seconds
    shares = []
    for at in range(400):
        clock.seconds = start + (at + 0.5) * 0.01
        shares.append(resistance(here, "J1.1", "J2.1") > 100.0)
    assert 10 == sum(shares)
    assert "intermittent:W1=1000.0@0s-0.05s/2s" in {str(fault) for fault, _ in here._aimed}


def test_a_film_is_broken_by_the_ohmmeter_and_by_nothing_else() -> None:
    """The multimeter's small current leaves it; an ohmmeter's never shows it; another unit has it again."""
    clock = Clock()
    spec = bench(("film:W1=0.5",))
    here = World(spec, clock)

    def by_multimeter() -> float:
        move(spec, here, 3, "J1.1")
        move(spec, here, 4, "J2.1")
        read = sum(here.sense("mux1", Quantity.TWO_WIRE, "101") for _ in range(20)) / 20
        move(spec, here, 3, "J1.1", closed=False)
        move(spec, here, 4, "J2.1", closed=False)
        return read

    here.scan("gun")
    first, again = by_multimeter(), by_multimeter()
    assert resistance(here, "J1.1", "J2.1") < 0.2
    after = by_multimeter()
    assert pytest.approx(0.5, abs=0.02) == first - after
    assert pytest.approx(first, abs=0.02) == again
    here.unmate("A")
    here.scan("gun")
    assert pytest.approx(first, abs=0.02) == by_multimeter()


def test_the_unit_of_every_place_can_be_hit_at_every_place_at_once() -> None:
    """A bad contact on every wire, healed one after another."""
    places = tuple(each_place(next(each for each in catalogue() if each.name == "high-resistance"), bench()))
    clock = Clock()
    here = World(bench(tuple(f"high-resistance:{p}=5@0s-{at + 1}s" for at, p in enumerate(places))), clock)
    mate(here)
    wires = {each.name: each for each in drawn(bench()).unit.strands}
    for at, place in enumerate(places[:6]):
        wire = wires[place]
        assert resistance(here, wire.a, wire.b) > 5.0
        clock.seconds += 1.0
        assert resistance(here, wire.a, wire.b) < 1.0, at
