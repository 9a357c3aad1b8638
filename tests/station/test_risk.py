"""Risk: the golden table, numbers known in closed form, and a crowd of units counted one by one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequences.rules import Rule, acceptance
from station.risk import LogNormal, Normal, Risk, conformity, prior_of, risk

# PFA/PFR in percent by TUR, for: simple acceptance, method 6, w = 0.83 U, w = U, RDS. Computed for the domain sheet on
# uncertainty (its section G3) with scipy's bivariate normal, and cross-checked there by 4e7 drawn units.
GOLDEN_95 = """
10  .4060/.5162 .4060/.5162 .0215/2.388 .0091/2.926 .3585/.5862
4   .8583/1.554 .7563/1.789 .0486/8.187 .0208/10.36 .6268/2.157
3   1.049/2.294 .7157/3.445 .0613/12.84 .0263/16.45 .6851/3.585
2   1.337/4.178 .6537/8.703 .0830/25.40 .0359/32.92 .6803/8.425
1.5 1.541/6.625 .6080/16.85 .1004/41.46 .0438/53.49 .5679/17.70
1   1.801/12.96 .5407/40.28 .1043/76.29 0/95.0      0/95.0
"""
GOLDEN_99 = """
4 simple   .2348/.6560
2 simple   .3312/2.365
4 method-6 .2080/.7630
2 method-6 .1674/5.446
4 u        .0061/5.599
"""
COLUMNS = ("simple", "method-6", "iso-14253", "u", "rds")


def accepted(rule: str, tur: float) -> tuple[float | None, float | None]:
    """The acceptance limits of -1 to 1, read with U = 1/TUR. RDS (root difference of squares) is none of our rules."""
    if rule == "rds":
        end = math.sqrt(1 - 1 / tur**2)
        return -end, end
    return acceptance(Rule(rule), -1.0, 1.0, 1 / tur)


def vectors() -> list[tuple[float, float, str, str]]:
    """In-tolerance rate, TUR, rule, and what is printed."""
    rows = [(0.95, float(line.split()[0]), line.split()[1:]) for line in GOLDEN_95.strip().splitlines()]
    found = [(rate, tur, rule, each) for rate, tur, cells in rows for rule, each in zip(COLUMNS, cells, strict=True)]
    for line in GOLDEN_99.strip().splitlines():
        tur, rule, each = line.split()
        found.append((0.99, float(tur), rule, each))
    return found


def as_printed(part: float, printed: str) -> bool:
    """Whether that is the number as it was printed, to its last digit.

    scipy is sure to some 1e-6 of it: the source has 8.703 for what is 8.70247.
    """
    decimals = len(printed.partition(".")[2])
    return abs(100 * part - float(printed)) <= 0.5 * 10.0**-decimals + 5e-6 * float(printed)


@pytest.mark.parametrize(("rate", "tur", "rule", "printed"), vectors())
def test_the_golden_table_is_reproduced(rate: float, tur: float, rule: str, printed: str) -> None:
    """Every row, every column, every digit."""
    found = risk(-1.0, 1.0, *accepted(rule, tur), 0.5 / tur, rate)
    pfa, pfr = printed.split("/")
    assert as_printed(found.pfa, pfa)
    assert as_printed(found.pfr, pfr)


def test_the_table_has_as_many_vectors_as_its_source() -> None:
    """Six rows of five, and five more."""
    assert 35 == len(vectors())


@given(st.floats(0.01, 100.0))
def test_a_limit_at_the_mean_has_a_closed_form(u: float) -> None:
    """P(x > 0, y < 0) of two correlated normals is arccos(rho) / 2 pi."""
    rho = 1 / math.hypot(1.0, u)
    found = risk(None, 0.0, None, 0.0, u, prior=Normal(0.0, 1.0))
    assert pytest.approx(math.acos(rho) / (2 * math.pi), rel=1e-10) == found.pfa
    assert pytest.approx(found.pfa, rel=1e-10) == found.pfr


@given(st.floats(0.5, 0.9999), st.floats(0.01, 10.0), st.floats(-0.5, 2.0))
def test_all_good_units_are_accepted_or_rejected(rate: float, u: float, guard: float) -> None:
    """P(good) - PFR + PFA is P(accepted), which is a normal integral of its own."""
    low, high = -1.0 + guard * u, 1.0 - guard * u
    found = risk(-1.0, 1.0, low, high, u, rate)
    assert 0.0 <= found.pfa <= 1.0 - rate + 1e-12
    spread = math.hypot(prior_of(-1.0, 1.0, rate).sigma, u)
    accepting = math.erf(high / spread / math.sqrt(2)) if low <= high else 0.0
    assert pytest.approx(accepting, abs=1e-11) == rate - found.pfr + found.pfa


@given(st.floats(0.01, 2.0), st.floats(0.5001, 0.999), st.floats(0.1, 1e6))
def test_at_least_is_at_most_in_a_mirror_and_units_do_not_matter(u: float, rate: float, scale: float) -> None:
    """Ohms or milliohms, upper end or lower."""
    upper = risk(None, 1.0, None, 1.0 - u, u, rate)
    lower = risk(-scale, None, -scale + u * scale, None, u * scale, rate)
    assert pytest.approx(upper.pfa, rel=1e-8, abs=1e-20) == lower.pfa
    assert pytest.approx(upper.pfr, rel=1e-8) == lower.pfr


def test_the_usual_units_are_as_good_as_it_was_said() -> None:
    """95 % in tolerance: sigma is half the width over 1.960 with two ends, over 1.645 with one, counted from zero."""
    assert pytest.approx((2.0, 1 / 1.959964)) == (prior_of(1.0, 3.0).mean, prior_of(1.0, 3.0).sigma)
    assert pytest.approx((1.0, 1 / 1.644854)) == (prior_of(None, 2.0).mean, prior_of(None, 2.0).sigma)
    assert pytest.approx((3.0, 1 / 1.644854)) == (prior_of(2.0, None).mean, prior_of(2.0, None).sigma)
    with pytest.raises(ValueError, match="width"):
        prior_of(None, 0.0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        prior_of(0.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="more than half"):
        prior_of(None, 1.0, 0.4)


def test_a_sure_meter_takes_no_risk_and_a_blind_one_rejects_everybody() -> None:
    """An uncertainty of 0; and acceptance limits that have crossed."""
    assert Risk(0.0, 0.0) == risk(-1.0, 1.0, -1.0, 1.0, 0.0)
    blind = risk(-1.0, 1.0, 0.1, -0.1, 0.5)
    assert 0.0 == blind.pfa
    assert pytest.approx(0.95) == blind.pfr
    for u in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="0 or more"):
            risk(-1.0, 1.0, -1.0, 1.0, u)


def test_leaks_are_counted_as_a_crowd_counts_them() -> None:
    """A log-normal prior against two million drawn units."""
    rng = np.random.default_rng(7)
    true = 0.4 * np.exp(0.6 * rng.standard_normal(2_000_000))
    accept = true + 0.1 * rng.standard_normal(2_000_000) <= 0.9
    found = risk(None, 1.0, None, 0.9, 0.1, prior=LogNormal(0.4, 0.6))
    for counted, computed in ((accept & (true > 1.0), found.pfa), (~accept & (true <= 1.0), found.pfr)):
        assert pytest.approx(computed, abs=5 * math.sqrt(computed / 2e6)) == float(np.mean(counted))


def test_method_6_keeps_its_promise_whatever_part_of_the_units_is_good() -> None:
    """At most 2 % are bad and accepted: the bound for which it was made, at ratios of 1.5 and more."""
    worst = max(
        risk(-1.0, 1.0, *accepted("method-6", tur), 0.5 / tur, rate).pfa
        for tur in (1.5, 2.0, 3.0, 4.0, 4.6, 10.0)
        for rate in np.linspace(0.02, 0.999, 60)
    )
    assert 0.018 < worst <= 0.0201


def test_one_reading_conforms_as_a_normal_error_says() -> None:
    """On the limit 50 %, at the acceptance limit of w = U 97.7 %; far out the digits stay."""
    assert pytest.approx(0.5) == conformity(None, 1.0, 1.0, 0.1)
    assert pytest.approx(0.9772498680518208) == conformity(None, 1.0, 0.8, 0.1)
    assert pytest.approx(0.6826894921370859) == conformity(-1.0, 1.0, 0.0, 1.0)
    assert pytest.approx(6.22096057427178e-16, rel=1e-9) == conformity(-9.0, 1.0, 1.8, 0.1)
    assert [1.0, 0.0] == [conformity(None, 1.0, value, 0.0) for value in (1.0, 1.1)]
