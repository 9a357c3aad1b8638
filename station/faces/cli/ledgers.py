"""`station ledger`: whether the record is sound."""

from pathlib import Path

import click

from station.faces.cli.options import data_folder, option_data, option_json, plain_words, print_json


@click.group("ledger")
def ledger_command() -> None:
    """The ledger: where the traces are kept."""


@ledger_command.command("verify")
@option_data
@option_json
def verify_command(data: Path | None, as_json: bool) -> int:
    """Check that the ledger says what was told to it: every run, every event, every table.

    Runs that were going on when their process died are recorded as INTERRUPTED first. What the disk budget has given up
    is told, and is nothing wrong. Exit code 3 when anything is.

    \b
    Example: station ledger verify --data /srv/station
    """
    import asyncio

    from station.ledger.ledger import Ledger
    from station.ledger.thinning import Thinned

    async def verified(ledger: Ledger) -> tuple[list[str], int, Thinned]:
        return await ledger.verify(), await ledger.count(), await ledger.thinned()

    with plain_words(), Ledger.open(data_folder(data)) as ledger:
        problems, runs, gone = asyncio.run(verified(ledger))
    if as_json:
        print_json({"runs": runs, "problems": problems, "thinned": {"events": gone.events, "runs": gone.runs}})
    else:
        for problem in problems:
            print(problem)
        if gone.events:
            print(f"{gone.events} events of {gone.runs} runs were thinned by the disk budget")
        print(f"{runs} runs, {len(problems)} problems")
    return 3 if problems else 0
