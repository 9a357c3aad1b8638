"""Islands: connectors that hang together, set so that their wires run as level as can be."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from station.report.placed import Placed, owner, width_of
from station.report.sketch import SketchBox
from station.report.stacking import spread

Tie = tuple[str, str, int]
APART = 22.0
WIDEST = 1180.0
"""Islands are set side by side up to this width."""


Columns = Sequence[Sequence[str]]


def widths_of(islands: Sequence[Columns], boxes: Mapping[str, SketchBox]) -> list[float]:
    """The width of each column, alike in all islands."""
    return [
        max(width_of(boxes[name]) for island in islands if at < len(island) for name in island[at])
        for at in range(max((len(island) for island in islands), default=0))
    ]


def island_of(
    columns: Columns, boxes: Mapping[str, SketchBox], ties: Sequence[Tie], widths: Sequence[float]
) -> list[Placed]:
    """Boxes in their columns, from x = 0 and y = 0 on, so that wires run as level as can be."""
    gap = _gap(columns, ties)
    x, placed = 0.0, dict[str, Placed]()
    for at, names in enumerate(columns):
        width, y = widths[at], 0.0
        for name in names:
            placed[name] = Placed(boxes[name], x, y, width, at, len(columns))
            y += placed[name].height + APART
        x += width + gap
    own = [(a, b) for a, b, _ in ties if owner(a) in placed]
    for names in (*columns[1:], *columns[-2::-1], *columns[1:]):
        placed |= _levelled(names, placed, own)
    top = min(each.y for each in placed.values())
    return [replace(each, y=each.y - top) for each in placed.values()]


def _gap(columns: Columns, ties: Sequence[Tie]) -> float:
    """The room between two columns: more where single wires run, less where there are many columns."""
    if any("~" in a for a, _, _ in ties):
        return 230.0 if len(columns) < 4 else 170.0
    return {1: 0.0, 2: 330.0, 3: 240.0}.get(len(columns), 180.0)


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
