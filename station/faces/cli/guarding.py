"""`station guardian`: the guardian as a service of its own."""

from pathlib import Path

import click

from station.faces.cli.options import data_folder, option_data, plain_words
from station.faces.cli.progress import say


@click.command("guardian")
@option_data
def guardian_command(data: Path | None) -> int:
    """Stand guard over the daemon of a data folder: if it dies or hangs, make safe what it has energised.

    A daemon begins a guardian by itself where none waits; one that is a service of its own outlives whatever ends the daemon.
    SIGTERM ends it, once nothing is armed.

    \b
    Example: station guardian --data DIR
    """
    import asyncio

    from station.guardian.post import serve

    with plain_words():
        folder = data_folder(data)
        folder.mkdir(parents=True, exist_ok=True)
        asyncio.run(serve(folder, lambda: say(f"standing guard over {folder}")))
    return 0
