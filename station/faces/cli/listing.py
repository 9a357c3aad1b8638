"""`station list`: what there is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from station.faces.cli.options import (
    Said,
    data_folder,
    option_data,
    option_json,
    option_station,
    plain_words,
    print_json,
)

BRIEFLY = {
    "runs": ("id", "started", "verdict", "slot", "part_number", "revision", "serial"),
}
"""What people are shown of a kind with many facts; `station show`, or --json, has them all."""
KINDS = ("sequences", "products", "jigs", "stations", "models", "faults", "runs")


@click.command("list")
@click.argument("what", type=click.Choice(KINDS), required=False)
@option_station
@option_data
@option_json
def list_command(what: str | None, station_file: str | None, data: Path | None, as_json: bool) -> int:
    """List products, faults, runs and so on.

    Sequences, products, jigs, stations, models, faults or runs; without a word, how many there are of each. Faults are those
    that a simulated bench can have, then those that none can have yet, then those of the station itself. With --station
    also what is in the folders that the station names: products, jigs, maps of registers, code.

    \b
    Example: station list faults
    """
    from station.faces.cli.tables import print_table

    with plain_words():
        if what is None:
            counts = {kind: len(names_of(kind, station_file)) for kind in KINDS[:-1]}
            if as_json:
                print_json(counts)
            else:
                print_table(("what", "how many"), counts.items())
            return 0
        rows = _rows(what, data, station_file)
    if as_json:
        print_json(rows)
    elif what == "faults":
        from station.faces.cli.fault_told import fault_lines

        print("\n".join(fault_lines(rows)))
    elif rows:
        shown = BRIEFLY.get(what, tuple(rows[0]))
        print_table(shown, [tuple(row[name] for name in shown) for row in rows])
    return 0


def _rows(what: str, data: Path | None, station_file: str | None) -> list[dict[str, Any]]:
    makers: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "sequences": lambda: _sequences(station_file),
        "products": lambda: _products(station_file),
        "jigs": lambda: _jigs(station_file),
        "stations": _stations,
        "models": lambda: _models(station_file),
        "faults": _faults,
        "runs": lambda: _runs(data_folder(data)),
    }
    return makers[what]()


def names_of(kind: str, station_file: str | None) -> list[str]:
    """The names of a kind of thing, for the shell; of faults, those that can be put in."""
    return [str(row["name"]) for row in _rows(kind, None, station_file) if kind != "faults" or "where" in row]


def _sequences(station_file: str | None) -> list[dict[str, Any]]:
    from station.opening import library_of

    return [
        {"name": each.name, "family": family.name, "title": each.title}
        for family in library_of(station_file).families.values()
        for each in family.sequences
    ]


def _products(station_file: str | None) -> list[dict[str, Any]]:
    return [
        {
            "name": each.part_number,
            "revision": each.revision,
            "sequence": each.header.sequence,
            "jigs": " ".join(each.jigs),
            "title": each.title,
        }
        for each in _good("products", station_file)
    ]


def _jigs(station_file: str | None) -> list[dict[str, Any]]:
    return [{"name": each.name, "title": each.title} for each in _good("jigs", station_file)]


def _stations() -> list[dict[str, Any]]:
    return [
        {"name": each.name, "site": each.site, "slots": " ".join(each.slots), "file": each.document.name}
        for each in _good("stations", None)
    ]


def _models(station_file: str | None) -> list[dict[str, Any]]:
    from station.opening import library_of

    return [
        {"name": each.name, "roles": " ".join(role.__name__.lower() for role in each.roles), "title": each.title}
        for each in library_of(station_file).every_model().values()
    ]


def _faults() -> list[dict[str, Any]]:
    from station.faces.cli.fault_told import fault_rows

    return fault_rows()


def _runs(folder: Path) -> list[dict[str, Any]]:
    from dataclasses import asdict

    from station.ledger.history import Which
    from station.reporting import runs

    return [asdict(row) for row in runs(folder, Which(), 1000)]


def _good(kind: str, station_file: str | None) -> list[Any]:
    """Everything of a kind that has no problems; a file with problems is for `station check` to speak of."""
    from station.opening import library_of

    found, problems = getattr(library_of(station_file), kind)()
    if problems and not found:
        raise Said("\n".join(map(str, problems)), 2)
    return list(found)
