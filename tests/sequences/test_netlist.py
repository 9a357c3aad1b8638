"""The netlist: nets, and the paths that prove every wire."""

import math
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sequences.cabling.copper import ohms_per_metre
from sequences.cabling.netlist import Net, Netlist, Wire

PINS = tuple(f"J{connector}.{pin}" for connector in (1, 2, 3) for pin in (1, 2, 3))
METRE = ohms_per_metre("24 AWG")


def wire(name: str, a: str, b: str, metres: float | None = 1.0, kind: str = "wire") -> Wire:
    """A wire of 24 AWG."""
    return Wire(name, a, b, None if metres is None or kind == "mate" else "24 AWG", metres, kind)


def drawn(*wires: Wire, pins: Iterable[str] = PINS) -> Netlist:
    """A netlist on three connectors of three pins."""
    return Netlist(tuple(pins), wires, {}, {})


def test_nets_are_in_the_order_of_their_first_pins_and_empty_cavities_are_nets() -> None:
    """The drawing's order, whatever the order of the wires."""
    netlist = drawn(wire("W2", "J2.2", "J1.2"), wire("W1", "J1.1", "J3.1"), pins=PINS[:3] + PINS[4:5] + PINS[6:7])
    assert (
        Net("W1", ("J1.1", "J3.1"), ("W1",)),
        Net("W2", ("J1.2", "J2.2"), ("W2",)),
        Net("J1.3", ("J1.3",), ()),
    ) == netlist.nets
    assert [0, 1, 2, 1, 0] == [netlist.net_of[pin] for pin in netlist.pins]


def test_a_large_net_is_named_by_its_first_wires() -> None:
    """Three names and three dots are enough for people."""
    netlist = drawn(*(wire(f"W{n}", "J1.1", end) for n, end in enumerate(("J1.2", "J1.3", "J2.1", "J2.2"), start=1)))
    assert "W1+W2+W3+..." == netlist.nets[0].name


def test_a_wire_from_pin_to_pin_is_its_own_path() -> None:
    """Two pins, one wire, its resistance."""
    netlist = drawn(wire("W1", "J1.1", "J2.1", 2.0))
    (path,) = netlist.paths
    assert ("W1", "J1.1", "J2.1", ("W1",), False) == (path.name, path.a, path.b, path.wires, path.shield)
    assert pytest.approx(2 * METRE) == netlist.nominal(path)
    assert path is netlist.path["W1"]


def test_a_splice_is_proven_from_its_first_pin_to_each_other() -> None:
    """Three legs are two paths, each through two legs."""
    netlist = drawn(wire("W1", "J1.1", "S1"), wire("W2", "S1", "J2.1", 2.0), wire("W3", "S1", "J3.1", 3.0))
    assert ["W1+W2", "W1+W3"] == [path.name for path in netlist.paths]
    assert pytest.approx([3 * METRE, 4 * METRE]) == [netlist.nominal(path) for path in netlist.paths]
    assert {} == netlist.blind_spots()


def test_a_chain_of_joints_is_one_path_in_order() -> None:
    """From the first pin to the last, through every joint."""
    netlist = drawn(wire("W3", "S2", "J2.1"), wire("W1", "J1.1", "S1"), wire("W2", "S1", "S2"))
    assert [("W1", "W2", "W3")] == [path.wires for path in netlist.paths]


def test_parallel_wires_between_two_pins_are_one_path_of_half_the_resistance() -> None:
    """One measurement is all that can be had of them."""
    netlist = drawn(wire("W1", "J1.1", "J2.1"), wire("W2", "J2.1", "J1.1"))
    (path,) = netlist.paths
    assert "W1+W2" == path.name
    assert pytest.approx(METRE / 2) == netlist.nominal(path)


def test_a_wire_beside_a_splice_is_not_taken_for_the_way_through_it() -> None:
    """Where a direct wire and a splice join the same two pins, both are in the path and nothing twice."""
    netlist = drawn(wire("W1", "J1.1", "J2.1"), wire("W2", "J1.1", "S1"), wire("W3", "S1", "J2.1"))
    assert [("W1", "W2", "W3")] == [path.wires for path in netlist.paths]
    assert {} == netlist.blind_spots()
    assert pytest.approx(METRE * 2 / 3) == netlist.nominal(netlist.paths[0])


def test_two_wires_between_two_splices_are_both_proven() -> None:
    """Current flows through both: none of them is a blind spot."""
    netlist = drawn(wire("W1", "J1.1", "S1"), wire("W2", "S1", "S2"), wire("W3", "S1", "S2"), wire("W4", "S2", "J2.1"))
    (path,) = netlist.paths
    assert ("W1", "W2", "W4", "W3") == path.wires
    assert {} == netlist.blind_spots()
    assert pytest.approx(2.5 * METRE) == netlist.nominal(path)


def test_two_splices_between_the_same_pins_are_one_path_with_each_wire_once() -> None:
    """Whatever goes from pin to pin is in their one measurement."""
    netlist = drawn(
        wire("W1", "J1.1", "S1"), wire("W2", "J1.1", "S2"), wire("W3", "S1", "J1.2"), wire("W4", "S2", "J1.2")
    )
    assert [("W1", "W3", "W2", "W4")] == [path.wires for path in netlist.paths]


def test_a_loop_that_hangs_on_a_path_is_a_blind_spot() -> None:
    """No current flows round a loop that is joined at one point only, so nothing would notice its wires missing."""
    netlist = drawn(
        wire("W1", "J1.1", "S1"), wire("W2", "S1", "J2.1"),
        wire("W3", "S1", "S2"), wire("W4", "S2", "S3"), wire("W5", "S3", "S1"),
    )  # fmt: skip
    assert ["W3", "W4", "W5"] == list(netlist.blind_spots())


def test_a_wire_to_a_joint_that_leads_nowhere_is_a_blind_spot() -> None:
    """And it says between which places no current can flow."""
    netlist = drawn(wire("W1", "J1.1", "J2.1"), wire("W2", "J1.1", "S1"))
    (sentence,) = netlist.blind_spots().values()
    assert "no measurement reaches W2: no current between two pins flows through it, from J1.1 to S1" == sentence


def test_paths_that_differ_only_in_mated_contacts_have_names_of_their_own() -> None:
    """A name is a point: two paths of one name would be one measurement, and a contact nobody measures."""
    netlist = drawn(
        wire("W1", "J1.1", "S1"), wire("M1", "S1", "J2.1", kind="mate"), wire("M2", "S1", "J2.2", kind="mate")
    )
    assert ["W1+M1", "W1+M2"] == [path.name for path in netlist.paths]


def test_a_path_of_mated_contacts_only_is_named_by_them() -> None:
    """Never by nothing, which would be the point of the whole."""
    netlist = drawn(wire("M1", "J1.1", "J2.1", kind="mate"))
    assert [("M1", 0.0)] == [(path.name, netlist.nominal(path)) for path in netlist.paths]


def test_a_mated_contact_is_part_of_the_path_but_not_of_its_name() -> None:
    """People know wires."""
    netlist = drawn(wire("W1", "J1.1", "S1"), wire("M1", "S1", "J2.1", kind="mate"))
    assert [("W1", ("W1", "M1"))] == [(path.name, path.wires) for path in netlist.paths]


def test_a_drawing_that_does_not_say_gives_no_nominal() -> None:
    """Neither on the wire itself nor where it lies beside the path, in a loop."""
    alone = drawn(wire("W1", "J1.1", "J2.1", None))
    assert [None] == [alone.nominal(path) for path in alone.paths]
    ring = drawn(wire("W1", "J1.1", "J2.1"), wire("W2", "J2.1", "J3.1"), wire("W3", "J3.1", "J1.1", None))
    assert [None, None, None] == [ring.nominal(path) for path in ring.paths]


def test_a_ring_of_three_wires_is_two_thirds_of_each() -> None:
    """One wire beside the two others."""
    ring = drawn(wire("W1", "J1.1", "J2.1"), wire("W2", "J2.1", "J3.1"), wire("W3", "J3.1", "J1.1"))
    assert pytest.approx([METRE * 2 / 3] * 3) == [ring.nominal(path) for path in ring.paths]


def test_a_loop_elsewhere_in_the_net_changes_nothing() -> None:
    """A wire on which a ring hangs has its own resistance, whatever the drawing leaves out of the ring."""
    netlist = drawn(wire("W1", "J1.1", "J2.1"), wire("W2", "J2.1", "J3.1", None), wire("W3", "J3.1", "J2.1", None))
    first, second = netlist.paths
    assert pytest.approx(METRE) == netlist.nominal(first)
    assert None is netlist.nominal(second)
    assert [["W1"], ["W2", "W3"]] == [[each.name for each in netlist.carrying(path)] for path in netlist.paths]


def test_a_shield_is_a_path_of_its_own_kind() -> None:
    """It has limits of its own."""
    netlist = drawn(wire("W1", "J1.1", "J2.1"), wire("SH", "J1.2", "J2.2", kind="shield"))
    assert [False, True] == [path.shield for path in netlist.paths]


def test_a_jumper_has_both_ends_in_one_connector() -> None:
    """A joint is no connector."""
    assert [True, False, False] == [
        each.is_jumper for each in (wire("W1", "J1.1", "J1.2"), wire("W2", "J1.1", "J2.1"), wire("W3", "S1", "S2"))
    ]


@st.composite
def harnesses(draw: st.DrawFn) -> Netlist:
    """Any harness: wires between pins and joints, loops and all; no two lengths alike, so that no bridge is in balance."""
    places = [*PINS, "S1", "S2", "S3", "S4"]
    count = draw(st.integers(1, 14))
    ends = [draw(st.permutations(places).map(lambda each: each[:2])) for _ in range(count)]
    return drawn(*(wire(f"W{n}", a, b, 0.5 + 0.0917 * n * n) for n, (a, b) in enumerate(ends, start=1)))


@settings(deadline=None)
@given(harnesses())
def test_every_pin_is_in_one_net_and_every_path_within_one(netlist: Netlist) -> None:
    """Nets part the pins; a path never leaves its net; no two paths have one name."""
    assert sorted(netlist.pins) == sorted(pin for net in netlist.nets for pin in net.pins)
    assert all(netlist.net_of[path.a] == netlist.net_of[path.b] for path in netlist.paths)
    assert len(netlist.paths) == len({path.name for path in netlist.paths})
    assert all(path.name and len(set(path.wires)) == len(path.wires) for path in netlist.paths)


@settings(deadline=None)
@given(harnesses())
def test_the_paths_tell_every_open_that_joins_pins(netlist: Netlist) -> None:
    """Whatever wire falls out and parts two pins, some path's ends are parted too: no open can hide."""
    for missing in netlist.drawn:
        rest = drawn(*(each for each in netlist.drawn if each is not missing))
        parted = {net.pins for net in rest.nets} != {net.pins for net in netlist.nets}
        seen = any(rest.net_of[path.a] != rest.net_of[path.b] for path in netlist.paths)
        assert parted == seen


@settings(deadline=None)
@given(harnesses())
def test_a_wire_that_is_no_blind_spot_changes_a_path_when_it_is_cut(netlist: Netlist) -> None:
    """What is called proven is proven: without the wire some path has another resistance."""
    blind = netlist.blind_spots()
    before = {path.name: netlist.nominal(path) or 0.0 for path in netlist.paths}
    for missing in netlist.drawn:
        rest = drawn(*(each for each in netlist.drawn if each is not missing))
        after = {path.name: _ohms(rest, path.a, path.b) for path in netlist.paths}
        changed = any(not math.isclose(before[name], after[name], rel_tol=1e-6) for name in before)
        assert changed or missing.name in blind


def _ohms(netlist: Netlist, a: str, b: str) -> float:
    """Ohms between two pins, by laying a wire of 1 ohm beside whatever is there."""
    if netlist.net_of[a] != netlist.net_of[b]:
        return math.inf
    probe = Wire("PROBE", a, b, "24 AWG", 1.0 / METRE)
    both = drawn(*netlist.drawn, probe)
    beside = both.nominal(next(path for path in both.paths if "PROBE" in path.wires))
    return math.inf if beside is None else 1 / (1 / beside - 1)
