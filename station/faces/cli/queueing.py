"""`station queue`, `slots` and `withdraw`: what waits, and what is where."""

from typing import TYPE_CHECKING, Any

import click

from station.faces.cli.finding import option_daemon, said_by
from station.faces.cli.options import option_json, print_json
from station.faces.cli.progress import say

if TYPE_CHECKING:
    from station.asking import Daemon

STAGES = ("queued", "running", "done", "refused", "withdrawn")
MOST = 500
"""Tickets that are shown."""


@click.command("queue")
@click.option(
    "--stage",
    type=click.Choice([*STAGES, "all"]),
    metavar="STAGE",
    help=f"Only those that are {', '.join(STAGES)}; or all. Else what waits and what runs.",
)
@option_daemon
@option_json
def queue_command(stage: str | None, daemon: "Daemon", as_json: bool) -> int:
    """List the tickets of a line, the newest first.

    \b
    Example: station queue
             station queue --stage refused --json
    """
    from station.faces.cli.tables import print_table

    wanted = {None: STAGES[:2], "all": ("",)}.get(stage, (stage,))
    tickets: list[dict[str, Any]] = []
    for each in wanted:
        only = f"&stage={each}" if each else ""
        tickets += said_by(daemon, "GET", f"/v1/tickets?limit={MOST}{only}")["tickets"]
    if as_json:
        print_json(tickets)
    elif tickets:
        shown = ("ticket", "submitted", "stage", "priority", "serial", "product", "slot", "source", "verdict", "reason")
        rows = [[str(each[name])[: 19 if name == "submitted" else None] for name in shown] for each in tickets]
        print_table(shown, rows)
    else:
        say("nothing waits and nothing runs" if stage is None else f"no ticket is {stage}")
    return 0


@click.command("slots")
@option_daemon
@option_json
def slots_command(daemon: "Daemon", as_json: bool) -> int:
    """Say what each slot of a line is doing.

    \b
    Example: station slots
    """
    from station.faces.cli.tables import print_table

    slots = said_by(daemon, "GET", "/v1/slots")["slots"]
    if as_json:
        print_json(slots)
        return 0
    head = ("slot", "mode", "serial", "product", "step", "since", "jig")
    shown = ("name", "mode", "serial", "product", "step", "since", "jig")
    print_table(head, [[str(each[name])[: 19 if name == "since" else None] for name in shown] for each in slots])
    for each in slots:
        if each["reason"]:
            say(f"slot {each['name']} is {each['mode']}: {each['reason']}")
    return 0


@click.command("withdraw")
@click.argument("ticket")
@click.option("--reason", required=True, metavar="WHY", help="Why; it stands in the ticket.")
@option_daemon
def withdraw_command(ticket: str, reason: str, daemon: "Daemon") -> int:
    """Take a unit back that still waits.

    One that is tested already is given up with `station abort`.

    \b
    Example: station withdraw 01JT0FDZHY5DJA2ZK6KFW2S7GP --reason "wrong part number"
    """
    said_by(daemon, "DELETE", "/v1/tickets/{}", ticket, reason=reason)
    say(f"{ticket} is withdrawn")
    return 0
