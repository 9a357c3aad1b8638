"""The command line: `station`. Each command is a module of its own; what it needs is imported when it is called."""

import sys

from station.faces.cli.commands import Commands


def main() -> None:
    """The entry point of `station`."""
    sys.exit(Commands.run(sys.argv[1:]))
