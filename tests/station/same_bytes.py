"""What is compared between processes that have nothing in common: the JSON of some simulated runs, on stdout.

`python -m tests.station.same_bytes FOLDER`
"""

import sys
from pathlib import Path
from typing import Any

from station.faces.cli.commands import Commands
from station.faces.cli.options import print_json
from station.opening import Setup, prepare, run_orders
from station.orders import Request
from station.service import Simulated

ALONE = (
    ("PWR-WHIP-8", "--fault", "open:W3", "--seed", "5"),
    ("CTL-HARNESS-64", "--fault", "swap:W1+W4", "--seed", "7"),
    ("PDU-3P-24", "--fault", "relay-crossed:outlet3+outlet9"),
)
"""What the command line is asked to test: readings of wires, of capacitances, of phasors and of heat."""
LINE = (("PWR-WHIP-8", "A"), ("CTL-HARNESS-64", "B"), ("PWR-WHIP-8", "D"), ("MANIFOLD-8", "M"))
"""Four slots at once; A and D share their ohmmeter."""


def session(folder: Path, count: int, seed: int = 3) -> list[dict[str, Any]]:
    """The records of as many slots at once, in one world and one virtual time."""
    requests = [Request(product, f"SN-{slot}", slot) for product, slot in LINE[:count]]
    return run_orders(prepare(Setup(None, folder, Simulated(seed)), requests), [lambda _: None] * count)


def tell(folder: Path) -> None:
    """Everything, one JSON document after another."""
    for number, (product, *more) in enumerate(ALONE):
        Commands.run(
            [
                "run",
                "--sim",
                "--product",
                product,
                "--serial",
                "SN1",
                "--data",
                str(folder / str(number)),
                "--json",
                *more,
            ]
        )
    for count in (1, 2, 4):
        print_json(session(folder / f"session{count}", count))


if __name__ == "__main__":
    tell(Path(sys.argv[1]))
