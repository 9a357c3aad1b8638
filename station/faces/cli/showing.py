"""`station show`: one thing, whole."""

import click

from station.faces.cli.options import Said, option_json, option_station, plain_words, print_json


def _complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names of everything but runs and stations' parts."""
    del parameter
    from station.faces.cli.listing import names_of

    kinds = (
        ("models",)
        if incomplete.startswith("model/")
        else ("sequences", "products", "jigs", "stations", "models", "faults")
    )
    names = [name for kind in kinds for name in names_of(kind, ctx.params.get("station_file"))]
    if incomplete.startswith("model/"):
        names = [f"model/{name}" for name in names]
    return [name for name in dict.fromkeys(names) if name.startswith(incomplete)]


@click.command("show")
@click.argument("name", shell_complete=_complete)
@option_station
@option_json
def show_command(name: str, station_file: str | None, as_json: bool) -> int:
    """Show one thing whole.

    A sequence's plan, a product, a jig, a station, a model, a fault (by its name, or by its number in the lists: C13, F070),
    or a schema. Of a model that is a map of registers, the map; with --station also what is in the folders that the station
    names. No hardware is needed.

    \b
    Example: station show cable-continuity
             station show CTL-HARNESS-64
             station show model/orv3-psu
             station show fault/open
             station show schema/product
    """
    from station.faces.cli.told import found, told

    with plain_words():
        thing = found(name, station_file)
    if thing is None:
        raise Said(
            f"nothing is called {name!r}: see `station list`; schemas are schema/product, jig, station, registers, run, proof, "
            "mqtt-state, mqtt-slot, mqtt-event, mqtt-telemetry, mqtt-result, mqtt-receipt, "
            "mqtt-command, mqtt-answer",
            2,
        )
    if as_json or name.startswith("schema/"):
        print_json(thing.document)
    else:
        for line in told(thing):
            print(line)
        if thing.table:
            from station.faces.cli.tables import print_table

            print_table(thing.table[0], thing.table[1:])
    return 0
