"""Waves: sampled quantities over time, as lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from station.report.axes import Axis, covering
from station.report.quantities import brief, seconds
from station.report.svg import at, join, tag
from station.report.words import say
from station.trace import Measured, Sampled

WIDE, HIGH, FOOT = 1000.0, 150.0, 20.0
POINTS = 600
"""Columns of a line; in each the least and the greatest sample are kept."""

Sample = tuple[float, float | None]


@dataclass(frozen=True, slots=True)
class Wave:
    """All samples of one point of one step, with the limits that judged it."""

    step: str
    name: str
    point: str
    unit: str
    samples: tuple[Sample, ...]
    low: float | None = None
    high: float | None = None

    @property
    def title(self) -> str:
        """The quantity and its point."""
        return f"{self.name}[{self.point}]" if self.point else self.name


def waves_of(events: Iterable[object]) -> tuple[Wave, ...]:
    """The waveforms of a run, chunks put together, in the order of their first chunks."""
    chunks: dict[tuple[str, str, str, str], list[Sample]] = {}
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
    """The line of a waveform, as an SVG element as wide as its page; nothing where it has no samples."""
    values = [value for _, value in wave.samples if value is not None]
    if not values:
        return Markup()
    reach = 2 * (max(values) - min(values))
    limits = [end for end in (wave.low, wave.high) if end is not None]
    near = [end for end in limits if min(values) - reach <= end <= max(values) + reach]
    y_axis = covering([*values, *near])
    start, end = wave.samples[0][0], wave.samples[-1][0]
    x_axis = Axis(start, end if end > start else start + 1.0)
    line = tag(
        "svg",
        tag("path", class_="line", d=_path(wave.samples, x_axis, y_axis)),
        viewBox=f"0 0 {WIDE:g} {HIGH:g}",
        width="100%",
        height=HIGH,
        preserveAspectRatio="none",
    )
    edges = [_level("limit dash", _y(y_axis, end)) for end in near]
    said = say(
        "wave",
        title=wave.title,
        count=f"{len(wave.samples):,}",
        low=brief(min(values), wave.unit),
        high=brief(max(values), wave.unit),
    )
    parts = [_grid(x_axis, y_axis), *edges, line, _scale(y_axis, wave.unit)]
    return tag("svg", tag("title", said), *parts, class_="wave", width="100%", height=HIGH + FOOT, role="img")


def _grid(x_axis: Axis, y_axis: Axis) -> Markup:
    parts = [tag("rect", class_="track", width="100%", height=HIGH, rx=4)]
    parts += [_level("grid", _y(y_axis, value)) for value in y_axis.ticks(4)]
    for value in x_axis.ticks(5):
        share = x_axis.at(value)
        anchor = "start" if share < 0.06 else "end" if share > 0.94 else "middle"
        place = f"{100 * share:.2f}%"
        parts.append(tag("line", class_="grid", x1=place, y1=0, x2=place, y2=HIGH + 4))
        parts.append(tag("text", seconds(value), class_="scale", x=place, y=HIGH + 16, text_anchor=anchor))
    return join(*parts)


def _level(kind: str, y: float) -> Markup:
    return tag("line", class_=kind, x1=0, y1=y, x2="100%", y2=y)


def _scale(axis: Axis, unit: str) -> Markup:
    return join(
        *(
            tag("text", brief(value, unit, 4), class_="scale on-line", x=5, y=max(_y(axis, value) - 3, 11.0))
            for value in axis.ticks(4)
        )
    )


def _path(samples: Sequence[Sample], x_axis: Axis, y_axis: Axis) -> str:
    path, pen = [], "M"
    for time, value in _thinned(samples):
        if value is None:
            pen = "M"
            continue
        path.append(f"{pen}{at(WIDE * x_axis.at(time), _y(y_axis, value))}")
        pen = "L"
    return "".join(path)


def _thinned(samples: Sequence[Sample]) -> list[Sample]:
    """No more than two samples (and a gap) in each column, so that peaks and gaps stay."""
    if len(samples) <= 2 * POINTS:
        return list(samples)
    kept: list[Sample] = []
    for column in range(POINTS):
        part = samples[column * len(samples) // POINTS : (column + 1) * len(samples) // POINTS]
        known = [(time, value) for time, value in part if value is not None]
        if known:
            kept += sorted({min(known, key=lambda each: each[1]), max(known, key=lambda each: each[1])})
        if len(known) < len(part):
            kept.append((part[-1][0], None))
    return kept


def _y(axis: Axis, value: float) -> float:
    return HIGH * (1 - axis.at(value))
