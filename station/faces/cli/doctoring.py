"""`station doctor`: one page that says what is wrong and what to do."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from station.faces.cli.options import data_folder, option_data, option_json, option_station, plain_words, print_json

if TYPE_CHECKING:
    from station.condition import Condition

WIDE = 80
"""Columns of the page."""
SIGNS = ("ok", "!", "x")
COLORS = ("\x1b[32m", "\x1b[33m", "\x1b[1;31m")
EXIT = (0, 1, 3)


@click.command("doctor")
@option_station
@option_data
@option_json
def doctor_command(station_file: str | None, data: Path | None, as_json: bool) -> int:
    """Say what is wrong with a station, how bad it is, and what to do.

    Asks the daemon, if one runs on the data folder, and looks at the files, the ledger, the disk, the clock, calibrations,
    certificates, keys and serial devices. Nothing is energised, and no instrument is opened.

    Exit code 0 when all is well, 1 for warnings, 3 for an alarm: something costs results, or keeps runs from beginning.

    \b
    Example: station doctor --station cell-2.toml --data /srv/station
    """
    from station.doctor.doctor import examine, worst

    folder = data_folder(data)
    with plain_words():
        found = examine(station_file, folder)
    if as_json:
        told = [{"name": e.name, "level": e.level.name.lower(), "text": e.text, "remedy": e.remedy} for e in found]
        print_json({"level": worst(found).name.lower(), "data": str(folder), "conditions": told})
    else:
        for line in page(found, colored=sys.stdout.isatty() and "NO_COLOR" not in os.environ):
            print(line)
    return EXIT[worst(found)]


def page(found: "list[Condition]", *, colored: bool = False) -> Iterator[str]:
    """The page: a sign, a name, what is the matter, and below it what to do."""
    from station.condition import Level
    from station.faces.cli.progress import plain

    name_wide = max((len(each.name) for each in found), default=0)
    gap = " " * (name_wide + 6)
    for each in found:
        on, off = (COLORS[each.level], "\x1b[0m") if colored else ("", "")
        first, *more = wrap(plain(each.text).replace("\n", " "), WIDE - len(gap)) or [""]
        yield f"{on}{SIGNS[each.level]:2}{off}  {each.name:{name_wide}}  {first}"
        yield from (f"{gap}{line}" for line in more)
        if each.level is not Level.OK and each.remedy:
            first, *more = wrap(plain(each.remedy).replace("\n", " "), WIDE - len(gap) - 3)
            yield f"{gap}-> {first}"
            yield from (f"{gap}   {line}" for line in more)
    alarms, warnings = (sum(each.level is level for each in found) for level in (Level.ALARM, Level.WARNING))
    yield ""
    if alarms or warnings:
        yield f"{_many(alarms, 'alarm')}, {_many(warnings, 'warning')}"
    else:
        yield "all is well"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"
