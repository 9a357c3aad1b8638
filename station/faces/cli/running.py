"""`station run`: test one unit, or run a recorded one again."""

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
@click.option(
    "--product",
    metavar="PN[@REV]",
    help="The part number; needed, unless --replay names a run.",
    shell_complete=complete_products,
)
@click.option("--serial", metavar="SN", help="The unit's serial number; needed likewise.")
@click.option("--slot", metavar="S", help="The slot; else any free one that fits.")
@click.option("--sequence", metavar="NAME", help="Another sequence than the product's own.")
@option_station
@option_data
@options_sim
@click.option("--replay", metavar="RUN", help="Run a simulated run of the ledger again, and say where it differs.")
@click.option(
    "--junit",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the run as JUnit XML, for CI.",
)
@option_unit
@option_json
@click.pass_context
def run_command(
    ctx: click.Context, product: str | None, serial: str | None, slot: str | None, sequence: str | None,
    station_file: str | None, data: Path | None, sim: bool, seed: int, faults: tuple[str, ...], real_time: bool,
    unit: int, replay: str | None, junit: Path | None, as_json: bool,
) -> int:  # fmt: skip
    """Test one unit.

    Says whether it is good, and where it is not. With --replay a simulated run that was recorded is run again, from its
    seed, its faults and the files that were kept with it: RUN is an id, the beginning of one, or `last`. Exit code 0: the
    same, event by event; 1: it differs, and where. Nothing of it is recorded.

    \b
    Example: station run --sim --product CTL-HARNESS-64 --serial SN0001 --fault swap:W1+W4
             station run --replay last
    """
    if replay is not None:
        return _replay(ctx, replay, data_folder(data), as_json=as_json)
    for name, given in (("--product", product), ("--serial", serial)):
        if given is None:
            raise click.MissingParameter(param_hint=f"'{name}'", param_type="option")
    request = (product or "", serial or "", slot, sequence)
    from station.faces.cli.banner import show_banner
    from station.faces.cli.junit_file import JunitFile
    from station.faces.cli.progress import ShowProgress
    from station.opening import Setup, prepare, run_orders
    from station.orders import Request
    from station.service import Simulated

    with plain_words(), JunitFile(junit, product or "", serial or "") as report:
        if not sim and (faults or seed or unit or real_time):
            raise Said("--seed, --unit, --fault and --real-time belong to --sim: real hardware brings its own", 2)
        setup = Setup(station_file, data_folder(data), Simulated(seed, faults, unit) if sim else None, real_time)
        prepared = prepare(setup, [Request(*request)])
        with ShowProgress(quiet=as_json and not sys.stderr.isatty()) as progress:
            told = progress.listener(prepared.orders[0].slot.name)
            (record,) = run_orders(prepared, [report.listener(told)])
        show_banner(record)
        if as_json:
            print_json(record)
        report.write(record)
    return EXIT[record["verdict"]]


def _replay(ctx: click.Context, run: str, folder: Path, *, as_json: bool) -> int:
    """Run a recorded run again, and tell what came of it."""
    from station.faces.cli.progress import ShowProgress, say
    from station.faces.cli.replayed import told
    from station.replaying import replay

    given = [
        f"--{each.name if each.name != 'station_file' else 'station'}".replace("_", "-").replace("faults", "fault")
        for each in ctx.command.params
        if each.name not in {"replay", "data", "as_json"}
        and ctx.get_parameter_source(each.name or "") is click.core.ParameterSource.COMMANDLINE
    ]
    if given:
        raise Said(f"--replay takes everything from the record: leave out {', '.join(given)}", 2)
    with plain_words(), ShowProgress(quiet=as_json and not sys.stderr.isatty()) as progress:
        found = replay(folder, run, progress.listener("again"))
    if found is None:
        raise Said(f"no run, or more than one, begins with {run!r}: see `station results`", 2)
    say(told(found))
    if as_json:
        print_json(found.said)
    return 0 if found.same else 1
