"""`station learn` and `station confirm`: a netlist from a golden cable, and the person who answers for it."""

from pathlib import Path

import click

from station.faces.cli.options import Said, data_folder, option_data, option_station, plain_words


@click.command("learn")
@click.argument("part_number")
@click.option("--slot", required=True, metavar="S", help="The slot on whose jig the golden unit lies.")
@click.option("--serial", required=True, metavar="SN", help="The golden unit's serial number.")
@option_station
@option_data
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("mine"),
    show_default=True,
    metavar="DIR",
    help="The folder whose products/ gets the file.",
)
@click.option("--sim", "golden", metavar="PN", help="Simulated hardware, with a good unit of this product on the jig.")
@click.option("--replace", is_flag=True, help="Write over a file that is there.")
def learn_command(
    part_number: str,
    slot: str,
    serial: str,
    station_file: str | None,
    data: Path | None,
    into: Path,
    golden: str | None,
    replace: bool,
) -> int:
    """Learn the netlist of a golden cable.

    Units pass against it only after `station confirm`.

    \b
    Example: station learn NEW-WHIP --slot A --serial GOLD1 --sim PWR-WHIP-8 --into mine
    """
    from station.faces.cli.progress import ShowProgress, say
    from station.learning_run import learn

    file = into / "products" / f"{part_number}.toml"
    if file.exists() and not replace:
        raise Said(f"{file} is there already (say --replace to write over it)", 2)
    with plain_words(), ShowProgress() as progress:
        text, record = learn(
            part_number, slot, serial, station_file, data_folder(data), golden, progress.listener(slot)
        )
    if text is None:
        raise Said(f"{record['verdict']}: {record['reason'] or 'nothing was learned'}", 3)
    with plain_words():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    say(f"{text.count('{ name = ')} wires learned; look at the file, then: station confirm {part_number} --by NAME")
    print(file)
    return 0


@click.command("confirm")
@click.argument("part_number")
@click.option("--by", "person", required=True, metavar="NAME", help="Who has looked at the netlist and answers for it.")
@option_station
def confirm_command(part_number: str, person: str, station_file: str | None) -> int:
    """Confirm a learned netlist.

    From then on units can pass against it.

    \b
    Example: STATION_FIXTURES=mine station confirm NEW-WHIP --by "R. Okafor"
    """
    from station.config.shelf import UnknownName
    from station.learning import confirm
    from station.opening import load_station, usual_library

    with plain_words():
        library = load_station(station_file, simulated=True)[1] if station_file else usual_library()
        try:
            print(confirm(library.product(part_number), person))
        except UnknownName as unknown:
            raise Said(str(unknown), 2) from None
    return 0
