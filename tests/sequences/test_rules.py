"""Decision rules: what a guard band may take, what it must never give, and what a rejected reading means."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from drivers.reading import Reading, State
from sequences.limits import Limit, Tolerance
from sequences.rules import Rule, acceptance, guard_band, half_width
from sequences.verdict import Verdict

NUMBERS = st.floats(-1e9, 1e9)
UNCERTAINTIES = st.floats(0, 1e9)
RULES = st.sampled_from(Rule)


def limits() -> st.SearchStrategy[Limit]:
    """A limit with one end or two, by any rule."""
    two = st.lists(NUMBERS, min_size=2, max_size=2).map(sorted)
    return st.one_of(
        st.builds(lambda end, rule: Limit(end, None, "V", rule), NUMBERS, RULES),
        st.builds(lambda end, rule: Limit(None, end, "V", rule), NUMBERS, RULES),
        st.builds(lambda ends, rule: Limit(ends[0], ends[1], "V", rule), two, RULES),
    )


def read(value: float, uncertainty: float = 0.0, state: State = State.OK) -> Reading:
    """A reading in volts."""
    return Reading(value, "V", uncertainty, 0.0, "meter", state)


@pytest.mark.parametrize(
    ("tur", "multiplier"), [(1, 0.4573), (1.5, 0.3602), (2, 0.2816), (3, 0.1553), (4, 0.0531), (4.6, 0.0), (10, 0.0)]
)
def test_method_6_has_dobberts_multipliers(tur: float, multiplier: float) -> None:
    """M as computed from his formula for these ratios, of a tolerance with two ends and of one with one."""
    assert pytest.approx(multiplier, abs=5e-5) == guard_band(Rule.METHOD_6, -tur, tur, 1.0)
    assert pytest.approx(multiplier, abs=5e-5) == guard_band(Rule.METHOD_6, None, 2 * tur, 1.0)
    assert pytest.approx(multiplier, abs=5e-5) == guard_band(Rule.METHOD_6, -2 * tur, None, 1.0)


def test_the_other_rules_take_a_fixed_part_of_the_uncertainty() -> None:
    """None of it, all of it, 0.83 of it."""
    widths = [guard_band(rule, -1.0, 3.0, 0.1) for rule in (Rule.SIMPLE, Rule.U, Rule.ISO_14253)]
    assert pytest.approx([0.0, 0.1, 0.083]) == widths
    assert (-0.9, 2.9) == acceptance(Rule.U, -1.0, 3.0, 0.1)
    assert (None, 3.0) == acceptance(Rule.SIMPLE, None, 3.0, 0.1)


def test_without_a_choice_the_guard_band_is_the_uncertainty() -> None:
    """Of a limit, and of a tolerance; a tolerance hands its rule on."""
    assert Rule.U is Limit(0.0, 1.0, "V").rule
    assert Rule.U is Tolerance(0.1, 0.0, "V").around(1.0).rule
    assert Rule.SIMPLE is Tolerance(0.1, 0.0, "V", Rule.SIMPLE).around(1.0).rule


def test_half_a_width_is_counted_from_zero_where_one_end_is_open() -> None:
    """As the ratio that `station check` prints."""
    assert [1.5, 0.5, 0.5, 0.0] == [half_width(*ends) for ends in ((-1.0, 2.0), (None, 1.0), (-1.0, None), (None, 0.0))]


@given(RULES, limits(), UNCERTAINTIES, UNCERTAINTIES)
def test_a_greater_uncertainty_never_accepts_more(rule: Rule, limit: Limit, one: float, other: float) -> None:
    """The guard band grows with it, by every rule."""
    less, more = sorted((one, other))
    narrow, wide = (guard_band(rule, limit.low, limit.high, each) for each in (less, more))
    assert 0.0 <= narrow <= wide * (1 + 1e-12)


@given(limits(), UNCERTAINTIES)
def test_what_is_accepted_lies_in_the_tolerance(limit: Limit, uncertainty: float) -> None:
    """No rule makes it wider; an open end stays open."""
    low, high = limit.acceptance(uncertainty)
    assert (low is None) == (limit.low is None)
    assert (high is None) == (limit.high is None)
    assert low is None or limit.low is None or low >= limit.low
    assert high is None or limit.high is None or high <= limit.high


@given(limits(), NUMBERS, UNCERTAINTIES)
def test_a_unit_passes_exactly_where_the_acceptance_limits_say_so(
    limit: Limit, value: float, uncertainty: float
) -> None:
    """So a record's acceptance limits explain its verdict."""
    low, high = limit.acceptance(uncertainty)
    inside = (low is None or value >= low) and (high is None or value <= high)
    assert inside == (Verdict.PASSED is limit.judge(read(value, uncertainty))[0])


@given(limits(), NUMBERS, UNCERTAINTIES)
def test_a_unit_is_failed_by_the_rule_or_by_proof(limit: Limit, value: float, uncertainty: float) -> None:
    """Where something can be accepted, what is not accepted is FAILED; where nothing can, only what is surely outside."""
    verdict, why = limit.judge(read(value, uncertainty))
    low, high = limit.acceptance(uncertainty)
    nothing = high is not None and (low > high if low is not None else high < 0.0 <= (limit.high or 0.0))
    outside = (limit.high is not None and value - uncertainty > limit.high) or (
        limit.low is not None and value + uncertainty < limit.low
    )
    assert (verdict is Verdict.ERROR) == bool(why)
    if verdict is Verdict.ERROR:
        assert nothing
        assert not outside
    if outside:
        assert verdict is Verdict.FAILED


@given(limits(), st.sampled_from([math.nan, math.inf, -math.inf]), NUMBERS, UNCERTAINTIES)
def test_no_rule_passes_what_is_not_a_number(limit: Limit, odd: float, value: float, uncertainty: float) -> None:
    """Neither in the value nor in the uncertainty, nor in a bound: not even where the uncertainty does not count."""
    for state in State:
        assert Verdict.ERROR is limit.judge(read(odd, uncertainty, state))[0]
        assert Verdict.ERROR is limit.judge(read(value, odd, state))[0]


@given(limits(), NUMBERS, st.floats(-1e9, -1e-9))
def test_an_uncertainty_below_zero_widens_no_limit(limit: Limit, value: float, uncertainty: float) -> None:
    """It is a mistake of whoever computed it: the station cannot judge."""
    assert Verdict.ERROR is limit.judge(read(value, uncertainty))[0]
    with pytest.raises(ValueError, match="0 or more"):
        limit.acceptance(uncertainty)


@given(NUMBERS, NUMBERS, NUMBERS, UNCERTAINTIES)
def test_simple_acceptance_looks_at_the_reading_alone(one: float, other: float, value: float, wide: float) -> None:
    """Inside the tolerance it passes, outside it fails, whatever its uncertainty."""
    low, high = sorted((one, other))
    verdict, _ = Limit(low, high, "V", Rule.SIMPLE).judge(read(value, wide))
    assert verdict is (Verdict.PASSED if low <= value <= high else Verdict.FAILED)


@given(limits(), NUMBERS, UNCERTAINTIES)
def test_what_a_stricter_rule_passes_the_simple_one_passes(limit: Limit, value: float, uncertainty: float) -> None:
    """And what w = U passes, 0.83 U passes."""
    assume(Verdict.PASSED is limit.judge(read(value, uncertainty))[0])
    weaker = {Rule.U: [Rule.ISO_14253, Rule.SIMPLE]}.get(limit.rule, [Rule.SIMPLE])
    for rule in weaker:
        assert Verdict.PASSED is Limit(limit.low, limit.high, "V", rule).judge(read(value, uncertainty))[0]


@pytest.mark.parametrize("rule", Rule)
def test_a_bound_has_its_uncertainty_off_already(rule: Rule) -> None:
    """Every rule holds the tolerance itself against it."""
    limit = Limit(5.0, None, "V", rule)
    verdicts = [limit.judge(read(value, 0.0, State.AT_LEAST))[0] for value in (4.9, 5.0)]
    assert [Verdict.ERROR, Verdict.PASSED] == verdicts


def test_where_nothing_can_be_accepted_only_proof_fails_a_unit() -> None:
    """1 V to 2 V, with an uncertainty of 0.6 V: 2.5 V may be a good unit, 2.7 V is none."""
    limit = Limit(1.0, 2.0, "V")
    verdicts = [limit.judge(read(value, 0.6))[0] for value in (1.5, 2.5, 2.7, 0.3)]
    assert [Verdict.ERROR, Verdict.ERROR, Verdict.FAILED, Verdict.FAILED] == verdicts


def test_a_limit_from_zero_can_be_too_small_for_a_meter() -> None:
    """A leak of at most 0.5 by a bench that is sure to 0.7: even no leak at all would not be accepted."""
    limit = Limit(None, 0.5, "V")
    verdicts = [limit.judge(read(value, 0.7))[0] for value in (0.0, 0.4, 1.1, 1.3)]
    assert [Verdict.ERROR, Verdict.ERROR, Verdict.ERROR, Verdict.FAILED] == verdicts
