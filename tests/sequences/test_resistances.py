"""Resistances that are copper, but not the copper that was drawn: gauge, length, or a contact."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequences.cabling.copper import ohms_per_metre
from sequences.cabling.netlist import Netlist, Wire
from sequences.cabling.resistances import CONTACTS, Odd, explain, whole_cable
from sequences.finding import Finding
from tests.sequences.trees import drawn, wire

METRES = 2.0
NOMINAL = METRES * ohms_per_metre("24 AWG")
EIGHT = drawn([wire(f"W{n}", f"J1.{n}", f"J2.{n}", METRES) for n in range(1, 9)])
STAR = drawn([wire("W1", "J1.1", "S1"), wire("W2", "S1", "J2.1"), wire("W3", "S1", "J3.1"), wire("W4", "S1", "J3.2")])


def odd(netlist: Netlist, path: str, ohms: float, extra: float | None = None) -> Odd:
    """A path that reads so many ohms too much beyond good contacts."""
    known = netlist.path[path]
    return Odd(known, (netlist.nominal(known) or 0.0) + CONTACTS + ohms, netlist.nominal(known), extra)


def found(netlist: Netlist, *odds: Odd, good: str = "") -> list[tuple[str, str]]:
    """Cause and place of each finding."""
    return [(each.cause, each.where) for each in explain(netlist, list(odds), set(good.split()))]


def one(each: Odd, netlist: Netlist = EIGHT) -> Finding:
    """The only finding for an odd path."""
    (finding,) = explain(netlist, [each], set())
    return finding


@pytest.mark.parametrize("steps", [-4, -2, -1, 1, 2, 3, 4])
def test_the_gauge_of_another_reel_is_told_by_its_ratio(steps: int) -> None:
    """Up to four steps; the text says which way."""
    of_reel = METRES * ohms_per_metre(f"{24 + steps} AWG")
    finding = one(odd(EIGHT, "W3", of_reel - NOMINAL))
    assert ("wrong-gauge", "W3") == (finding.cause, finding.where)
    assert (
        f"{abs(steps)} gauge step{'s' if abs(steps) > 1 else ''} {'thinner' if steps > 0 else 'thicker'}"
        in finding.text
    )


def test_a_thinner_wire_may_be_a_bad_contact_and_the_text_says_both() -> None:
    """Direct current cannot tell them apart, so the confidence is low."""
    finding = one(odd(EIGHT, "W3", 0.26 * NOMINAL))
    assert ("or a contact has" in finding.text, finding.confidence < 0.9) == (True, True)


@pytest.mark.parametrize("ohms", [0.3, 1.0, 50.0, 900.0])
def test_what_is_no_gauge_is_a_bad_contact(ohms: float) -> None:
    """From what no reel explains to nearly open."""
    finding = one(odd(EIGHT, "W3", ohms))
    assert ("high-resistance", "W3", True) == (finding.cause, finding.where, "a bad crimp or contact" in finding.text)
    assert "e+" not in finding.text


def test_too_little_is_never_a_contact() -> None:
    """A wire that has too few ohms is thicker, or shorter."""
    finding = one(odd(EIGHT, "W3", -0.13 * NOMINAL))
    assert ("wrong-gauge", True) == (finding.cause, "thicker or shorter" in finding.text)


@pytest.mark.parametrize("extra", [-0.8, 0.4, 2.0])
def test_a_length_on_which_copper_and_capacitance_agree(extra: float) -> None:
    """So many metres longer, or shorter."""
    finding = one(odd(EIGHT, "W3", extra / METRES * NOMINAL, extra))
    assert ("wrong-length", "W3") == (finding.cause, finding.where)
    assert f"{abs(extra):.2f} m {'longer' if extra > 0 else 'shorter'}" in finding.text


@pytest.mark.parametrize("extra", [None, 0.0, -0.5, 2.5])
def test_a_length_on_which_they_do_not_agree_is_none(extra: float | None) -> None:
    """A bad contact adds no picofarads."""
    assert "wrong-length" != one(odd(EIGHT, "W3", 0.3 * NOMINAL, extra)).cause


@pytest.mark.parametrize("gauge", [None, "24 AWG"])
def test_the_leg_that_odd_paths_share_is_one_finding(gauge: str | None) -> None:
    """All paths of a star go through its first leg: the same ohms too much on each are that leg's."""
    star = drawn([replace(each, gauge=gauge) for each in STAR.drawn])
    odds = [odd(star, each.name, 0.5) for each in star.paths]
    assert [("high-resistance", "W1")] == found(star, *odds)


def test_a_leg_that_a_good_path_has_proven_is_not_blamed() -> None:
    """Of a path of two wires the one that no good path goes through."""
    assert [("high-resistance", "W3")] == found(STAR, odd(STAR, "W1+W3", 0.5), good="W1 W2 W4")
    legs = [odd(STAR, "W1+W3", 0.5), odd(STAR, "W1+W4", 0.5)]
    assert [("high-resistance", "W3"), ("high-resistance", "W4")] == found(STAR, *legs, good="W1 W2")


def test_different_ohms_are_different_faults() -> None:
    """Two legs that are bad by different amounts are two findings."""
    assert [("high-resistance", "W2"), ("high-resistance", "W3")] == found(
        STAR, odd(STAR, "W1+W2", 0.5), odd(STAR, "W1+W3", 0.9), good="W1 W4"
    )


def test_a_mated_contact_is_not_blamed_before_a_wire() -> None:
    """A contact that belongs to the drawing has no wire to be wrong."""
    netlist = drawn([wire("W1", "J1.1", "S1"), Wire("M1", "S1", "J2.1", None, 0.0, "mate")])
    (path,) = netlist.paths
    assert ["W1"] == [each.where for each in explain(netlist, [Odd(path, 0.6, netlist.nominal(path))], set())]


def test_shields_and_wires_of_unknown_copper_are_told_by_their_ohms() -> None:
    """Nothing is nominal, so there is no factor to tell."""
    netlist = drawn([Wire("SH1", "J1.1", "J2.1", None, 2.0, "shield"), wire("W1", "J1.2", "J2.2", None, None)])
    for path, text in zip(netlist.paths, ("shield SH1 has 700 mohm", "W1 has 700 mohm"), strict=True):
        (finding,) = explain(netlist, [Odd(path, 0.7, None)], set())
        assert ("high-resistance", True) == (finding.cause, finding.text.startswith(text))


def every(
    ratio: float, contacts: float = CONTACTS, *, but: str = ""
) -> tuple[list[Odd], dict[str, tuple[float, float]]]:
    """All paths of the cable at a ratio, one perhaps with half an ohm more."""
    ohms = {path.name: NOMINAL * ratio + contacts + (0.5 if path.name == but else 0.0) for path in EIGHT.paths}
    odds = [Odd(path, ohms[path.name], NOMINAL) for path in EIGHT.paths]
    return odds, {name: (each, NOMINAL) for name, each in ohms.items()}


@given(st.floats(1.15, 3.0) | st.floats(0.3, 0.85))
def test_a_cable_that_is_off_as_a_whole_is_one_finding(ratio: float) -> None:
    """The factor is said, and every wire is marked."""
    finding = whole_cable(*every(ratio))
    assert finding is not None
    assert ("wrong-length", "", tuple(f"W{n}" for n in range(1, 9))) == (finding.cause, finding.where, finding.marks)
    assert f"{ratio:.2f} times" in finding.text


def test_a_wire_that_is_bad_besides_is_not_marked_by_it() -> None:
    """It needs a finding of its own."""
    finding = whole_cable(*every(1.5, but="W3"))
    assert finding is not None
    assert "W3" not in finding.marks


def test_some_odd_wires_are_not_the_whole_cable() -> None:
    """Half of them, or all of them by different factors."""
    odds, seen = every(1.5)
    good = dict.fromkeys(list(seen)[4:], (NOMINAL, NOMINAL))
    assert whole_cable(odds[:4], seen | good) is None
    mixed = {name: (NOMINAL * (1.2 + 0.2 * n), NOMINAL) for n, name in enumerate(seen)}
    assert whole_cable(odds, mixed) is None
    assert whole_cable(odds[:2], dict(list(seen.items())[:2])) is None
    assert whole_cable([], {}) is None


@given(
    st.lists(st.floats(-0.5 * NOMINAL, 900.0), min_size=1, max_size=8),
    st.lists(st.none() | st.floats(-5, 50), min_size=8),
)
def test_every_odd_path_is_explained(ohms: list[float], extras: list[float | None]) -> None:
    """Whatever the ohms: each wire has exactly one finding, which names it."""
    odds = [
        odd(EIGHT, f"W{n}", each, extra) for n, (each, extra) in enumerate(zip(ohms, extras, strict=False), start=1)
    ]
    assert [f"W{n}" for n in range(1, len(odds) + 1)] == sorted(where for _, where in found(EIGHT, *odds))
