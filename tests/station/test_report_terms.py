"""Terms: a verdict that needs them shows tolerance, acceptance limits and the decision rule."""

from typing import Any

import pytest

from sequences.rules import Rule
from station.report.judged import Judged, judged_of
from station.report.terms import rule_long, rule_short, terms, undecided
from tests.station.report_cases import measured, record_of, step


def read(value: float | None, low: float | None, high: float | None, **changes: object) -> Judged:
    """A judged resistance, by w = U unless `changes` say otherwise; its uncertainty is 0.4 milliohm."""
    return judged_of("hot", measured("drop", "W1", value, low, high) | changes)


def told(each: Judged) -> str:
    """Its terms with plain spaces."""
    return terms(each).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("each", "said"),
    [
        (read(0.1, 0.08, 0.12), ""),
        (read(0.5, 0.08, 0.12), "tolerance 80 mΩ to 120 mΩ; accepted 80.4 mΩ to 119.6 mΩ (guard band w = U)"),
        (
            read(0.1198, None, 0.12),
            "tolerance at most 120 mΩ; accepted at most 119.6 mΩ (guard band w = U); 84.1 % likely within tolerance",
        ),
        (
            read(0.1198, None, 0.12, verdict="PASSED", accept_high=0.12, rule="simple"),
            "tolerance at most 120 mΩ, all of it accepted (simple acceptance, w = 0); 84.1 % likely within tolerance",
        ),
        (
            read(0.1198, 0.1195, 0.12, accept_low=0.1199, accept_high=0.1196, verdict="ERROR"),
            "tolerance 119.5 mΩ to 120 mΩ, none of it accepted: the uncertainty is too large (guard band w = U); 77.5 % likely within tolerance",
        ),
        (read(None, None, 0.12), "tolerance at most 120 mΩ (guard band w = U)"),
        (
            read(5.0, None, 0.12, state="at-least", uncertainty=0.0, accept_high=0.12),
            "tolerance at most 120 mΩ; a bound, with its uncertainty off already",
        ),
        (read(5.0, None, None, verdict="ERROR"), ""),
    ],
)
def test_a_reading_tells_its_terms_where_its_verdict_needs_them(each: Judged, said: str) -> None:
    """Where it did not pass, or its uncertainty reaches over the limit; not where it passed beyond doubt."""
    assert said == told(each)


def test_a_small_guard_band_is_seen_too() -> None:
    """As many digits as it takes, up to six; what needs more does not matter."""
    assert "accepted at most 9.9977 MΩ" in told(read(2e7, None, 1e7, uncertainty=2300.0, accept_high=1e7 - 2300))
    assert "accepted at most 10 MΩ" in told(read(2e7, None, 1e7, uncertainty=0.1, accept_high=1e7 - 0.1))


def test_every_rule_has_words() -> None:
    """Few for a line, whole sentences for the foot of the page; one that is not known is called by its name."""
    assert len({rule_short(each) for each in Rule}) == len({rule_long(each) for each in Rule}) == len(Rule)
    assert all(rule_long(each).endswith(".") and rule_short(each) != each for each in Rule)
    assert ("jcgm-106-a", "jcgm-106-a") == (rule_short("jcgm-106-a"), rule_long("jcgm-106-a"))


def test_the_undecided_come_worst_first() -> None:
    """Those that did not pass, then those that only just did; the others need no words."""
    readings: list[dict[str, Any]] = [
        measured("drop", "W1", 0.05, None, 0.12),
        measured("drop", "W2", 0.1198, None, 0.12) | {"rule": "simple", "accept_high": 0.12, "verdict": "PASSED"},
        measured("drop", "W3", 0.5, None, 0.12),
    ]
    assert ["W3", "W2"] == [each.point for each in undecided(record_of([step("hot", readings)]))]
