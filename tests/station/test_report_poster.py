"""The poster: a report as one picture."""

import struct
import sys
from types import SimpleNamespace
from typing import Any
from xml.parsers import expat

import pytest

from station.report import poster
from station.report.errors import PictureUnavailableError
from station.report.poster import poster_svg, render_png
from tests.station.report_cases import case, finding, harness, measured, record_of, step, whip

OPEN = finding("open", "W3", "W3 is open at J2 pin 3, 1.3 m from J1", "W3", "J2.3")


def texts(svg: str) -> list[str]:
    """The texts of an SVG document, which must be well-formed."""
    found: list[str] = []

    def begin(_: str, __: dict[str, str]) -> None:
        found.append("")

    def more(text: str) -> None:
        found[-1] += text

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.CharacterDataHandler = begin, more
    parser.Parse(svg.encode("utf-8"), True)
    return found


def test_poster_says_verdict_unit_findings_and_worst_readings() -> None:
    """One look tells what was tested, how it went, and where it is bad."""
    record, _, drawing = case(whip(), [OPEN])
    said = texts(poster_svg(record, drawing))
    for expected in (
        "FAIL",
        "SN-0001",
        "PWR-WHIP-8",
        OPEN["text"],
        "7 of 8 wires good, 1 bad.",
        "conduction[W3]",
        "SIMULATED",
    ):
        assert expected in said


def test_poster_tells_the_terms_of_what_did_not_pass() -> None:
    """Tolerance, acceptance limits, and the rule."""
    record = record_of([step("hot", [measured("drop", "W1", 0.1198, None, 0.12)])], verdict="FAILED")
    told = "tolerance at most 120 mΩ; accepted at most 119.6 mΩ (guard band w = U); 84.1 % likely within tolerance"
    assert told in [each.replace("\u00a0", " ") for each in texts(poster_svg(record, None))]


def test_poster_is_a_png_of_its_svg() -> None:
    """Twelve hundred units across, half as many pixels again, the same bytes each time."""
    record, _, drawing = case(whip(), [OPEN])
    png = render_png(record, drawing)
    assert b"\x89PNG\r\n\x1a\n" == png[:8]
    assert (1800,) == struct.unpack(">I", png[16:20])
    assert png == render_png(record, drawing)


def test_poster_of_anything_is_well_formed() -> None:
    """Hostile texts, no drawing, no steps: still a picture."""
    hostile = "<script>\x00]]>&amp;\u202e\ud800" + "W" * 400
    record, _, drawing = case(harness(), [finding(hostile, hostile, hostile, "W3", hostile)] * 9)
    record["uut"] = dict.fromkeys(("serial", "part_number", "revision"), hostile)
    record["reason"] = record["run"] = record["station"] = hostile
    assert texts(poster_svg(record, drawing))
    assert "and 3 more" in texts(poster_svg(record, drawing))
    assert "REFUSED" in texts(poster_svg(record_of(verdict="REFUSED"), None))


def test_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the error says what to install, and that the page needs nothing."""
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(PictureUnavailableError, match="the extra 'picture' of rackproof"):
        render_png(record_of(), None)


def test_picture_without_words_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine without fonts the text would silently be missing from the picture."""

    def blank(**_: Any) -> bytes:
        return b"no letter is drawn"

    monkeypatch.setitem(sys.modules, "resvg_py", SimpleNamespace(svg_to_bytes=blank))
    with pytest.raises(PictureUnavailableError, match="at least one font"):
        poster.render_png(record_of(), None)
