"""`station token`: who may ask a daemon over the network."""

from datetime import timedelta
from pathlib import Path

import click

from station.faces.cli.options import Said, plain_words
from station.faces.cli.progress import say


@click.command("token")
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="The file of tokens that [daemon.tcp] names; it is made where there is none.",
)
@click.option("--name", required=True, metavar="NAME", help="Whose it is; what he does stands under that name.")
@click.option(
    "--role",
    type=click.Choice(("watch", "operate", "maintain")),
    required=True,
    metavar="ROLE",
    help="What he may do. watch: look; operate: also hand in, stop and abort; maintain: also drain, reload and release.",
)
@click.option("--days", type=click.IntRange(1, 3660), required=True, metavar="N", help="How long it is good.")
def token_command(file: Path, name: str, role: str, days: int) -> int:
    """Make a token for somebody, and print it: this once, for only its digest is kept.

    A daemon that runs knows it at once. Who is taken out of the file may not ask any more.

    \b
    Example: station token --file tokens.toml --name mes --role operate --days 365 > mes.token
    """  # fmt: skip
    from station.api.tokens import TokenError, add_token
    from station.walls import real_wall

    expires = real_wall().date() + timedelta(days=days)
    with plain_words():
        try:
            token = add_token(file, name, role, expires)
        except TokenError as odd:
            raise Said(str(odd), 2) from None
    print(token)
    say(f"{name} may {role} until {expires}; keep it where only he can read it (chmod 600)")
    return 0
