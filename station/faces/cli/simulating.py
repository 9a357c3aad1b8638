"""`station sim serve`: the simulated bench for anyone who can open a port."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.faces.cli.options import complete_products, option_station, option_unit, plain_words
from station.faces.cli.progress import say

if TYPE_CHECKING:
    from station.service import Simulated
    from station.serving import Laid


@click.group("sim")
def sim_command() -> None:
    """The simulated bench."""


@sim_command.command("serve")
@option_station
@click.option(
    "--product",
    "products",
    multiple=True,
    metavar="PN",
    help="What is on the jigs; else the first product that fits each.",
    shell_complete=complete_products,
)
@click.option("--fault", "faults", multiple=True, metavar="F", help="Put a fault in, as in `station run --sim`.")
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Seed of everything that varies."
)
@option_unit
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("served"),
    show_default=True,
    metavar="DIR",
    help="Where the ptys and the station file go.",
)
@click.option(
    "--visa",
    "over",
    type=click.Choice(("vxi-11", "hislip")),
    help="Put what VISA can reach on that message bus of the network, instead of raw sockets.",
)
@click.option(
    "--ports",
    type=click.IntRange(1024, 65000),
    metavar="N",
    help="TCP ports from N on, so that they are the same when it is started again; else free ones.",
)
@click.option("--for", "seconds", type=click.FloatRange(0.0), metavar="SECONDS", help="Stop by itself after that long.")
def serve_command(
    station_file: str | None,
    products: tuple[str, ...],
    faults: tuple[str, ...],
    seed: int,
    unit: int,
    folder: Path,
    over: str | None,
    ports: int | None,
    seconds: float | None,
) -> int:
    """Serve the emulators on TCP ports, ptys and message buses, and write the station file that reaches them, until Ctrl-C.

    \b
    Example: station sim serve --fault open:W3 &
             station run --station served/served.toml --product PWR-WHIP-8 --serial SN001
    """
    import asyncio

    from station.service import Simulated
    from station.serving import lay

    with plain_words():
        folder.mkdir(parents=True, exist_ok=True)
        laid = lay(station_file, products)
        asyncio.run(_serve(laid, Simulated(seed, faults, unit), folder.resolve(), over, ports, seconds))
    return 0


async def _serve(
    laid: "Laid", simulated: "Simulated", folder: Path, over: str | None, ports: int | None, seconds: float | None
) -> None:
    import asyncio
    import signal

    from station.serving import served

    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, ended.set)
    if seconds is not None:
        loop.call_later(seconds, ended.set)
    async with served(laid, simulated, folder, over, ports) as (file, addresses):
        for order in laid.orders:
            say(f"slot {order.slot.name}: {order.product.name} on {order.jig.name}")
        say(f"{len(addresses)} instruments; station file: {file}")
        print(file, flush=True)
        await ended.wait()
