"""`station show`: one thing, whole."""

import click

from station.faces.cli.options import Said, option_json, plain_words, print_json


@click.command("show")
@click.argument("name")
@option_json
def show_command(name: str, as_json: bool) -> int:
    """Show one thing whole.

    A sequence's plan, a product, a jig, a station, a model, a fault, or a schema. No hardware is needed.

    \b
    Example: station show cable-continuity
             station show CTL-HARNESS-64
             station show schema/product
    """
    from station.faces.cli.told import found, told

    with plain_words():
        thing = found(name)
    if thing is None:
        raise Said(f"nothing is called {name!r}: see `station list`; schemas are schema/product, jig, station, run", 2)
    if as_json or name.startswith("schema/"):
        print_json(thing.document)
    else:
        for line in told(thing):
            print(line)
    return 0
