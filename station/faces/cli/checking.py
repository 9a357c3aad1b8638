"""`station check`: is everything there and as it should be, before a unit is on the line."""

import click

from station.faces.cli.options import option_json, option_station, plain_words, print_json


@click.command("check")
@option_station
@click.option("--sim", is_flag=True, help="Check the simulated bench.")
@click.option("--files", "files_only", is_flag=True, help="Only the files: open nothing.")
@option_json
def check_command(station_file: str | None, sim: bool, files_only: bool, as_json: bool) -> int:
    """Check files, instruments, calibration dates.

    Reads all files, opens every instrument and asks who it is: all problems at once.

    Exit code 2 for problems in files, 3 for instruments that are not ready.

    \b
    Example: station check --station cell-2 --files
    """
    from station.checking import check_files, check_instruments
    from station.faces.cli.progress import say
    from station.faces.cli.tables import print_table
    from station.opening import require_real

    if station_file is None:
        sim = True
    with plain_words():
        station, problems = check_files(station_file)
        if station is not None and not (sim or files_only):
            require_real(station)
        rows = [] if files_only or station is None else check_instruments(station, simulated=sim)
    bad = [row for row in rows if row["trouble"]]
    if as_json:
        print_json({"problems": [str(each) for each in problems], "instruments": rows})
    else:
        for problem in problems:
            say(str(problem))
        if rows:
            print_table(tuple(rows[0]), [tuple(row.values()) for row in rows])
        say(f"{len(problems)} problems in files, {len(rows)} instruments, {len(bad)} not ready")
    return 2 if problems else 3 if bad else 0
