"""Marks: how a fault is drawn over the wires it is on, and where its callout points."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from station.report.blame import Fault
from station.report.curves import Curve, Point
from station.report.placed import owner
from station.report.plan import Plan
from station.report.routes import route
from station.report.sketch import Strand
from station.report.svg import at, join, tag

Run = tuple[Strand, Curve]


@dataclass(frozen=True, slots=True)
class Mark:
    """What is drawn for one fault. `anchor` is None where the picture has no place for it; `replaced` strands are drawn
    as what should be, because `over` shows what is.
    """

    fault: Fault
    anchor: Point | None
    over: Markup
    replaced: frozenset[Strand] = frozenset()


def mark_of(fault: Fault, plan: Plan, runs: Sequence[Run]) -> Mark:
    """The mark of a fault."""
    own = [run for run in runs if _concerns(fault, run[0])]
    singles = [run for run in own if not run[0].is_ribbon]
    rings = join(*(_ring(plan, node) for node in fault.nodes if node in plan.joints))
    if fault.shape == "cross" and (crossed := _crossed(fault, plan, singles)):
        return Mark(fault, crossed[0].at(0.5), _lines(crossed) + rings, frozenset(strand for strand, _ in singles))
    if fault.shape == "bridge" and len(singles) > 1:
        spots = [curve.at(_part(fault, strand)) for strand, curve in singles]
        over = join(*(_bridge(one, two) for one, two in pairwise(spots)))
        return Mark(fault, min(spots[:2], key=lambda spot: spot[1]), over + rings)
    if not own:
        return _beside(fault, plan, rings)
    spots = [each.at(_part(fault, one)) for one, each in singles]
    draw = {"break": _break, "bead": _bead}.get(fault.shape)
    over = join(*(draw(each, _part(fault, one)) for one, each in singles)) if draw else Markup()
    return Mark(fault, spots[0] if spots else own[0][1].at(0.5), over + rings)


def _concerns(fault: Fault, strand: Strand) -> bool:
    if fault.wires:
        return bool({wire.name for wire in strand.wires} & set(fault.wires))
    if fault.pins:
        return strand.a in fault.pins or strand.b in fault.pins
    return owner(strand.a) in fault.nodes or owner(strand.b) in fault.nodes


def _part(fault: Fault, strand: Strand) -> float:
    """How far along the strand it happened: by the metres that the finding gives, else near the place it names."""
    length = strand.wires[0].length
    if fault.metres and length:
        part = min(max(fault.metres[0] / length, 0.1), 0.9)
        return part if owner(strand.a) == fault.metres[1] else 1 - part
    marked = {*fault.pins, fault.connector}
    here, there = bool({strand.a, owner(strand.a)} & marked), bool({strand.b, owner(strand.b)} & marked)
    if here != there:
        return 0.14 if here else 0.86
    return 0.66 if fault.shape == "bridge" else 0.5


def _beside(fault: Fault, plan: Plan, rings: Markup) -> Mark:
    """A fault on no wire: between pins, at a joint, or at a whole connector."""
    pins = [pin for pin in fault.pins if pin in plan.rows]
    if len(pins) > 1:
        curve = route(plan, pins[0], pins[1])
        return Mark(fault, curve.at(0.5), tag("path", class_="bad dash", d=curve.path) + rings)
    if pins:
        box = plan.box_of(pins[0])
        side = -box.outer if box.columns > 1 else 1
        return Mark(fault, (box.edge(side) + 3 * side, plan.rows[pins[0]]), rings)
    for node in fault.nodes:
        if node in plan.joints:
            return Mark(fault, plan.joints[node], rings)
        if node in plan.boxes:
            placed = plan.boxes[node]
            return Mark(fault, (placed.x + placed.width / 2, placed.y), rings)
    return Mark(fault, None, rings)


def _crossed(fault: Fault, plan: Plan, singles: list[Run]) -> list[Curve]:
    """What is really joined, where wires have changed places at a connector; nothing where that is not known."""
    strands = [strand for strand, _ in singles]
    if fault.wires:  # in the order of the finding, which is that in which they have moved
        strands.sort(key=lambda strand: fault.wires.index(strand.wires[0].name))
    if fault.cause == "reversed":
        return _mirrored(fault, plan, strands)
    if len(strands) == 1 and len(fault.pins) == 1:
        far, near = _ends(strands[0], owner(fault.pins[0]))
        return [route(plan, far, fault.pins[0])] if near else []
    ends = [_ends(strand, fault.connector) for strand in strands]
    if len(ends) < 2 or not all(near for _, near in ends):
        return []
    step = 1 if "miswire" in fault.cause else len(ends) // 2
    return [route(plan, far, ends[(at + step) % len(ends)][1]) for at, (far, _) in enumerate(ends)]


def _mirrored(fault: Fault, plan: Plan, strands: list[Strand]) -> list[Curve]:
    """The wires of a connector that is the wrong way round: its first pin where its last should be."""
    connector = next((node for node in fault.nodes if node in plan.boxes), "")
    if not connector:
        return []
    pins = plan.boxes[connector].box.pins
    mirror = dict(zip(pins, reversed(pins), strict=True))
    ends = [_ends(strand, connector) for strand in strands]
    moved = [(mirror.get(far, far), mirror[near]) for far, near in ends if near]
    return [route(plan, far, near) for far, near in moved if {far, near} <= plan.rows.keys() | plan.joints.keys()]


def _ends(strand: Strand, connector: str) -> tuple[str, str]:
    """The far and the near end of a strand as seen from a connector; the near one is empty where it does not end there."""
    if owner(strand.b) == connector:
        return strand.a, strand.b
    return (strand.b, strand.a) if owner(strand.a) == connector else (strand.a, "")


def _lines(curves: list[Curve]) -> Markup:
    return join(*(tag("path", class_="bad", d=curve.path) for curve in curves))


def _break(curve: Curve, part: float) -> Markup:
    (x, y), (dx, dy) = curve.at(part), curve.way(part)
    ticks = "".join(
        f"M{at(x + side * 6 * dx - 5 * dy, y + side * 6 * dy + 5 * dx)}L{at(x + side * 6 * dx + 5 * dy, y + side * 6 * dy - 5 * dx)}"
        for side in (-1, 1)
    )
    return tag("circle", class_="gap", cx=x, cy=y, r=6.5) + tag("path", class_="bad", d=ticks)


def _bead(curve: Curve, part: float) -> Markup:
    (x, y), (dx, dy) = curve.at(part), curve.way(part)
    zigzag = [(-11, 0), (-8, -5), (-4, 5), (0, -5), (4, 5), (8, -5), (11, 0)]
    points = [at(x + along * dx - aside * dy, y + along * dy + aside * dx) for along, aside in zigzag]
    return tag("circle", class_="gap", cx=x, cy=y, r=10) + tag("path", class_="bad", d=f"M{'L'.join(points)}")


def _bridge(one: Point, two: Point) -> Markup:
    length = math.dist(one, two) or 1.0
    dx, dy = (two[0] - one[0]) / length, (two[1] - one[1]) / length
    count = max(2, round(length / 5))
    points = [one]
    for step in range(1, count):
        aside = 3.5 if step % 2 else -3.5
        along = length * step / count
        points.append((one[0] + along * dx - aside * dy, one[1] + along * dy + aside * dx))
    points.append(two)
    dots = join(*(tag("circle", class_="spot", cx=x, cy=y, r=3.6) for x, y in (one, two)))
    return tag("path", class_="bad", d="M" + "L".join(at(*point) for point in points)) + dots


def _ring(plan: Plan, joint: str) -> Markup:
    x, y = plan.joints[joint]
    return tag("circle", class_="bad", cx=x, cy=y, r=8)
