"""Waves: sampled quantities over time, as lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from station.faces.report.axes import Axis, covering
from station.faces.report.quantities import brief, seconds
from station.faces.report.svg import at, tag
from station.faces.report.words import say
from station.trace import Measured, Sampled

WIDE, HIGH = 720.0, 170.0
LEFT, FOOT, TOP = 70.0, 22.0, 8.0
POINTS = 600
"""Columns of a line; in each the least and the greatest sample are kept."""


@dataclass(frozen=True, slots=True)
class Wave:
    """All samples of one point of one step, with the limits that judged it."""

    step: str
    name: str
    point: str
    unit: str
    samples: tuple[tuple[float, float | None], ...]
    low: float | None = None
    high: float | None = None

    @property
    def title(self) -> str:
        """The quantity and its point."""
        return f"{self.name}[{self.point}]" if self.point else self.name


def waves_of(events: Iterable[object]) -> tuple[Wave, ...]:
    """The waveforms of a run, chunks put together, in the order of their first chunks."""
    chunks: dict[tuple[str, str, str, str], list[tuple[float, float | None]]] = {}
    limits: dict[tuple[str, str, str], tuple[float | None, float | None]] = {}
    for event in events:
        if isinstance(event, Sampled):
            key = (event.step, event.name, event.point, event.unit)
            chunks.setdefault(key, []).extend(zip(event.times, event.values, strict=False))
        elif isinstance(event, Measured):
            limits[event.step, event.name, event.point] = (event.low, event.high)
    return tuple(
        Wave(step, name, point, unit, tuple(samples), *limits.get((step, name, point), (None, None)))
        for (step, name, point, unit), samples in chunks.items()
    )


def plot(wave: Wave) -> Markup:
    """The line of a waveform, as an SVG element; nothing where it has no samples."""
    values = [value for _, value in wave.samples if value is not None]
    if not values:
        return Markup()
    limits = [end for end in (wave.low, wave.high) if end is not None]
    reach = max(values) - min(values)
    y_axis = covering([*values, *(end for end in limits if min(values) - 2 * reach <= end <= max(values) + 2 * reach)])
    times = [time for time, _ in wave.samples]
    x_axis = Axis(times[0], times[-1] if times[-1] > times[0] else times[0] + 1.0)
    parts = [_grid(x_axis, y_axis, wave.unit)]
    for end in limits:
        if 0 <= y_axis.at(end) <= 1:
            y = _y(y_axis, end)
            parts.append(tag("line", class_="limit dash", x1=LEFT, y1=y, x2=WIDE, y2=y))
    parts.append(tag("path", class_="line", d=_path(wave.samples, x_axis, y_axis)))
    said = say(
        "wave",
        title=wave.title,
        count=f"{len(wave.samples):,}",
        low=brief(min(values), wave.unit),
        high=brief(max(values), wave.unit),
    )
    return tag("svg", tag("title", said), *parts, class_="wave", viewBox=f"0 0 {WIDE:g} {HIGH:g}", role="img")


def _grid(x_axis: Axis, y_axis: Axis, unit: str) -> Markup:
    parts = [tag("rect", class_="track", x=LEFT, y=TOP, width=WIDE - LEFT, height=HIGH - FOOT - TOP)]
    for value in y_axis.ticks(4):
        y = _y(y_axis, value)
        parts.append(tag("line", class_="grid", x1=LEFT, y1=y, x2=WIDE, y2=y))
        parts.append(tag("text", brief(value, unit, 4), class_="scale", x=LEFT - 6, y=y + 3.5, text_anchor="end"))
    for value in x_axis.ticks(6):
        x = _x(x_axis, value)
        anchor = "end" if x > WIDE - 30 else "middle"
        parts.append(tag("text", seconds(value), class_="scale", x=x, y=HIGH - 6, text_anchor=anchor))
    return Markup("").join(parts)


def _path(samples: Sequence[tuple[float, float | None]], x_axis: Axis, y_axis: Axis) -> str:
    path, pen = [], "M"
    for time, value in _thinned(samples):
        if value is None:
            pen = "M"
            continue
        path.append(f"{pen}{at(_x(x_axis, time), _y(y_axis, value))}")
        pen = "L"
    return "".join(path)


def _thinned(samples: Sequence[tuple[float, float | None]]) -> list[tuple[float, float | None]]:
    """No more than two samples (and a gap) in each column, so that peaks and gaps stay."""
    if len(samples) <= 2 * POINTS:
        return list(samples)
    kept: list[tuple[float, float | None]] = []
    for column in range(POINTS):
        part = samples[column * len(samples) // POINTS : (column + 1) * len(samples) // POINTS]
        known = [(time, value) for time, value in part if value is not None]
        if known:
            ends = {min(known, key=lambda each: each[1]), max(known, key=lambda each: each[1])}
            kept += sorted(ends)
        if len(known) < len(part):
            kept.append((part[-1][0], None))
    return kept


def _x(axis: Axis, value: float) -> float:
    return LEFT + (WIDE - LEFT - 4) * axis.at(value)


def _y(axis: Axis, value: float) -> float:
    return TOP + (HIGH - FOOT - TOP) * (1 - axis.at(value))
