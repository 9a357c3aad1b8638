"""The parts of the power sequences that need no bench: codes, causes, trends, and readings made of several."""

import math
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from drivers.reading import Reading, State
from sequences.power.codes import codes, decoded, patterns
from sequences.power.mapping import exchanged_phases, switching
from sequences.power.numbers import numbers
from sequences.power.parts import Bond, Insulation, Withstand
from sequences.power.pdu_meters import Tried, why
from sequences.power.rack_pdu import Branch, Metering, Pdu, Soak
from sequences.power.readings import error, less, percent, share, times
from sequences.power.trend import slope

OUTLETS = tuple(range(1, 25))
PDU = Pdu(
    230.0, 50.0, 10.0,
    {"B1": Branch("L1", "1-4", 16.0), "B2": Branch("L2", "5-8", 16.0), "B3": Branch("L3", "9-12", 16.0)},
    Bond(25.0, 2.0), Withstand(1500.0, 1.0, 50.0), Insulation(500.0, 1.0),
    Metering(5.0, "1,8", [1.0, 10.0]), Soak(4.0, 8.0, 2, 10.0, 30.0, 600.0),
)  # fmt: skip


def reading(value: float, unit: str = "V", uncertainty: float = 0.0, by: str = "dmm", at: float = 1.0) -> Reading:
    """A reading that is a number."""
    return Reading(value, unit, uncertainty, at, by)


@given(some.integers(2, 200))
def test_no_code_contains_another(count: int) -> None:
    """So an outlet that obeys two commands, or only both, has a code of nobody's; and about log2 of them are needed."""
    told = codes(range(count))
    on = [frozenset(at for at, each in enumerate(code) if each) for code in told.values()]
    assert count == len(set(on))
    assert not any(one < other or other < one for one, other in combinations(on, 2))
    assert patterns(count) <= math.log2(count) + 3.5


def test_outlets_are_decoded() -> None:
    """Good ones are left out; crossed, welded, dead and mixed ones are told apart."""
    told = codes(OUTLETS)
    seen = dict(told)
    seen[3], seen[9] = told[9], told[3]
    seen[5] = (True,) * patterns(24)
    seen[6] = (False,) * patterns(24)
    seen[7] = tuple(one or other for one, other in zip(told[7], told[8], strict=True))
    assert {3: 9, 9: 3, 5: True, 6: False, 7: None} == decoded(seen, told)
    assert {} == decoded(told, told)


def test_switching_is_explained() -> None:
    """A crossing is one finding at both outlets, a third outlet in the circle one more."""
    found = [(each.cause, each.where) for each in switching({3: 9, 9: 3, 5: True, 6: False, 7: None, 10: 11})]
    assert [
        ("relay-crossed", "outlet3+outlet9"),
        ("relay-welded", "outlet5"),
        ("relay-dead", "outlet6"),
        ("relay-mixed", "outlet7"),
        ("relay-crossed", "outlet10+outlet11"),
    ] == found


@pytest.mark.parametrize("pair", [(1, 2), (2, 3), (1, 3)])
def test_exchanged_phases_are_one_fault(pair: tuple[int, int]) -> None:
    """All outlets of two phases on each other's: one finding; one outlet on a wrong phase: that outlet."""
    drawn = {number: (number - 1) // 4 + 1 for number in range(1, 13)}
    turned = {pair[0]: pair[1], pair[1]: pair[0]}
    (finding,) = exchanged_phases({n: turned.get(phase, phase) for n, phase in drawn.items()}, drawn)
    assert ("phase-swap", f"L{pair[0]}+L{pair[1]}") == (finding.cause, finding.where)
    (finding,) = exchanged_phases(drawn | {2: 3}, drawn)
    assert ("wrong-phase", "outlet2") == (finding.cause, finding.where)
    assert [] == list(exchanged_phases(drawn | {2: None}, drawn))


def test_meters_are_explained() -> None:
    """Whole phases first, then couples, then one by one; a meter that a phase explains is not named again."""
    good = {number: Tried(0.1, 0.0, 0.1) for number in range(1, 13)}
    tried = good | {n: Tried(3.0, 0.0, 3.0, {"volts", "watts"}) for n in range(5, 9)}
    tried |= {1: Tried(0.0, -99.0, -99.0, {"amps", "watts", "half"}, moves=2)}
    tried |= {2: Tried(0.0, -99.0, -99.0, {"amps", "watts", "half"}, moves=1)}
    tried |= {3: Tried(0.0, 5.0, 5.0, {"amps", "watts", "half"}), 4: Tried(0.0, 0.0, -200.0, {"watts", "half"})}
    tried |= {9: Tried(0.0, 0.0, 0.1, {"half"}, half=3.0)}
    assert [
        ("voltage-gain", "L2"),
        ("meter-swapped", "outlet1+outlet2"),
        ("ct-gain", "outlet3"),
        ("ct-reversed", "outlet4"),
        ("ct-phase", "outlet9"),
    ] == [(each.cause, each.where) for each in why(PDU, tried)]
    assert [] == why(PDU, good)


def test_a_trend_is_a_slope_with_its_scatter() -> None:
    """Exact for a line; for noise the true slope lies within the uncertainty in most cases."""
    gradient, spread = slope(range(10), [2.0 + 0.5 * at for at in range(10)])
    assert (0.5, 0.0) == pytest.approx((gradient, spread), abs=1e-12)
    wobble = [0.01 * math.sin(37.0 * at) for at in range(90)]
    gradient, spread = slope([10.0 * at for at in range(90)], [1e-4 * 10.0 * at + w for at, w in enumerate(wobble)])
    assert abs(gradient - 1e-4) < spread
    for times_, values in (([1.0, 2.0, 3.0], [0.0, 0.0, 0.0]), ([1.0] * 5, [1.0] * 5)):
        with pytest.raises(ValueError, match="samples"):
            slope(times_, values)


def test_uncertainties_combine() -> None:
    """In quadrature; instruments are named together, and the oldest part counts."""
    volts, amps = reading(200.0, "V", 2.0, "dmm", 3.0), reading(5.0, "A", 0.1, "load", 2.0)
    watts = times(volts, amps, "W")
    assert ("W", 2.0, "dmm+load") == (watts.unit, watts.at, watts.by)
    assert (1000.0, math.hypot(10.0, 20.0)) == pytest.approx((watts.value, watts.uncertainty))
    left, off = less(volts, amps, "V"), error(reading(204.0), volts)
    assert (195.0, math.hypot(2.0, 0.1)) == pytest.approx((left.value, left.uncertainty))
    assert (2.0, 102.0 * 0.01) == pytest.approx((off.value, off.uncertainty))
    assert 50.0 == percent(reading(5.0), reading(10.0)).value
    assert (80.0, 2.0) == (
        share(reading(200.0, "V", 5.0), 250.0).value,
        share(reading(200.0, "V", 5.0), 250.0).uncertainty,
    )


@pytest.mark.parametrize("state", [State.OVER_RANGE, State.NO_READING, State.AT_LEAST])
def test_what_is_no_number_makes_none(state: State) -> None:
    """Nor does a bound, nor a division by nothing: never a number out of what is none."""
    odd = Reading(1.0 if state is State.AT_LEAST else math.nan, "V", 0.0, 1.0, "dmm", state)
    for made in (
        times(odd, reading(1.0), "W"),
        less(reading(1.0), odd, "V"),
        error(odd, reading(1.0)),
        share(odd, 2.0),
    ):
        assert not made.is_number
    assert not percent(reading(1.0), reading(0.0)).is_number


def test_sets_are_of_one_branch() -> None:
    """Outlets that carry the load together share a breaker, so a phase: two phases at one load would be shorted."""
    assert (1, 2) == PDU.sets["outlet1+outlet2"]
    assert all(len({PDU.phase(number) for number in group}) == 1 for group in PDU.sets.values())
    assert sorted(PDU.outlets) == sorted(number for group in PDU.sets.values() for number in group)


def test_lists_of_numbers() -> None:
    """As documents write them; anything else is refused."""
    assert (1, 2, 3, 9) == numbers("1-3, 9")
    for odd in ("", "3-1", "a", "1-99999", "1,,2"):
        with pytest.raises(ValueError, match=r"numbers|backwards"):
            numbers(odd)


def test_a_pdu_says_all_that_is_wrong_with_it() -> None:
    """Every problem at once, each at its place."""
    bad = replace(
        PDU,
        branches={"B1": Branch("L9", "1-4", 16.0), "B2": Branch("L2", "4-8", 12.0)},
        metering=Metering(5.0, "1,30", [1.0]),
        low_volts=230.0,
    )
    assert {
        ("branches", "B1", "phase"),
        ("branches", "B2", "outlets"),
        ("metering", "corners"),
        ("low_volts",),
        ("soak", "amps"),
    } == {where for where, _ in bad.problems()}
    assert [] == PDU.problems()
