"""`station run`: test one unit."""

import sys
from pathlib import Path

import click

from station.faces.cli.commands import EXIT
from station.faces.cli.options import (
    Said,
    complete_products,
    data_folder,
    option_data,
    option_json,
    option_station,
    option_unit,
    options_sim,
    plain_words,
    print_json,
)


@click.command("run")
@click.option("--product", required=True, metavar="PN[@REV]", help="The part number.", shell_complete=complete_products)
@click.option("--serial", required=True, metavar="SN", help="The unit's serial number.")
@click.option("--slot", metavar="S", help="The slot; else any free one that fits.")
@click.option("--sequence", metavar="NAME", help="Another sequence than the product's own.")
@option_station
@option_data
@options_sim
@option_unit
@option_json
def run_command(
    product: str, serial: str, slot: str | None, sequence: str | None, station_file: str | None, data: Path | None,
    sim: bool, seed: int, faults: tuple[str, ...], real_time: bool, unit: int,
    as_json: bool,
) -> int:  # fmt: skip
    """Test one unit.

    Says whether it is good, and where it is not.

    \b
    Example: station run --sim --product CTL-HARNESS-64 --serial SN0001 --fault swap:W1+W4
    """
    from station.faces.cli.banner import show_banner
    from station.faces.cli.progress import ShowProgress
    from station.opening import Setup, prepare, run_orders
    from station.orders import Request
    from station.service import Simulated

    if not sim and (faults or seed or unit or real_time):
        raise Said("--seed, --unit, --fault and --real-time belong to --sim: real hardware brings its own", 2)
    with plain_words():
        setup = Setup(station_file, data_folder(data), Simulated(seed, faults, unit) if sim else None, real_time)
        prepared = prepare(setup, [Request(product, serial, slot, sequence)])
        with ShowProgress(quiet=as_json and not sys.stderr.isatty()) as progress:
            (record,) = run_orders(prepared, [progress.listener(prepared.orders[0].slot.name)])
    show_banner(record)
    if as_json:
        print_json(record)
    return EXIT[record["verdict"]]
