"""The run record: a contract that people script against."""

import json
import sys
from collections.abc import Callable
from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from station.record import ENDINGS, SCHEMA, UNENDED, VERDICTS, Folding, fold
from station.trace import Event, Found, MadeSafe, Measured, Observed, RunEnded, Sampled, StepEnded, StepStarted
from tests.station.traces import ended, judged, name, started, step, whole

RUN = name(0)


def valid(record: dict[str, Any]) -> dict[str, Any]:
    """The record, after it has been through strict JSON and its schema."""
    there_and_back: dict[str, Any] = json.loads(json.dumps(record, allow_nan=False))
    Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(there_and_back)
    return there_and_back


def test_the_schema_is_a_schema() -> None:
    """What `station show schema/run` prints is valid JSON Schema 2020-12."""
    Draft202012Validator.check_schema(SCHEMA)


def test_a_record_has_exactly_the_keys_that_people_script_against() -> None:
    """`rackproof.run/1` is a contract: these keys, in this order."""
    record = valid(fold(whole(RUN)))
    steps = record.pop("steps")
    assert {
        "schema": "rackproof.run/1",
        "run": RUN,
        "verdict": "FAILED",
        "reason": "conducts: conduction[W3]",
        "started": "2026-01-01T00:00:00+00:00",
        "ended": "2026-01-01T00:00:09.500000+00:00",
        "line_time_s": 4.25,
        "uut": {"serial": "SN1", "part_number": "PWR-WHIP-8", "revision": "C"},
        "product_digest": "aa11",
        "sequence": {"name": "cable-continuity", "digest": "bb22"},
        "station": "cell-2",
        "slot": "A",
        "instruments": {"ohms": "HIOKI RM3545 123"},
        "simulated": {"seed": 7, "faults": ["open:W3"]},
        "findings": [
            {
                "cause": "open",
                "where": "W3",
                "text": "open at J2 pin 3, 1.3 m from J1",
                "confidence": 0.98,
                "marks": ["W3", "J2.3"],
            },
            {"cause": "high-resistance", "where": "W1", "text": "", "confidence": 0.5},
        ],
        "made_safe": {"verdict": "PASSED", "seconds": 0.01},
    } == record
    assert [("zero", 1, "ERROR"), ("zero", 2, "PASSED"), ("conducts", 1, "FAILED")] == [
        (each["name"], each["attempt"], each["verdict"]) for each in steps
    ]


def test_a_step_holds_its_measurements_and_how_long_it_took() -> None:
    """A measurement says what it was judged by; `state` is there only when the value is not simply the value."""
    _, _, conducts = valid(fold(whole(RUN)))["steps"]
    limits = {"unit": "ohm", "uncertainty": 1e-4, "low": None, "high": 0.12, "accept_low": None, "accept_high": 0.119}
    limits["rule"] = "u"
    assert {
        "name": "conducts",
        "verdict": "FAILED",
        "attempt": 1,
        "reason": "conduction[W3]",
        "seconds": 2.0,
        "measurements": [
            {"name": "conduction", "point": "W1", "value": 0.0123, **limits, "verdict": "PASSED"},
            {"name": "conduction", "point": "W3", "value": 1e9, **limits, "verdict": "FAILED", "state": "at-least"},
        ],
    } == conducts


def test_no_reading_is_null_and_says_why() -> None:
    """JSON has no NaN, and neither has a record."""
    trace: list[Event] = [
        started(RUN),
        StepStarted(0, "a", 1),
        judged(1, "a", "", None, "over-range"),
        ended(2, "ERROR"),
    ]
    (measurement,) = valid(fold(trace))["steps"][0]["measurements"]
    assert (None, None, "over-range") == (measurement["value"], measurement["uncertainty"], measurement["state"])


def test_a_refused_run_is_a_record_too() -> None:
    """Nothing was energised: no steps, nothing made safe, and the reason."""
    record = valid(fold([started(RUN, simulated=None), ended(0, "REFUSED", "the calibration of ohms is overdue")]))
    assert ("REFUSED", "the calibration of ohms is overdue", [], None, None) == tuple(
        record[key] for key in ("verdict", "reason", "steps", "made_safe", "simulated")
    )


def test_a_step_that_never_ended_is_an_error() -> None:
    """A run that was interrupted tells which step it was in; what was measured there is kept."""
    trace = [started(RUN), *step(0, "a"), StepStarted(1, "b", 1), judged(2, "b", "W1"), ended(5, "INTERRUPTED")]
    *_, last = valid(fold(trace))["steps"]
    assert ("b", "ERROR", UNENDED, 4.0) == (last["name"], last["verdict"], last["reason"], last["seconds"])
    assert ["W1"] == [each["point"] for each in last["measurements"]]


def test_measurements_belong_to_the_latest_attempt() -> None:
    """Every attempt is an entry with its own measurements."""
    trace = [started(RUN), *step(0, "a", 1), *step(1, "b", 1), *step(2, "a", 2), ended()]
    entries = fold(trace)["steps"]
    assert [("a", 1, 1), ("b", 1, 1), ("a", 2, 1)] == [
        (each["name"], each["attempt"], len(each["measurements"])) for each in entries
    ]


def test_refusals_to_be_made_safe_are_named() -> None:
    """Whoever reads the record sees which instrument was not confirmed safe."""
    trace: list[Event] = [started(RUN), MadeSafe(1, "ERROR", 0.25, ("ohms: no answer",)), ended(1, "ERROR")]
    assert {"verdict": "ERROR", "seconds": 0.25, "refusals": ["ohms: no answer"]} == valid(fold(trace))["made_safe"]


def test_an_end_that_did_not_hold_is_put_right_by_an_error_and_by_nothing_else() -> None:
    """Its writing was reported as failed and had reached the file; what was shown counts."""
    trace = whole(name(0))
    assert "ERROR" == fold([*trace, ended(verdict="ERROR")])["verdict"]
    for odd in ("PASSED", "FAILED", "INTERRUPTED"):
        with pytest.raises(ValueError, match="ends more than once"):
            fold([*trace, ended(verdict=odd)])
    with pytest.raises(ValueError, match="ends more than once"):
        fold([*trace, ended(verdict="ERROR"), ended(verdict="ERROR")])


def test_folding_changes_nothing() -> None:
    """A fold is pure: the same trace, from any iterable, gives an equal record again."""
    trace = whole(RUN)
    assert fold(trace) == fold(iter(trace))
    assert whole(RUN) == trace


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda _: [], id="empty"),
        pytest.param(lambda trace: trace[1:], id="no beginning"),
        pytest.param(lambda trace: trace[:-1], id="no end"),
        pytest.param(lambda trace: [trace[0], *trace], id="two beginnings"),
        pytest.param(lambda trace: [*trace, trace[-1]], id="two ends"),
        pytest.param(lambda trace: [trace[-1], *trace[1:-1], trace[0]], id="back to front"),
    ],
)
def test_half_a_trace_is_no_run(spoil: Callable[[list[Event]], list[Event]]) -> None:
    """A record is made of a whole run or not at all."""
    with pytest.raises(ValueError, match=r"trace|not ended"):
        fold(spoil(whole(RUN)))


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TIMES = st.floats(0, 1e9)
PERHAPS = st.none() | NUMBERS
STEPS = st.sampled_from(["a", "b", "c"])
EVENTS = st.one_of(
    st.builds(StepStarted, TIMES, STEPS, st.integers(1, 9)),
    st.builds(StepEnded, TIMES, STEPS, st.integers(1, 9), st.sampled_from(VERDICTS), st.text()),
    st.builds(Found, TIMES, STEPS, st.text(), st.text(), st.text(), st.floats(0, 1), st.tuples(st.text())),
    st.builds(MadeSafe, TIMES, st.sampled_from(VERDICTS), TIMES, st.tuples(st.text())),
    st.builds(
        Measured,
        *(TIMES, STEPS, st.text(), st.text(), PERHAPS, st.text(), PERHAPS),
        st.sampled_from(["ok", "at-least", "over-range", "no-reading"]),
        *(st.text(), PERHAPS, PERHAPS, PERHAPS, PERHAPS),
        st.sampled_from(VERDICTS),
    ),
)


@given(st.lists(EVENTS), st.sampled_from(ENDINGS), st.floats(0, 1e9))
def test_whatever_happened_the_record_keeps_its_schema(within: list[Event], verdict: str, at: float) -> None:
    """However a run went, even out of order, what comes out is a record, with every measurement in it."""
    record = fold([started(RUN), *within, RunEnded(at, "2026-01-01T00:00:00Z", verdict, "")])
    kept = sum(len(each["measurements"]) for each in record["steps"])
    assert sum(isinstance(each, Measured) for each in within) == kept
    valid(record)


SAMPLES = st.lists(st.tuples(TIMES, PERHAPS), max_size=5).map(lambda pairs: tuple(zip(*pairs, strict=True)) or ((), ()))
EVIDENCE = st.one_of(
    st.builds(lambda at, step, samples: Sampled(at, step, "v", "W1", "V", *samples), TIMES, STEPS, SAMPLES),
    st.builds(Observed, TIMES, STEPS, st.text(), PERHAPS, st.text(), PERHAPS, st.just("ok"), st.text()),
)


@given(st.lists(st.tuples(EVENTS, st.lists(EVIDENCE, max_size=3)), max_size=20), st.sampled_from(ENDINGS))
def test_a_fold_that_goes_on_with_the_run_is_the_fold_of_its_trace(
    within: list[tuple[Event, list[Event]]], verdict: str
) -> None:
    """Event by event, with evidence between them, comes what the whole trace gives without any: the same record."""
    begun, end = started(RUN), ended(9.5, verdict)
    folding = Folding()
    for event in (begun, *chain.from_iterable((each, *seen) for each, seen in within)):
        folding.take(event)
        with pytest.raises(ValueError, match="has not ended"):
            folding.record()
    folding.take(end)
    assert fold([begun, *(each for each, _ in within), end]) == folding.record()


def test_a_fold_keeps_no_samples() -> None:
    """A burn-in of weeks has millions of them: once they are taken in, nothing of theirs is left in memory."""
    folding, samples = Folding(), (0.5,) * 1000
    folding.take(started(RUN))
    held = sys.getrefcount(samples)
    for number in range(100):
        folding.take(Sampled(number, "soak", "voltage", "", "V", samples, samples))
    assert held == sys.getrefcount(samples)


def test_the_schema_is_closed() -> None:
    """A key that the contract does not have is an error, so that nothing slips in unseen."""
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMA).validate(fold(whole(RUN)) | {"extra": 1})
