"""Burn-ins of the simulated line whose process died: which of them the next one goes on with, and with what."""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from station.ledger.history import History
from station.ledger.ledger import Ledger
from station.opening import Prepared, run_virtually
from station.record import SCHEMA
from station.report.page import render_html
from station.resuming import last_known
from station.service import Simulated
from station.trace import Event, MadeSafe, Measured, Observed, Resumed, RunStarted, Sampled, Soaked, StepEnded
from tests.station.interrupted_lines import (
    GAP,
    HOLDS,
    SET,
    began,
    cut,
    gone_on,
    good,
    hot_loop,
    must_have_passed,
    pdu,
    soaked,
)


@pytest.mark.parametrize("share", [0.02, 0.2, 0.4, 0.6, 0.8, 0.95])
def test_a_hot_loop_goes_on_with_the_hours_that_it_has_earned(tmp_path: Path, share: float) -> None:
    """Cut anywhere: it cools, is looked at cold, becomes hot again, and stays hot for what is missing."""
    whole = good(hot_loop)
    left = cut(whole, share * last_known(whole))
    outcome = gone_on(tmp_path / "data", hot_loop(tmp_path), left)
    must_have_passed(outcome)
    parts = soaked(outcome.events, HOLDS)
    kept = [each.seconds for each in left if isinstance(each, Soaked)]
    earned = max(0.0, max(kept, default=0.0) - 600.0)
    assert earned == outcome.record["resumed"][0]["earned_s"]
    assert 3600.0 - earned == pytest.approx(parts[-1], abs=1.0)
    assert 3600.0 - 1.0 <= parts[-1] + sum(max(0.0, each - 600.0) for each in parts[:-1]) + 300.0
    assert outcome.record["resumed"][0]["gap_s"] == pytest.approx(GAP + 91.0, abs=3.0), "making safe is in the gap"


@pytest.mark.parametrize("step", ["every_outlet_is_earthed", SET, "the_contacts_settle[outlet3+outlet4]"])
def test_a_pdu_goes_on_with_the_turn_that_was_cut_off(tmp_path: Path, step: str) -> None:
    """Sets whose turn had passed are left alone; of the turn that was cut off the hours count that were warm."""
    whole = good(pdu)
    left = cut(whole, began(whole, step) + 4000.0 * ("[" in step))
    outcome = gone_on(tmp_path / "data", pdu(tmp_path), left)
    must_have_passed(outcome)
    (entry,) = outcome.record["resumed"]
    names = [each["name"] for each in outcome.record["steps"]]
    first = "the_contacts_stay_cool[outlet1+outlet2]"
    if step == "every_outlet_is_earthed":
        assert (0, 0.0, 1) == (entry["turns"], entry["earned_s"], names.count(first))
        return
    assert (1, 1, 2) == (entry["turns"], names.count(first), names.count(SET))
    parts = soaked(outcome.events, SET)
    was = max(each.seconds for each in left if isinstance(each, Soaked) and each.step == SET)
    assert was - 1800.0 + 7200.0 == entry["earned_s"], (
        "the first set's whole turn, and the second's as far as it was warm"
    )
    assert 7200.0 - (was - 1800.0) == pytest.approx(parts[-1], abs=150.0)


def test_meters_are_compared_with_what_they_showed_before_it_all(tmp_path: Path) -> None:
    """A meter that was warm when the process died is warm when the next one starts: cold it was in the first part."""
    whole = good(pdu)
    left = cut(whole, began(whole, SET) + 4000.0)
    outcome = gone_on(tmp_path / "data", pdu(tmp_path), left)
    shares = [each for each in outcome.events if isinstance(each, Observed) and each.step == SET]
    assert 4 == len(shares)
    assert [each.value for each in shares[:2]] == [each.value for each in shares[2:]]


@pytest.mark.parametrize(
    ("make", "cut_at", "fault", "step", "cause"),
    [
        (hot_loop, HOLDS, "filter-clogging=20@45m", HOLDS, "filter-clogging"),
        (hot_loop, HOLDS, "pump-failed:pump2@60m", HOLDS, "pump-failed"),
        (hot_loop, HOLDS, "drip:internal@60m", HOLDS, "drip"),
        (pdu, SET, "contact-worn:outlet4@20m", SET, "contact-worn"),
        (pdu, SET, "pe-open:outlet3", "every_outlet_is_earthed", "pe-open"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_fault_that_appears_after_it_went_on_is_caught_and_located(
    tmp_path: Path, make: Callable[[Path], Prepared], cut_at: str, fault: str, step: str, cause: str
) -> None:
    """What the first process has seen to be good is looked at again as far as it can have changed."""
    whole = good(make)
    left = cut(whole, began(whole, cut_at) + 1500.0)
    outcome = gone_on(tmp_path / "data", make(tmp_path), left, faults=(fault,))
    assert "FAILED" == outcome.record["verdict"], outcome.said
    assert cause in {each["cause"] for each in outcome.record["findings"]}
    assert fault.split("@", maxsplit=1)[0].rsplit(":", maxsplit=1)[-1].split("=", maxsplit=1)[0] in cause + "".join(
        each["where"] for each in outcome.record["findings"]
    )
    assert [] == outcome.problems


def test_what_had_clogged_before_counts_after(tmp_path: Path) -> None:
    """A filter that filled up in the first part, and in the second no more, has filled up; though each look of it had passed."""
    prepared, trace = hot_loop(tmp_path), list[Event]()
    bad = replace(prepared, setup=replace(prepared.setup, simulated=Simulated(0, ("filter-clogging=20",))))
    with Ledger.open(tmp_path / "first") as ledger:
        run_virtually(bad, ledger, [trace.append])
    left = cut(trace, began(trace, HOLDS) + 3200.0)
    outcome = gone_on(tmp_path / "data", prepared, left)
    assert ("FAILED", ["filter-clogging"]) == (
        outcome.record["verdict"],
        [each["cause"] for each in outcome.record["findings"]],
    )
    (value,) = [each.value for each in outcome.events if isinstance(each, Measured) and each.name == "clogging"]
    assert value is not None
    assert value > 0.1


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (StepEnded(9e3, HOLDS, 1, "FAILED", "outlet"), "it_holds_for_hours had not passed: FAILED"),
        (Sampled(9e3, HOLDS, "flow", "", "l/min", (1.0,), (1.0,), "FAILED"), "had a sample outside its limits: flow"),
        (MadeSafe(9e3, "PASSED", 0.1, ()), "it had begun to make safe"),
    ],
)  # fmt: skip
def test_a_unit_that_was_bad_is_not_gone_on_with(tmp_path: Path, event: Event, said: str) -> None:
    """INTERRUPTED, never PASSED; and made safe and measured all the same."""
    whole = good(hot_loop)
    left = [*cut(whole, began(whole, HOLDS) + 2000.0), event]
    outcome = gone_on(tmp_path / "data", hot_loop(tmp_path), left)
    verdict, reason = outcome.said
    assert ("INTERRUPTED", True, ()) == (verdict, said in reason, outcome.recovered.resumable)
    assert "PASSED" == outcome.record["made_safe"]["verdict"]
    assert not [each for each in outcome.events if isinstance(each, Resumed)]
    assert ([], {}) == (outcome.problems, outcome.recovered.locked)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"product_digest": "before"}, "its limits may have changed"),
        ({"sequence_digest": "before"}, "the sequence's source"),
        ({"program": "0.0.1"}, "the program's version"),
        ({"station": "other"}, "the station is not"),
        ({"instruments": "firmware"}, "heater was"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_what_is_not_as_it_was_is_not_gone_on_with(tmp_path: Path, change: dict[str, str], said: str) -> None:
    """Changed limits, another source, another program, other firmware: INTERRUPTED, and the reason names it."""
    whole = good(hot_loop)
    started, *rest = cut(whole, began(whole, HOLDS) + 2000.0)
    assert isinstance(started, RunStarted)
    if "instruments" in change:
        name = next(iter(started.instruments))
        started = replace(started, instruments=started.instruments | {name: "SOMEBODY ELSE 1 fw 9"})
        said = f"{name} was SOMEBODY ELSE"
    else:
        started = replace(started, **change)  # type: ignore[arg-type]  # texts all of them
    outcome = gone_on(tmp_path / "data", hot_loop(tmp_path), [started, *rest])
    verdict, reason = outcome.said
    assert ("INTERRUPTED", True) == (verdict, said in reason), reason
    assert reason.startswith(
        "the station's process ended during it_holds_for_hours; found at the next start; not resumed: "
    )
    assert ([], {}) == (outcome.problems, outcome.recovered.locked)


@pytest.mark.parametrize(
    ("gap", "said"),
    [(-3600.0, "the clock was set back"), (86_400.0, "nobody looked for 24.0 h"), (4 * 3600.0 + 60.0, "nobody looked for 4.0 h")],
)  # fmt: skip
def test_a_gap_that_is_not_plausible_ends_it(tmp_path: Path, gap: float, said: str) -> None:
    """F082, F083: the wall went back by an hour, or forward by a day, while nobody ran."""
    whole = good(hot_loop)
    outcome = gone_on(tmp_path / "data", hot_loop(tmp_path), cut(whole, began(whole, HOLDS) + 2000.0), gap=gap)
    assert ("INTERRUPTED", True) == (outcome.record["verdict"], said in outcome.record["reason"]), outcome.said


def test_its_record_and_its_page_say_that_it_was_resumed(tmp_path: Path) -> None:
    """By the record's schema; and nobody who reads the page takes it for a run that went through."""
    whole = good(hot_loop)
    outcome = gone_on(tmp_path / "data", hot_loop(tmp_path), cut(whole, began(whole, HOLDS) + 2000.0))
    checked = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
    checked.validate(json.loads(json.dumps(outcome.record)))
    page = render_html(outcome.record, outcome.events, None).replace("\u00a0", " ")
    for text in ("Resumed", "after a gap of", "of soak from before count", "found at the next start"):
        assert text in page
    with closing(History(tmp_path / "data")) as history:
        assert [1] == [row.resumed for row in history.runs()]
