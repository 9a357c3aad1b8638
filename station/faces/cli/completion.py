"""`station completion`: what teaches a shell to complete our commands."""

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion_command(shell: str) -> int:
    """Print the completion script of a shell.

    \b
    Example: station completion bash > ~/.local/share/bash-completion/completions/station
    """
    from click.shell_completion import get_completion_class

    from station.faces.cli.commands import station

    made = get_completion_class(shell)
    assert made is not None  # noqa: S101 (click.Choice admits only shells that click knows)
    click.echo(made(station, {}, "station", "_STATION_COMPLETE").source())
    return 0
