"""A plan: where every box, row and joint of a sketch lies, in pixels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sequences.cabling.places import connector_of
from station.faces.report.columns import columns_of, links_of
from station.faces.report.sketch import Row, Sketch, SketchBox
from station.faces.report.stacking import spread

ROW, RIBBON_ROW, HEAD = 19.0, 26.0, 34.0
MARGIN, APART = 14.0, 22.0
WIDEST = 1180.0
"""Islands are set side by side up to this width."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A box with its place. `outer` is the side on which its own loops run: -1 left, 1 right."""

    box: SketchBox
    x: float
    y: float
    width: float
    column: int
    columns: int

    @property
    def height(self) -> float:
        """From top to bottom."""
        return HEAD + sum(height_of(row) for row in self.box.rows) + 5

    @property
    def outer(self) -> int:
        """The side on which its own loops run: -1 left, 1 right."""
        return -1 if self.column == 0 and self.columns > 1 else 1

    def edge(self, side: int) -> float:
        """The x of its left (-1) or right (1) edge."""
        return self.x if side < 0 else self.x + self.width

    @property
    def middles(self) -> dict[str, float]:
        """The y of each row's middle, by its key."""
        found, y = {}, self.y + HEAD
        for row in self.box.rows:
            found[row.key] = y + height_of(row) / 2
            y += height_of(row)
        return found


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
        return self.boxes[connector_of(key.partition("~")[0])]


def plan_of(sketch: Sketch) -> Plan:
    """Where everything lies."""
    boxes = {box.name: box for box in sketch.boxes}
    clusters = _clusters(sketch)
    joined = [
        (_connector(strand.a), _connector(strand.b), len(strand.wires))
        for strand in sketch.strands
        if not {strand.a, strand.b} & set(sketch.joints)
    ]
    joined += [(one, two, 1) for cluster in clusters for one in cluster for two in cluster if one < two]
    islands = [_island(columns, boxes, sketch) for columns in columns_of(list(boxes), links_of(joined))]
    placed = {each.box.name: each for each in _side_by_side(islands)}
    rows = {key: y for each in placed.values() for key, y in each.middles.items()}
    from station.faces.report.splices import joints_at

    joints = joints_at(sketch, placed, rows)
    return _cropped(sketch, placed, joints)


def height_of(row: Row) -> float:
    """A ribbon's row is higher."""
    return RIBBON_ROW if "~" in row.key else ROW


def width_of(box: SketchBox) -> float:
    """As wide as its texts need."""
    texts = [7.2 * len(row.name) + 6.2 * min(len(row.label), 18) + (34 if row.label else 26) for row in box.rows]
    return max(96.0, min(230.0, max([*texts, 8.5 * len(box.name) + 40, 5.6 * min(len(box.title), 26) + 20])))


def _connector(key: str) -> str:
    return connector_of(key.partition("~")[0])


def _clusters(sketch: Sketch) -> list[set[str]]:
    """The connectors that each set of joined joints hangs together."""
    joints = set(sketch.joints)
    sets: list[set[str]] = []
    for strand in sketch.strands:
        if not {strand.a, strand.b} & joints:
            continue
        touched = {strand.a, strand.b}
        near = [each for each in sets if each & touched & joints]
        sets = [each for each in sets if each not in near]
        sets.append(touched.union(*near))
    return [{_connector(key) for key in each - joints} for each in sets]


def _island(columns: list[list[str]], boxes: Mapping[str, SketchBox], sketch: Sketch) -> list[Placed]:
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
    ends = [(strand.a, strand.b) for strand in sketch.strands if {_connector(strand.a), _connector(strand.b)} <= placed.keys()]
    for names in (*columns[1:], *columns[-2::-1], *columns[1:]):
        placed |= _levelled(names, placed, ends)
    top = min(each.y for each in placed.values())
    return [replace(each, y=each.y - top) for each in placed.values()]


def _levelled(names: Sequence[str], placed: Mapping[str, Placed], ends: Sequence[tuple[str, str]]) -> dict[str, Placed]:
    rows = {key: y for each in placed.values() for key, y in each.middles.items()}
    pulls: dict[str, list[float]] = {name: [] for name in names}
    for a, b in ends:
        for here, there in ((a, b), (b, a)):
            if _connector(here) in pulls and _connector(there) not in pulls:
                pulls[_connector(here)].append(rows[there] - rows[here])
    wishes = [placed[name].y + (sum(pulls[name]) / len(pulls[name]) if pulls[name] else 0.0) for name in names]
    tops = spread(wishes, [placed[name].height for name in names], APART)
    return {name: replace(placed[name], y=top) for name, top in zip(names, tops, strict=True)}


def _side_by_side(islands: list[list[Placed]]) -> list[Placed]:
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


def _cropped(sketch: Sketch, placed: Mapping[str, Placed], joints: Mapping[str, tuple[float, float]]) -> Plan:
    """The plan with room for loops at its edges."""
    loops = [
        strand.a
        for strand in sketch.strands
        if not {strand.a, strand.b} & set(sketch.joints)
        and placed[_connector(strand.a)].x == placed[_connector(strand.b)].x
    ]
    left = MARGIN + (60 if any(placed[_connector(key)].outer < 0 for key in loops) else 0)
    right = MARGIN + (60 if any(placed[_connector(key)].outer > 0 for key in loops) else 0)
    left = max(left, MARGIN + 10 - min((x for x, _ in joints.values()), default=left))
    top = MARGIN + 12
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
