"""The doctor: looks at everything, and says what is wrong, worst first. Nothing is opened to be written, nothing energised."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from station.checking import check_files
from station.condition import Condition, Level
from station.doctor import files, folder, machine, running
from station.doctor.case import Case, alarm

Look = Callable[[Case], Iterator[Condition]]
LOOKS: Final[tuple[Look, ...]] = (
    running.daemon, files.calibrations, files.devices, files.secrets, files.expiries, folder.room, folder.ledger, folder.waiting,
    folder.deeds, machine.locks, machine.clock, machine.unit, machine.python,
)  # fmt: skip


def examine(station: str | None, data: Path) -> list[Condition]:
    """All that was found, the worst first. Without a station's file only the folder and the machine are looked at.

    Raises RefusalError for no such station.
    """
    found: list[Condition] = []
    read = None
    if station is not None:
        read, problems = check_files(station)
        found += files.problems(problems)
    return looked(Case(data, read), found)


def looked(case: Case, before: list[Condition] | None = None) -> list[Condition]:
    """What each look finds; one that cannot be carried out is told, and keeps no other from it. What a daemon told goes first."""
    found = list(before or ())
    for look in LOOKS:
        try:
            said = {each.name for each in found}  # by the daemon, which knows better than its files
            found += [each for each in look(case) if each.level is not Level.OK or each.name not in said]
        except Exception as error:  # noqa: BLE001 (the doctor is for when things are broken)
            found.append(
                alarm(look.__name__, f"it could not be looked at: {error}", "this is a fault of the program: report it")
            )
    worse = {each.name for each in found if each.level is not Level.OK}
    unique = dict.fromkeys(each for each in found if each.level is not Level.OK or each.name not in worse)
    return sorted(unique, key=lambda each: -each.level)


def worst(found: list[Condition]) -> Level:
    """The worst of all."""
    return max((each.level for each in found), default=Level.OK)
