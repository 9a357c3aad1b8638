"""Placed: a connector's box with its place on the sheet, in pixels."""

from dataclasses import dataclass

from sequences.cabling.places import connector_of
from station.report.sketch import Row, SketchBox

ROW, RIBBON_ROW, HEAD, FOOT = 19.0, 26.0, 34.0, 5.0


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
        return HEAD + sum(height_of(row) for row in self.box.rows) + FOOT

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


def owner(key: str) -> str:
    """The connector of a row, or the joint itself."""
    return connector_of(key.partition("~")[0])


def height_of(row: Row) -> float:
    """A ribbon's row is higher."""
    return RIBBON_ROW if "~" in row.key else ROW


def width_of(box: SketchBox) -> float:
    """As wide as its texts need."""
    texts = [7.2 * len(row.name) + 6.2 * min(len(row.label), 18) + (34 if row.label else 26) for row in box.rows]
    return max(96.0, min(230.0, max([*texts, 8.5 * len(box.name) + 40, 5.6 * min(len(box.title), 26) + 20])))
