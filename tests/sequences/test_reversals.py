"""A connector that is the wrong way round is one mistake, whatever else is wrong with the cable."""

from collections.abc import Iterable

import pytest

from sequences.cabling.crossing import Explanation, explain
from sequences.cabling.netlist import Netlist, Wire
from tests.sequences.trees import drawn, wire

COUNT = 8
STRAIGHT = drawn([wire(f"W{n}", f"J1.{n}", f"J2.{n}") for n in range(1, COUNT + 1)])


def wired(netlist: Netlist, lands: dict[str, str], without: Iterable[str] = ()) -> Explanation:
    """What is found when wires that belong at some pins land at others, and some are broken."""
    left = [each for each in netlist.drawn if each.name not in set(without)]
    real = drawn([wire(each.name, lands.get(each.a, each.a), lands.get(each.b, each.b)) for each in left], netlist.pins)
    covered = {pin for each in netlist.drawn for pin in (each.a, each.b)}
    return explain(netlist, [frozenset(net.pins) for net in real.nets if not covered.isdisjoint(net.pins)])


def mirrored(netlist: Netlist, connector: str) -> dict[str, str]:
    """Each pin of a connector to its mirror image."""
    pins = [pin for pin in netlist.pins if pin.startswith(f"{connector}.")]
    return dict(zip(pins, reversed(pins), strict=True))


def said(explanation: Explanation) -> list[tuple[str, str]]:
    """Cause and place of each finding, then the wires that are simply broken."""
    return [
        *((each.cause, each.where) for each in explanation.findings),
        *(("open", e.name) for e in explanation.broken),
    ]


@pytest.mark.parametrize("broken", [f"W{n}" for n in range(1, COUNT + 1)])
def test_one_broken_wire_does_not_hide_it(broken: str) -> None:
    """Seven of eight wires at the mirrored pins, and one nowhere: reversed, and open."""
    assert [("reversed", "J2"), ("open", broken)] == said(wired(STRAIGHT, mirrored(STRAIGHT, "J2"), [broken]))


def test_several_swaps_are_not_a_reversal() -> None:
    """Two of four mirrored couples are two swaps."""
    lands = {"J2.1": "J2.8", "J2.8": "J2.1", "J2.3": "J2.6", "J2.6": "J2.3"}
    assert [("swap", "W1+W8"), ("swap", "W3+W6")] == said(wired(STRAIGHT, lands))


def test_jumpers_and_joined_pins_are_mirrored_with_it() -> None:
    """Where the mirror puts a wire into the net in which it is already, nothing is to be seen, and nothing is missed."""
    netlist = drawn(
        [
            wire("W1", "J1.1", "J2.1"),
            wire("W2", "J1.2", "SP1"),
            wire("W3", "SP1", "J2.2"),
            wire("W4", "SP1", "J2.3"),
            wire("W5", "J1.3", "J2.4"),
            wire("W6", "J1.4", "J2.5"),
        ]
    )
    lands = {"J2.1": "J2.5", "J2.2": "J2.4", "J2.4": "J2.2", "J2.5": "J2.1"}
    assert ("reversed", "J2") in said(wired(netlist, lands | {"J2.3": "J2.3"}))


def test_a_shield_that_is_measured_later_does_not_speak_against_it() -> None:
    """Its pins are not known yet; afterwards it is explained."""
    netlist = drawn([*STRAIGHT.drawn, Wire("SH1", "J1.9", "J2.9", None, 1.0, "shield"), wire("W10", "J1.10", "J2.10")])
    lands = {f"J2.{n}": f"J2.{11 - n}" for n in range(1, 11)}
    real = [{each.a, lands[each.b]} for each in netlist.drawn if each.name != "SH1"]
    real[1] = {"J1.2"}  # where the shield should be nobody has looked yet
    groups = [frozenset(each) for each in real]
    groups += [frozenset({pin}) for pin in ("J2.2",)]
    found = explain(netlist, groups)
    assert "reversed" in {each.cause for each in found.findings}
    assert "SH1" in found.wires


def test_a_wire_lands_at_no_pin_whose_own_wire_is_explained_already() -> None:
    """W2 is at W1's pin and W1 is nowhere: one miswire and one open wire, not two miswires."""
    assert [("miswire", "W2+J2.1"), ("open", "W1")] == said(wired(STRAIGHT, {"J2.2": "J2.1"}, ["W1"]))


def test_a_touch_besides_does_not_hide_it() -> None:
    """Two nets that touch hang together: of the pins that they have at the connector the mirrored one is meant."""
    lands = mirrored(STRAIGHT, "J2")
    groups = [{each.a, lands[each.b]} for each in STRAIGHT.drawn]
    groups[4] |= groups.pop(5)
    assert [("reversed", "J2")] == said(explain(STRAIGHT, [frozenset(each) for each in groups]))
