"""The report's page: complete, honest, self-contained, and deaf to what other people's texts would like to do."""

import base64
import hashlib
import re
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from typing import Any

import pytest

from station.report.drawing import Drawing, DrawnConnector, DrawnPin, DrawnWire
from station.report.page import render_html
from station.report.palette import DARK, LIGHT
from station.trace import Event, Measured, Observed, RunEnded, Sampled, StepEnded
from tests.station.report_cases import (
    Case,
    backplane,
    case,
    events_of,
    finding,
    harness,
    measured,
    record_of,
    step,
    whip,
)

OPEN = finding("open", "W3", "W3 is open at J2 pin 3, 1.3 m from J1", "W3", "J2.3")
SWAP = finding("swap", "W7+W8", "W7 and W8 are swapped at J2", "W7", "W8")
VOID = {"meta", "br", "link", "img", "input", "hr", "wbr"}
LOOSE = {"tr", "td"}
"""Elements that HTML closes by itself."""
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "javascript:alert(1)",
    "{{ 7*7 }}{% raw %}{0.__class__.__init__.__globals__}%s%n",
    "' onmouseover='alert(1)",
    "</style></title></textarea><!-- <![CDATA[",
    "\x00\x1b[2J\x1b]0;pwn\x07\u202e0001\ufeff\ud800\u2028",
    "]]>&#x3c;script&#x3e;&lt;b&gt;",
    "A" * 3000,
)


class Reader(HTMLParser):
    """Reads a page as a browser would, and remembers what it met."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.astray: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that opens."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID | LOOSE:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element with nothing inside."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Note an element that closes."""
        if tag in LOOSE:
            return
        if not self.open or self.open.pop() != tag:
            self.astray.append(tag)

    def handle_data(self, data: str) -> None:
        """Keep what a person can read."""
        if not self.open or self.open[-1] != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        """All that a person can read, spaces made one."""
        return " ".join(" ".join(self.texts).split())


def harmless(page: str) -> Reader:
    """The page as read, once it is clear that it fetches nothing, runs nothing and is well nested."""
    reader = Reader(page)
    assert ([], []) == (reader.astray, reader.open)
    assert set() == {tag for tag, _ in reader.tags} & {
        "script",
        "iframe",
        "object",
        "embed",
        "img",
        "link",
        "a",
        "form",
    }
    for tag, attributes in reader.tags:
        assert [] == [name for name in attributes if name.startswith("on") or name in {"style", "src", "srcdoc"}]
        assert attributes.get("href") is None or (tag == "use" and str(attributes["href"]).startswith("#i-"))
    assert [] == re.findall(r"url\(|@import|https?:|//[a-z]", page)
    return reader


@pytest.fixture(scope="module")
def failed() -> Case:
    """A whip with two bad wires."""
    return case(whip(), [OPEN, SWAP])


@pytest.mark.parametrize("cable", [whip, harness, backplane])
def test_page_is_one_file_that_needs_and_runs_nothing(cable: Any) -> None:
    """It opens from a USB stick on a machine without network, and no text in it can become a program."""
    page = render_html(*case(cable(), [OPEN]))
    harmless(page)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    policy = re.search(r'content="(default-src[^"]*)"', page)
    assert style
    assert policy
    seal = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{seal}'; base-uri 'none'; form-action 'none'" == policy[1]


def test_page_names_every_finding(failed: Case) -> None:
    """What a repair person needs stands in sentences, with how sure the station is."""
    text = harmless(render_html(*failed)).text
    for each in failed[0]["findings"]:
        assert each["text"] in text
        assert f"{each['cause']}:{each['where']}" in text
    assert "98\u00a0% sure" in render_html(*failed)
    assert "5 of 8 wires good, 3 bad" in text


@pytest.mark.parametrize(
    ("verdict", "word"),
    [
        ("PASSED", "PASS"),
        ("FAILED", "FAIL"),
        ("ERROR", "ERROR"),
        ("ABORTED", "ABORTED"),
        ("INTERRUPTED", "INTERRUPTED"),
        ("REFUSED", "REFUSED"),
    ],
)
def test_verdict_is_a_word_a_colour_and_a_shape(verdict: str, word: str) -> None:
    """Nobody mistakes one verdict for another, whatever colours they see."""
    page = render_html(record_of(verdict=verdict), [], None)
    kind = {"PASSED": "passed", "FAILED": "failed"}.get(verdict, verdict.lower())
    assert f'<div class="banner is-{kind}"><svg class="icon" aria-hidden="true"><use href="#i-{kind}"/>' in page
    assert f'<h1 class="word">{word}</h1>' in page


def test_verdict_that_is_not_known_is_no_pass() -> None:
    """A record from another time must not look good by accident."""
    page = render_html(record_of(verdict="passed?"), [], None)
    assert '<div class="banner is-error">' in page
    assert '<h1 class="word">ERROR (passed?)</h1>' in page


def test_error_says_that_the_station_could_not_judge() -> None:
    """An ERROR speaks of the station, never of the unit."""
    record = record_of([step("identify", verdict="ERROR")], verdict="ERROR", reason="ohms did not answer")
    text = harmless(render_html(record, [], None)).text
    assert "The station could not judge this unit: ohms did not answer" in text
    assert "What is wrong" not in text


def test_instrument_that_is_not_confirmed_safe_is_said_at_the_top() -> None:
    """Whoever reaches for the unit reads it before anything else."""
    unsafe = {"verdict": "ERROR", "seconds": 2.0, "refusals": ["heater did not confirm"]}
    text = harmless(render_html(record_of(made_safe=unsafe), [], None)).text
    assert text.index("NOT CONFIRMED SAFE") < text.index("Serial number")
    assert "NOT CONFIRMED: heater did not confirm" in text


def test_simulated_run_cannot_be_taken_for_a_real_one() -> None:
    """The ribbon stands on every simulated report, and on no real one."""
    for simulated in (True, False):
        page = render_html(*case(whip(), [OPEN], simulated=simulated))
        assert simulated == ('<aside class="simulated">' in page)
        assert simulated == ("Seed 7. Faults put in: open:W3." in page)


def test_a_simulated_unit_of_a_population_is_named() -> None:
    """By its number, beside seed and faults."""
    page = render_html(record_of(simulated={"seed": 7, "faults": [], "unit": 3}), [], None)
    assert "Seed 7, unit 3 of the population. Faults put in: none." in page


def test_page_keeps_what_never_ran() -> None:
    """A refused run has no steps, no end, nothing made safe; it is reported all the same."""
    record = record_of(
        verdict="REFUSED", reason="jig not mounted", ended="", line_time_s=None, made_safe=None, instruments={}
    )
    text = harmless(render_html(record, [], None)).text
    assert "Refused: jig not mounted" in text
    assert "No step was started." in text


def test_failure_without_a_finding_shows_its_worst_readings() -> None:
    """A FAILED unit never comes with an empty page."""
    record = record_of([step("hot", [measured("drop", "W1", 0.5, None, 0.12)])], verdict="FAILED")
    told = "drop[W1] reads 500.00 ± 0.40 mΩ: tolerance at most 120 mΩ; accepted at most 119.6 mΩ (guard band w = U)."
    assert told in render_html(record, [], None).replace("\u00a0", " ")


def test_each_rule_that_was_used_is_stated() -> None:
    """ISO/IEC 17025 asks for it: in whole sentences at the foot, in a few words at each limit."""
    one = measured("drop", "W1", 0.05, None, 0.12)
    page = harmless(render_html(record_of([step("hot", [one])]), [], None)).text
    assert "limit: at most 120 mΩ, guard band w = U" in page
    assert "Decision rule A unit is accepted only where" in page
    other = measured("drop", "W1", 0.1205, None, 0.12) | {"name": "rise", "rule": "method-6"}
    page = harmless(render_html(record_of([step("hot", [one, other])]), [], None)).text
    assert "limit: at most 120 mΩ, guard band of Z540.3 method 6" in page
    assert "Decision rule method-6" in page
    assert "Decision rule u" in page


def test_what_passed_only_just_is_not_hidden_among_what_passed() -> None:
    """By simple acceptance a reading may pass whose truth is out of tolerance: it is shown with its terms."""
    just = measured("drop", "W2", 0.1198, None, 0.12) | {"rule": "simple", "accept_high": 0.12, "verdict": "PASSED"}
    good = [measured("drop", f"W{n}", 0.05, None, 0.12) | {"rule": "simple", "accept_high": 0.12} for n in (1, 3)]
    page = render_html(record_of([step("hot", [good[0], just, good[1]])]), [], None)
    (open_lines,) = re.findall(r'<ul class="lines">(.*?)</ul>', page.partition("<details>")[0], re.DOTALL)
    assert 1 == open_lines.count("<li>")
    assert "all of it accepted (simple acceptance, w = 0); 84.1" in open_lines
    assert "3 of 3 inside" in page
    assert "Show the 2 that passed" in page


def test_an_old_record_and_a_newer_one_are_reported_all_the_same() -> None:
    """A record without rules was judged by w = U; a rule that is not known here is told by its name."""
    old = measured("drop", "W1", 0.5, None, 0.12)
    del old["rule"]
    assert "guard band w = U" in harmless(render_html(record_of([step("hot", [old])]), [], None)).text
    new = measured("drop", "W1", 0.5, None, 0.12) | {"rule": "jcgm-106-a"}
    assert "(jcgm-106-a)" in harmless(render_html(record_of([step("hot", [new])]), [], None)).text


def test_reading_that_is_no_number_says_so() -> None:
    """Silence is shown as silence, not as zero."""
    record = record_of([step("hot", [measured("drop", "W1", None, None, 0.12)])], verdict="ERROR")
    assert 2 <= render_html(record, [], None).count("no reading (over-range)")


def test_attempt_that_was_repeated_is_kept_and_marked() -> None:
    """Every attempt is in the report; the last one counts for the wires."""
    first = step("conducts", [measured("conduction", "W1", 9.0, 0.01, 0.12)])
    again = step("conducts", [measured("conduction", "W1", 0.05, 0.01, 0.12)], attempt=2)
    _, _, drawing = case(whip())
    text = harmless(render_html(record_of([first, again], verdict="ERROR"), [], drawing)).text
    assert "attempt 1, superseded by a later one" in text
    assert "1 of 8 wires good, 0 bad, 7 not proven" in text


def test_trace_is_shown_whole_or_says_what_is_left_out() -> None:
    """Up to 5,000 events stand in the page; the end is kept too, because the verdict is there."""
    record, events, _ = case(whip())
    noise: list[Event] = [Observed(1.0, "s", f"q{at}", 1.0, "V", None, "ok", "dmm") for at in range(6000)]
    page = render_html(record, [*events[:1], *noise, *events[-1:]], None)
    assert "1,002 events in the middle are left out here; the ledger keeps them all." in page
    assert "q0 = " in page
    assert "run ended<td>PASSED" in page
    assert "5,900 more readings of this kind are in the trace." in page
    assert 5000 == page.split('<table class="trace">')[1].count("<tr><td>")


def test_last_bytes_of_an_error_are_in_the_page() -> None:
    """The engineer who is called sees what the instrument said."""
    record = record_of([step("identify", verdict="ERROR")], verdict="ERROR")
    events = [StepEnded(0.0, "identify", 1, "ERROR", "garbled", ("> *IDN?", "< HIO\\xff"))]
    assert "<code>&lt; HIO\\xff</code>" in render_html(record, events, None)


def test_waveform_is_drawn_with_its_limits() -> None:
    """A soak is seen as a line; a sample without a number is a gap in it."""
    record = record_of([step("soak")])
    times = tuple(at / 10 for at in range(5))
    sampled = Sampled(1.0, "soak", "contact", "W3", "ohm", times, (0.1, 0.11, None, 0.12, 0.1))
    judged = Measured(1.0, "soak", "contact", "W3", 0.12, "ohm", 1e-4, "ok", "ohms", None, 0.13, None, 0.1299, "PASSED")
    page = render_html(record, [sampled, judged], None)
    line = re.search(r'<path class="line" d="([^"]*)"', page)
    assert line
    assert (2, 2) == (line[1].count("M"), line[1].count("L"))
    assert 1 == page.count('class="limit dash"')
    harmless(page)


def test_same_input_gives_the_same_bytes(failed: Case) -> None:
    """Reports can be compared, and signed."""
    again = case(whip(), [OPEN, SWAP])
    assert render_html(*failed).encode() == render_html(*again).encode()


@pytest.mark.parametrize(("cable", "most"), [(whip, 70_000), (harness, 150_000), (backplane, 300_000)])
def test_page_stays_small(cable: Any, most: int) -> None:
    """It goes into an e-mail, also for a thousand wires of which a hundred are bad."""
    worst = [finding("reversed", "B3", "B3 is reversed", *(f"W{at}" for at in range(301, 401)))]
    assert len(render_html(*case(cable(), worst if cable is backplane else [OPEN])).encode()) < most


def test_thousand_readings_are_seen_as_one_strip() -> None:
    """The good ones are dots; the two bad ones stand open, each with its bar."""
    record, events, drawing = case(backplane(), [OPEN, finding("open", "W712", "W712 is open", "W712")])
    page = render_html(record, events, drawing)
    dots = re.search(r'<path class="dots" d="([^"]*)"', page)
    assert dots
    assert 998 == dots[1].count("h.01")
    assert '<span class="at"><bdi>W712</bdi></span>' in page.split("<details>")[0]
    assert "998 of 1,000 wires good, 2 bad" in page


def sown(value: Any, seed: str) -> Any:
    """The record with every text in it, keys of facts too, replaced by one hostile text."""
    if isinstance(value, dict):
        return {seed if key == "ohms" else key: sown(each, seed) for key, each in value.items()}
    if isinstance(value, list):
        return [sown(each, seed) for each in value]
    return seed if isinstance(value, str) else value


def sown_event(event: Event, seed: str) -> Event:
    """The event with every text in it replaced."""
    changes: dict[str, Any] = {}
    for each in fields(event):
        value = getattr(event, each.name)
        if isinstance(value, str):
            changes[each.name] = seed
        elif each.name in {"marks", "refusals", "exchanges"}:
            changes[each.name] = (seed,)
    return replace(event, **changes)


@pytest.mark.parametrize("seed", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(seed: str) -> None:
    """Every text field of a record, its trace and its drawing may come from an attacker's label or a broken instrument."""
    record, events, _ = case(whip(), [OPEN])
    record["made_safe"]["refusals"] = ["x"]
    end = RunEnded(9.0, "x", "x", "x")
    told: list[Event] = [
        *events,
        Sampled(1.0, "x", "x", "x", "x", (0.0, 1.0), (1.0, 2.0)),
        StepEnded(1.0, "x", 1, "x", "x", ("x",)),
        end,
    ]
    assert all(is_dataclass(event) for event in told)
    name = "J1" if "." in seed else seed
    pins = tuple(DrawnPin(f"{name}.{pin}", seed, seed) for pin in range(9))
    wires = (
        DrawnWire(seed, pins[0].place, "S1" if seed == name else seed, color=seed, pair=seed),
        DrawnWire(f"{seed}!", pins[1].place, pins[7].place, color=seed, pair=seed),
    )
    drawing = Drawing((DrawnConnector(name, seed, pins),), wires)
    page = render_html(sown(record, seed), [sown_event(event, seed) for event in told], drawing)
    reader = harmless(page)
    assert page.encode("utf-8")
    assert not set(page) & {"\x00", "\x1b", "\x07", "\u202e", "\ufeff", "\u2028"}
    honest = {tag for tag, _ in harmless(render_html(record, told, case(harness(), [OPEN])[2])).tags}
    assert set() == {tag for tag, _ in reader.tags} - honest - {"br", "code"}
    if seed.isprintable():
        assert " ".join(seed.split())[:40] in reader.text


def test_words_are_readable_in_light_and_dark() -> None:
    """Every text colour keeps a contrast of 4.5 to 1 to what lies behind it (WCAG 2, AA)."""
    pairs = [("ink", "paper"), ("soft", "paper"), ("ink", "box"), ("soft", "box"), ("wire-name", "paper")]
    pairs += [("soft", "ground"), ("ink", "bad-soft"), ("good", "accepted"), ("ink", "accepted"), ("bad", "paper")]
    kinds = ("passed", "failed", "error", "aborted", "interrupted", "refused", "skipped")
    pairs += [(f"{kind}-text", "paper") for kind in kinds]
    for colors in (LIGHT, DARK):
        for front, back in pairs:
            assert contrast(colors[front], colors[back]) >= 4.5, (front, back)
        for kind in kinds[:-1]:
            assert contrast("#ffffff", colors[kind]) >= 4.5, kind


def contrast(one: str, other: str) -> float:
    """WCAG 2's ratio of two colours."""
    dark, light = sorted(luminance(color) for color in (one, other))
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    """WCAG 2's relative luminance."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_folded_trace_matches_its_record() -> None:
    """The cases above are what the engine would write."""
    from station.record import fold

    record, _, _ = case(whip(), [OPEN])
    folded = fold(events_of(record))
    assert record["findings"] == folded["findings"]
    assert [each["measurements"] for each in record["steps"]] == [each["measurements"] for each in folded["steps"]]
