"""Breaks: the two stubs of an open net share its length as they share its capacitance."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequences.cabling.breaks import Stubs, open_wire
from sequences.cabling.netlist import Netlist, Wire
from sequences.cabling.pieces import Pieces
from sequences.finding import Finding
from tests.sequences.trees import drawn, trees, wire, without

FARADS = 90e-12
"""Of a metre."""
STRAIGHT = drawn([wire("W1", "J1.1", "J2.1", 2.0)])
CHAIN = drawn([wire("W1", "J1.1", "S1", 1.2), wire("W2", "S1", "S2", 0.5), wire("W3", "S2", "J2.1", 0.8)])
STAR = drawn([wire("W1", "J1.1", "S1", 1.2), wire("W2", "S1", "J2.1", 0.8), wire("W3", "S1", "J3.1", 1.4)])
NOT_MEASURED = Stubs(None, None)


def broken(netlist: Netlist, name: str, metres: float, gain: float = 1.0) -> Finding:
    """The finding for a wire that is broken so far from its a end, as pins and capacitances show it."""
    pieces = Pieces(netlist, list(dict.fromkeys(without(netlist, name).values())))
    (failing,) = pieces.failing
    cut = netlist.wires[name]
    at_a = reached(netlist, cut.a, name)
    from_a = metres + sum(each.length or 0.0 for each in netlist.drawn if each is not cut and each.a in at_a)
    whole = sum(each.length or 0.0 for each in netlist.drawn)

    def stub(end: str) -> float:
        """What is seen from the pins that hang on an end of the wire that is taken for the broken one."""
        pin = next(pin for pin in netlist.pins if pin in pieces.piece(end))
        return gain * FARADS * (from_a if pin in at_a else whole - from_a)

    return open_wire(pieces, failing, Stubs(stub(failing.a), stub(failing.b)))


def reached(netlist: Netlist, start: str, cut: str) -> set[str]:
    """The nodes that hang on one without a wire."""
    nodes, todo = {start}, [start]
    while todo:
        at = todo.pop()
        for each in netlist.drawn_wires_at(at):
            if each.name != cut and each.other(at) not in nodes:
                nodes.add(each.other(at))
                todo.append(each.other(at))
    return nodes


def said(finding: Finding) -> tuple[float, str]:
    """The distance in a finding's text, and from where."""
    match = re.search(r"(\d+\.\d) m from (?:splice )?(\w+)", finding.text)
    assert match, finding.text
    return float(match[1]), match[2]


@given(st.floats(0.1, 1.9), st.floats(0.7, 1.4))
def test_a_break_is_as_far_along_as_its_share_of_the_capacitance(metres: float, gain: float) -> None:
    """Whatever the gain of the meter."""
    finding = broken(STRAIGHT, "W1", metres, gain)
    assert ("open", "W1", ("W1",)) == (finding.cause, finding.where, finding.marks)
    assert pytest.approx(metres, abs=0.051) == said(finding)[0]
    assert "J1" == said(finding)[1]


@pytest.mark.parametrize(
    ("metres", "pin"), [(0.0, "J1 pin 1"), (0.05, "J1 pin 1"), (1.95, "J2 pin 1"), (2.0, "J2 pin 1")]
)
def test_a_break_at_an_end_is_a_contact_that_is_not_made(metres: float, pin: str) -> None:
    """Within 4 % of the length it is the contact, which is marked too."""
    finding = broken(STRAIGHT, "W1", metres)
    assert finding.text.startswith(
        f"open at {pin}, 2.0 m from J{2 if metres < 1 else 1}: W1 does not reach its contact"
    )
    assert ("W1", f"J{pin[1]}.1") == finding.marks


@pytest.mark.parametrize(
    ("name", "metres", "where", "distance"),
    [("W1", 0.6, "W1", (0.6, "J1")), ("W2", 0.3, "W2", (0.3, "S1")), ("W3", 0.4, "W3", (0.4, "S2"))],
)
def test_along_a_chain_it_is_followed_into_the_wire_that_is_broken(
    name: str, metres: float, where: str, distance: tuple[float, str]
) -> None:
    """Which wire of a chain fails is not known before; the distance tells."""
    finding = broken(CHAIN, name, metres)
    assert (where, distance) == (finding.where, said(finding))


@given(trees(), st.data())
def test_in_any_tree_the_place_is_right(netlist: Netlist, draws: st.DataObject) -> None:
    """Branches on either side take their share of the capacitance, and of the length."""
    cut = draws.draw(st.sampled_from(netlist.drawn))
    length = cut.length or 0.0
    metres = draws.draw(st.floats(0.1, 0.9)) * length
    finding = broken(netlist, cut.name, metres)
    assert cut.name == finding.where
    distance, end = said(finding)
    if "does not reach" not in finding.text:
        assert cut.a.partition(".")[0] == end
        assert pytest.approx(metres, abs=0.051) == distance


def test_without_capacitance_it_is_somewhere_between_its_ends() -> None:
    """A mainframe that measures none, or stubs that conduct to something else: no distance is made up."""
    pieces = Pieces(STRAIGHT, [frozenset(["J1.1"]), frozenset(["J2.1"])])
    for stubs in (NOT_MEASURED, Stubs(1e-10, None), Stubs(None, 1e-10), Stubs(1e-12, 1e-12)):
        finding = open_wire(pieces, STRAIGHT.drawn[0], stubs)
        assert "W1 is open between J1 pin 1 and J2 pin 1" == finding.text
        assert finding.confidence < 0.98


def test_without_a_length_it_is_somewhere_between_its_ends() -> None:
    """The share is known, the metres are not."""
    netlist = drawn([wire("W1", "J1.1", "J2.1", None)])
    pieces = Pieces(netlist, [frozenset(["J1.1"]), frozenset(["J2.1"])])
    assert "is open between" in open_wire(pieces, netlist.drawn[0], Stubs(1e-10, 1e-10)).text


def test_where_another_broken_wire_hangs_only_a_bare_end_is_sure() -> None:
    """Nobody knows how much of it hangs there; but nothing at all is nothing at all."""
    pieces = Pieces(STAR, [frozenset(["J1.1"]), frozenset(["J2.1"]), frozenset(["J3.1"])])
    findings = {
        each.name: open_wire(pieces, each, Stubs(*(0.0 if "." in end else 200e-12 for end in (each.a, each.b))))
        for each in pieces.failing
    }
    assert all("does not reach its contact" in each.text for each in findings.values())
    (first, *_) = pieces.failing
    assert "is open between" in open_wire(pieces, first, Stubs(90e-12, 200e-12)).text


@pytest.mark.parametrize(
    ("odd", "cause", "text"),
    [
        (
            Wire("W1", "J1.1", "J1.2", "24 AWG", 0.1),
            "missing-jumper",
            "jumper W1 from J1 pin 1 to J1 pin 2 is missing or open",
        ),
        (Wire("SH1", "J1.1", "J2.1", None, 2.0, "shield"), "shield-open", "shield SH1 is open 1.0 m from J1"),
    ],
)
def test_jumpers_and_shields_have_words_of_their_own(odd: Wire, cause: str, text: str) -> None:
    """A jumper is there or not, wherever it is broken; a shield is broken as a wire is."""
    netlist = drawn([odd])
    pieces = Pieces(netlist, [frozenset([odd.a]), frozenset([odd.b])])
    finding = open_wire(pieces, odd, Stubs(90e-12, 90e-12))
    assert (cause, odd.name, True) == (finding.cause, finding.where, finding.text.startswith(text))
