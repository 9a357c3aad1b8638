"""Pieces: which wires do not do their duty, when groups of joined pins are all that is known."""

from hypothesis import given
from hypothesis import strategies as st

from sequences.cabling.netlist import Netlist
from sequences.cabling.pieces import Pieces
from tests.sequences.trees import drawn, trees, wire, without

STRAIGHT = drawn([wire(f"W{n}", f"J1.{n}", f"J2.{n}") for n in range(1, 4)])
STAR = drawn([wire("W1", "J1.1", "S1", 1.2), wire("W2", "S1", "J2.1", 0.8), wire("W3", "S1", "J3.1", 1.4)])
CHAIN = drawn([wire("W1", "J1.1", "S1"), wire("W2", "S1", "S2"), wire("W3", "S2", "J2.1")])


def pieces(netlist: Netlist, *groups: str, suspect: str = "") -> Pieces:
    """Pieces of groups that are written `J1.1 J2.1`."""
    return Pieces(netlist, [frozenset(group.split()) for group in groups], suspect)


def failing(each: Pieces) -> list[str]:
    """The names of the failing wires."""
    return [wire.name for wire in each.failing]


def test_a_cable_as_drawn_has_no_failing_wires() -> None:
    """Groups as drawn, or none at all."""
    assert [] == failing(pieces(STRAIGHT, "J1.1 J2.1", "J1.2 J2.2", "J1.3 J2.3"))
    assert [] == failing(pieces(STRAIGHT))
    assert [] == failing(pieces(STAR, "J1.1 J2.1 J3.1"))


def test_an_open_wire_fails_and_leaves_its_ends() -> None:
    """Each end is a piece of its own, and no other wire is looked at."""
    found = pieces(STRAIGHT, "J1.2", "J2.2")
    assert (["W2"], ["W2"]) == (failing(found), [each.name for each in found.wires])
    assert {"J1.2"} == found.piece("J1.2")
    assert {"J1.1"} == found.piece("J1.1")  # nobody has asked about it


def test_swapped_wires_both_fail() -> None:
    """Each begins where it should and ends where the other should."""
    found = pieces(STRAIGHT, "J1.1 J2.2", "J1.2 J2.1")
    assert ["W1", "W2"] == failing(found)
    assert ["J1.1", "J2.2"] == found.pins_with("J1.1")


def test_one_leg_of_a_star_fails_alone() -> None:
    """The joint stays with the two pins that still hang together; the lengths of the good wires add up."""
    found = pieces(STAR, "J1.1 J3.1", "J2.1")
    assert ["W2"] == failing(found)
    assert {"J1.1", "S1", "J3.1"} == found.piece("S1")
    assert 2.6 == round(found.metres(found.piece("S1")) or 0.0, 6)
    assert 0.0 == found.metres(found.piece("J2.1"))


def test_the_length_of_a_piece_with_a_wire_of_unknown_length_is_unknown() -> None:
    """Nothing is made up."""
    netlist = drawn([wire("W1", "J1.1", "S1", None), wire("W2", "S1", "J2.1"), wire("W3", "S1", "J3.1")])
    found = pieces(netlist, "J1.1 J2.1", "J3.1")
    assert found.metres(found.piece("S1")) is None


def test_of_a_chain_the_suspect_connectors_wire_fails() -> None:
    """Any wire of a chain may be the broken one: the one that ends at the connector that is asked about."""
    assert ["W1"] == failing(pieces(CHAIN, "J1.1", "J2.1", suspect="J1"))
    assert ["W3"] == failing(pieces(CHAIN, "J1.1", "J2.1", suspect="J2"))
    assert 1 == len(failing(pieces(CHAIN, "J1.1", "J2.1")))


def test_a_joint_goes_with_the_pins_that_hang_together() -> None:
    """Two breaks are fewer than three; a pin that is joined to nothing has more likely lost its wire."""
    star = drawn(
        [wire("W1", "J1.1", "S1"), wire("W2", "S1", "J2.1"), wire("W3", "S1", "J3.1"), wire("W4", "S1", "J3.2")]
    )
    assert ["W1", "W2"] == failing(pieces(star, "J1.1", "J2.1", "J3.1 J3.2"))
    both = drawn([wire("W1", "J1.1", "S1"), wire("W2", "S1", "J2.1"), wire("W9", "J1.2", "J2.2")])
    assert ["W1", "W9"] == failing(pieces(both, "J1.1", "J2.1 J1.2", "J2.2"))


@given(trees(), st.data())
def test_a_single_break_in_any_tree_is_one_failing_wire(netlist: Netlist, draws: st.DataObject) -> None:
    """The wire that is broken, and no other: every joint has three ways, so nothing else explains it as simply."""
    broken = draws.draw(st.sampled_from(netlist.drawn)).name
    found = Pieces(netlist, list(dict.fromkeys(without(netlist, broken).values())))
    assert [broken] == failing(found)


@given(trees(), st.data())
def test_what_is_said_to_fail_explains_what_was_found(netlist: Netlist, draws: st.DataObject) -> None:
    """However many wires are broken: with the failing ones taken out no two pins hang together that did not; never more fail."""
    broken = draws.draw(st.sets(st.sampled_from(sorted(netlist.wires))))
    groups = without(netlist, *broken)
    found = Pieces(netlist, list(dict.fromkeys(groups.values())), draws.draw(st.sampled_from(["", "J1", "J2"])))
    left = without(netlist, *failing(found))
    assert all(left[pin] <= groups[pin] for pin in netlist.pins)
    if not found._suspect:
        assert len(failing(found)) <= len(broken)
    for each in found.failing:
        assert found.group(each.a) != found.group(each.b)
