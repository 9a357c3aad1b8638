"""The commands, and how what goes wrong becomes an exit code: 2 usage or configuration, 3 error, 4 aborted."""

import importlib
import io
import sys

import click

MODULES = {
    "demo": "demo",
    "list": "listing",
    "show": "showing",
    "check": "checking",
    "prove": "proving",
    "run": "running",
    "read": "reading",
    "daemon": "daemon",
    "submit": "submitting",
    "queue": "queueing",
    "slots": "queueing",
    "watch": "watching",
    "abort": "line",
    "stop": "line",
    "pause": "line",
    "go-on": "line",
    "withdraw": "queueing",
    "release": "line",
    "drain": "line",
    "reload": "line",
    "token": "tokens",
    "guardian": "guarding",
    "sim": "simulating",
    "results": "results",
    "report": "reporting",
    "ledger": "ledgers",
    "doctor": "doctoring",
    "import": "importing",
    "learn": "learning",
    "confirm": "learning",
    "unit": "units",
    "command": "commanding",
    "completion": "completion",
}
EXIT = {"PASSED": 0, "FAILED": 1, "REFUSED": 2, "ERROR": 3, "ABORTED": 4, "INTERRUPTED": 4}


class Commands(click.Group):
    """The group of all commands; a command's module is imported when it is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which they are first needed."""
        del ctx
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        del ctx
        if cmd_name not in MODULES:
            return None
        module = importlib.import_module(f"station.faces.cli.{MODULES[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return command

    @staticmethod
    def run(arguments: list[str]) -> int:
        """Carry out a command line; its exit code."""
        try:
            code = station.main(arguments, prog_name="station", standalone_mode=False)
        except click.exceptions.Abort:
            print("aborted", file=sys.stderr)
            return EXIT["ABORTED"]
        except click.ClickException as wrong:
            from station.faces.cli.progress import plain

            wrong.show(said := io.StringIO())
            print(plain(said.getvalue()), end="", file=sys.stderr)
            return int(getattr(wrong, "code", 2))
        except BrokenPipeError:
            return 3
        return code if isinstance(code, int) else 0


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="rackproof", prog_name="station")
def station() -> None:
    """Say whether a unit is good, and where it is not.

    \b
    Example: station run --sim --product PWR-WHIP-8 --serial SN001 --fault open:W3
    Exit codes: 0 passed, 1 failed, 2 usage or configuration, 3 error, 4 aborted or interrupted.
    """
