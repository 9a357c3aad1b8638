"""Islands: connectors that hang together, set so that their wires run as level as can be."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from station.faces.report.placed import Placed, owner, width_of
from station.faces.report.sketch import Sketch, SketchBox
from station.faces.report.stacking import spread

APART = 22.0
WIDEST = 1180.0
"""Islands are set side by side up to this width."""


def island_of(columns: list[list[str]], boxes: Mapping[str, SketchBox], sketch: Sketch) -> list[Placed]:
    """Boxes in their columns, from x = 0 and y = 0 on, so that wires run as level as can be."""
    gap = {1: 0.0, 2: 320.0, 3: 210.0}.get(len(columns), 170.0)
    if len(sketch.joints) > 1 and len(columns) > 1:
        gap = max(gap, 230.0)
    x, placed = 0.0, dict[str, Placed]()
    for at, names in enumerate(columns):
        width = max(width_of(boxes[name]) for name in names)
        y = 0.0
        for name in names:
            placed[name] = Placed(boxes[name], x, y, width, at, len(columns))
            y += placed[name].height + APART
        x += width + gap
    ends = [(strand.a, strand.b) for strand in sketch.strands if {owner(strand.a), owner(strand.b)} <= placed.keys()]
    for names in (*columns[1:], *columns[-2::-1], *columns[1:]):
        placed |= _levelled(names, placed, ends)
    top = min(each.y for each in placed.values())
    return [replace(each, y=each.y - top) for each in placed.values()]


def _levelled(names: Sequence[str], placed: Mapping[str, Placed], ends: Sequence[tuple[str, str]]) -> dict[str, Placed]:
    rows = {key: y for each in placed.values() for key, y in each.middles.items()}
    pulls: dict[str, list[float]] = {name: [] for name in names}
    for a, b in ends:
        for here, there in ((a, b), (b, a)):
            if owner(here) in pulls and owner(there) not in pulls:
                pulls[owner(here)].append(rows[there] - rows[here])
    wishes = [placed[name].y + (sum(pulls[name]) / len(pulls[name]) if pulls[name] else 0.0) for name in names]
    tops = spread(wishes, [placed[name].height for name in names], APART)
    return {name: replace(placed[name], y=top) for name, top in zip(names, tops, strict=True)}


def side_by_side(islands: list[list[Placed]]) -> list[Placed]:
    """Islands below each other; where they are many, in two or three stacks."""
    widths = [max(each.edge(1) for each in island) for island in islands]
    heights = [max(each.y + each.height for each in island) + 1.4 * APART for island in islands]
    widest = max(widths, default=0.0) + 70
    stacks = max(1, min(3, len(islands) // 2, int(WIDEST // widest) if widest else 1))
    share, found, x, y = sum(heights) / stacks, list[Placed](), 0.0, 0.0
    for island, height in zip(islands, heights, strict=True):
        if y and y + height / 2 > share:
            x, y = x + widest, 0.0
        found += [replace(each, x=each.x + x, y=each.y + y) for each in island]
        y += height
    return found
