"""The electrical world of one slot, against numbers worked out by hand."""

import math
import statistics
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import pytest

from sim.cable.copper import LEADS, Copper
from sim.cable.defects import TOUCHES_AT
from sim.cable.harness import Harness
from sim.cable.insulation import Film, Insulation
from sim.cable.plant import CablePlant
from sim.cable.sketch import MATED, PIN, TOLERANCE
from sim.cable.spec import CableSlot, Column, Jig, Strand, Unit
from sim.cable.wiring import wire
from sim.here import Here
from tests.sim.small_bench import OHMS_PER_METRE, across, close, farads, mated, ohms, open_all, others, slot

CONTACTS = (2 * 1.0e-3, 2 * 4.0e-3)  # ohms: two pins at their best and worst
FULL = 90e-12 * 2.0  # farads of a wire of 2 m against all others


def test_a_wire_is_its_length_and_two_contacts() -> None:
    """2 m of 24 AWG at 20 degrees: 168.4 mohm, give or take 1.5 %, and two contacts of about 2 mohm."""
    wires = 2.0 * OHMS_PER_METRE
    read = ohms(mated(), "J1.1", "J2.1", 20.0)
    assert wires * (1 - TOLERANCE) + CONTACTS[0] < read < wires * (1 + TOLERANCE) + CONTACTS[1]


def test_copper_warms_up_and_contacts_do_not() -> None:
    """From 20 to 30 degrees a wire gains 3.93 % of its copper; what does not grow is contacts."""
    cold, warm = (ohms(mated(), "J1.1", "J2.1", celsius) for celsius in (20.0, 30.0))
    copper = (warm - cold) / 0.0393
    assert abs(copper / (2.0 * OHMS_PER_METRE) - 1.0) <= TOLERANCE
    assert CONTACTS[0] < cold - copper < CONTACTS[1]


def test_a_splice_is_one_more_milliohm() -> None:
    """J1.8 to J3.1 leads through 1.5 m of wire, a splice and two pins."""
    cold, warm = (ohms(mated(), "J1.8", "J3.1", celsius) for celsius in (20.0, 30.0))
    copper = (warm - cold) / 0.0393
    assert pytest.approx(1.5 * OHMS_PER_METRE, rel=TOLERANCE) == copper
    assert CONTACTS[0] + 1e-3 < cold - copper < CONTACTS[1] + 1e-3


def test_a_mated_contact_is_about_a_milliohm() -> None:
    """A strand without length is the contact of two connectors; no crimp is counted on top of it."""
    strands = (Strand("W1", "J1.1", "X2.1", 1.0, 0.1), Strand("M", "X2.1", "X3.1", 0.0, 0.0))
    through = Unit({"J1": ("1",), "X2": ("1",), "X3": ("1",)}, strands)
    points = {"J1.1": Column("mux1", 2, 1), "X3.1": Column("mux1", 2, 2)}
    jig = Jig("two", points, (), "ohms", ("mux1", 101), ("mux1", 102), "gun")
    extra = []
    for seed in range(30):
        plant = CablePlant(CableSlot("A", jig, through), Here.still(seed))
        plant.mate()
        cold, warm = (ohms(plant, "J1.1", "X3.1", celsius) for celsius in (20.0, 30.0))
        extra.append(cold - (warm - cold) / 0.0393)
    assert pytest.approx(2 * PIN + MATED, rel=0.08) == statistics.fmean(extra)


def test_contacts_and_wires_vary_from_pin_to_pin_and_unit_to_unit() -> None:
    """No two wires, no two units and no two seeds have the same resistance."""
    reads = [ohms(mated(seed=seed), f"J1.{pin}", f"J2.{pin}") for seed in (1, 2) for pin in (1, 2, 3)]
    other = CablePlant(
        CableSlot("A", slot().jig, Unit(slot().unit.connectors, slot().unit.strands, {}, "SN-2")), Here.still(1)
    )
    other.mate()
    assert 7 == len({*reads, ohms(other, "J1.1", "J2.1")})


def test_two_wires_add_leads_and_relays() -> None:
    """What Kelvin leaves out, the multimeter sees: about one ohm more."""
    more = across(mated(), ("J1.1",), ("J2.1",)) - ohms(mated(), "J1.1", "J2.1")
    assert abs(more - LEADS) < 0.06


def test_the_same_column_on_two_rows_is_a_short() -> None:
    """Closing rows 1 and 2 on one column proves both relays, unit or not."""
    assert ohms(CablePlant(slot(), Here.still(7)), "J1.1", "J1.1") == 0.0


def test_nothing_conducts_before_the_unit_is_mated() -> None:
    """The empty jig has neither copper nor less than hundreds of gigohms between neighbours."""
    empty = CablePlant(slot(), Here.still(7))
    assert math.inf == ohms(empty, "J1.1", "J2.1")
    assert 2e11 < across(empty, ("J1.1",), ("J1.2",)) < 5e12
    assert math.inf == across(empty, ("J1.1",), ("J2.1",))


def test_parts_of_the_jig_are_there_without_the_unit() -> None:
    """The reference resistor across rows 3 and 4 reads its value and the leads."""
    empty = CablePlant(slot(), Here.still(7))
    reference = slot().jig.parts[1]
    for row, column in ((3, reference.a), (4, reference.b)):
        empty.copper.switch(row, empty.copper.points[column], closed=True)
    assert pytest.approx(1e7 + LEADS, rel=1e-6) == empty.copper.two_wire(23.0)
    assert math.inf == empty.copper.capacitance()


def test_neighbouring_wires_have_tens_of_gigohms() -> None:
    """1e11 ohm-metres over 2 m is 50 Gohm; wires that do not lie side by side have nothing between them."""
    assert 1.5e10 < across(mated(), ("J1.1",), ("J1.2",)) < 2e11
    assert math.inf == across(mated(), ("J2.1",), ("J2.5",))


def test_insulation_of_groups_is_side_by_side() -> None:
    """One wire against both its neighbours leaks as much as against each of them together."""
    plant = mated()
    one, other, both = (across(plant, ("J2.2",), low) for low in (("J1.1",), ("J1.3",), ("J1.1", "J1.3")))
    assert pytest.approx(1 / one + 1 / other, rel=1e-6) == 1 / both


def test_short_wires_have_little_beside_them() -> None:
    """A jumper of 2 cm is all that lies between W7 and W8: terohms, besides what the jig has."""
    assert across(mated(), ("J1.7",), ("J3.1",)) > 3e11


def test_a_broken_wire_shares_its_insulation() -> None:
    """Both stubs together leak to a neighbour as much as the whole wire did."""
    broken, whole = mated(("open", ("W2",), 1.3)), mated()
    near, far = (across(broken, (end,), ("J2.1",)) for end in ("J1.2", "J2.2"))
    both = across(whole, ("J2.2", "J1.2"), ("J2.1",))
    assert pytest.approx(1 / both, rel=1e-6) == 1 / near + 1 / far
    assert near < far


def test_an_island_on_both_rows_leaks_to_nobody() -> None:
    """It conducts already; only what lies on one side alone can leak to what lies on the other alone."""
    films = Insulation((Film(0, 1, 1.0), Film(1, 2, 2.0), Film(0, 2, 4.0)), [0, 1, 2])
    assert 4.0 == films.between({0, 1}, {1, 2})
    assert 6.0 == films.between({0, 1}, {2}) == films.between({2}, {0, 1})


def test_a_row_that_is_not_measured_still_ties() -> None:
    """W1 and W2, tied by row 1 at one end, conduct between their other ends when rows 3 and 4 look."""
    plant = mated()
    one, other = ohms(plant, "J1.1", "J2.1"), ohms(plant, "J1.2", "J2.2")
    close(plant, 1, "J1.1", "J1.2")
    close(plant, 3, "J2.1")
    close(plant, 4, "J2.2")
    assert pytest.approx(one + other + 0.2 + LEADS, abs=0.06) == plant.copper.two_wire(23.0)
    assert math.inf == plant.copper.capacitance()
    open_all(plant)
    assert across(plant, ("J2.1",), ("J2.2",)) > 1e9


def test_a_wire_against_all_others_has_all_its_capacitance() -> None:
    """90 pF a metre, from whichever end it is taken."""
    plant = mated()
    assert pytest.approx(FULL) == farads(plant, ("J1.1",), others(plant, "J1.1", "J2.1"))
    assert pytest.approx(FULL) == farads(plant, others(plant, "J1.1", "J2.1"), ("J2.1",))


def test_a_twisted_pair_has_more_than_two_strangers() -> None:
    """50 pF a metre twisted, 12 pF a metre not; where lengths differ the shorter one counts."""
    plant = mated()
    assert pytest.approx(50e-12 * 2.0) == farads(plant, ("J1.1",), ("J1.2",))
    assert pytest.approx(12e-12 * 2.0) == farads(plant, ("J1.1",), ("J1.3",))
    assert pytest.approx(12e-12 * 1.5) == farads(plant, ("J1.1",), ("J1.5",))


def test_capacitance_grows_with_the_other_side() -> None:
    """More wires on the other side, more capacitance; and it is the same both ways round."""
    plant = mated()
    rest = [f"J1.{pin}" for pin in (2, 3, 4, 5, 6, 7, 8, 9)]
    grown = [farads(plant, ("J1.1",), tuple(rest[:count])) for count in range(1, 9)]
    assert sorted(grown) == grown
    assert pytest.approx(farads(plant, ("J1.1", "J1.3"), ("J1.2", "J1.5", "J1.6"))) == farads(
        plant, ("J1.2", "J1.5", "J1.6"), ("J1.1", "J1.3")
    )


def test_every_closed_point_adds_stray() -> None:
    """About 180 pF of jig and buses, and one more picofarad for each crosspoint."""
    empty = CablePlant(slot(), Here.still(7))
    none = empty.copper.capacitance()
    close(empty, 3, "J1.1")
    close(empty, 4, "J1.2", "J1.3")
    assert abs(none - 180e-12) < 8e-12
    assert pytest.approx(3e-12) == empty.copper.capacitance() - none


@pytest.mark.parametrize("metres", [0.3, 1.3, 1.9])
def test_the_stubs_of_an_open_wire_tell_where_it_is_open(metres: float) -> None:
    """Each end sees its own stub, so the two capacitances are in the ratio of the two lengths."""
    plant = mated(("open", ("W3",), metres))
    near, far = (farads(plant, (end,), others(plant, "J1.3", "J2.3")) for end in ("J1.3", "J2.3"))
    assert pytest.approx(90e-12 * metres) == near
    assert pytest.approx(metres) == 2.0 * near / (near + far)


def test_a_short_is_where_both_ends_see_it() -> None:
    """Both loops together are both wires and twice the short; their difference tells the place."""
    plant = mated(("short", ("W2", "W5"), 0.05))
    near, far = ohms(plant, "J1.2", "J1.5", 20.0), ohms(plant, "J2.2", "J2.5", 20.0)
    whole = (2.0 + 1.5) * OHMS_PER_METRE
    assert pytest.approx(TOUCHES_AT * 1.5, abs=0.05) == (near - far + whole) / (4 * OHMS_PER_METRE)
    assert pytest.approx(0.05, abs=0.015) == (near + far - whole) / 2


def test_closing_and_opening_leaves_nothing_behind() -> None:
    """Crosspoints closed twice and opened twice, in any order, leave the slot as it was."""
    plant = mated()
    before = ohms(plant, "J1.1", "J2.1")
    for row in (1, 2, 3, 4, 1):
        close(plant, row, "J1.1", "J1.2", "J2.9")
    open_all(plant)
    open_all(plant)
    assert math.inf == plant.copper.four_wire(23.0)
    assert before == ohms(plant, "J1.1", "J2.1")


def test_crosspoints_stay_closed_while_the_unit_is_mated() -> None:
    """What was closed on the empty jig measures the unit as soon as it is there, and nothing when it is gone."""
    plant = CablePlant(slot(), Here.still(7))
    close(plant, 1, "J1.1")
    close(plant, 2, "J2.1")
    reads = [plant.copper.four_wire(23.0)]
    for move in (plant.mate, plant.unmate):
        move()
        reads.append(plant.copper.four_wire(23.0))
    assert [math.inf, ohms(mated(), "J1.1", "J2.1"), math.inf] == reads


def harness_of(nets: int) -> tuple[Copper, list[int], list[int]]:
    """A straight harness of that many nets, and the points of its two ends."""
    ends = [(f"J1.{pin}", f"J2.{pin}") for pin in range(1, nets + 1)]
    strands = tuple(Strand(f"W{at}", a, b, 2.0, OHMS_PER_METRE) for at, (a, b) in enumerate(ends))
    names = tuple(str(pin) for pin in range(1, nets + 1))
    points = {end: Column("mux1", 2, 2 * at + side) for at, pair in enumerate(ends) for side, end in enumerate(pair)}
    jig = Jig("long", points, (), "ohms", ("mux1", 101), ("mux1", 102), "gun")
    wiring = wire(jig, [], Harness(Unit({"J1": names, "J2": names}, strands)), 7, "A")
    left, right = ([wiring.points[points[pair[side]]] for pair in ends] for side in (0, 1))
    return Copper(wiring, 7, "A"), left, right


def lines(work: Callable[[], object]) -> int:
    """How many lines of Python run in `work`."""
    count, before = 0, sys.gettrace()

    def trace(_: FrameType, event: str, __: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def test_a_wire_costs_the_same_in_a_large_harness() -> None:
    """Closing, measuring and opening one wire takes as many operations among 1,000 nets as among 10."""
    costs = []
    for nets in (10, 1000):
        copper, left, right = harness_of(nets)

        def measure(copper: Copper = copper, a: int = left[4], b: int = right[4]) -> None:
            copper.switch(1, a, closed=True)
            copper.switch(2, b, closed=True)
            assert copper.four_wire(23.0) < 0.2
            copper.switch(1, a, closed=False)
            copper.switch(2, b, closed=False)

        costs.append(lines(measure))
    assert costs[0] == costs[1] < 200


def test_a_net_against_all_others_costs_the_smaller_side() -> None:
    """Insulation and conduction of one net against 999 take as many operations as against 9."""
    costs = []
    for nets in (10, 1000):
        copper, left, right = harness_of(nets)
        copper.switch(3, left[4], closed=True)
        for point in (*left[:4], *left[5:], *right[:4], *right[5:]):
            copper.switch(4, point, closed=True)
        costs.append(lines(partial(copper.two_wire, 23.0)))
    assert costs[0] == costs[1] < 100


def test_halves_of_a_large_harness_cost_a_few_operations_a_net() -> None:
    """500 nets against 500, both ends closed: fewer than 20 operations for each net."""
    copper, left, right = harness_of(1000)
    for at, (a, b) in enumerate(zip(left, right, strict=True)):
        for point in (a, b):
            copper.switch(3 + at % 2, point, closed=True)
    assert lines(lambda: copper.two_wire(23.0)) < 20_000
    assert lines(copper.capacitance) < 30_000
