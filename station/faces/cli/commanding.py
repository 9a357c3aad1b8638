"""`station command`: keys for those who may command a station over MQTT, and commands signed with them."""

from datetime import timedelta
from pathlib import Path

import click

from station.faces.cli.options import Said, plain_words

VERBS = ("submit", "withdraw", "abort", "stop", "pause", "go-on", "drain", "reload")


@click.group("command")
def command_command() -> None:
    """Command a station over MQTT: who may, and the payloads."""


@command_command.command("key")
@click.argument("name")
@click.option(
    "--may",
    multiple=True,
    required=True,
    type=click.Choice(VERBS),
    metavar="DO",
    help=f"What NAME may do, again for more: {', '.join(VERBS)}.",
)
@click.option(
    "--days", type=click.IntRange(1, 3660), default=365, show_default=True, help="How long the key is good for."
)
@click.option(
    "--keys",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("commands.toml"),
    show_default=True,
    metavar="FILE",
    help="The station's file of keys, which its station file names as [mqtt] commands.",
)
@click.option(
    "--give",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The new file for NAME to take away; else NAME.key here.",
)
@click.option("--replace", is_flag=True, help="NAME has a key already: it is not good any more.")
def key_command(name: str, may: tuple[str, ...], days: int, keys: Path, give: Path | None, replace: bool) -> int:
    """Make a key for a commander.

    It is put into the station's file and into one for NAME, both readable by their owner alone. It is never shown.

    \b
    Example: station command key plc-7 --may submit --may abort
    """
    import os

    from station.mqtt.command import Verb
    from station.mqtt.keys import KEY_BYTES, Key, Keys, KeysError, OwnKey
    from station.walls import real_wall

    given = give or Path(f"{name}.key")
    secret = os.urandom(KEY_BYTES)
    try:
        there = Keys.read(keys) if keys.exists() else Keys()
        if name in there.of and not replace:
            raise Said(f"{name} has a key in {keys} already (say --replace to make the old one useless)", 2)
        until = (real_wall() + timedelta(days=days)).replace(microsecond=0)
        more = there.with_key(name, Key(secret, frozenset(map(Verb, may)), until))
    except KeysError as wrong:
        raise Said(str(wrong), 2) from None
    if given.exists():
        raise Said(f"already there: {given} (say --give with another name)", 2)
    with plain_words():
        OwnKey(name, secret).write(given)
        more.write(keys)
    print(f"{given}: for {name} to take away")
    print(f"{keys}: {name} may {', '.join(may)} until {until:%Y-%m-%d}")
    return 0


@command_command.command("sign")
@click.argument("do", type=click.Choice(VERBS))
@click.option(
    "--key",
    "key_file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Your key: NAME.key.",
)
@click.option("--station", required=True, metavar="NAME", help="The station that is meant.")
@click.option("--id", "identity", metavar="ID", help="A name that you never use again; else a random one.")
@click.option(
    "--seconds", type=click.IntRange(1, 3600), default=300, show_default=True, help="How long it may take to arrive."
)
@click.option("--product", metavar="PN[@REV]", help="Of submit.")
@click.option("--serial", metavar="S", help="Of submit.")
@click.option("--sequence", metavar="NAME", help="Of submit: another one than the product's.")
@click.option("--priority", type=click.IntRange(0, 9), help="Of submit: 5 is usual, 9 goes first.")
@click.option("--slot", metavar="S", help="Which slot; else any, or all.")
@click.option("--run", metavar="ID", help="Of abort and stop: that run, and no other.")
@click.option("--ticket", metavar="ID", help="Of withdraw.")
@click.option("--reason", metavar="TEXT", help="Why: it stands in the record.")
def sign_command(
    do: str, key_file: Path, station: str, identity: str | None, seconds: int, **words: str | int | None
) -> int:
    """Print a signed command, to be published.

    It is taken once, by that station, on the topic that ends with DO, until it expires; never when it is retained.

    \b
    Example: station command sign abort --key plc-7.key --station cell-2 --reason leak
    """
    import secrets

    from station.mqtt.command import NoCommand, command_of, members
    from station.mqtt.keys import KeysError, OwnKey
    from station.mqtt.signing import SCHEMA, sign
    from station.walls import iso, real_wall

    now = real_wall()
    try:
        own = OwnKey.read(key_file)
        said: dict[str, str | int] = {
            "schema": SCHEMA,
            "id": secrets.token_hex(16) if identity is None else identity,
            "do": do,
            "station": station,
            "by": own.by,
            "issued": iso(now),
            "expires": iso(now + timedelta(seconds=seconds)),
            **{key: value for key, value in words.items() if value is not None},
        }
        payload = sign(said, own.secret)
        command_of(members(payload))
    except (KeysError, NoCommand) as wrong:
        raise Said(str(wrong), 2) from None
    except UnicodeEncodeError:
        raise Said("an argument is no text", 2) from None
    print(payload.decode())
    return 0
