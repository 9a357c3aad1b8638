"""The world behind the instruments: rows and relays, sharing, faults and their times, chance."""

import asyncio
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.leads import Leads
from sim.metering import Metering
from sim.quantity import Quantity
from sim.spec import Device
from sim.world import World
from tests.sim.small_bench import bench, drawn
from tests.sim.small_world import Clock, everything, move, resistance, world


async def test_a_world_is_what_emulators_reach() -> None:
    """It has every lead that they ask for, and the running loop is its clock."""
    leads: Leads = World(bench())
    before = leads.sense("mux1", Quantity.TEMPERATURE, "102")
    await asyncio.sleep(0)
    assert abs(before - 23.0) < 1.0


def test_two_worlds_of_one_seed_are_one_world() -> None:
    """Every number is the same, in the same order; another seed's are others."""
    assert everything(world()) == everything(world())
    assert everything(world()) != everything(world(seed=8))


def test_asking_something_else_in_between_changes_nothing() -> None:
    """Each quantity of a device, and each of its places, has a stream of its own."""
    calm, busy = world(), world()
    calm.scan("gun")
    busy.scan("gun")
    for _ in range(3):
        busy.gauss("ohms", "gain")
        busy.trait("ohms", "gain")
        busy.gauss("mux1", "resistance", "102")
        busy.sense("mux1", Quantity.TEMPERATURE, "102")
        busy.sense("mux1", Quantity.TWO_WIRE, "101")
        assert resistance(calm, "J1.1", "J2.1") == resistance(busy, "J1.1", "J2.1")
    assert calm.gauss("mux1", "resistance") == busy.gauss("mux1", "resistance")
    assert calm.gauss("ohms", "resistance") != calm.gauss("mux1", "resistance")


def test_an_instrument_stays_the_one_it_is() -> None:
    """What it was made with is the same however often it is asked; another instrument, or another seed's, is another."""
    here = world()
    assert here.trait("ohms", "gain") == here.trait("ohms", "gain") == world().trait("ohms", "gain")
    assert 3 == len({here.trait("ohms", "gain"), here.trait("mux1", "gain"), world(seed=8).trait("ohms", "gain")})
    assert Metering.of("ohms", here, "volts").skew == Metering.of("ohms", here, "volts").skew


def test_what_else_is_on_the_bench_changes_no_reading() -> None:
    """With another instrument, or another slot that shares the meters, everything that slot A can learn is the same."""
    spec = bench()
    more = World(replace(spec, devices=(Device("gas2", "keller-33x"), *spec.devices)), Clock())
    assert everything(world()) == everything(more) == everything(world(slots=("A", "B")))


@given(st.lists(st.sampled_from(["A", "B"]), min_size=1, max_size=12))
def test_no_slot_counts_the_readings_of_another(turns: list[str]) -> None:
    """However two slots take turns at one ohmmeter, what each reads is what it reads alone, the meter's noise included."""
    spec, here = bench(slots=("A", "B")), world(slots=("A", "B"))
    here.scan("gun")
    here.scan("gun")

    def read(at: int) -> tuple[float, float]:
        move(spec, here, 1, "J1.1", slot=at)
        move(spec, here, 2, "J2.1", slot=at)
        told = here.sense("ohms", Quantity.FOUR_WIRE), here.gauss("ohms", "resistance")
        move(spec, here, 1, "J1.1", closed=False, slot=at)
        move(spec, here, 2, "J2.1", closed=False, slot=at)
        return told

    told: dict[str, list[tuple[float, float]]] = {"A": [], "B": []}
    for turn in turns:
        told[turn].append(read("AB".index(turn)))
    here = world(slots=("A", "B"))
    here.scan("gun")
    here.scan("gun")
    assert told["A"] == [read(0) for _ in told["A"]]
    assert told["B"] == [read(1) for _ in told["B"]]


def test_leads_that_end_nowhere_belong_to_no_slot() -> None:
    """What a meter says with open leads is the moment's: whoever reads it takes no slot's next reading."""
    clock = Clock()
    here = World(bench(), clock)
    here.sense("ohms", Quantity.FOUR_WIRE)
    first = here.gauss("ohms", "resistance")
    assert first == here.gauss("ohms", "resistance")
    clock.seconds += 1.0
    assert first != here.gauss("ohms", "resistance")


def test_the_unit_is_there_when_the_operator_was_asked() -> None:
    """Before the scan the jig is empty; the scan mates the unit and reads its label."""
    here = world()
    assert not here.is_mated("A")
    assert math.inf == resistance(here, "J1.1", "J2.1")
    assert "SN-1" == here.scan("gun")
    assert here.is_mated("A")
    assert 0.16 < resistance(here, "J1.1", "J2.1") < 0.18
    here.unmate("A")
    assert math.inf == resistance(here, "J1.1", "J2.1")


def test_a_unit_without_a_label_is_continued() -> None:
    """Then the operator scans the card; at a scanner that belongs to no slot there is nobody."""
    spec = bench()
    bare = replace(spec, slots=(replace(drawn(spec), unit=replace(drawn(spec).unit, label="")),))
    here = World(bare, Clock())
    assert ["CONTINUE", ""] == [here.scan("gun"), here.scan("other")]


def test_a_scanner_that_slots_share_mates_one_unit_after_the_other() -> None:
    """Slot A first, then slot B."""
    here = world(slots=("A", "B"))
    mated = []
    for _ in range(3):
        mated.append((here.is_mated("A"), here.is_mated("B")))
        here.scan("gun")
    assert [(False, False), (True, False), (True, True)] == mated


def test_a_shared_ohmmeter_sees_the_slots_side_by_side() -> None:
    """What is connected in both slots at once lies in parallel; what is connected in one is seen alone."""
    spec, here = bench(slots=("A", "B")), world(slots=("A", "B"))
    reads = []
    for at in (0, 1):
        here.scan("gun")
        move(spec, here, 1, "J1.1", slot=at)
        move(spec, here, 2, "J2.1", slot=at)
        reads.append(here.sense("ohms", Quantity.FOUR_WIRE))
    move(spec, here, 1, "J1.1", closed=False)
    reads.append(here.sense("ohms", Quantity.FOUR_WIRE))
    assert pytest.approx(1 / (1 / reads[0] + 1 / reads[2]), abs=2e-5) == reads[1]


def test_each_multimeter_channel_is_its_own_slot() -> None:
    """Slot B's rows are not at slot A's channel, and a channel where nothing is wired reads nothing."""
    spec, here = bench(slots=("A", "B")), world(slots=("A", "B"))
    here.scan("gun")
    move(spec, here, 3, "J1.1")
    move(spec, here, 4, "J2.1")
    assert 1.0 < here.sense("mux1", Quantity.TWO_WIRE, "101") < 1.4
    assert [math.inf, math.inf] == [
        here.sense("mux3", Quantity.TWO_WIRE, "101"),
        here.sense("mux1", Quantity.TWO_WIRE, "103"),
    ]
    assert math.isnan(here.sense("mux1", Quantity.TEMPERATURE, "101"))


def test_a_fault_strikes_at_its_time() -> None:
    """Not a moment before; what is closed stays closed."""
    clock = Clock()
    spec = bench(("open:W1@30s", "silent:ohms@1m"))
    here = World(spec, clock)
    here.scan("gun")
    move(spec, here, 1, "J1.1")
    move(spec, here, 2, "J2.1")
    told = []
    for seconds in (29.9, 30.0, 59.9, 60.0):
        clock.seconds = 1000.0 + seconds
        told.append((math.isinf(here.sense("ohms", Quantity.FOUR_WIRE)), here.ill("ohms")))
    assert [(False, ""), (True, ""), (True, ""), (True, "silent")] == told


def test_faults_of_one_moment_strike_in_the_order_they_are_written() -> None:
    """The last trouble of a wire is the one it has."""
    assert ["late", "closed"] == [
        world(*faults).ill("ohms") for faults in (("link-closed:ohms", "late:ohms"), ("late:ohms", "link-closed:ohms"))
    ]


def test_whatever_is_due_strikes_before_anything_is_answered() -> None:
    """When the clock has jumped over two faults, the next question already finds both."""
    clock = Clock()
    here = World(bench(("late:ohms@1s", "link-closed:ohms@2s")), clock)
    clock.seconds += 5.0
    assert "closed" == here.ill("ohms")


def test_a_fault_without_a_place_is_refused_at_once() -> None:
    """Nothing is built that would not do what was asked."""
    with pytest.raises(ValueError, match="W3"):
        world("open:W33")
