"""Strands: healthy wires drawn quietly, bad ones loudly, pairs wound, shields as bands, ribbons with their number."""

import math
from collections.abc import Collection, Sequence

from markupsafe import Markup

from station.report.colors import insulation
from station.report.curves import Curve, Point
from station.report.marks import Run
from station.report.plan import Plan
from station.report.sketch import Strand
from station.report.svg import at, join, tag
from station.report.twist import twisted
from station.report.words import say

SLEEVE = 9.0


def strands(runs: Sequence[Run], plan: Plan, replaced: Collection[Strand]) -> Markup:
    """All strands, the loud ones last; those `replaced` are drawn as what should be there."""
    paths = {strand: curve.path for strand, curve in runs} | _wound(runs)
    bands, ribbons, quiet, loud = [], [], [], []
    for strand, curve in runs:
        if strand.is_ribbon:
            ribbons.append(_ribbon(strand, curve))
        elif strand.wires[0].kind == "shield":
            bands.append(_shield(strand, paths[strand]))
        elif strand.fault:
            loud.append(_wire(strand, paths[strand], "bad ghost" if strand in replaced else "bad"))
        else:
            quiet.append(_wire(strand, paths[strand], "mate" if strand.wires[0].kind == "mate" else "wire"))
    return join(*bands, *ribbons, *quiet, _sleeves(runs, plan), *loud)


def names(runs: Sequence[Run], plan: Plan) -> Markup:
    """The wires' names, small, at an end of their own; where wires share both their pins, one name stands for them. The
    numbers of ribbons.
    """
    found, taken = [], set[Point]()
    for strand, curve in runs:
        if strand.is_ribbon and strand.a != strand.b:
            x, y = curve.at(0.5)
            found.append(tag("text", strand.label, class_="count", x=x, y=y + 4, text_anchor="middle"))
        elif not strand.is_ribbon and strand.wires[0].kind != "mate":
            ends = ((strand.a, curve.a, curve.b), (strand.b, curve.d, curve.c))
            free = [(end, toward) for key, end, toward in ends if key not in plan.joints and end not in taken]
            if free:
                (x, y), toward = free[0]
                taken.add((x, y))
                side = math.copysign(1, toward[0] - x)
                anchor = "end" if side < 0 else None
                place = x + side * (SLEEVE + 4)
                found.append(tag("text", strand.wires[0].name, class_="tiny", x=place, y=y + 3, text_anchor=anchor))
    return join(*found)


def _wound(runs: Sequence[Run]) -> dict[Strand, str]:
    pairs: dict[str, list[Run]] = {}
    for strand, curve in runs:
        if not strand.is_ribbon and not strand.fault and strand.wires[0].pair:
            pairs.setdefault(strand.wires[0].pair, []).append((strand, curve))
    found = {}
    for members in pairs.values():
        if len(members) == 2:
            (one, first), (two, second) = members
            found[one], found[two] = twisted(first, second)
    return found


def _wire(strand: Strand, path: str, kind: str) -> Markup:
    wire = strand.wires[0]
    what = say("wire", name=wire.name, a=wire.a, b=wire.b, color=wire.color)
    return tag("path", tag("title", what), class_=kind, d=path)


def _shield(strand: Strand, path: str) -> Markup:
    kind = "shield hit" if strand.fault else "shield"
    edge = tag("path", class_="bad dash" if strand.fault else "shield-edge", d=path)
    return _wire(strand, path, kind) + edge


def _ribbon(strand: Strand, curve: Curve) -> Markup:
    width = min(5.0 + 2.2 * math.log2(len(strand.wires) + 1), 20.0)
    edge = tag("path", class_="ribbon-edge", d=curve.path, stroke_width=width + 5) if strand.fault else Markup()
    what = say("ribbon_long", label=strand.label, first=strand.wires[0].name, last=strand.wires[-1].name)
    kind = "ribbon hit" if strand.fault else "ribbon"
    return edge + tag("path", tag("title", what), class_=kind, d=curve.path, stroke_width=width)


def _sleeves(runs: Sequence[Run], plan: Plan) -> Markup:
    """A little of each wire's insulation at its pins."""
    ends: dict[str, list[str]] = {}
    for strand, curve in runs:
        colors = () if strand.is_ribbon else insulation(strand.wires[0].color)
        for key, (x, y), toward in ((strand.a, curve.a, curve.b[0]), (strand.b, curve.d, curve.c[0])):
            if key in plan.joints or not colors:
                continue
            step = math.copysign(SLEEVE / len(colors), toward - x)
            for place, color in enumerate(colors):
                ends.setdefault(color, []).append(f"M{at(x + place * step, y)}h{at(step)}")
    back = "".join("".join(each) for each in ends.values())
    under = tag("path", class_="sleeve-edge", d=back) if back else Markup()
    return under + join(*(tag("path", class_="sleeve", stroke=color, d="".join(each)) for color, each in ends.items()))
