"""The structure of a cabling product: every problem at once, at its place."""

import pytest

from sequences.cabling.cable import Cable
from sequences.cabling.parts import MOST_PINS, Connector, Kind, Span
from sequences.cabling.wiring import CableWiring, Mainframe, Resistor


def span(name: str, a: str, b: str, kind: Kind = "wire", **more: object) -> Span:
    """A wire or a range of them."""
    return Span(name, [a, b], kind=kind, **more)  # type: ignore[arg-type]  # each test gives what the field takes


def cable(*wires: Span, **more: object) -> Cable:
    """Two connectors of eight pins, and wires of 24 AWG and 2 m unless they say otherwise."""
    given: dict[str, object] = {
        "gauge": "24 AWG",
        "length": 2.0,
        "connectors": {"J1": Connector(8), "J2": Connector(8)},
    }
    return Cable(wires=list(wires) or [span("W1-8", "J1.1-8", "J2.1-8")], **{**given, **more})  # type: ignore[arg-type]  # as above


def said(each: Cable) -> list[str]:
    """The problems as `place: sentence`."""
    return [f"{'.'.join(map(str, where))}: {what}" for where, what in each.problems()]


def test_a_range_is_wires_with_the_structures_gauge_and_length() -> None:
    """Eight wires from one line."""
    netlist = cable().netlist
    assert [f"W{n}" for n in range(1, 9)] == list(netlist.wires)
    assert {("24 AWG", 2.0)} == {(wire.gauge, wire.length) for wire in netlist.drawn}
    assert [] == cable().problems()


def test_own_gauge_and_length_count_before_the_structures() -> None:
    """A shield has no gauge of a wire's, and a mated contact no length."""
    made = cable(
        span("W1", "J1.1", "J2.1", gauge="20 AWG", length=0.0), span("SH", "J1.2", "J2.2", "shield"),
        span("W3", "J1.3", "S1"), span("M", "S1", "J2.3", "mate"), joints=["S1"],
    )  # fmt: skip
    assert [("20 AWG", 0.0), (None, 2.0), ("24 AWG", 2.0), (None, 0.0)] == [
        (wire.gauge, wire.length) for wire in made.netlist.drawn
    ]
    assert [] == made.problems()


def test_pins_have_numbers_or_names() -> None:
    """A list gives them names, in its order."""
    assert ("1", "2", "3") == Connector(3).names
    assert ("A", "B") == Connector(["A", "B"]).names


def test_labels_are_by_place() -> None:
    """For people, in the netlist too."""
    made = cable(connectors={"J1": Connector(8, labels={"1": "GND"}), "J2": Connector(8)})
    assert {"J1.1": "GND"} == made.netlist.labels


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (cable(span("W1", "J1.1", "J2.1", gauge="24AWG")), "wires.0.gauge: found '24AWG'; allowed: '24 AWG', '2/0 AWG' or '0.25 mm2'"),
        (cable(gauge="24"), "gauge: found '24'; allowed: '24 AWG', '2/0 AWG' or '0.25 mm2'"),
        (cable(length=-1.0), "length: found -1; allowed: 0 to 1000 metres"),
        (cable(length=float("nan")), "length: found nan; allowed: 0 to 1000 metres"),
        (cable(span("W1", "J1.1", "J2.1", length=1e9)), "wires.0.length: found 1e+09; allowed: 0 to 1000 metres"),
        (cable(span("W1", "J1.1", "J2.1", color="\x1b[31m")), "wires.0.color: found '\\x1b[31m'; allowed: one printable line of at most 200 characters"),
        (cable(span("W1-3", "J1.1-3", "J2.1-2")), "wires.0.ends: W1-3 is 3 wires, but the ends are 3 and 2 places"),
        (cable(Span("W1", ["J1.1"])), "wires.0.ends: a wire has two ends, not 1"),
        (cable(span("W1", "J1 1", "J2.1")), "wires.0.ends.0: a name is a letter, then letters, digits and _ (a pin: J1.3), not 'J1 1'"),
        (cable(span("1W", "J1.1", "J2.1")), "wires.0.name: a name is a letter, then letters, digits and _ (a pin: J1.3), not '1W'"),
        (cable(span("W1-5000", "J1.1", "J2.1")), "wires.0.name: 'W1-5000' is a range of more than 4096"),
        (cable(span("J1.9", "J1.1", "J2.1")), "wires.0.name: J1.9 is the name of a pin, not of a wire"),
        (cable(span("W1", "J1.9", "J2.1")), "wires.0.ends.0: W1 ends at J1.9, which is neither a pin nor a joint"),
        (cable(span("W1", "J1.1", "S1")), "wires.0.ends.1: W1 ends at S1, which is neither a pin nor a joint"),
        (cable(span("W1", "J1.1", "J1.1")), "wires.0.ends: W1 begins and ends at J1.1"),
        (cable(span("W1", "J1.1", "J2.1"), span("W1", "J1.2", "J2.2")), "wires.1.name: W1 is declared twice"),
        (cable(joints=["S1"]), "joints.0: no wire ends at joint S1"),
        (cable(joints=["S1-"]), "joints.0: a name is a letter, then letters, digits and _ (a pin: J1.3), not 'S1-'"),
        (cable(span("W1", "J1.1", "S1"), span("W2", "S1", "J2.1"), joints=["S1", "S1"]), "joints.1: S1 is declared twice"),
        (cable(joints=["J1"]), "joints.0: J1 names a connector or its pin: a joint needs a name of its own"),
        (cable(span("W1", "J1.1", "S1"), joints=["S1"]), "wires.0: no measurement reaches W1: no current between two pins flows through it, from J1.1 to S1"),
        (cable(connectors={"J1": Connector(0), "J2": Connector(8)}), "connectors.J1.pins: found 0 pins; allowed: 1 to 2000"),
        (cable(connectors={"J1": Connector(-5), "J2": Connector(8)}), "connectors.J1.pins: found -5 pins; allowed: 1 to 2000"),
        (cable(connectors={"J1": Connector(10**18), "J2": Connector(8)}), f"connectors.J1.pins: found {10**18} pins; allowed: 1 to 2000"),
        (cable(connectors={"J1": Connector(["1", "2", "1"]), "J2": Connector(8)}), "connectors.J1.pins: pin 1 is named twice"),
        (cable(connectors={"J1": Connector(["1", "a b"]), "J2": Connector(8)}), "connectors.J1.pins: 'a b' is no pin's name"),
        (cable(connectors={"J1": Connector(8, labels={"9": "X"}), "J2": Connector(8)}), "connectors.J1.labels.9: there is no pin 9"),
        (cable(connectors={"J1": Connector(8, "\x07"), "J2": Connector(8)}), "connectors.J1.title: found '\\x07'; allowed: one printable line of at most 200 characters"),
        (cable(connectors={"J1": Connector(8), "J2": Connector(8), "3": Connector(1)}), "connectors.3: '3' is no connector's name: a letter, then letters, digits and _"),
        (cable(connectors={}), "connectors: a cable has at least one connector"),
        (Cable({"J1": Connector(2)}, []), "wires: a cable has at least one wire (or confirmed_by = '', and they are learned)"),
        (cable(pairs={"P1": ["W1"]}), "pairs.P1: a pair is two wires"),
        (cable(pairs={"P1": ["W1", "W1"]}), "pairs.P1: a pair is two wires"),
        (cable(pairs={"P1": ["W1", "W99"]}), "pairs.P1.1: there is no wire W99"),
        (cable(pairs={"P1": ["W1", "W2"], "P2": ["W3", "W2"]}), "pairs.P2.1: W2 is in pair P1 already"),
        (cable(pairs={"P 1": ["W1", "W2"]}), "pairs.P 1: 'P 1' is no pair's name: a letter, then letters, digits and _"),
        (cable(span("W1", "J1.1", "J2.1"), span("W2", "J1.1", "J2.2"), pairs={"P": ["W1", "W2"]}), "pairs.P: W1 and W2 are joined, so no pair"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_at_its_place(made: Cable, problem: str) -> None:
    """What is wrong, where, and what would be right."""
    assert problem in said(made)


def test_all_problems_are_told_at_once() -> None:
    """Nobody likes to be told one mistake a day."""
    made = cable(
        span("W1", "J1.1", "J2.1", gauge="x"), span("W2", "J1.99", "J2.2"), span("W2", "J1.3", "J2.3"), length=-1.0
    )
    assert ["length", "wires.0.gauge", "wires.1.ends.0", "wires.2.name"] == [
        each.partition(": ")[0] for each in said(made)
    ]


def test_a_huge_drawing_is_refused_before_it_is_drawn_out() -> None:
    """A few lines can mean millions of wires or pins; they take no time."""
    ranges = [span(f"A{n}_1-4096", "J1.1-4096", "J2.1-4096") for n in range(100)]
    assert any("more than 20000 wires" in each for each in said(cable(*ranges)))
    many = {f"J{n}": Connector(MOST_PINS) for n in range(1, 100)}
    assert ["connectors: more than 20000 pins"] == said(cable(connectors=many))
    assert any("more than 20000 joints" in each for each in said(cable(joints=[f"S{n}_1-4096" for n in range(100)])))


def test_a_netlist_that_cannot_be_read_is_no_netlist() -> None:
    """It is never drawn with wires left out."""
    with pytest.raises(ValueError, match="wires"):
        _ = cable(span("W1", "J1.1", "J2.1-2")).netlist


def test_a_learned_netlist_is_refused_until_somebody_has_confirmed_it() -> None:
    """Empty or blank is nobody; a drawing that was never learned needs no confirmation."""
    assert ["", ""] == [cable().refusal(), cable(confirmed_by="A. Person").refusal()]
    assert all("nobody has confirmed" in cable(confirmed_by=nobody).refusal() for nobody in ("", "  "))


def test_a_cable_to_be_learned_may_have_no_wires_yet() -> None:
    """Its connectors are all that is known."""
    assert [] == Cable({"J1": Connector(2), "J2": Connector(2)}, [], confirmed_by="").problems()


def test_what_a_path_lacks_for_a_nominal_names_its_wires() -> None:
    """The one of a splice's legs that is to blame, or the one beside it in a loop."""
    legs = cable(
        span("W1", "J1.1", "S1"), Span("W2", ["S1", "J2.1"], gauge="24 AWG"), joints=["S1"], gauge=None,
    )  # fmt: skip
    assert "W1 needs a gauge" == legs.lacks("W1+W2")
    assert "" == cable().lacks("W1")
    assert "there is no path W9" == cable().lacks("W9")
    ring = cable(span("W1", "J1.1", "J2.1"), span("W2", "J2.1", "J2.2"), span("SH", "J1.1", "J2.2", "shield"))
    assert "SH needs a gauge" == ring.lacks("W1")


def test_a_jig_that_is_too_small_says_for_which_connector() -> None:
    """And one that has no place for it at all."""
    parts = Resistor([3, 4], 5e6, 0.01), Resistor([5, 6], 4700.0, 0.01)
    jig = CableWiring([Mainframe(["DAQM901A", "DAQM904A", "DAQM904A"])], {"J1": "7-13"}, [1, 2], *parts)
    assert [
        "connector J1 has 8 pins, the jig only 7 points for it",
        "the jig has no place for connector J2 (it has J1)",
    ] == jig.misfits(cable())
