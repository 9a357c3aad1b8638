"""`station import`: a harness document becomes a product, a jig to build, and a bench to try it on."""

from pathlib import Path

import click

from station.faces.cli.options import Said, plain_words


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("mine"),
    show_default=True,
    metavar="DIR",
    help="The folder that gets products/, jigs/ and stations/.",
)
@click.option("--replace", is_flag=True, help="Write over files that are there.")
def import_command(file: Path, into: Path, replace: bool) -> int:
    """Turn a harness document into a product.

    A harness drawn in WireViz (YAML), or a from-to list (CSV), becomes a product, a proposed jig and a simulated bench.

    \b
    Example: station import harness.yml --into mine
             station run --sim --station mine/stations/HARNESS-bench.toml --product HARNESS --serial SN001
    """
    from station.importing.bench import bench_toml
    from station.importing.importer import import_file

    with plain_words():
        imported = import_file(file)
        bench_name, bench = bench_toml(imported)
    files = {
        into / "products" / imported.product_file: imported.product_toml,
        into / "jigs" / imported.jig_file: imported.jig_toml,
        into / "stations" / f"{bench_name}.toml": bench,
    }
    if there := [str(each) for each in files if each.exists() and not replace]:
        raise Said(f"already there: {', '.join(there)} (say --replace to write over them)", 2)
    with plain_words():
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            click.echo(path)
    for note in imported.notes:
        click.echo(f"note: {note}", err=True)
    return 0
