"""Taps: from the resistances between a net's pins and a stranger follows where the stranger touches."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sequences.cabling.copper import ohms_per_metre
from sequences.cabling.netlist import Netlist, Wire
from sequences.cabling.taps import AT_A_PIN, Tap, tap
from tests.sequences.trees import drawn, trees, ways, wire

METRE = ohms_per_metre("24 AWG")
CHAIN = drawn([wire("W1", "J1.1", "S1", 1.2), wire("W2", "S1", "S2", 0.5), wire("W3", "S2", "J2.1", 0.8)])
STAR = drawn([wire("W1", "J1.1", "S1", 1.2), wire("W2", "S1", "J2.1", 0.8), wire("W3", "S1", "J3.1", 1.4)])


def seen_at(netlist: Netlist, name: str, share: float, beyond: float = 0.05) -> dict[str, float]:
    """What each pin reads to a stranger that touches a wire there, `beyond` being the way in the stranger."""
    touched = netlist.wires[name]
    ohms = {each.name: each.ohms or 0.0 for each in netlist.drawn}
    sides = {end: ways(netlist, end, {k: v for k, v in ohms.items() if k != name}) for end in (touched.a, touched.b)}
    reads = {}
    for pin in netlist.pins:
        if pin in sides[touched.a]:
            reads[pin] = sides[touched.a][pin] + share * ohms[name] + beyond
        else:
            reads[pin] = sides[touched.b][pin] + (1 - share) * ohms[name] + beyond
    return reads


def located(netlist: Netlist, seen: dict[str, float], measured: dict[str, float] | None = None) -> Tap:
    """The tap that is found on the only net."""
    return tap(netlist, netlist.nets[0], seen, measured or {})


def apart(netlist: Netlist, one: tuple[Wire, float], other: tuple[Wire, float]) -> float:
    """Metres of copper between two places, each on a wire and so far from its a end; for trees."""
    (first, here), (second, there) = one, other
    if first is second:
        return abs(here - there)
    metres = {each.name: each.length or 0.0 for each in netlist.drawn if each not in (first, second)}
    return min(
        from_end + ways(netlist, end, metres)[goal] + to_goal
        for end, from_end in ((first.a, here), (first.b, (first.length or 0.0) - here))
        for goal, to_goal in ((second.a, there), (second.b, (second.length or 0.0) - there))
        if goal in ways(netlist, end, metres)
    )


@given(trees(), st.data())
def test_a_touch_anywhere_on_a_tree_is_found_where_it_is(netlist: Netlist, draws: st.DataObject) -> None:
    """Wherever it is, and however long the way in the stranger: the place is right to the millimetre."""
    touched = draws.draw(st.sampled_from(netlist.drawn))
    share, beyond = draws.draw(st.floats(0.05, 0.95)), draws.draw(st.floats(0.0, 0.9))
    found = located(netlist, seen_at(netlist, touched.name, share, beyond))
    assert found.wire is not None
    assert found.metres is not None
    assert apart(netlist, (touched, share * (touched.length or 0.0)), (found.wire, found.metres)) < 1e-3


@given(trees(), st.data())
def test_noise_of_contacts_moves_it_by_no_more_than_their_copper(netlist: Netlist, draws: st.DataObject) -> None:
    """Contacts differ by a milliohm: that is about a centimetre of 24 AWG, and so is the error."""
    touched = draws.draw(st.sampled_from(netlist.drawn))
    seen = seen_at(netlist, touched.name, share := draws.draw(st.floats(0.3, 0.7)))
    noise = draws.draw(st.lists(st.floats(-5e-4, 5e-4), min_size=len(seen), max_size=len(seen)))
    found = located(netlist, {pin: ohms + odd for (pin, ohms), odd in zip(seen.items(), noise, strict=True)})
    assert found.wire is not None
    assert found.metres is not None
    assert apart(netlist, (touched, share * (touched.length or 0.0)), (found.wire, found.metres)) < 0.03


@pytest.mark.parametrize(("wire_name", "share"), [("W1", 0.25), ("W2", 0.5), ("W3", 0.75)])
def test_along_a_chain(wire_name: str, share: float) -> None:
    """Two pins are enough for a chain of any number of wires."""
    found = located(CHAIN, seen_at(CHAIN, wire_name, share))
    assert found.wire is not None
    assert (wire_name, None) == (found.wire.name, found.pin)
    assert pytest.approx(share * (found.wire.length or 0.0)) == found.metres


@pytest.mark.parametrize(("wire_name", "share", "pin"), [("W1", 0.0, "J1.1"), ("W2", 1.0, "J2.1"), ("W3", 1.0, "J3.1")])
def test_a_touch_at_a_pin_names_the_pin(wire_name: str, share: float, pin: str) -> None:
    """Within the spread of contacts of a pin it is at the pin."""
    assert pin == located(STAR, seen_at(STAR, wire_name, share)).pin


def test_a_touch_at_a_joint_names_no_pin() -> None:
    """The pins are far from it."""
    assert located(STAR, seen_at(STAR, "W1", 1.0)).pin is None


def test_of_a_short_wire_either_pin_would_do() -> None:
    """Where all of the copper is less than the spread of contacts, a pin is named all the same."""
    netlist = drawn([wire("W1", "J1.1", "J2.1", 0.5 * AT_A_PIN / METRE)])
    assert located(netlist, seen_at(netlist, "W1", 0.5)).pin in netlist.pins


def test_measured_copper_counts_more_than_the_drawing() -> None:
    """A wire that is twice as long as drawn is walked along as it is."""
    seen = seen_at(drawn([wire("W1", "J1.1", "J2.1", 4.0)]), "W1", 0.25)
    netlist = drawn([wire("W1", "J1.1", "J2.1", 2.0)])
    found = located(netlist, seen, {"W1": 4.0 * METRE})
    assert pytest.approx(0.5) == found.metres  # a quarter of what is drawn


def test_an_empty_cavity_is_its_own_pin() -> None:
    """No wires, one pin."""
    netlist = drawn([wire("W1", "J1.1", "J2.1")], ["J1.2"])
    assert Tap(None, None, "J1.2") == tap(netlist, netlist.nets[-1], {"J1.2": 0.1}, {})


def test_where_no_reading_tells_nothing_is_made_up() -> None:
    """Beyond the meter's range a touch is somewhere; one reading names the wire at that pin, and no place on it."""
    assert Tap(None, None, None) == located(STAR, {})
    found = located(STAR, {"J2.1": 1.1})
    assert found.wire is not None
    assert ("W2", None, None) == (found.wire.name, found.metres, found.pin)


@pytest.mark.parametrize(
    "wires",
    [
        [wire("W1", "J1.1", "J2.1"), wire("W2", "J1.1", "J2.1")],
        [wire("W1", "J1.1", "S1", None), wire("W2", "S1", "J2.1")],
        [wire("W1", "J1.1", "S1", 0.0), wire("W2", "S1", "J2.1", 0.0)],
    ],
    ids=["a loop", "a wire of unknown length", "mated contacts only"],
)
def test_where_the_copper_is_not_known_the_nearest_pin_is_said(wires: list[Wire]) -> None:
    """No distance, and no crash."""
    found = located(drawn(wires), {"J1.1": 0.5, "J2.1": 0.2})
    assert ("J2.1", None) == (found.pin, found.metres)


@given(trees(), st.data())
def test_whatever_is_read_something_is_said(netlist: Netlist, draws: st.DataObject) -> None:
    """Nonsense in is a place on the net out, inside its wire."""
    pins = draws.draw(st.sets(st.sampled_from(netlist.pins)))
    seen = {pin: draws.draw(st.floats(-1.0, 1e3)) for pin in sorted(pins)}
    assume(seen)
    found = located(netlist, seen)
    if found.wire is not None and found.metres is not None:
        assert 0.0 <= found.metres <= (found.wire.length or 0.0)
