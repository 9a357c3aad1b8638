"""`station read`: what an instrument says now."""

from typing import TYPE_CHECKING, Any

import click

from station.faces.cli.options import Said, option_json, option_station, options_sim, plain_words

if TYPE_CHECKING:
    from drivers.roles import Value
    from station.reading import Row, Snapshot


def _complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Instruments of the station that stands in the line already, else of the shipped one; then registers of that one."""
    from station.opening import load_station
    from station.reading import registers_of

    station, library = load_station(ctx.params.get("station_file"), simulated=True)
    if parameter.name == "instrument":
        known = list(station.instruments)
    else:
        known = list(registers_of(station, library, ctx.params["instrument"]))
    return [name for name in known if name.startswith(incomplete)]


@click.command("read")
@click.argument("instrument", shell_complete=_complete)
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=_complete)
@option_station
@options_sim
@click.option("--watch", is_flag=True, help="Again and again, until Ctrl-C.")
@click.option(
    "--every", type=click.FloatRange(0.01), default=1.0, show_default=True, metavar="SECONDS", help="How often."
)
@click.option("--for", "count", type=click.IntRange(1), metavar="COUNT", help="So many times, then stop.")
@option_json
def read_command(
    instrument: str,
    names: tuple[str, ...],
    station_file: str | None,
    sim: bool,
    seed: int,
    faults: tuple[str, ...],
    real_time: bool,
    watch: bool,
    every: float,
    count: int | None,
    as_json: bool,
) -> int:
    """Read the registers of an instrument now.

    Opens one instrument of the station and reads the named registers, or all of its map; of an instrument that is no
    map of registers, who it is and what it can do. Nothing is written. With --watch --json, a document for each reading.

    Exit code 2 for names that are not there, 3 for an instrument that cannot be read.

    \b
    Example: station read psu PSU_Output_Voltage PSU_Output_Current --station cell-2 --watch
             station read psu --station cell-2 --sim --json
    """
    from station.reading import ReadingError, Wanted, read
    from station.service import Simulated

    times = count if count is not None else None if watch else 1
    wanted = Wanted(station_file, instrument, names, times, every)
    with plain_words():
        try:
            read(
                wanted, _told_json if as_json else _told, Simulated(seed, faults) if sim else None, real_time=real_time
            )
        except ReadingError as error:
            raise Said(str(error), 2 if error.refused else 3) from None
        except KeyboardInterrupt:
            if not watch:
                raise
    return 0


def _told(snapshot: "Snapshot") -> None:
    from station.faces.cli.progress import say
    from station.faces.cli.tables import print_table

    roles = " ".join(role.__name__.lower() for role in snapshot.seat.model.roles)
    say(f"{snapshot.at:.3f} s  {snapshot.seat.name} ({snapshot.seat.model.name}, {roles}): {snapshot.identity}")
    if snapshot.rows:
        print_table(("name", "value", "unit", "flags that are set"), [_cells(row) for row in snapshot.rows])


def _cells(row: "Row") -> tuple[str, str, str, str]:
    from drivers.reading import Reading

    match row.value:
        case Reading() as reading:
            value = f"{reading.value:.10g}" if reading.is_number else str(reading.state)
            return row.register.name, value, reading.unit, ""
        case str() as text:
            return row.register.name, text, "", ""
        case flags:
            raised = [flag for flag, on in flags.items() if on]
            return row.register.name, f"{len(raised)} of {len(flags)}", "", " ".join(raised)


def _told_json(snapshot: "Snapshot") -> None:
    from station.faces.cli.options import print_json

    print_json(
        {
            "instrument": snapshot.seat.name,
            "model": snapshot.seat.model.name,
            "roles": [role.__name__.lower() for role in snapshot.seat.model.roles],
            "identity": {
                "maker": snapshot.identity.maker,
                "model": snapshot.identity.model,
                "serial": snapshot.identity.serial,
                "firmware": snapshot.identity.firmware,
            },
            "seconds": snapshot.at,
            "registers": [
                {"name": row.register.name, "address": row.register.address, **_facts(row.value)}
                for row in snapshot.rows
            ],
        }
    )


def _facts(value: "Value") -> dict[str, Any]:
    from drivers.reading import Reading

    match value:
        case Reading() as reading if reading.is_number:
            return {"value": reading.value, "unit": reading.unit, "uncertainty": reading.uncertainty}
        case Reading() as reading:
            return {"value": None, "unit": reading.unit, "state": str(reading.state)}
        case str() as text:
            return {"text": text}
        case flags:
            return {"flags": dict(flags)}
