"""The picture of a cable: connectors, wires, and what is bad about them."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from station.report.blame import Fault
from station.report.boxes import box
from station.report.callouts import callout, callouts_of, lead
from station.report.drawing import Drawing
from station.report.marks import mark_of
from station.report.plan import Plan, plan_of
from station.report.routes import routes_of
from station.report.sketching import sketch_of
from station.report.strands import names, strands
from station.report.svg import at, join, tag
from station.report.words import say

WIDE = 720.0
"""A picture wider than this scrolls in its box on a phone; a narrower one shrinks."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing's SVG, without the outer element."""

    left: float
    top: float
    width: float
    height: float
    inside: Markup
    title: str
    description: str

    @property
    def view(self) -> str:
        """The part of the plane that it covers."""
        return at(self.left, self.top, self.width, self.height)

    def svg(self) -> Markup:
        """The element for a page."""
        return tag(
            "svg",
            tag("title", self.title, id="picture-title"),
            tag("desc", self.description, id="picture-desc"),
            self.inside,
            class_="picture wide" if self.width > WIDE else "picture",
            viewBox=self.view,
            width=self.width * 1.15,
            role="img",
            aria_labelledby="picture-title picture-desc",
        )


def picture_of(drawing: Drawing, faults: Sequence[Fault]) -> Picture:
    """The picture of a cable with its faults."""
    sketch = sketch_of(drawing, faults)
    plan = plan_of(sketch)
    runs = list(routes_of(plan, sketch.strands).items())
    marks = [mark_of(fault, plan, runs) for fault in faults]
    replaced = {strand for mark in marks for strand in mark.replaced}
    labels = callouts_of(marks, plan.boxes.values())
    bad_pins = {pin for fault in faults for pin in fault.pins}
    bad_nodes = {node for fault in faults for node in fault.nodes}
    inside = join(
        strands(runs, plan, replaced),
        *(mark.over for mark in marks),
        *(box(each, bad_pins, bad=name in bad_nodes) for name, each in plan.boxes.items()),
        _joints(plan),
        names(runs, plan),
        *(lead(each) for each in labels),
        *(callout(each) for each in labels),
    )
    left = min([0.0, *(each.left - 4 for each in labels)])
    top = min([0.0, *(each.top - 4 for each in labels)])
    right = max([plan.width, *(each.right + 4 for each in labels)])
    size = (left, top, right - left, plan.height - top)
    return Picture(*size, inside, say("picture_title"), _description(drawing, faults))


def _joints(plan: Plan) -> Markup:
    return join(
        *(tag("circle", tag("title", name), class_="joint", cx=x, cy=y, r=4) for name, (x, y) in plan.joints.items())
    )


def _description(drawing: Drawing, faults: Sequence[Fault]) -> str:
    connectors = ", ".join(each.name for each in drawing.connectors)
    bad = "; ".join(fault.text for fault in faults)
    kind = "picture_bad" if faults else "picture_good"
    return say(kind, connectors=connectors, wires=f"{len(drawing.wires):,}", bad=bad)
