"""`station report`: one run as a page, or as a picture."""

from pathlib import Path

import click

from station.faces.cli.options import Said, data_folder, option_data, plain_words


@click.command("report")
@click.argument("run", default="last")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The HTML file; else report-RUN.html here.",
)
@click.option("--picture", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write a PNG as well.")
@option_data
def report_command(run: str, output: Path | None, picture: Path | None, data: Path | None) -> int:
    """Write the report of a run.

    RUN is an id, the beginning of one, or `last`. The report is one HTML file that opens anywhere.

    \b
    Example: station report last --output report.html
    """
    from station.reporting import write_report

    with plain_words():
        written = write_report(data_folder(data), run, output, picture)
    if written is None:
        raise Said(f"no run, or more than one, begins with {run!r}: see `station results`", 2)
    for file in written:
        print(file)
    return 0
