"""The slots of a station file: which jig is mounted there, and which instruments it is wired to."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from drivers.model import Model
from sequences.family import CONSOLE, Need
from station.config.instruments import Instruments
from station.config.jig import Jig
from station.config.names import SHORT_NAME, SPOKEN
from station.config.problems import BadDocuments, Flaw, Problem, nearest, shown
from station.config.shapes import STRICT

FindJig = Callable[[str], Jig]
"""A jig by name. Raises LookupError with the names there are, or BadDocuments for a bad file."""


@dataclass(frozen=True, slots=True)
class SlotEntry:
    """One place for one unit."""

    __pydantic_config__: ClassVar[Any] = STRICT
    jig: str
    """The jig that is mounted there."""
    roles: dict[str, str | list[str]]
    """Role to an instrument, or to several in order."""


@dataclass(frozen=True, slots=True)
class StationSlot:
    """One slot: its jig, and the names of the instruments of each role, in order."""

    name: str
    jig: str
    roles: Mapping[str, tuple[str, ...]]


def slots_of(
    entries: Mapping[str, SlotEntry], instruments: Instruments, models: Mapping[str, Model], find_jig: FindJig
) -> tuple[dict[str, StationSlot], list[Flaw], list[Problem]]:
    """The slots, all that is wrong with them, and all that is wrong with the files of their jigs."""
    slots: dict[str, StationSlot] = {}
    flaws: list[Flaw] = []
    elsewhere: list[Problem] = []
    for name, entry in entries.items():
        if not SHORT_NAME.fullmatch(name):
            flaws.append(Flaw(("slots", name), shown(name), SPOKEN[SHORT_NAME]))
        needs: Mapping[str, Need] | None = None
        try:
            needs = find_jig(entry.jig).wiring.needs()
        except LookupError as unknown:
            flaws.append(Flaw(("slots", name, "jig"), shown(entry.jig), str(unknown.args[-1])))
        except BadDocuments as bad:
            elsewhere += bad.problems
        roles: dict[str, tuple[str, ...]] = {}
        for role, given in entry.roles.items():
            flaws += _odd_names(("slots", name, "roles", role), given, instruments)
            named = (given,) if isinstance(given, str) else given
            found = [instruments.named(each) for each in named]
            roles[role] = tuple(one for each in found for one in each) if all(found) else ()
        if needs is not None:
            flaws += _odd_roles(name, roles, needs, instruments, models)
            roles |= _otherwise(roles, needs)
        slots[name] = StationSlot(name, entry.jig, roles)
    return slots, flaws, elsewhere


def _odd_names(where: tuple[str, ...], given: str | list[str], instruments: Instruments) -> Iterator[Flaw]:
    known = {*instruments.groups, *instruments.each}
    for at, each in enumerate([given] if isinstance(given, str) else given):
        if not instruments.named(each):
            yield Flaw(where if isinstance(given, str) else (*where, at), shown(each), nearest(each, known))


def _otherwise(roles: Mapping[str, tuple[str, ...]], needs: Mapping[str, Need]) -> dict[str, tuple[str, ...]]:
    """Who serves in the roles that the slot does not name."""
    return {
        role: (CONSOLE,) if need.otherwise == CONSOLE else roles.get(need.otherwise, ())[:1]
        for role, need in needs.items()
        if role not in roles and need.otherwise
    }


def _odd_roles(
    slot: str,
    roles: Mapping[str, tuple[str, ...]],
    needs: Mapping[str, Need],
    instruments: Instruments,
    models: Mapping[str, Model],
) -> Iterator[Flaw]:
    here = ("slots", slot, "roles")
    for role, named in {**roles, **_otherwise(roles, needs)}.items():
        need = needs.get(role)
        if need is None:
            yield Flaw((*here, role), f"unknown role {shown(role)}", nearest(role, needs))
            continue
        if len(set(named)) != len(named):
            yield Flaw((*here, role), "names an instrument twice")
        known = [instruments.each[one] for one in named if one in instruments.each]
        if known and len(known) == len(named) != need.count:
            yield Flaw((*here, role), _count(len(named)), f"{_count(need.count)}: the jig is wired so")
        for one in known:
            model = models.get(one.model)
            if model is not None and need.role not in model.roles:
                yield Flaw((*here, role), f"{one.name}, a {model.name}", f"what is {_spoken(need.role)}")
    for role, need in needs.items():
        if role not in roles and not need.otherwise:
            yield Flaw((*here, role), "nothing", f"{_count(need.count)}, each {_spoken(need.role)}")


def _count(count: int) -> str:
    return f"{count} instrument{'s' if count != 1 else ''}"


def _spoken(role: type) -> str:
    return f"{'an' if role.__name__[0] in 'AEIOU' else 'a'} {role.__name__}"
