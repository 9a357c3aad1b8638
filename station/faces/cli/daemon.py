"""`station daemon`: the line that runs by itself."""

from pathlib import Path

import click

from station.faces.cli.options import (
    Said,
    complete_products,
    data_folder,
    option_data,
    option_station,
    options_sim_in_time,
    plain_words,
)
from station.faces.cli.progress import say


@click.command("daemon")
@option_station
@option_data
@options_sim_in_time
@click.option(
    "--product",
    "products",
    multiple=True,
    metavar="PN",
    help="With --sim, what lies on the jigs; else the first product that fits each.",
    shell_complete=complete_products,
)
@click.option(
    "--drain-within",
    type=click.FloatRange(0.0),
    metavar="SECONDS",
    help="Asked to stop, abort what still runs after that long; else wait for it.",
)
def daemon_command(
    station_file: str | None, data: Path | None, sim: bool, seed: int, faults: tuple[str, ...],
    products: tuple[str, ...], drain_within: float | None,
) -> int:  # fmt: skip
    """Serve the slots of a station until told to stop: units are handed in with `station submit`.

    SIGTERM drains: nothing new begins, and it ends when the last run has; a second one aborts the runs and makes everything
    safe. SIGUSR1 stops every run after its step. SIGHUP reads the station's file again, for the runs that begin from then on.

    \b
    Example: station daemon --station cell-2.toml --data DIR
             station daemon --sim
    """
    try:
        from station.daemon.daemon import run_daemon
        from station.daemon.plan import Plan
    except ModuleNotFoundError as missing:
        raise Said(f"{missing.name} is not installed; the daemon needs: pip install 'rackproof[daemon]'", 2) from None
    from station.opening import Setup
    from station.service import Simulated

    with plain_words():
        if not sim and (faults or seed or products):
            raise Said("--seed, --fault and --product belong to --sim: real hardware brings its own", 2)
        setup = Setup(station_file, data_folder(data), Simulated(seed, faults) if sim else None, real_time=True)
        run_daemon(Plan(setup, products, drain_within), say)
    return 0
