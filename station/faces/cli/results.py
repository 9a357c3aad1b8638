"""`station results`: the runs that the ledger keeps."""

from dataclasses import asdict
from pathlib import Path

import click

from station.faces.cli.commands import EXIT
from station.faces.cli.options import data_folder, option_data, option_json, plain_words, print_json


@click.command("results")
@click.option("--last", "limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many.")
@click.option("--serial", metavar="SN", help="Only this unit's.")
@click.option("--product", metavar="PN", help="Only this part number's.")
@click.option(
    "--verdict",
    type=click.Choice(list(EXIT), case_sensitive=False),
    metavar="V",
    help="Only PASSED, FAILED, ERROR, ABORTED, INTERRUPTED or REFUSED ones.",
)
@option_data
@option_json
def results_command(
    limit: int, serial: str | None, product: str | None, verdict: str | None, data: Path | None, as_json: bool
) -> int:
    """List the runs in the ledger, newest first.

    \b
    Example: station results --last 5 --verdict FAILED
    """
    from station.faces.cli.progress import say
    from station.ledger.history import Which
    from station.reporting import runs

    with plain_words():
        rows = runs(data_folder(data), Which(serial=serial, part_number=product, verdict=verdict), limit)
    if as_json:
        print_json([asdict(row) for row in rows])
        return 0
    if not rows:
        say(f"no such runs in {data_folder(data)}")
    for row in rows:
        sim = "  sim" if row.simulated else ""
        took = f"{row.line_time_s:8.1f} s" if row.line_time_s is not None else "   going on"
        again = f"  resumed {row.resumed} x" if row.resumed else ""
        name = f"{row.part_number}@{row.revision}"
        print(
            f"{row.id}  {row.started[:19]}  {row.verdict or '...':11} {row.slot:4} {name:24} {row.serial:20} {took}{sim}{again}"
        )
    return 0
