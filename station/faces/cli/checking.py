"""`station check`: is everything there and as it should be, before a unit is on the line."""

from typing import TYPE_CHECKING

import click

from station.faces.cli.options import option_json, option_station, plain_words, print_json

if TYPE_CHECKING:
    from station.capability import Ability, Inability

MUCH, LITTLE = 1000, 1e-6
"""A ratio that is as good as any greater one, and a risk that is as good as none."""


@click.command("check")
@option_station
@click.option("--sim", is_flag=True, help="Check the simulated bench.")
@click.option("--files", "files_only", is_flag=True, help="Only the files: open nothing.")
@click.option(
    "--product", "products", multiple=True, metavar="PN", help="Only the limits of this product; may be repeated."
)
@click.option("--no-limits", is_flag=True, help="Leave out what the station's uncertainty makes of each limit.")
@option_json
def check_command(
    station_file: str | None, sim: bool, files_only: bool, products: tuple[str, ...], no_limits: bool, as_json: bool
) -> int:
    """Check files, instruments, calibration dates, limits.

    Reads all files; opens every instrument at once, asks who it is and whether it is well; says of each limit of each product
    how many times smaller than its tolerance the station's uncertainty is (the test uncertainty ratio; below 4 it is flagged),
    and what its decision rule makes of that, if 95 % of the units are good: how many of all units would be bad and passed (PFA;
    above 2 % it is flagged), and how many good and failed (PFR).

    Exit code 2 for problems in files, 3 for instruments that are not ready.

    \b
    Example: station check --station cell-2 --files
    """
    from station.checking import check_files, check_instruments, check_limits
    from station.faces.cli.progress import say
    from station.faces.cli.tables import print_table
    from station.opening import require_real

    if station_file is None:
        sim = True
    with plain_words():
        station, problems = check_files(station_file)
        if station is not None and not (sim or files_only):
            require_real(station)
        look = station is not None and not files_only
        rows = check_instruments(station, simulated=sim) if station is not None and look else []
        able, unable = (
            check_limits(station, products, say) if station is not None and look and not no_limits else ([], [])
        )
    bad = [row for row in rows if row["trouble"]]
    if as_json:
        print_json({"problems": [str(each) for each in problems], "instruments": rows, **_limits(able, unable)})
    else:
        for problem in problems:
            say(str(problem))
        if rows:
            print_table(tuple(rows[0]), [tuple(row.values()) for row in rows])
        if able:
            print()
            print_table(
                (
                    "product", "sequence", "slot", "measurement", "limit", "uncertainty", "ratio", "rule", "PFA", "PFR", "remark",
                ),
                map(_row, able),
            )  # fmt: skip
        for each in unable:
            say(f"{each.product} {each.sequence} in slot {each.slot}: a good unit does not pass here: {each.why}")
        few, open_ones = sum(not each.enough for each in able), sum(not each.protected for each in able)
        say(f"{len(problems)} problems in files, {len(rows)} instruments, {len(bad)} not ready")
        if able or unable:
            say(
                f"{len(able)} limits, {few} with a ratio below 4, {open_ones} that bad units may pass too often, "
                f"{len(unable)} sequences in which a good unit does not pass"
            )
    return 2 if problems else 3 if bad or unable else 0


def _limits(able: "list[Ability]", unable: "list[Inability]") -> dict[str, object]:
    from dataclasses import asdict

    return {"limits": [asdict(each) for each in able], "unable": [asdict(each) for each in unable]}


def _row(each: "Ability") -> tuple[str, ...]:
    place = f"{each.measurement}[{each.point}]" if each.point else each.measurement
    ends = [
        f">= {each.low:.4g}" if each.low is not None else "",
        f"<= {each.high:.4g}" if each.high is not None else "",
    ]
    return (
        each.product,
        each.sequence,
        each.slot,
        place,
        f"{' and '.join(filter(None, ends))} {each.unit}",
        f"{each.uncertainty:.2g} {each.unit}",
        f"{each.ratio:.1f}" if each.ratio < MUCH else f"over {MUCH}",
        each.rule,
        _percent(each.pfa),
        _percent(each.pfr),
        _remark(each),
    )


def _percent(part: float) -> str:
    return f"{100 * part:.2g} %" if part >= LITTLE else f"under {100 * LITTLE:.4f} %"


def _remark(each: "Ability") -> str:
    if each.enough:
        return "" if each.protected else "PFA above 2 %"
    return "ratio below 4" if each.protected else "ratio below 4, unprotected"
