"""`station abort`, `stop`, `pause`, `go-on`, `drain`, `release` and `reload`: what a line is told."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from station.faces.cli.finding import option_daemon, said_by
from station.faces.cli.options import F, Said
from station.faces.cli.progress import say

if TYPE_CHECKING:
    from station.asking import Daemon


def _option_slot(text: str) -> Callable[[F], F]:
    return click.option("--slot", metavar="S", help=text)


_option_reason = click.option("--reason", required=True, metavar="WHY", help="Why; it stands in the record.")
_option_all = click.option("--all", "everywhere", is_flag=True, help="Every slot.")


@click.command("abort")
@_option_slot("Only this slot.")
@_option_all
@_option_reason
@option_daemon
def abort_command(slot: str | None, everywhere: bool, reason: str, daemon: "Daemon") -> int:
    """Give up what is tested in a slot, or in all; it is made safe at once.

    \b
    Example: station abort --slot A --reason "wrong unit on the jig"
             station abort --all --reason "fire alarm"
    """
    return _end("abort", daemon, slot, reason, everywhere=everywhere)


@click.command("stop")
@_option_slot("Only this slot.")
@_option_all
@_option_reason
@option_daemon
def stop_command(slot: str | None, everywhere: bool, reason: str, daemon: "Daemon") -> int:
    """Let the step that goes on end, then stop the run: one slot, or all.

    \b
    Example: station stop --slot A --reason "end of the shift"
    """
    return _end("stop", daemon, slot, reason, everywhere=everywhere)


def _end(deed: str, daemon: "Daemon", slot: str | None, reason: str, *, everywhere: bool) -> int:
    if everywhere == (slot is not None):
        raise Said(f"{deed} what? One --slot S, or --all", 2)
    _do(daemon, deed, slot, reason)
    return 0


@click.command("pause")
@_option_slot("Only there.")
@option_daemon
def pause_command(slot: str | None, daemon: "Daemon") -> int:
    """Begin nothing new, in a slot or at all; what is tested goes on.

    \b
    Example: station pause --slot B
    """
    _do(daemon, "pause", slot)
    return 0


@click.command("go-on")
@_option_slot("Only there; else the line and every slot.")
@option_daemon
def go_on_command(slot: str | None, daemon: "Daemon") -> int:
    """Undo `station pause`.

    \b
    Example: station go-on
    """
    _do(daemon, "go-on", slot)
    return 0


@click.command("drain")
@click.option("--wait", is_flag=True, help="Return when the daemon has ended.")
@option_daemon
def drain_command(wait: bool, daemon: "Daemon") -> int:
    """Begin nothing new, let what is tested come to its end, and end the daemon.

    What waits is there when it is started again.

    \b
    Example: station drain --wait
    """
    said_by(daemon, "POST", "/v1/drain")
    if wait:
        _until_gone(daemon)
    return 0


@click.command("release")
@click.option("--slot", required=True, metavar="S", help="The slot.")
@_option_reason
@option_daemon
def release_command(slot: str, reason: str, daemon: "Daemon") -> int:
    """Unlock a slot in which something was not confirmed safe.

    It is made safe again, and measured; only then is it unlocked. Exit code 2 when it is not confirmed.

    \b
    Example: station release --slot A --reason "the contactor was replaced"
    """
    _do(daemon, "release", slot, reason)
    say(f"slot {slot} is confirmed safe")
    return 0


@click.command("reload")
@option_daemon
def reload_command(daemon: "Daemon") -> int:
    """Read the station's file again, for the runs that begin from now on.

    With problems, which are printed, the configuration stays as it was: exit code 2.

    \b
    Example: station reload
    """
    if problems := said_by(daemon, "POST", "/v1/reload")["problems"]:
        raise Said("\n".join(["the configuration stays as it was:", *problems]), 2)
    say("the configuration was read again")
    return 0


def _do(daemon: "Daemon", deed: str, slot: str | None, reason: str | None = None) -> None:
    if slot is None:
        said_by(daemon, "POST", f"/v1/{deed}", reason=reason)
    else:
        said_by(daemon, "POST", f"/v1/slots/{{}}/{deed}", slot, reason=reason)


def _until_gone(daemon: "Daemon") -> None:
    """Until nobody answers there any more."""
    from station.asking import NoDaemonError

    while True:
        with suppress(NoDaemonError):
            for _ in daemon.stream("/v1/events"):
                pass
        try:
            daemon.ask("GET", "/v1/status")
        except NoDaemonError:
            return
