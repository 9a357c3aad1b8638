"""The poster: the report of a run as one picture, for a page that cannot hold a page."""

import textwrap
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from station.report.bars import HIGH as BAR_HIGH
from station.report.bars import WIDE as BAR_WIDE
from station.report.bars import bar_inside, value_text
from station.report.drawing import Drawing
from station.report.errors import PictureUnavailableError
from station.report.judged import Judged, judged_last, text, worst_first
from station.report.palette import LIGHT, resolved
from station.report.picture import Picture, picture_of
from station.report.plain import shortened
from station.report.story import Story, accused, health_text, story_of, sure
from station.report.svg import join, number, tag
from station.report.terms import terms
from station.report.words import say

WIDE, EDGE, PAD = 1200.0, 44.0, 32.0
ZOOM = 1.5
FINDINGS, BARS = 6, 8
TALLEST = 1100.0
"""The most that the cable may take up."""
TEMPLATES = Path(__file__).parent / "templates"


Part = tuple[Markup, float]
"""What is drawn from y = 0 on, and how high it is."""


def render_png(record: dict[str, Any], drawing: Drawing | None) -> bytes:
    """The poster as PNG. Raises PictureUnavailableError without the extra `picture`, or on a machine without any font."""
    return _png(poster_svg(record, drawing), ZOOM)


def poster_svg(record: Mapping[str, Any], drawing: Drawing | None) -> str:
    """The poster as an SVG document of its own."""
    story = story_of(record, drawing)
    parts = [_ribbon(story)] if story.simulated else []
    parts += [_banner(story), _unit(story)]
    if story.faults:
        parts.append(_findings(story))
    if drawing and drawing.connectors:
        parts.append(_cable(story, picture_of(drawing, story.faults)))
    if worst := worst_first(judged_last(record))[:BARS]:
        parts.append(_worst(worst))
    parts.append(_foot(record))
    placed, y = [], 0.0
    for inside, high in parts:
        placed.append(tag("g", inside, transform=f"translate(0 {number(y)})"))
        y += high
    style = Markup(f"<style>{_style()}</style>")  # noqa: S704 (our own file, no data in it)
    ground = tag("rect", width=WIDE, height=y, fill=LIGHT["ground"])
    size = f"0 0 {number(WIDE)} {number(y)}"
    return str(tag("svg", style, ground, *placed, xmlns=SVG, viewBox=size, width=WIDE, height=y))


SVG = "http://www.w3.org/2000/svg"


def _ribbon(story: Story) -> Part:
    stripes = "".join(f"M{x} 0h22l-40 40h-22z" for x in range(0, int(WIDE) + 60, 44))
    said = shortened(f"{say('simulated_long')} {story.simulated}", 110)
    wide = 190 + 7.6 * len(said)
    left = (WIDE - wide) / 2
    return (
        join(
            tag("rect", width=WIDE, height=40, fill=LIGHT["ribbon-one"]),
            tag("path", d=stripes, fill=LIGHT["ribbon-two"]),
            tag("rect", x=left, y=5, width=wide, height=30, fill=LIGHT["ribbon-one"]),
            tag("text", say("simulated"), class_="p-mark", x=left + 18, y=26),
            tag("text", said, class_="p-text", x=left + 158, y=25.5),
        ),
        40,
    )


def _banner(story: Story) -> Part:
    lines = textwrap.wrap(story.reason or story.long, 78)[:3]
    if story.health and story.look.kind in {"passed", "failed"}:
        lines.append(health_text(story.health) + ".")
    high = max(150.0, 112.0 + 28 * len(lines))
    accent = LIGHT[story.look.kind]
    icon = tag(
        "svg", story.look.icon_inside, x=EDGE + 32, y=28 + high / 2 - 48, width=96, height=96, viewBox="0 0 24 24"
    )
    said = [tag("text", line, class_="p-line", x=EDGE + 162, y=28 + 122 + 28 * at) for at, line in enumerate(lines)]
    return (
        tag(
            "g",
            tag("rect", x=EDGE, y=28, width=WIDE - 2 * EDGE, height=high, rx=20, fill=accent),
            icon,
            tag("text", story.word, class_="p-word", x=EDGE + 160, y=28 + 84),
            *said,
            color="#ffffff",
        ),
        28 + high,
    )


def _unit(story: Story) -> Part:
    facts = (*story.unit, *story.when)
    parts = []
    column = (WIDE - 2 * (EDGE + PAD)) / 3
    for at, fact in enumerate(facts):
        x, y = EDGE + PAD + (at % 3) * column, 40 + (at // 3) * 62
        parts.append(tag("text", fact.name, class_="p-soft", x=x, y=y))
        parts.append(tag("text", shortened(fact.text, 34), class_="p-big", x=x, y=y + 24))
    return _card("", join(*parts), 20 + 62 * ((len(facts) + 2) // 3))


def _findings(story: Story) -> Part:
    parts, y = [], 12.0
    for fault in story.faults[:FINDINGS]:
        parts.append(tag("circle", cx=EDGE + PAD + 15, cy=y + 9, r=15, fill=LIGHT["failed"]))
        parts.append(
            tag("text", f"{fault.number}", class_="p-number", x=EDGE + PAD + 15, y=y + 15, text_anchor="middle")
        )
        for line in textwrap.wrap(shortened(fault.text, 240), 88) or [""]:
            parts.append(tag("text", line, class_="p-big", x=EDGE + PAD + 46, y=y + 16))
            y += 26
        said = " · ".join(each for each in (accused(fault), sure(fault)) if each)
        parts.append(tag("text", shortened(said, 110), class_="p-soft", x=EDGE + PAD + 46, y=y + 12))
        y += 34
    if len(story.faults) > FINDINGS:
        more = say("more_findings", count=f"{len(story.faults) - FINDINGS:,}")
        parts.append(tag("text", more, class_="p-soft", x=EDGE + PAD + 46, y=y + 6))
        y += 20
    return _card(say("findings"), join(*parts), y - 10)


def _cable(story: Story, picture: Picture) -> Part:
    room = WIDE - 2 * (EDGE + PAD)
    scale = min(room / picture.width, TALLEST / picture.height, 1.6)
    wide, high = picture.width * scale, picture.height * scale
    drawn = tag("svg", picture.inside, x=(WIDE - wide) / 2, y=0, width=wide, height=high, viewBox=picture.view)
    return _card(say("cable"), drawn, high + 4, health_text(story.health) if story.health else "")


def _worst(worst: Sequence[Judged]) -> Part:
    parts, y = [], 6.0
    for each in worst:
        left, kind = EDGE + PAD, "p-big" if each.good else "p-big p-bad"
        parts.append(tag("text", shortened(each.title, 30), class_="p-big", x=left, y=y + 18))
        parts.append(tag("text", value_text(each), class_=kind, x=left + 320, y=y + 18))
        wide = 440.0
        parts.append(
            tag(
                "svg",
                bar_inside(each),
                x=WIDE - EDGE - PAD - wide,
                y=y - 4,
                width=wide,
                height=wide * BAR_HIGH / BAR_WIDE,
                viewBox=f"0 0 {BAR_WIDE:g} {BAR_HIGH:g}",
            )
        )
        y += 54.0
        if said := terms(each):
            parts.append(tag("text", shortened(said, 150), class_="p-soft", x=left, y=y + 2))
            y += 26.0
    return _card(say("worst"), join(*parts), y - 6.0)


def _foot(record: Mapping[str, Any]) -> Part:
    said = shortened(f"{say('run')} {text(record.get('run'))}", 80)
    return tag("text", said, class_="p-soft", x=WIDE / 2, y=30, text_anchor="middle"), 56.0


def _card(title: str, inside: Markup, high: float, aside: str = "") -> Part:
    """A white card with a heading; what is inside begins at y = 0 of its own."""
    top = 62.0 if title else 0.0
    whole = top + high + (24 if title else 6)
    paper = tag(
        "rect",
        x=EDGE,
        y=18,
        width=WIDE - 2 * EDGE,
        height=whole,
        rx=14,
        fill=LIGHT["paper"],
        stroke=LIGHT["rule"],
    )
    heading = tag("text", title, class_="p-title", x=EDGE + PAD, y=58) if title else Markup()
    beside = tag("text", aside, class_="p-big", x=WIDE - EDGE - PAD, y=58, text_anchor="end") if aside else Markup()
    return join(paper, heading, beside, tag("g", inside, transform=f"translate(0 {number(18 + top)})")), 18 + whole


def _png(svg: str, zoom: float) -> bytes:
    try:
        import resvg_py
    except ImportError as missing:
        raise PictureUnavailableError(say("no_picture")) from missing
    blank, letter = (
        f'<svg xmlns="{SVG}" width="40" height="20"><style>{_style()}</style><text y="16">{word}</text></svg>'
        for word in (" ", "A")
    )
    if resvg_py.svg_to_bytes(svg_string=blank) == resvg_py.svg_to_bytes(svg_string=letter):
        raise PictureUnavailableError(say("no_fonts"))
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=zoom))


@cache
def _style() -> str:
    sheets = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("picture.css", "poster.css"))
    return resolved(sheets, LIGHT)
