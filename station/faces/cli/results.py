"""`station results`: the runs that the ledger keeps."""

from dataclasses import asdict
from pathlib import Path

import click

from station.faces.cli.options import data_folder, option_data, option_json, plain_words, print_json


@click.command("results")
@click.option("--last", "limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many.")
@click.option("--serial", metavar="SN", help="Only this unit's.")
@click.option("--product", metavar="PN", help="Only this part number's.")
@click.option("--verdict", metavar="V", help="Only PASSED, FAILED, ERROR, ABORTED, INTERRUPTED or REFUSED ones.")
@option_data
@option_json
def results_command(
    limit: int, serial: str | None, product: str | None, verdict: str | None, data: Path | None, as_json: bool
) -> int:
    """List the runs in the ledger, newest first.

    \b
    Example: station results --last 5 --verdict FAILED
    """
    from contextlib import closing

    from station.ledger.history import History, Which

    which = Which(serial=serial, part_number=product, verdict=verdict.upper() if verdict else None)
    with plain_words(), closing(History(data_folder(data))) as history:
        rows = history.runs(which, limit)
    if as_json:
        print_json([asdict(row) for row in rows])
        return 0
    for row in rows:
        sim = "  sim" if row.simulated else ""
        took = f"{row.line_time_s:8.1f} s" if row.line_time_s is not None else "   going on"
        name = f"{row.part_number}@{row.revision}"
        print(
            f"{row.id}  {row.started[:19]}  {row.verdict or '...':11} {row.slot:4} {name:24} {row.serial:20} {took}{sim}"
        )
    return 0
