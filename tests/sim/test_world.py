"""The world behind the instruments: rows and relays, sharing, faults and their times, chance."""

import asyncio
import math
from dataclasses import replace
from itertools import pairwise

import pytest

from sim.catalogue.fault import Fault
from sim.faults import catalogue, each_place
from sim.leads import Leads
from sim.spec import Column, WorldSpec
from sim.world import World
from tests.sim.small_bench import bench

MEASURED = ("J1.1", "J1.2", "J2.1", "J1.7", "J2.8", "J1.9", "J2.10", "J2.11")


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        """The time that was set."""
        return self.seconds


def world(*faults: str, seed: int = 7, slots: tuple[str, ...] = ("A",)) -> World:
    """A world whose unit is not mated yet, at rest in time."""
    return World(bench(faults, seed, slots), Clock())


def move(spec: WorldSpec, here: World, row: int, *pins: str, closed: bool = True, slot: int = 0) -> None:
    """Switch pins of a slot to a row."""
    for pin in pins:
        at = spec.slots[slot].jig.points[pin]
        here.relay(at.mainframe, at.card, row, at.column, closed=closed)


def column(here: World, row: int, at: Column, *, closed: bool) -> None:
    """Switch one column to a row."""
    here.relay(at.mainframe, at.card, row, at.column, closed=closed)


def resistance(here: World, a: str, b: str) -> float:
    """What the ohmmeter of slot A sees between two pins."""
    spec = bench()
    move(spec, here, 1, a)
    move(spec, here, 2, b)
    read = here.four_wire("ohms")
    move(spec, here, 1, a, closed=False)
    move(spec, here, 2, b, closed=False)
    return read


def insulation(here: World, a: tuple[str, ...], b: tuple[str, ...]) -> tuple[float, float]:
    """What the multimeter of slot A sees between two groups: ohms and farads."""
    spec = bench()
    move(spec, here, 3, *a)
    move(spec, here, 4, *b)
    read = here.two_wire("mux1", 101), here.capacitance("mux1", 101)
    move(spec, here, 3, *a, closed=False)
    move(spec, here, 4, *b, closed=False)
    return read


def part(here: World, number: int, rows: tuple[int, int]) -> float:
    """What a meter sees of a part of the jig: 0 the bar, 1 the reference, 2 the identity."""
    each = bench().slots[0].jig.parts[number]
    for row, at in zip(rows, (each.a, each.b), strict=True):
        column(here, row, at, closed=True)
    read = here.four_wire("ohms") if rows == (1, 2) else here.two_wire("mux1", 101)
    for row, at in zip(rows, (each.a, each.b), strict=True):
        column(here, row, at, closed=False)
    return read


def everything(here: World) -> tuple[object, ...]:
    """All that instruments can learn from a world, always asked in the same order."""
    spec = bench()
    pins = tuple(spec.slots[0].jig.points)
    told: list[object] = [(here.cards(name), here.serial(name), here.ill(name)) for name in ("ohms", "mux1", "mux2")]
    told += [here.ill("gun"), here.sense_is_open("ohms"), here.gain_of("mux1", "resistance")]
    told += [here.temperature("mux1", 102), part(here, 0, (1, 2)), part(here, 1, (3, 4)), part(here, 2, (3, 4))]
    told += [insulation(here, (a,), (b,)) for a, b in pairwise(pins)]
    for row in (1, 2, 3, 4):  # what is stuck ties a pin to a row, or leaves it out
        move(spec, here, 3, *pins)
        bar = spec.slots[0].jig.parts[0]
        for at, to in ((bar.a, row), (bar.b, 4)):
            column(here, to, at, closed=True)
        told.append(here.two_wire("mux1", 101))
        for at, to in ((bar.a, row), (bar.b, 4)):
            column(here, to, at, closed=False)
        move(spec, here, 3, *pins, closed=False)
    told += [resistance(here, pin, pin) for pin in pins]
    told += [insulation(here, (pin,), (pin,)) for pin in pins]
    told.append(here.scan("gun"))
    told += [resistance(here, a, b) for a in pins for b in pins if a < b]
    told += [insulation(here, (a,), (b,)) for a, b in (("J1.1", "J1.2"), ("J1.3", "J1.4"), ("J1.5", "J1.6"))]
    return tuple(told)


async def test_a_world_is_what_emulators_reach() -> None:
    """It has every lead that they ask for, and the running loop is its clock."""
    leads: Leads = World(bench())
    before = leads.temperature("mux1", 102)
    await asyncio.sleep(0)
    assert abs(before - 23.0) < 1.0


def test_two_worlds_of_one_seed_are_one_world() -> None:
    """Every number is the same, in the same order; another seed's are others."""
    assert everything(world()) == everything(world())
    assert everything(world()) != everything(world(seed=8))


def test_asking_something_else_in_between_changes_nothing() -> None:
    """Each device's quantity has a stream of its own."""
    calm, busy = world(), world()
    calm.scan("gun")
    busy.scan("gun")
    for _ in range(3):
        busy.gauss("ohms", "gain")
        busy.temperature("mux1", 102)
        busy.two_wire("mux1", 101)
        assert resistance(calm, "J1.1", "J2.1") == resistance(busy, "J1.1", "J2.1")
    assert calm.gauss("mux1", "resistance") == busy.gauss("mux1", "resistance")
    assert calm.gauss("ohms", "resistance") != calm.gauss("mux1", "resistance")


@pytest.mark.parametrize("each", catalogue(), ids=lambda each: each.name)
def test_every_fault_can_be_noticed_wherever_it_may_sit(each: Fault) -> None:
    """At every one of up to nine of its places, spread over all of them, something can be measured that was otherwise."""
    good, where = everything(world()), tuple(each_place(each, bench()))
    for place in where[:: max(1, len(where) // 8)]:
        text = (f"{each.name}:{place}" if place else each.name) + ("@0s" if each.timed else "")
        assert good != everything(world(text)), text


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
    bare = replace(spec, slots=(replace(spec.slots[0], unit=replace(spec.slots[0].unit, label="")),))
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
        reads.append(here.four_wire("ohms"))
    move(spec, here, 1, "J1.1", closed=False)
    reads.append(here.four_wire("ohms"))
    assert pytest.approx(1 / (1 / reads[0] + 1 / reads[2]), abs=2e-5) == reads[1]


def test_each_multimeter_channel_is_its_own_slot() -> None:
    """Slot B's rows are not at slot A's channel, and a channel where nothing is wired reads nothing."""
    spec, here = bench(slots=("A", "B")), world(slots=("A", "B"))
    here.scan("gun")
    move(spec, here, 3, "J1.1")
    move(spec, here, 4, "J2.1")
    assert 1.0 < here.two_wire("mux1", 101) < 1.4
    assert [math.inf, math.inf] == [here.two_wire("mux3", 101), here.two_wire("mux1", 103)]
    assert math.isnan(here.temperature("mux1", 101))


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
        told.append((math.isinf(here.four_wire("ohms")), here.ill("ohms")))
    assert [(False, ""), (True, ""), (True, ""), (True, "silent")] == told


def test_faults_of_one_moment_strike_in_the_order_they_are_written() -> None:
    """The last trouble of a wire is the one it has."""
    assert ["late", "closed"] == [
        world(*faults).ill("ohms") for faults in (("link-closed:ohms", "late:ohms"), ("late:ohms", "link-closed:ohms"))
    ]


def test_a_fault_without_a_place_is_refused_at_once() -> None:
    """Nothing is built that would not do what was asked."""
    with pytest.raises(ValueError, match="W3"):
        world("open:W33")


def test_a_dead_relay_never_closes_and_a_welded_one_never_opens() -> None:
    """Each on its own row only."""
    dead, welded = world("relay-stuck-open:mux1.211"), world("relay-stuck-closed:mux1.211")
    assert [math.inf, 0.0] == [round(resistance(here, "J1.1", "J1.1"), 4) for here in (dead, world())]
    move(bench(), welded, 2, "J1.1")
    assert pytest.approx(0.0, abs=1e-5) == welded.four_wire("ohms")
    move(bench(), welded, 1, "J1.1", closed=False)
    assert pytest.approx(0.0, abs=1e-5) == welded.four_wire("ohms")


def test_a_welded_relay_of_the_ohmmeter_shows_on_the_empty_jig() -> None:
    """All pins on row 3, and row 1 led to row 4 by the bar: what is welded to row 1 closes the circuit."""
    spec = bench()
    bar = spec.slots[0].jig.parts[0]
    reads = []
    for here in (world(), world("relay-stuck-closed:mux1.218")):
        move(spec, here, 3, *spec.slots[0].jig.points)
        column(here, 1, bar.a, closed=True)
        column(here, 4, bar.b, closed=True)
        reads.append(here.two_wire("mux1", 101) < 10.0)
    assert [False, True] == reads


def test_a_worn_bar_and_another_jig_are_seen_on_their_parts() -> None:
    """The bar gains its value, the identity resistor doubles; neither touches the other."""
    good, bar, jig = world(), world("bar-worn=0.05"), world("jig-swapped")
    assert pytest.approx(0.05, abs=1e-5) == part(bar, 0, (1, 2)) - part(good, 0, (1, 2))
    assert pytest.approx([4701.0, 4701.0, 9401.0], abs=0.2) == [part(each, 2, (3, 4)) for each in (good, bar, jig)]


def test_a_leaking_jig_leaks_without_a_unit() -> None:
    """1 Mohm between two neighbouring points."""
    here = world("jig-leak:J1.1+J1.2")
    assert pytest.approx(1e6, rel=1e-4) == insulation(here, ("J1.1",), ("J1.2",))[0]
    assert insulation(here, ("J1.2",), ("J1.3",))[0] > 1e11


def test_swapped_cards_take_their_cables_with_them() -> None:
    """Every card is one slot further, the last one first, and the channel of the multimeter has moved with its card."""
    here = world("card-swapped:mux1")
    assert ("DAQM904A", "DAQM901A", "DAQM904A") == here.cards("mux1")
    here.scan("gun")
    spec = bench()
    first, far = (spec.slots[0].jig.points[pin] for pin in ("J1.1", "J2.1"))
    assert (2, 3) == (first.card, far.card)
    here.relay("mux1", 3, 3, first.column, closed=True)
    here.relay("mux1", 1, 4, far.column, closed=True)
    assert math.inf == here.two_wire("mux1", 101)
    assert 1.0 < here.two_wire("mux1", 201) < 1.4


def test_an_unplugged_connector_conducts_nothing() -> None:
    """J2 is left out; what joins J1 and J3 is there."""
    here = world("unmated:J2")
    here.scan("gun")
    assert [True, False] == [math.isinf(resistance(here, "J1.8", far)) for far in ("J2.9", "J3.1")]


def test_a_unit_that_was_pulled_out_does_not_come_back() -> None:
    """Whether it was mated by then or not."""
    clock = Clock()
    late, early = World(bench(("removed@30s",)), clock), world("removed@0s")
    for here in (late, early):
        here.scan("gun")
    assert [True, False] == [here.is_mated("A") for here in (late, early)]
    clock.seconds += 30.0
    assert not late.is_mated("A")
    late.scan("gun")
    assert math.inf == resistance(late, "J1.1", "J2.1")


def test_a_wrong_label_is_another_units() -> None:
    """The unit is mated all the same."""
    here = world("wrong-label")
    assert "SN-1" != here.scan("gun")
    assert here.is_mated("A")


def test_troubles_stay_with_their_instrument() -> None:
    """Serial numbers, gains, senses and wires of the others are well."""
    here = world("wrong-instrument:mux1", "drifted:mux1=1.1", "sense-open:ohms", "nan:ohms", "garbled:gun")
    names = ("ohms", "mux1", "mux2", "gun")
    drawn = {device.name: device.serial for device in bench().devices}
    assert ["mux1"] == [name for name in names if here.serial(name) != drawn[name]]
    assert ["ohms"] == [name for name in names if here.sense_is_open(name)]
    assert ["nan", "", "", "garbled"] == [here.ill(name) for name in names]
    assert [1.0, 1.1, 1.0] == [here.gain_of(name, "resistance") for name in ("ohms", "mux1", "mux2")]
    assert [1.0, 0.0] == [here.gain_of("mux1", "temperature"), here.offset_of("mux1", "resistance")]


def test_every_trouble_of_a_wire_is_one_that_emulators_know() -> None:
    """The seven that the leads name."""
    ills = {
        world(f"{name}:ohms").ill("ohms")
        for name in ("silent", "late", "short-reply", "garbled", "nan", "frozen", "link-closed")
    }
    assert {"silent", "late", "short", "garbled", "nan", "frozen", "closed"} == ills
