"""Figures of the report: quantities, axes, bars, strips, times, words."""

import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import station.report
from station.report.axes import covering, judged
from station.report.bars import bar, value_text
from station.report.judged import judged_of, worst_first
from station.report.moments import moment
from station.report.plain import shortened, visible
from station.report.quantities import brief, exact, reading, seconds, span
from station.report.strips import strip
from station.report.words import WORDS
from tests.station.report_cases import measured

FOLDER = Path(station.report.__path__[0])


@pytest.mark.parametrize(
    ("value", "unit", "uncertainty", "expected"),
    [
        (0.08532, "ohm", 0.000412, "85.32 ± 0.41 mΩ"),
        (1.2345e9, "ohm", 2.6e8, "1.23 ± 0.26 GΩ"),
        (0.00031, "ohm", 0.00011, "310 ± 110 µΩ"),
        (0.9999999, "ohm", 0.001, "1.0000 ± 0.0010 Ω"),
        (-3.2e-6, "V", 1.2e-6, "\N{MINUS SIGN}3.2 ± 1.2 µV"),
        (0.0, "ohm", 0.54, "0 ± 540 mΩ"),
        (2.2e-10, "F", 5e-12, "220.0 ± 5.0 pF"),
        (23.41, "celsius", 0.32, "23.41 ± 0.32 °C"),
        (4702.3, "ohm", None, "4.7023 kΩ"),
        (5.0, "V", 0.0, "5 V"),
        (12.5, "furlong", 0.5, "12.50 ± 0.50 furlong"),
        (3e22, "ohm", 1e21, "3.000E+22 ± 1.000E+21 Ω"),
    ],
)
def test_uncertainty_has_two_digits_and_the_value_ends_there(
    value: float, unit: str, uncertainty: float | None, expected: str
) -> None:
    """Nobody reads digits that nobody measured."""
    assert expected == exact(value, unit, uncertainty).replace("\u00a0", " ")


@given(st.floats(-1e300, 1e300), st.floats(0, 1e12), st.sampled_from(["ohm", "celsius", "x"]))
def test_every_quantity_can_be_written(value: float, uncertainty: float, unit: str) -> None:
    """No number breaks a report, and what is written is near what was read."""
    text = exact(value, unit, uncertainty)
    assert text
    prefixes = {"f": -15, "p": -12, "n": -9, "µ": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12}
    match = re.match(r"(\S+)(?: ± \S+)?\u00a0?([fpnµmkMGT]?)(?:Ω|°C|x)$", text)
    assert match
    said = float(match[1].replace("\u2212", "-")) * 10.0 ** prefixes[match[2]]
    assert abs(said - value) <= max(uncertainty, abs(value) * 1e-3, 1e-18)


def test_reading_without_a_number_is_said_in_words() -> None:
    """A bound is a bound, and silence is silence."""
    assert "no reading (over-range)" == reading(None, "ohm", None, "over-range")
    assert "no reading" == reading(None, "ohm", None, "no-reading")
    assert "≥\u00a01.2\u00a0GΩ" == reading(1.2e9, "ohm", 1e8, "at-least")


def test_limits_and_times_are_said_as_people_say_them() -> None:
    """In the words of the procedure."""
    assert "at most 120\u00a0mΩ" == span(None, 0.12, "ohm")
    assert "at least 100\u00a0MΩ" == span(1e8, None, "ohm")
    assert "80\u00a0mΩ to 120\u00a0mΩ" == span(0.08, 0.12, "ohm")
    assert "no limit" == span(None, None, "ohm")
    assert "1.23\u00a0kΩ" == brief(1234.0, "ohm")
    assert ["3.2\u00a0ms", "41.2\u00a0s", "12\u00a0min 05\u00a0s", "72\u00a0h 00\u00a0min"] == [
        seconds(each) for each in (0.0032, 41.2, 725.0, 259_200.0)
    ]


@pytest.mark.parametrize(
    ("iso", "expected"),
    [
        ("2026-07-31T09:14:05.25+00:00", "2026-07-31 09:14:05 UTC"),
        ("2026-07-31T09:14:05Z", "2026-07-31 09:14:05 UTC"),
        ("2026-07-31T09:14:05+05:30", "2026-07-31 09:14:05 +05:30"),
        ("2026-07-31T09:14:05", "2026-07-31T09:14:05"),
        ("<b>noon</b>", "<b>noon</b>"),
    ],
)
def test_time_keeps_its_zone(iso: str, expected: str) -> None:
    """A time without a zone is not given one."""
    assert expected == moment(iso)


@given(
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.none() | st.floats(0, 1e300),
    st.lists(st.floats(allow_nan=False), max_size=5),
)
def test_axis_always_shows_its_limits(low: float | None, width: float | None, values: list[float]) -> None:
    """Whatever was read, the limits are on the scale, and the scale is one."""
    high = None if width is None else (low or 0.0) + width
    axis = judged(low, high, values)
    assert math.isfinite(axis.low)
    assert axis.low < axis.high
    for end in (low, high):
        assert end is None or -1e-9 <= axis.at(end) <= 1 + 1e-9
    assert len(axis.ticks(5)) <= 12
    for value in values:
        assert math.isinf(value) or 0 <= covering(values).at(value) <= 1


def test_isolation_is_shown_by_decades() -> None:
    """A reading of a hundred times its limit does not hide the limit."""
    axis = judged(1e8, None, [1.3e10])
    assert axis.log
    assert 0.05 < axis.at(1e8) < 0.5


def test_bar_shows_guard_band_reading_and_uncertainty() -> None:
    """The accepted zone is narrower than the tolerated one by the uncertainty on each side."""
    each = judged_of(
        "s",
        measured("conduction", "W3", 0.1, 0.08, 0.12)
        | {"uncertainty": 0.005, "accept_low": 0.085, "accept_high": 0.115},
    )
    drawn = bar(each)
    zones = dict(re.findall(r'class="(tolerated|accepted)" x="\S+" y="\S+" width="(\S+)"', drawn))
    assert 0 < float(zones["accepted"]) < float(zones["tolerated"])
    assert 'class="whisker good"' in drawn
    assert 'class="dot good"' in drawn
    assert "100.0 ± 5.0 mΩ" == value_text(each).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("value", "state", "expected"),
    [
        (0.5, "ok", "whisker bad"),
        (0.121, "ok", "dot bad"),
        (None, "over-range", "no reading (over-range)"),
        (9e9, "at-least", "whisker bad"),
    ],
)
def test_bar_of_a_bad_reading_cannot_be_taken_for_good(value: float | None, state: str, expected: str) -> None:
    """Off the scale is an arrow, outside is pointed, nothing is said to be nothing."""
    drawn = bar(judged_of("s", measured("conduction", "W3", value, 0.08, 0.12) | {"state": state}))
    assert expected in drawn
    assert "dot good" not in drawn


def test_strip_of_points_with_limits_of_their_own_shows_shares() -> None:
    """Long and short wires stand on one scale: where in its own limits each lies."""
    points = [judged_of("s", measured("conduction", f"W{n}", 0.1 * n, 0.09 * n, 0.11 * n)) for n in (1, 2, 30)]
    drawn = strip(points)
    assert "lower limit" in drawn
    xs = set(re.findall(r"M(\S+) \S+h", drawn))
    assert 1 == len(xs)


def test_strip_keeps_readings_off_the_scale_in_sight() -> None:
    """A bad one far away is an arrow at the edge, not a dot somewhere else."""
    points = [
        judged_of("s", measured("conduction", f"W{n}", value, 0.09, 0.11)) for n, value in enumerate((0.1, 0.1, 7.0))
    ]
    drawn = strip(points)
    assert 1 == drawn.count('class="crosses" d="M-6-5l5 5l-5 5')
    assert 2 == drawn.count("h.01")
    assert "" == strip([judged_of("s", measured("conduction", "W1", None, 0.09, 0.11))])


def test_worst_comes_first() -> None:
    """What failed, then what nearly did."""
    values = {"W1": 0.1, "W2": 0.118, "W3": 0.3, "W4": None, "W5": 0.081}
    ranked = worst_first([judged_of("s", measured("c", name, value, 0.08, 0.12)) for name, value in values.items()])
    assert ["W4", "W3", "W5", "W2", "W1"] == [each.point for each in ranked]


def test_characters_without_a_shape_are_written_out() -> None:
    """What would steer a terminal or turn the writing is shown as what it is."""
    assert "SN\\x00\\x1b[2J\\u202e1\\ud800" == visible("SN\0\x1b[2J\u202e1\ud800")
    assert "Ω µ 型号\n" == visible("Ω µ 型号\n")
    assert "a b…" == shortened("a  b\n c d e", 4)


def test_every_sentence_is_said_and_none_is_missing() -> None:
    """All words of the report stand in one table, without dead entries."""
    source = "".join(
        each.read_text(encoding="utf-8")
        for each in (*FOLDER.glob("*.py"), *FOLDER.glob("templates/*.j2"))
        if each.name != "words.py"
    )
    said = {*re.findall(r"say\(\s*[\"'](\w+)[\"']", source)}
    assert said <= WORDS.keys()
    indirect = {key for key in WORDS if re.search(rf"[\"']{key}[\"']", source)}
    kinds = ("passed", "failed", "error", "aborted", "interrupted", "refused", "skipped")
    made = {f"{kind}_long" for kind in kinds} | {f"why_{kind}" for kind in kinds}
    assert set() == WORDS.keys() - said - indirect - made


def test_templates_hold_no_sentences() -> None:
    """Another language is another table, and no template has to be touched."""
    for template in FOLDER.glob("templates/*.j2"):
        text = re.sub(r"\{[{%].*?[%}]\}", " ", template.read_text(encoding="utf-8"), flags=re.DOTALL)
        text = re.sub(r"<[^>]*>", " ", text)
        assert {"s"} >= set(re.findall(r"[A-Za-z]+", text)), template.name


def test_libraries_of_the_report_have_one_door() -> None:
    """Jinja2 and resvg are imported in this package, each in one module."""
    root = FOLDER.parents[1]
    files = [each for folder in ("station", "sequences", "drivers", "sim") for each in (root / folder).rglob("*.py")]
    doors = {
        library: [
            each.name
            for each in files
            if re.search(rf"^\s*(?:from|import) {library}\b", each.read_text(encoding="utf-8"), re.MULTILINE)
        ]
        for library in ("jinja2", "resvg_py")
    }
    assert {"jinja2": ["page.py"], "resvg_py": ["poster.py"]} == doors
