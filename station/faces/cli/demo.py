"""`station demo`: see in a minute what this is for."""

from pathlib import Path

import click

from station.faces.cli.options import option_json, plain_words, print_json

LINE = (
    ("CTL-HARNESS-64", "HARNESS-0001", "B", ("swap:B/W29+W33", "open:B/W52=1.3")),
    ("PDU-3P-24", "PDU-0001", "P", ("relay-crossed:P/outlet3+outlet9",)),
    ("ORV3-PSU-3K", "PSU-0001", "S", ()),
    ("MANIFOLD-8", "MANIFOLD-0001", "M", ("gas-leak:M/qd5=8",)),
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

    Four slots of three families, good and bad units at once: a harness, a rack PDU, a power supply, a manifold. Two of them
    share the safety tester, the power meter and the multimeter. Writes a report of each.

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
