"""What every fault does to what instruments can learn, and what those of the bench do to each of them."""

import math
from functools import cache

import pytest

from sim.catalogue.fault import Fault
from sim.faults import catalogue, each_place
from sim.port import TROUBLES
from sim.quantity import Quantity
from sim.world import World
from tests.sim.small_bench import bench, drawn
from tests.sim.small_world import Clock, column, everything, insulation, move, part, resistance, world


@cache
def all_is_well() -> tuple[object, ...]:
    """What can be learned of a bench without faults."""
    return everything(world())


@pytest.mark.parametrize("each", catalogue(), ids=lambda each: each.name)
def test_every_fault_can_be_noticed_wherever_it_may_sit(each: Fault) -> None:
    """At every one of up to nine of its places, spread over all of them, something can be measured that was otherwise."""
    good, where = all_is_well(), tuple(each_place(each, bench()))
    for place in where[:: max(1, len(where) // 8)]:
        text = (f"{each.name}:{place}" if place else each.name) + ("@0s" if each.timed else "")
        assert good != everything(world(text)), text


def test_a_dead_relay_never_closes_and_a_welded_one_never_opens() -> None:
    """Each on its own row only."""
    dead, welded = world("relay-stuck-open:mux1.211"), world("relay-stuck-closed:mux1.211")
    assert [math.inf, 0.0] == [round(resistance(here, "J1.1", "J1.1"), 4) for here in (dead, world())]
    move(bench(), welded, 2, "J1.1")
    assert pytest.approx(0.0, abs=1e-5) == welded.sense("ohms", Quantity.FOUR_WIRE)
    move(bench(), welded, 1, "J1.1", closed=False)
    assert pytest.approx(0.0, abs=1e-5) == welded.sense("ohms", Quantity.FOUR_WIRE)


def test_a_welded_relay_of_the_ohmmeter_shows_on_the_empty_jig() -> None:
    """All pins on row 3, and row 1 led to row 4 by the bar: what is welded to row 1 closes the circuit."""
    spec = bench()
    bar = drawn(spec).jig.parts[0]
    reads = []
    for here in (world(), world("relay-stuck-closed:mux1.218")):
        move(spec, here, 3, *drawn(spec).jig.points)
        column(here, 1, bar.a, closed=True)
        column(here, 4, bar.b, closed=True)
        reads.append(here.sense("mux1", Quantity.TWO_WIRE, "101") < 10.0)
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
    first, far = (drawn(spec).jig.points[pin] for pin in ("J1.1", "J2.1"))
    assert (2, 3) == (first.card, far.card)
    here.drive("mux1", Quantity.RELAY, float(True), f"{3}.{3}.{first.column}")
    here.drive("mux1", Quantity.RELAY, float(True), f"{1}.{4}.{far.column}")
    assert math.inf == here.sense("mux1", Quantity.TWO_WIRE, "101")
    assert 1.0 < here.sense("mux1", Quantity.TWO_WIRE, "201") < 1.4


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
    assert ["ohms"] == [name for name in names if here.sense(name, Quantity.SENSE_OPEN)]
    assert ["nan", "", "", "garbled"] == [here.ill(name) for name in names]
    assert [1.0, 1.1, 1.0] == [here.gain_of(name, "resistance") for name in ("ohms", "mux1", "mux2")]
    assert [1.0, 0.0] == [here.gain_of("mux1", "temperature"), here.offset_of("mux1", "resistance")]


def test_every_trouble_of_a_wire_is_one_that_ports_know() -> None:
    """By the name of its fault, but for two; and every one that ports know has a fault."""
    wires = ("silent", "late", "short-reply", "garbled", "nan", "frozen", "link-closed", "stale")
    modbus = ("foreign", "swapped", "failing", "busy")
    ills = {world(f"{name}:ohms").ill("ohms") for name in wires}
    ills |= {world(f"{name}:gas").ill("gas") for name in modbus} | {world("stuck:mux1").ill("mux1")}
    ills |= {world(f"{name}@0s").ill("pdu") for name in ("reset:pdu", "half-open:pdu")}
    assert ills == TROUBLES


def test_faults_of_modbus_have_no_place_elsewhere() -> None:
    """A line of text has no unit and no order of words; a serial line has no connection."""
    for text in ("foreign:ohms", "swapped:mux1", "busy:gun", "half-open:ohms@1s", "half-open:gas@1s"):
        with pytest.raises(ValueError, match=r"gas|pdu|mux1"):
            world(text)
