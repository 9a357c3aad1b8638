"""Tables: columns of plain text, as wide as they need to be."""

import os
import sys
from collections.abc import Iterable, Sequence


def print_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on stdout; control characters are shown, never obeyed. The last column is not padded."""
    told = [[_plain(str(cell)) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in [list(head), *told]) for at in range(len(head))]
    bold, plain = ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() and "NO_COLOR" not in os.environ else ("", "")
    print(bold + _line(head, widths) + plain)
    for row in told:
        print(_line(row, widths))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _plain(text: str) -> str:
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
