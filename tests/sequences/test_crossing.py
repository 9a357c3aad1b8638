"""Crossings: a wrong wiring goes in as a partition of pins, and comes out as what a repair person should read."""

from hypothesis import given
from hypothesis import strategies as st

from sequences.cabling.crossing import Explanation, explain
from sequences.cabling.netlist import Netlist, Wire

COUNT = 8


def drawing(count: int = COUNT, cavities: int = 2) -> Netlist:
    """Straight wires W1.. from J1 to J2, pairs of neighbours, and some empty cavities at J2."""
    pins = [*(f"J1.{n}" for n in range(1, count + 1)), *(f"J2.{n}" for n in range(1, count + cavities + 1))]
    wires = [Wire(f"W{n}", f"J1.{n}", f"J2.{n}", "24 AWG", 2.0) for n in range(1, count + 1)]
    pairs = {f"TP{n}": (f"W{2 * n - 1}", f"W{2 * n}") for n in range(1, count // 2 + 1)}
    return Netlist(tuple(pins), tuple(wires), pairs, {})


def landed(netlist: Netlist, lands: dict[str, str]) -> Explanation:
    """What is found when the wire that belongs at a pin of J2 lands at another."""
    wired = {wire.b for wire in netlist.drawn}
    groups = [frozenset((wire.a, lands.get(wire.b, wire.b))) for wire in netlist.drawn]
    taken = {pin for group in groups for pin in group}
    groups += [frozenset((pin,)) for pin in wired - taken]
    return explain(netlist, groups)


def said(explanation: Explanation) -> list[tuple[str, str]]:
    """Cause and place of each finding."""
    return [(finding.cause, finding.where) for finding in explanation.findings]


def test_nothing_wrong_is_nothing_found() -> None:
    """A cable as drawn needs no explanation."""
    assert [] == said(landed(drawing(), {}))


def test_a_swap_is_one_finding_at_the_far_connector() -> None:
    """Two opens and two shorts are one mistake: two wires have changed places."""
    found = landed(drawing(), {"J2.1": "J2.4", "J2.4": "J2.1"})
    assert [("swap", "W1+W4")] == said(found)
    assert "W1 and W4 are swapped at J2" in found.findings[0].text
    assert frozenset({frozenset({0, 3})}) == found.crossed


def test_two_swaps_of_whole_pairs_are_one_swapped_pair() -> None:
    """Exchanging two twisted pairs in order is one mistake."""
    moves = {"J2.1": "J2.3", "J2.3": "J2.1", "J2.2": "J2.4", "J2.4": "J2.2"}
    assert [("swap-pair", "TP1+TP2")] == said(landed(drawing(), moves))


def test_a_reversed_connector_is_one_finding() -> None:
    """Every pin mirrored is a connector the wrong way round."""
    netlist = drawing(cavities=0)
    moves = {f"J2.{n}": f"J2.{COUNT + 1 - n}" for n in range(1, COUNT + 1)}
    assert [("reversed", "J2")] == said(landed(netlist, moves))


def test_a_wire_in_an_empty_cavity_is_a_miswire() -> None:
    """It names the cavity in which the wire is, and where it belongs."""
    found = landed(drawing(), {"J2.3": "J2.9"})
    assert [("miswire", "W3+J2.9")] == said(found)
    assert "W3 is at J2 pin 9 and belongs at J2 pin 3" == found.findings[0].text


def test_three_wires_in_a_ring_are_one_miswire() -> None:
    """A cycle of three is one finding with each wire's place."""
    found = landed(drawing(), {"J2.1": "J2.2", "J2.2": "J2.5", "J2.5": "J2.1"})
    assert [("miswire", {"W1", "W2", "W5"})] == [(cause, set(where.split("+"))) for cause, where in said(found)]


@given(st.permutations(range(1, COUNT + 1)))
def test_any_permutation_is_explained_wholly_and_blames_no_innocent_wire(order: list[int]) -> None:
    """Every wire that is not where it belongs is named, and no other."""
    netlist = drawing(cavities=0)
    moves = {f"J2.{n}": f"J2.{to}" for n, to in enumerate(order, start=1)}
    found = landed(netlist, moves)
    guilty = {f"W{n}" for n, to in enumerate(order, start=1) if n != to}
    marked = {mark for finding in found.findings for mark in finding.marks}
    assert marked in (guilty, {"J2"})
    assert len(found.findings) <= max(1, len(guilty) // 2)
