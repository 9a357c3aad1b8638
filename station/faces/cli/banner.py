"""The banner: a verdict that can be read across the hall."""

import os
import sys
from collections.abc import Iterator
from typing import Any

from station.faces.cli.progress import say

LETTERS = {
    "A": (" ███ ", "█   █", "█████", "█   █", "█   █"),
    "B": ("████ ", "█   █", "████ ", "█   █", "████ "),
    "D": ("████ ", "█   █", "█   █", "█   █", "████ "),
    "E": ("█████", "█    ", "████ ", "█    ", "█████"),
    "F": ("█████", "█    ", "████ ", "█    ", "█    "),
    "I": ("█████", "  █  ", "  █  ", "  █  ", "█████"),
    "L": ("█    ", "█    ", "█    ", "█    ", "█████"),
    "N": ("█   █", "██  █", "█ █ █", "█  ██", "█   █"),
    "O": (" ███ ", "█   █", "█   █", "█   █", " ███ "),
    "P": ("████ ", "█   █", "████ ", "█    ", "█    "),
    "R": ("████ ", "█   █", "████ ", "█  █ ", "█   █"),
    "S": (" ████", "█    ", " ███ ", "    █", "████ "),
    "T": ("█████", "  █  ", "  █  ", "  █  ", "  █  "),
    "U": ("█   █", "█   █", "█   █", "█   █", " ███ "),
}
WORDS = {"PASSED": "PASS", "FAILED": "FAIL", "ABORTED": "ABORTED", "INTERRUPTED": "INTERRUPTED"}
WHY = {
    "ERROR": "the station could not judge this unit",
    "ABORTED": "aborted",
    "REFUSED": "refused, nothing was energised",
}
COLORS = {"PASSED": "\x1b[1;30;42m", "FAILED": "\x1b[1;37;41m"}
TERMS = 3
"""Readings that are told with their limits; the report has them all."""
OTHER, RESET = "\x1b[1;30;43m", "\x1b[0m"


def banner(verdict: str, *, color: bool) -> str:
    """Five lines that say PASS, FAIL, ERROR, ...; in colour only where `color` says that there is a terminal."""
    word = WORDS.get(verdict, verdict)
    rows = ["  " + "  ".join(LETTERS[letter][row] for letter in word) + "  " for row in range(5)]
    if not color:
        return "\n".join(row.rstrip() for row in rows)
    blank = " " * len(rows[0])
    paint = COLORS.get(verdict, OTHER)
    return "\n".join(f"{paint}{row}{RESET}" for row in (blank, *rows, blank))


def show_banner(record: dict[str, Any]) -> None:
    """The verdict, the unit and what was found, on stderr."""
    color = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    uut = record["uut"]
    print("\n" + banner(record["verdict"], color=color) + "\n", file=sys.stderr)
    say(
        f"  {uut['part_number']}@{uut['revision']}  {uut['serial']}   {record['line_time_s']:.1f} s on the line   run {record['run']}"
    )
    for finding in record["findings"]:
        say(f"  {finding['text']}")
    for line in _terms(record):
        say(f"  {line}")
    if record["verdict"] in WHY:
        say(f"  {WHY[record['verdict']]}: {record['reason']}")
    if record["simulated"] is not None:
        say("  SIMULATED: no real unit was tested")


def _terms(record: dict[str, Any]) -> Iterator[str]:
    """The readings that did not pass, or only just: with the tolerance, what of it is accepted, and the decision rule."""
    from station.report.bars import value_text
    from station.report.terms import terms, undecided

    told = undecided(record)
    for each in told[:TERMS]:
        just = ", just accepted" if each.good else ""
        yield f"{each.title} reads {value_text(each)}{just}: {terms(each)}".replace("\u00a0", " ")
    if len(told) > TERMS:
        yield f"and {len(told) - TERMS} more readings that did not pass, or only just"
