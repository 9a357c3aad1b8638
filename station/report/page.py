"""The page: the report of a run as one HTML file that needs nothing else, and runs nothing."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from station.ledger.thinning import NOTHING, Thinned
from station.report.drawing import Drawing
from station.report.groups import groups_of, titled
from station.report.happenings import happenings
from station.report.judged import finite, text
from station.report.looks import look_of, symbols
from station.report.palette import DARK, LIGHT, declared
from station.report.picture import picture_of
from station.report.plain import visible
from station.report.quantities import exact, reading, seconds
from station.report.story import accused, facts_of, health_text, story_of, sure
from station.report.telling import SINGLY
from station.report.waves import plot, waves_of
from station.report.words import LANGUAGE, say
from station.trace import Event, Observed, StepEnded

TEMPLATES = Path(__file__).parent / "templates"
MOST_WAVES = 24
MOST_EVIDENCE = 100


class StepRow(NamedTuple):
    """An attempt of a step. `share` is its part of the longest one's time, 0 to 100."""

    name: str
    verdict: str
    attempt: str
    time: str
    share: float
    reason: str
    exchanges: tuple[str, ...]


def render_html(
    record: dict[str, Any], events: Sequence[Event], drawing: Drawing | None, given_up: Thinned = NOTHING
) -> str:
    """The report. The same input gives the same bytes.

    `record` is a folded run record (`rackproof.run/1`), `events` its trace (it may be empty), `drawing` the product's, or
    None where the unit is no cable, `given_up` what is not in the trace any more. Nothing in them is trusted: all text is escaped, and characters that steer a terminal
    or turn the direction of writing are shown as what they are.
    """
    story = story_of(record, drawing)
    first, left_out, last = happenings(events)
    waves = waves_of(events)
    observed = [event for event in events if isinstance(event, Observed)]
    style = _style()
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            language=LANGUAGE,
            symbols=symbols(),
            style=Markup(style),  # noqa: S704 (our own file, no data in it)
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            story=story,
            health=health_text(story.health) if story.health else "",
            suspect=bool(story.faults and story.health and not story.health.bad),
            picture=picture_of(drawing, story.faults).svg() if drawing and drawing.connectors else None,
            ribbons=bool(drawing and len(drawing.wires) > SINGLY),
            groups=groups_of(record),
            steps=_steps(record, events),
            waves=[(wave.title, titled(wave.step), plot(wave)) for wave in waves[:MOST_WAVES]],
            more_waves=max(len(waves) - MOST_WAVES, 0),
            evidence=[_evidence(event) for event in observed[:MOST_EVIDENCE]],
            more_evidence=max(len(observed) - MOST_EVIDENCE, 0),
            events=len(events),
            given_up=given_up,
            first=first,
            left_out=left_out,
            last=last,
            facts=facts_of(record),
            titled=titled,
        )
    )


def _steps(record: Mapping[str, Any], events: Sequence[Event]) -> list[StepRow]:
    exchanges = {(event.step, event.attempt): event.exchanges for event in events if isinstance(event, StepEnded)}
    steps = record.get("steps") or ()
    longest = max([finite(step.get("seconds")) or 0.0 for step in steps], default=0.0) or 1.0
    rows = []
    for step in steps:
        took = finite(step.get("seconds"))
        rows.append(
            StepRow(
                titled(text(step.get("name"))),
                text(step.get("verdict")),
                text(step.get("attempt")),
                "" if took is None else seconds(took),
                100 * (took or 0.0) / longest,
                text(step.get("reason")),
                exchanges.get((text(step.get("name")), step.get("attempt")), ()),
            )
        )
    return rows


def _evidence(event: Observed) -> tuple[str, str, str, str]:
    number = event.value is not None and event.state == "ok"
    value = (
        exact(event.value, event.unit, event.uncertainty)
        if number and event.value is not None
        else reading(event.value, event.unit, event.uncertainty, event.state)
    )
    return titled(event.name), value, event.by, titled(event.step)


@cache
def environment() -> Environment:
    """The templates, with escaping on."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.globals |= {"say": say, "look_of": look_of, "sure": sure, "accused": accused}
    made.filters["count"] = "{:,}".format
    return made


def _shown(value: object) -> object:
    """What a template is about to say: text is made visible first, and escaped by Jinja after that."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _style() -> str:
    return sheet("page.css", "picture.css", "print.css")


def sheet(*names: str) -> str:
    """Some style sheets as one, with the palette in front, for light and for dark."""
    sheets = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)
    dark = f"@media screen and (prefers-color-scheme:dark){{:root{{{declared(DARK)}}}}}"
    return f":root{{{declared(LIGHT)}}}{dark}\n{sheets}"
