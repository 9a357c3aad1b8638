"""`station prove`: which faults a sequence catches, where it puts them, what escapes, and how often a good unit fails."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from station.faces.cli.options import Said, complete_products, option_json, option_station, plain_words, print_json

if TYPE_CHECKING:
    from station.proving.hands import Hands
    from station.proving.proving import Say


@click.command("prove")
@click.argument("sequence", required=False)
@click.option(
    "--product",
    metavar="PN[@REV]",
    help="The product it is proven on; else the one where most of its claims can be tried.",
    shell_complete=complete_products,
)
@option_station
@click.option("--slot", metavar="S", help="The slot; else the first that fits.")
@click.option(
    "--units", type=click.IntRange(0, 1_000_000), default=100, show_default=True, help="Good units of the population."
)
@click.option(
    "--trials",
    type=click.IntRange(1, 10_000),
    default=4,
    show_default=True,
    help="Trials of each kind of fault at each severity, each at another place.",
)
@click.option(
    "--only",
    "only",
    multiple=True,
    metavar="KIND",
    help="Only this kind of fault; may be repeated. With --system, only the ordeal of this number.",
)
@click.option(
    "--system", is_flag=True, help="Prove the station itself, by ordeals of killed processes, full disks, broken links."
)
@click.option(
    "--runs", type=click.IntRange(1, 10_000_000), metavar="N", help="With --system: how many ordeals.  [default: 2000]"
)
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Seed of everything that varies."
)
@click.option("--jobs", type=click.IntRange(1, 1024), metavar="J", help="Processes; else one for each core.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler, such as tcp://host:8786 (extra `cluster`).")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the proof as one HTML file; as JSON where FILE ends with .json.",
)
@option_json
def prove_command(
    sequence: str | None, product: str | None, station_file: str | None, slot: str | None, units: int, trials: int,
    only: tuple[str, ...], system: bool, runs: int | None, seed: int, jobs: int | None, scheduler: str | None,
    report: Path | None, as_json: bool,
) -> int:  # fmt: skip
    """Prove a sequence against the whole catalogue of faults.

    Every kind of fault that the product and its slot can have is put in, over its severities and at several places, one at a
    time, each into another unit of a population; so are good units. The table says what was caught, located, and by which step;
    the report has the curves. The same seed gives the same proof, whoever carries it out.

    With --system no sequence is proven but the station: in each ordeal a run meets what a seed draws, a killed process, a full
    disk, a clock that jumps, a link that breaks, an abort, and afterwards it is looked at whether the promises were kept: no
    false pass, safe exactly once, nothing lost that was shown. An ordeal that broke one is told as the command that repeats it.

    Exit code 1 where a claim of the sequence does not hold, or a promise was broken.

    \b
    Example: station prove cable-continuity --product CTL-HARNESS-64 --report proof.html
             station prove --system --runs 500
             station prove --system --seed 1 --only 1482
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever is told to end lets go of what it has begun
    if system:
        from station.faces.cli.ordeals import prove_system

        given = {
            "SEQUENCE": sequence,
            "--product": product,
            "--station": station_file,
            "--slot": slot,
            "--scheduler": scheduler,
            "--report": report,
        }
        if wrong := [name for name, value in given.items() if value is not None]:
            raise Said(f"--system proves the station as it is shipped: leave out {', '.join(wrong)}", 2)
        return prove_system(seed, runs or 2000, only, jobs or cores(), as_json=as_json)
    if runs is not None:
        raise Said("--runs belongs to --system: of a sequence say --units and --trials", 2)
    from station.faces.cli.proof_told import tell
    from station.proving.case import Scope
    from station.proving.hands import HandsLostError
    from station.proving.proving import prove
    from station.proving.task import task_of

    if sequence is None:
        raise Said("which sequence? `station list sequences` names them", 2)
    with plain_words():
        scope, task = Scope(seed, units, trials, only), task_of(sequence, product, station_file, slot)
        try:
            with _progress() as say:
                proof = prove(task, scope, _hands(jobs, scheduler), say)
        except HandsLostError as lost:
            raise Said(str(lost), 3) from None
        if report is not None:
            _write(report, proof)
    if as_json:
        print_json(proof)
    else:
        tell(proof)
    return 0 if proof["holds"] else 1


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))


def _hands(jobs: int | None, scheduler: str | None) -> "Hands | None":
    if scheduler is not None:
        from station.proving.cluster import Cluster

        return Cluster(scheduler)
    from station.proving.hands import Processes

    jobs = jobs or cores()
    return Processes(jobs) if jobs > 1 else None


def _write(file: Path, proof: dict[str, Any]) -> None:
    import orjson

    from station.report.proof_page import render_proof

    written = orjson.dumps(proof) if file.suffix == ".json" else render_proof(proof).encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(written)


@contextmanager
def _progress() -> "Iterator[Say]":
    """A bar on a terminal; elsewhere a line for each tenth."""
    from station.faces.cli.progress import say

    if not sys.stderr.isatty():
        tenths = set[int]()

        def line(done: int, of: int) -> None:
            tenth = 10 * done // of
            if tenth not in tenths:
                tenths.add(tenth)
                say(f"{done} of {of} cases")

        yield line
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True, highlight=False), transient=True) as bar:
        task = bar.add_task("proving", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
