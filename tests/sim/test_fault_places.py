"""Where faults may sit: what a world has no place for is refused, and what is left would change something."""

import re
from itertools import combinations

import pytest

from sim.cable.spec import CableSlot, Strand, Unit
from sim.faults import catalogue, each_place, example, parse, places, targets
from sim.spec import WorldSpec
from tests.sim.small_bench import bench, slot

BENCH = bench()
FAULTS = {fault.name: fault for fault in catalogue()}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("open:W33", "W3"),
        ("open:w3", "for example W3"),
        ("open:3", "for example W3"),
        ("removed:Z@1s", "for example nothing, A"),
        ("open", "for example"),
        ("open:W1+W2", "for example"),
        ("open:B/W1", "no slot 'B' can have it; there is A"),
        ("open:SH", "for example"),
        ("open:W3=2.5", "only 2 m long"),
        ("short:W1+W1", "W1+W"),
        ("short:W1+W99", "W1+W"),
        ("short:W9+W10", "W9+W"),
        ("swap:W5+B1", "W5+W"),
        ("reversed:J9", "J"),
        ("miswire:W3+J2.4", "W3+J2.11"),
        ("extra-jumper:J2.7+J2.8", "J2.7+J2"),
        ("relay-stuck-open:mux1.111", "mux1."),
        ("relay-stuck-open:A/mux1.211", "mux1."),
        ("silent:ohm", "ohms"),
        ("nan:gun", "ohms"),
        ("wrong-instrument:gun", "ohms"),
        ("jig-leak:J1.1+J1.3", "J1.1+J1.2"),
        ("removed:B@3s", "nothing"),
    ],
)
def test_a_place_that_this_world_lacks_is_refused(text: str, said: str) -> None:
    """Also a place that is there but where nothing would change; the nearest valid ones are named."""
    with pytest.raises(ValueError, match=re.escape(said)):
        targets(parse(text), BENCH)


def test_a_world_without_shields_has_no_place_for_their_faults() -> None:
    """Then there is no example, and the message says that there is none."""
    plain = CableSlot("A", slot().jig, Unit(slot().unit.connectors, slot().unit.strands[:4]))
    spec = WorldSpec(BENCH.devices, (plain,))
    assert ("", ()) == (example(FAULTS["shield-open"], spec), places(FAULTS["shield-open"], spec))
    with pytest.raises(ValueError, match="has none"):
        targets(parse("shield-open:SH"), spec)


def test_a_fault_strikes_every_slot_that_has_its_place() -> None:
    """Unless a slot's name stands in front; instruments are struck once."""
    two = bench(slots=("A", "B"))
    struck = {
        text: [target.slot for target in targets(parse(text), two)]
        for text in (
            "open:W3",
            "open:B/W3",
            "wrong-length",
            "wrong-length:B",
            "wrong-length:A/W5",
            "bar-worn:A",
            "silent:ohms",
        )
    }
    assert {
        "open:W3": ["A", "B"],
        "open:B/W3": ["B"],
        "wrong-length": ["A", "B"],
        "wrong-length:B": ["B"],
        "wrong-length:A/W5": ["A"],
        "bar-worn:A": ["A"],
        "silent:ohms": [""],
    } == struck


def test_either_order_of_two_alike_places_will_do() -> None:
    """`short:W5+W2` is `short:W2+W5`; a shield and a wire are not alike."""
    assert targets(parse("short:W5+W2"), BENCH)
    with pytest.raises(ValueError, match="a shield and a wire"):
        targets(parse("shield-short:W1+SH"), BENCH)


def test_places_are_those_where_something_would_change() -> None:
    """Dangling wires, wires of one net, symmetric connectors, full pins and lone rows are left out."""
    found = {name: places(fault, BENCH) for name, fault in FAULTS.items()}
    wires = ("W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8", "W9", "W10")
    assert wires == found["open"]
    assert ("", *wires) == found["wrong-length"]
    assert "W8+W9" not in found["short"]
    assert len(tuple(combinations(wires, 2))) - 3 == len(found["short"])
    assert ("TP1+TP2",) == found["split-pair"] == found["swap-pair"]
    assert ("J1", "J2", "J3") == found["reversed"] == found["unmated"]
    assert ("B1",) == found["missing-jumper"]
    assert ("SH",) == found["shield-open"]
    assert {"J2.11"} == {place.partition("+")[2] for place in found["miswire"] if place != "W10+J3.2"}
    assert ("ohms",) == found["sense-open"]
    assert ("mux1",) == found["drifted"]
    assert ("mux1", "mux2") == found["card-swapped"]
    assert ("ohms", "mux1", "mux2", "gas") == found["wrong-instrument"]
    assert 23 * 4 == len(found["relay-stuck-closed"])
    assert "mux1.211" == found["relay-stuck-closed"][0]
    assert ("",) == found["removed"]


def test_a_parallel_wire_can_be_bad_but_not_open() -> None:
    """Where two wires share a way an open one still leaves the other; a high resistance shows all the same."""
    strands = (*slot().unit.strands, Strand("W1X", "J1.1", "J2.1", 2.0, 0.0842))
    twice = WorldSpec(BENCH.devices, (CableSlot("A", slot().jig, Unit(slot().unit.connectors, strands)),))
    assert "W1" not in places(FAULTS["open"], twice)
    assert "W1" in places(FAULTS["high-resistance"], twice)


def test_a_dangling_wire_can_touch_but_not_be_open() -> None:
    """No current between two pins flows through it; yet what touches it touches its net."""
    strands = (*slot().unit.strands, Strand("DW", "J1.5", "loose", 1.0, 0.0842))
    dangling = WorldSpec(BENCH.devices, (CableSlot("A", slot().jig, Unit(slot().unit.connectors, strands)),))
    found = {name: places(FAULTS[name], dangling) for name in ("open", "high-resistance", "short")}
    assert "DW" not in {*found["open"], *found["high-resistance"]}
    assert "W1+DW" in found["short"]
    assert "W5+DW" not in found["short"]


def test_places_come_one_by_one() -> None:
    """A thousand wires have half a million couples: the first is there at once."""
    assert "W1+W2" == next(each_place(FAULTS["short"], BENCH))
