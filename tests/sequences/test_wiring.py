"""The wiring of a cable jig: points, columns, and every problem at once."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.roles import Crosspoint, Matrix, Multimeter, Ohmmeter, Operator
from sequences.cabling.wiring import CableWiring, Column, Mainframe, Resistor
from sequences.family import CONSOLE, Need

FIRST, OTHERS = Mainframe(["DAQM901A", "DAQM904A", "DAQM904A"]), Mainframe(["DAQM904A"] * 3, count=2)
WIRING = CableWiring(
    [FIRST, OTHERS],
    {"J1": "1-16", "J2": "17-30"},
    bar=[31, 32],
    reference=Resistor([33, 34], 5e6, 0.002),
    identity=Resistor([35, 36], 4700.0, 0.02),
)

CARDS = "DAQM904A, 34904A, DAQM900A, DAQM901A, DAQM902A, DAQM908A, 34901A, 34902A, 34908A"


def said(each: CableWiring) -> list[str]:
    """The problems as `place: sentence`."""
    return [f"{'.'.join(map(str, where))}: {what}" for where, what in each.problems()]


def test_points_count_the_columns_of_all_matrix_cards() -> None:
    """Mainframe after mainframe, slot after slot; other cards have no columns."""
    assert [] == WIRING.problems()
    assert 16 + 2 * 24 == len(WIRING.columns)
    assert [Column(0, 2, 1), Column(0, 3, 8), Column(1, 1, 1), Column(2, 3, 8)] == [
        WIRING.column(point) for point in (1, 16, 17, 64)
    ]


def test_a_column_is_joined_to_a_row_by_one_relay() -> None:
    """Card, row, column, as the mainframe counts them."""
    assert Crosspoint(2, 3, 5) == Column(1, 2, 5).at(3)


def test_pins_take_a_connectors_points_in_order() -> None:
    """The third pin is at the third point, and may be called anything; a connector may be smaller than its place."""
    found = WIRING.at({"J1": ("A", "B"), "J2": ("1",)})
    assert {"J1.A": WIRING.column(1), "J1.B": WIRING.column(2), "J2.1": WIRING.column(17)} == found
    with pytest.raises(ValueError, match="no place for connector J3"):
        WIRING.at({"J3": ("1",)})
    with pytest.raises(ValueError, match="17 pins"):
        WIRING.at({"J1": tuple(str(pin) for pin in range(17))})


def test_a_jig_says_which_instruments_it_needs() -> None:
    """As many mainframes as it is wired to; the first one's own meter serves, and the person at the terminal."""
    assert {
        "ohmmeter": Need(Ohmmeter),
        "matrix": Need(Matrix, count=3),
        "multimeter": Need(Multimeter, otherwise="matrix"),
        "operator": Need(Operator, otherwise=CONSOLE),
    } == WIRING.needs()
    assert 3 == len(WIRING.cards)


@pytest.mark.parametrize(
    ("wiring", "problem"),
    [
        (replace(WIRING, bar=[31, 33]), "reference.points: point 33 is taken already, by bar"),
        (replace(WIRING, points={"J1": "1-16", "J2": "16-30"}), "points.J2: point 16 is taken already, by points.J1"),
        (replace(WIRING, points={"J1": "1-2,2"}), "points.J1: point 2 is taken already, by points.J1"),
        (replace(WIRING, bar=[64, 65]), "bar: point 65 does not exist: the matrix cards have points 1 to 64"),
        (replace(WIRING, bar=[0, 64]), "bar: point 0 does not exist: the matrix cards have points 1 to 64"),
        (replace(WIRING, bar=[31]), "bar: found 1; allowed: two points"),
        (replace(WIRING, points={"J1": "1 to 8"}), "points.J1: points are written '1-8,12', not '1 to 8'"),
        (replace(WIRING, points={"J1.1": "1"}), "points.J1.1: 'J1.1' is no connector's name: a letter, then letters, digits and _"),
        (replace(WIRING, mainframes=[]), "mainframes: a cable jig has at least one mainframe"),
        (replace(WIRING, mainframes=[Mainframe(["DAQM901A"])]), "mainframes.0.cards: a mainframe has 3 slots, not 1"),
        (replace(WIRING, mainframes=[Mainframe(["DAQM901A", "DAQM904A", "904A"])]), f"mainframes.0.cards.2: found '904A'; allowed: {CARDS} or ''"),
        (replace(WIRING, mainframes=[FIRST, replace(OTHERS, count=0)]), "mainframes.1.count: found 0; allowed: 1 to 200"),
        (replace(WIRING, mainframes=[FIRST, replace(OTHERS, count=10**15)]), f"mainframes.1.count: found {10**15}; allowed: 1 to 200"),
        (replace(WIRING, mainframes=[FIRST, *[replace(OTHERS, count=200)] * 5]), "mainframes: more than 200 mainframes"),
        (replace(WIRING, isolation_channel=201), "isolation_channel: the first mainframe has no multiplexer channel 201: its cards are DAQM901A, DAQM904A, DAQM904A"),
        (replace(WIRING, ambient_channel=101), "ambient_channel: channel 101 is the isolation channel already"),
        (replace(WIRING, settle=0.0), "settle: found 0; allowed: 0.001 to 10"),
        (replace(WIRING, settle=float("nan")), "settle: found nan; allowed: 0.001 to 10"),
        (replace(WIRING, identity=Resistor([35, 36], 0.0, 0.02)), "identity.ohms: found 0; allowed: 10 to 1e+06"),
        (replace(WIRING, reference=Resistor([33, 34], 5e6, 0.0)), "reference.tolerance: found 0; allowed: 1e-06 to 0.5"),
        (replace(WIRING, empty_at_least=1.0), "empty_at_least: found 1; allowed: 100000 to 1e+12"),
        (replace(WIRING, bar_at_most=-1.0), "bar_at_most: found -1; allowed: 1e-06 to 1"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_at_its_place(wiring: CableWiring, problem: str) -> None:
    """What is wrong, where, and what would be right."""
    assert problem in said(wiring)


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), max_size=6))
def test_two_uses_of_a_point_are_never_overlooked(ranges: list[tuple[int, int]]) -> None:
    """A jig without problems has every point once."""
    wiring = replace(
        WIRING,
        points={f"J{at}": f"{first}-{last}" for at, (first, last) in enumerate(ranges)},
        bar=[41, 42], reference=replace(WIRING.reference, points=[43, 44]), identity=replace(WIRING.identity, points=[45, 46]),
    )  # fmt: skip
    used = [point for first, last in ranges for point in range(min(first, last), max(first, last) + 1)]
    assert (len(used) == len(set(used))) == (not wiring.problems())
