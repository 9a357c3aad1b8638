"""`station demo`: see in a minute what this is for."""

from pathlib import Path

import click

from station.faces.cli.options import option_json, plain_words, print_json

LINE = (
    ("PWR-WHIP-8", "WHIP-0001", "A", ()),
    ("CTL-HARNESS-64", "HARNESS-0001", "B", ("swap:B/W29+W33", "open:B/W52=1.3")),
    ("BACKPLANE-1000", "PLANE-0001", "C", ("short:C/W311+W318",)),
    ("PWR-WHIP-8", "WHIP-0002", "D", ("high-resistance:D/W7=0.06",)),
)
"""What lies on the line: product, serial number, slot, and what is wrong with the unit."""


@click.command("demo")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-data"),
    show_default=True,
    metavar="DIR",
    help="Where the ledger and the reports go.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Seed of everything that varies."
)
@option_json
def demo_command(folder: Path, seed: int, as_json: bool) -> int:
    """Test four units on a simulated line.

    Four slots, good and bad units at once, two of them sharing an instrument; writes a report of each.

    Exit code 0 when every unit was judged as it deserves.

    \b
    Example: station demo --folder demo-data
    """
    from station.faces.cli.progress import ShowProgress, say
    from station.faces.cli.tables import print_table
    from station.opening import Setup, prepare, run_orders
    from station.orders import Request
    from station.reporting import write_report
    from station.service import Simulated

    faults = tuple(fault for *_, unit in LINE for fault in unit)
    with plain_words():
        setup = Setup(None, folder, Simulated(seed, faults))
        prepared = prepare(setup, [Request(product, serial, slot) for product, serial, slot, _ in LINE])
        instruments = {name for order in prepared.orders for name in order.instruments}
        say(f"four slots, four units, {len(instruments)} instruments; nothing is real, and time jumps:")
        with ShowProgress() as progress:
            records = run_orders(prepared, [progress.listener(order.slot.name) for order in prepared.orders])
        pages = [
            write_report(folder, record["run"], folder / f"report-{record['slot']}.html", None) for record in records
        ]
    if as_json:
        print_json(records)
    else:
        say("")
        print_table(
            ("slot", "unit", "verdict", "line time", "what is wrong"),
            [
                (
                    record["slot"],
                    f"{record['uut']['part_number']} {record['uut']['serial']}",
                    record["verdict"],
                    f"{record['line_time_s']:.1f} s",
                    "; ".join(finding["text"] for finding in record["findings"]),
                )
                for record in records
            ],
        )
        say("\nOpen a report in a browser:")
        for written in pages:
            print(written[0] if written else "")
    expected = ["FAILED" if unit else "PASSED" for *_, unit in LINE]
    return 0 if [record["verdict"] for record in records] == expected else 3
