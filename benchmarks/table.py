"""The table: figures for people."""

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.figure import Figure

HEAD = ("", "figure", "measured", "target", "", "beside it, in the same run", "", "ratio")


def lines(figures: Mapping[str, Sequence[Figure]]) -> Iterator[str]:
    """The figures of each benchmark, a line for each thing that stood beside one."""
    rows = [HEAD, *(row for name, each in figures.items() for row in _rows(name, each))]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEAD))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _rows(name: str, figures: Sequence[Figure]) -> Iterator[tuple[str, ...]]:
    for figure in figures:
        target = f"<= {amount(figure.at_most, figure.unit)}" if figure.at_most is not None else ""
        verdict = ("over" if figure.over else "ok") if target else ""
        left = (name, figure.name, amount(figure.value, figure.unit), target, verdict)
        for other in figure.beside:
            yield (*left, other.name, amount(other.value, figure.unit), f"{figure.ratio(other):.3g}")
            left = ("", "", "", "", "")
        if not figure.beside:
            yield (*left, "", "", "")
        name = ""


def amount(value: float, unit: str) -> str:
    """Three figures that matter, or a whole number."""
    told = f"{value:,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:.3g}"
    return f"{told} {unit}".rstrip()
