"""`station unit`: the unit files with which systemd runs the line."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.faces.cli.options import Said, option_station, plain_words
from station.faces.cli.progress import say

if TYPE_CHECKING:
    from station.units import Installation


@click.command("unit")
@option_station
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("/var/lib/rackproof"),
    show_default=True,
    metavar="DIR",
    help="Where the daemon keeps its data.",
)
@click.option("--user", default="rackproof", show_default=True, metavar="NAME", help="The system user that it runs as.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Write the files there, instead of on stdout.",
)
def unit_command(station_file: str | None, data: Path, user: str, folder: Path | None) -> int:
    """Print the systemd units of a line: rackproof.service, and rackproof-doctor.service for when it is given up.

    They let the daemon reach the instruments of its station file, write its data and the watched folder, and nothing else.

    \b
    Example: station unit --station /etc/rackproof/station.toml --folder /etc/systemd/system
    """
    from station.units import doctor_unit, service_unit

    with plain_words():
        try:
            line = _installation(station_file, data, user)
        except ValueError as odd:
            raise Said(str(odd), 2) from None
        units = {"rackproof.service": service_unit(line), "rackproof-doctor.service": doctor_unit(line)}
        for name, text in units.items():
            if folder is None:
                print(f"# {name}\n{text}")
            else:
                (folder / name).write_text(text, encoding="utf-8")
                say(f"{folder / name}")
    return 0


def _installation(station_file: str | None, data: Path, user: str) -> "Installation":
    import sys

    from station.installing import installation_of

    program = Path(sys.executable).with_name(
        "station"
    )  # beside the interpreter of this environment, and not its target
    return installation_of(station_file, program, data.absolute(), user)
