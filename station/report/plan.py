"""A plan: where every box, row and joint of a sketch lies, in pixels."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from station.report.columns import columns_of, links_of
from station.report.islands import island_of, side_by_side, widths_of
from station.report.placed import Placed, owner
from station.report.sketch import Sketch
from station.report.splices import joints_at
from station.report.ties import ties_of

MARGIN = 14.0
LOOPS = 60.0
"""Room for loops at an edge."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole sheet."""

    width: float
    height: float
    boxes: Mapping[str, Placed]
    rows: Mapping[str, float]
    """The y of each row by its key."""
    joints: Mapping[str, tuple[float, float]]

    def box_of(self, key: str) -> Placed:
        """The box in which a row lies."""
        return self.boxes[owner(key)]


def plan_of(sketch: Sketch) -> Plan:
    """Where everything lies."""
    boxes = {box.name: box for box in sketch.boxes}
    ties = ties_of(sketch)
    islands = columns_of(list(boxes), links_of((owner(a), owner(b), count) for a, b, count in ties))
    widths = widths_of(islands, boxes)
    placed = {each.box.name: each for each in side_by_side([island_of(each, boxes, ties, widths) for each in islands])}
    rows = {key: y for each in placed.values() for key, y in each.middles.items()}
    return _cropped(sketch, placed, joints_at(sketch, placed, rows))


def _cropped(sketch: Sketch, placed: Mapping[str, Placed], joints: Mapping[str, tuple[float, float]]) -> Plan:
    """The plan with room for loops at its edges."""
    loops = [
        strand.a
        for strand in sketch.strands
        if not {strand.a, strand.b} & set(sketch.joints) and placed[owner(strand.a)].x == placed[owner(strand.b)].x
    ]
    left = MARGIN + (LOOPS if any(placed[owner(key)].outer < 0 for key in loops) else 0)
    right = MARGIN + (LOOPS if any(placed[owner(key)].outer > 0 for key in loops) else 0)
    left = max(left, MARGIN + 10 - min((x for x, _ in joints.values()), default=left))
    top = max(MARGIN, MARGIN + 10 - min((y for _, y in joints.values()), default=0.0))
    moved = {name: replace(each, x=each.x + left, y=each.y + top) for name, each in placed.items()}
    width = max([each.edge(1) for each in moved.values()] + [x + left for x, _ in joints.values()]) + right
    height = max(
        [each.y + each.height for each in moved.values()] + [y + top + 8 for _, y in joints.values()],
    )
    return Plan(
        width,
        height + MARGIN,
        moved,
        {key: y for each in moved.values() for key, y in each.middles.items()},
        {name: (x + left, y + top) for name, (x, y) in joints.items()},
    )
