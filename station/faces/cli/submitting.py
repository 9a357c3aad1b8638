"""`station submit`: hand a unit in to a line that runs by itself."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from station.faces.cli.commands import EXIT
from station.faces.cli.finding import option_daemon, said_by
from station.faces.cli.options import Said, complete_products, option_json, print_json

if TYPE_CHECKING:
    from station.asking import Daemon, Told


@click.command("submit")
@click.option("--product", required=True, metavar="PN[@REV]", help="The part number.", shell_complete=complete_products)
@click.option("--serial", required=True, metavar="SN", help="The unit's serial number.")
@click.option("--slot", metavar="S", help="The slot; else any that fits and is free first.")
@click.option("--sequence", metavar="NAME", help="Another sequence than the product's own.")
@click.option(
    "--priority",
    type=click.IntRange(0, 9),
    default=5,
    show_default=True,
    help="The higher goes first; equals as they came.",
)
@click.option("--key", metavar="K", help="Your own name for it: handed in again under it, it is the same ticket.")
@click.option("--wait", is_flag=True, help="Follow it to its end, and end with its exit code as `station run` does.")
@option_daemon
@option_json
def submit_command(
    product: str, serial: str, slot: str | None, sequence: str | None, priority: int, key: str | None, wait: bool,
    daemon: "Daemon", as_json: bool,
) -> int:  # fmt: skip
    """Hand a unit in; prints its ticket, which is on the daemon's disk by then.

    With --wait it is followed until it has been tested: exit code 0 passed, 1 failed, 2 refused or withdrawn, 3 error,
    4 aborted. Ctrl-C ends the waiting, never the test.

    \b
    Example: station submit --product PWR-WHIP-8 --serial SN001
             station submit --product PWR-WHIP-8 --serial SN001 --wait
    """
    told = None
    if wait:
        from station.faces.cli.watching import followed

        told = followed(daemon, "/v1/events")
        next(told)  # from here on nothing of it is missed
    ticket = said_by(
        daemon, "POST", "/v1/tickets", product=product, serial=serial, slot=slot, sequence=sequence, priority=priority, key=key,
    )  # fmt: skip
    if told is None:
        if as_json:
            print_json(ticket)
        else:
            print(ticket["ticket"])
        return 0
    try:
        ticket = _follow(daemon, told, ticket["ticket"], quiet=as_json and not sys.stderr.isatty())
    except KeyboardInterrupt:
        raise Said(f"ticket {ticket['ticket']} goes on; nobody waits for it any more", 4) from None
    return _end(daemon, ticket, as_json=as_json)


def _follow(daemon: "Daemon", stream: "Iterator[Told]", name: str, *, quiet: bool) -> dict[str, Any]:
    """The ticket once it has ended; meanwhile its run is shown."""
    import orjson

    from station.faces.cli.progress import ShowProgress, say
    from station.ledger.bodies import decode

    ticket: dict[str, Any] = said_by(daemon, "GET", "/v1/tickets/{}", name)
    if ticket["stage"] == "queued" and not quiet:
        say(f"ticket {name} waits")
    with ShowProgress(quiet=quiet) as progress:
        show = None
        while ticket["stage"] in {"queued", "running"}:
            told: Told = next(stream)
            match told.event:
                case "snapshot":  # some of it was missed
                    ticket = said_by(daemon, "GET", "/v1/tickets/{}", name)
                case "ticket" if told.body["ticket"]["ticket"] == name:
                    ticket = told.body["ticket"]
                case "event" if ticket["run"] in {"", told.body["run"]} and told.body["serial"] == ticket["serial"]:
                    show = show or progress.listener(told.body["slot"])
                    show(decode(told.body["type"], orjson.dumps(told.body["event"])))
                case _:
                    pass
    return ticket


def _end(daemon: "Daemon", ticket: dict[str, Any], *, as_json: bool) -> int:
    from station.faces.cli.banner import show_banner

    if not ticket["run"]:
        if as_json:
            print_json(ticket)
        raise Said(f"{ticket['serial']} is {ticket['stage']}: {ticket['reason']}", 2)
    record = said_by(daemon, "GET", "/v1/runs/{}", ticket["run"])
    show_banner(record)
    if as_json:
        print_json(record)
    return EXIT[record["verdict"]]
