"""`station watch`: what happens on a line, in people's words, also across restarts of its daemon."""

import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from station.faces.cli.finding import option_daemon
from station.faces.cli.happenings import in_words
from station.faces.cli.progress import plain, say

if TYPE_CHECKING:
    from station.asking import Daemon, Told

PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds between two tries to find a daemon again that was there; the last again and again."""


@click.command("watch")
@click.option("--run", metavar="RUN", help="Only this run, from its beginning to its end.")
@click.option("--json", "as_json", is_flag=True, help="Everything, one JSON document a line.")
@option_daemon
def watch_command(run: str | None, as_json: bool, daemon: "Daemon") -> int:
    """Show what happens on a line as it happens, until Ctrl-C; a run until it has ended.

    When the daemon is started again, it goes on where it was. Single measurements are left out, except with --json.

    \b
    Example: station watch
             station watch --run 01JT0FDZHY5DJA2ZK6KFW2S7GP --json
    """
    path = "/v1/events" if run is None else f"/v1/runs/{quote(run, safe='')}/events"
    try:
        for told in followed(daemon, path):
            if as_json:
                _print_json(told)
            elif text := in_words(told.event, told.body):
                print(plain(text), flush=True)
            if run is not None and told.event == "RunEnded":
                break
    except KeyboardInterrupt:
        pass
    return 0


def followed(daemon: "Daemon", path: str) -> "Iterator[Told]":
    """The events of a stream for ever; when it is cut off, it is taken up where it was. Raises NoDaemonError if nobody is there at first."""
    from station.asking import NoDaemonError

    last, tries = "", 0
    while True:
        try:
            for told in daemon.stream(path, last):
                last, tries = told.id, 0
                yield told
        except NoDaemonError as gone:
            if not last:
                raise
            if not tries:
                say(f"{gone}; it is tried again")
        threading.Event().wait(PAUSES[min(tries, len(PAUSES) - 1)])
        tries += 1


def _print_json(told: "Told") -> None:
    import orjson

    line = orjson.dumps({"id": told.id, "event": told.event, "body": told.body}, option=orjson.OPT_APPEND_NEWLINE)
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()
