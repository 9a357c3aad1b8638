"""`station run --junit`: what CI systems read says what the run said, whatever became of it and whatever stands in it."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from station.faces.cli.commands import Commands
from station.ledger.errors import LedgerError
from station.record import ENDINGS
from station.report.junit import KINDS, render_junit, render_unrecorded
from station.trace import Found
from tests.station.command_line import Captured, station

WHIP = ("run", "--sim", "--product", "PWR-WHIP-8", "--serial", "SN1")
SUITE = ["properties", "testcase", "system-out", "system-err"]
DECIMAL = re.compile(r"\d+\.\d{6}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
HOSTILE = "<b>&\"']]> \x00\x1b[2J \x0b \x85 \u202e \ufffe \udcff \U0001f4a5 b'\\xff\\r\\n' ]]>"


def checked(content: bytes) -> ET.Element:
    """The one suite, if the document keeps to what the schemas of Ant, Jenkins and GitLab have in common."""
    root = ET.fromstring(content)  # noqa: S314 (written by the code under test)
    assert content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    assert (root.tag, root.attrib, [each.tag for each in root]) == ("testsuites", {}, ["testsuite"])
    (suite,) = root
    assert set(suite.attrib) == {
        "id", "package", "name", "tests", "failures", "errors", "skipped", "timestamp", "hostname", "time",
    }  # fmt: skip
    assert INSTANT.fullmatch(suite.attrib["timestamp"])
    assert DECIMAL.fullmatch(suite.attrib["time"])
    order = [SUITE.index(each.tag) for each in suite]
    assert order == sorted(order)
    assert [order.count(place) for place in (0, 2, 3)] == [1, 1, 1]
    for each in suite.find("properties") or ():
        assert (each.tag, set(each.attrib), len(each)) == ("property", {"name", "value"}, 0)
    cases = suite.findall("testcase")
    for case in cases:
        assert set(case.attrib) == {"classname", "name", "time"}
        assert DECIMAL.fullmatch(case.attrib["time"])
        assert len(case) <= 1
        for outcome in case:
            wanted = {"message"} if outcome.tag == "skipped" else {"message", "type"}
            assert (set(outcome.attrib), len(outcome)) == (wanted, 0)
    assert len({case.attrib["name"] for case in cases}) == len(cases)
    kinds = [outcome.tag for case in cases for outcome in case]
    for kind, plural in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert suite.attrib[plural] == str(kinds.count(kind))
    assert suite.attrib["tests"] == str(len(cases))
    return suite


def properties(suite: ET.Element) -> dict[str, str]:
    """The properties by name."""
    return {each.attrib["name"]: each.attrib["value"] for each in suite.iter("property")}


def bad(suite: ET.Element) -> Iterator[tuple[str, str, str]]:
    """The cases that did not pass and were not skipped: what, which, why."""
    for case in suite.iter("testcase"):
        for outcome in case:
            if outcome.tag != "skipped":
                yield outcome.tag, case.attrib["name"], f"{outcome.attrib['message']}\n{outcome.text}"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STATION_DATA", str(tmp_path / "data"))
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ((), 0, []),
        (("--fault", "open:W3"), 1, [("failure", "every conductor conducts", "open:W3: open at J2 pin 3")]),
        (("--fault", "silent:ohms@1s"), 3, [("error", "every conductor conducts", "ohms")]),
        (("--fault", "wrong-instrument:ohms"), 2, [("error", "the run", "ohms")]),
        (("--fault", "opne:W3"), 2, [("error", "the run", "there is open")]),
        (("--slot", "Z"), 2, [("error", "the run", "no slot 'Z'")]),
        (("--station", "missing.toml"), 2, [("error", "the run", "missing.toml")]),
    ],
)
def test_the_file_says_what_the_exit_code_says(
    here: Path, capsys: Captured, arguments: tuple[str, ...], code: int, told: list[tuple[str, str, str]]
) -> None:
    """A failure where a step failed, an error where nothing could be judged; a run that never began is an error too."""
    assert code == station(capsys, *WHIP, *arguments, "--junit", "run.xml").code
    suite = checked((here / "run.xml").read_bytes())
    found = list(bad(suite))
    assert [each[:2] for each in told] == [each[:2] for each in found]
    for (*_, text), (*_, said) in zip(told, found, strict=True):
        assert text in said
    assert [] == [each.name for each in here.iterdir() if each.name.endswith(".new")]


def test_the_file_tells_what_the_record_tells(here: Path, capsys: Captured) -> None:
    """Each step once with its time on the line; serial, part number, digests, seed and faults as properties."""
    said = station(
        capsys, *WHIP, "--seed", "7", "--fault", "open:W3", "--fault", "leak:W1+W5", "--junit", "run.xml", "--json"
    )
    record, suite = said.document, checked((here / "run.xml").read_bytes())
    names = [each["name"].replace("_", " ") for each in record["steps"]]
    cases = suite.findall("testcase")
    assert names == [case.attrib["name"] for case in cases]
    assert [each["seconds"] for each in record["steps"]] == [float(case.attrib["time"]) for case in cases]
    assert {case.attrib["classname"] for case in cases} == {"PWR-WHIP-8.cable-continuity"}
    told = properties(suite)
    assert told["serial"] == "SN1"
    assert told["part_number"] == "PWR-WHIP-8"
    assert told["sequence_digest"] == record["sequence"]["digest"]
    assert told["run"] == record["run"]
    assert told["seed"] == "7"
    assert told["simulated"] == "yes"
    assert [each.attrib["value"] for each in suite.iter("property") if each.attrib["name"] == "fault"] == [
        "open:W3",
        "leak:W1+W5",
    ]
    for finding in record["findings"]:
        assert any(finding["text"] in text for _, _, text in bad(suite))
    assert float(suite.attrib["time"]) == record["line_time_s"]


def test_an_aborted_run_and_an_unknown_verdict_are_errors() -> None:
    """Whatever the verdict is, a run that has not passed has at least one case that has not."""
    for verdict in (*ENDINGS, "NEW-VERDICT"):
        for steps in ((), ("PASSED",), ("PASSED", "SKIPPED"), ("FAILED",), ("ERROR",), ("ABORTED", "SKIPPED")):
            suite = checked(render_junit(record(verdict, *steps), ()))
            kinds = {kind for kind, _, _ in bad(suite)}
            assert KINDS.get(verdict, "error") in kinds or verdict == "PASSED"
    assert list(bad(checked(render_junit(record("ABORTED", "PASSED"), ())))) == [("error", "the run", "why\nwhy")]


def test_a_step_that_was_tried_again_counts_by_its_last_attempt() -> None:
    """Its time is that of all attempts, and the first one's reason stands below."""
    made = record("PASSED", "ERROR", "PASSED")
    for number, each in enumerate(made["steps"], 1):
        each |= {"name": "it_reads", "attempt": number}
    suite = checked(render_junit(made, ()))
    assert ("1", "0", "0") == (suite.attrib["tests"], suite.attrib["errors"], suite.attrib["failures"])
    assert suite.find("testcase").attrib["time"] == "3.000000"  # type: ignore[union-attr]
    assert suite.findtext("system-out") == "it reads, attempt 1: ERROR: because of 0"


def test_hostile_text_is_shown_and_not_obeyed() -> None:
    """What XML 1.0 cannot hold, and what a terminal would obey, is written out; markup stays text."""
    made = record("FAILED", "FAILED", "ERROR")
    made["reason"] = made["station"] = made["uut"]["serial"] = made["steps"][1]["reason"] = HOSTILE
    found = Found(1.0, "step_0", HOSTILE, HOSTILE, HOSTILE, 1.0, ())
    suite = checked(render_junit(made, [found]))
    said = properties(suite)["serial"]
    assert said.startswith("<b>&\"']]> \\x00\\x1b[2J \\x0b \\x85 \\u202e \\ufffe \\udcff \U0001f4a5")
    assert all("<b>" in text for _, _, text in bad(suite))
    suite = checked(render_unrecorded(HOSTILE, HOSTILE, "REFUSED", HOSTILE))
    assert "<b>" in suite.attrib["name"]


def test_a_failure_of_a_thousand_readings_stays_readable() -> None:
    """Forty of them, and how many more."""
    made = record("FAILED", "FAILED")
    one = {
        "name": "conduction", "value": None, "unit": "ohm", "uncertainty": None, "low": None, "high": 0.1,
        "accept_low": None, "accept_high": 0.09, "verdict": "FAILED", "state": "over-range",
    }  # fmt: skip
    made["steps"][0]["measurements"] = [one | {"point": f"W{number}"} for number in range(1000)]
    ((_, _, text),) = bad(checked(render_junit(made, ())))
    assert "conduction[W0]: no reading (over-range), allowed is at most 100\u00a0m\u03a9: FAILED" in text
    assert text.endswith("and 960 more")


def test_a_file_of_an_earlier_run_never_stands_for_this_one(here: Path, capsys: Captured) -> None:
    """It is gone before the run begins, also where nothing can be written later."""
    (here / "run.xml").write_text("an old pass")
    assert station(capsys, *WHIP, "--fault", "open:W3", "--junit", "run.xml").code == 1
    assert "an old pass" not in (here / "run.xml").read_text()
    said = station(capsys, *WHIP, "--junit", "nowhere/run.xml")
    assert (2, True) == (said.code, "there is no folder nowhere" in said.err)
    assert not (here / "data" / "nowhere").exists()


def test_a_file_that_cannot_be_written_is_an_error_not_a_verdict(
    here: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 3, after the verdict was shown and the document was printed; nothing half-written is left."""

    def no_space(self: Path, content: bytes) -> int:
        raise OSError(28, os.strerror(28), str(self))

    monkeypatch.setattr(Path, "write_bytes", no_space)
    said = station(capsys, *WHIP, "--junit", "run.xml", "--json")
    assert (3, "PASSED") == (said.code, said.document["verdict"])
    assert "No space left" in said.err
    assert [] == list(here.glob("*.xml")) + list(here.glob(".*.new"))


@pytest.mark.parametrize(
    ("ended", "verdict", "reason"),
    [
        (KeyboardInterrupt(), "ABORTED", "stopped from the keyboard"),
        (LedgerError("the disk is full"), "ERROR", "the disk is full"),
        (OSError(28, "No space left"), "ERROR", "No space left"),
    ],
)
def test_what_ends_without_a_record_is_an_error(
    here: Path, monkeypatch: pytest.MonkeyPatch, ended: BaseException, verdict: str, reason: str
) -> None:
    """An abort from the keyboard, a ledger that cannot be kept: with what it was."""

    def broken(*_: object) -> None:
        raise ended

    monkeypatch.setattr("station.opening.run_orders", broken)
    try:
        Commands.run([*WHIP, "--junit", "run.xml"])
    except KeyboardInterrupt:
        assert verdict == "ABORTED"
    (outcome,) = checked((here / "run.xml").read_bytes()).iter("error")
    assert (verdict, True) == (outcome.attrib["type"], reason in outcome.attrib["message"])


def record(verdict: str, *steps: str) -> dict[str, Any]:
    """A run with those verdicts."""
    return {
        "schema": "rackproof.run/1", "run": "R", "verdict": verdict, "reason": "why", "started": "2026-01-01T00:00:00.000000+00:00",
        "ended": "2026-01-01T00:00:04.000000+00:00", "line_time_s": 4.0, "product_digest": "d", "station": "cell", "slot": "A",
        "uut": {"serial": "S", "part_number": "P", "revision": "A"}, "sequence": {"name": "q", "digest": "e"},
        "simulated": None, "findings": [], "made_safe": None, "instruments": {},
        "steps": [
            {"name": f"step_{number}", "verdict": each, "attempt": 1, "reason": f"because of {number}", "seconds": 1.5,
             "measurements": []}
            for number, each in enumerate(steps)
        ],
    }  # fmt: skip
