"""A sketch: boxes, joints and strands, before anything has its place."""

from dataclasses import dataclass

from station.report.drawing import DrawnWire


@dataclass(frozen=True, slots=True)
class Row:
    """A line in a connector's box: a pin, or what stands for several. `key` is the pin's place, or the ribbon's name."""

    key: str
    name: str
    label: str = ""
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class SketchBox:
    """A connector's box: `pins` are all it has, `rows` what is shown of it."""

    name: str
    title: str
    pins: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Strand:
    """What runs between two rows or joints: one wire, or a ribbon of them. `fault` is the finding on it, 0 for none."""

    a: str
    b: str
    wires: tuple[DrawnWire, ...]
    label: str = ""
    fault: int = 0

    @property
    def is_ribbon(self) -> bool:
        """Whether it stands for many."""
        return bool(self.label)


@dataclass(frozen=True, slots=True)
class Sketch:
    """Boxes, joints and strands."""

    boxes: tuple[SketchBox, ...]
    joints: tuple[str, ...]
    strands: tuple[Strand, ...]
