"""What several commands share: options, the folder of the data, and refusals that end with exit code 2 or 3."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class Said(click.ClickException):
    """An end with a text for people on stderr and an exit code of our own."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code


def data_folder(given: Path | None) -> Path:
    """--data, else $STATION_DATA, else a folder in the user's data directory."""
    if given is not None:
        return given
    if named := os.environ.get("STATION_DATA"):
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("rackproof", appauthor=False)


@contextmanager
def plain_words() -> Iterator[None]:
    """What is wrong with files, names and the ledger, said without a traceback: exit code 2, or 3 for ledger and disk."""
    from station.config.problems import BadDocuments, shown
    from station.ledger.errors import LedgerError
    from station.report.errors import PictureUnavailableError
    from station.service import RefusalError
    from station.store import StoreError

    try:
        yield
    except BadDocuments as bad:
        count = len(bad.problems)
        raise Said(f"{count} problem{'s' if count != 1 else ''}:\n" + "\n".join(map(str, bad.problems)), 2) from None
    except RefusalError as refused:
        raise Said(str(refused), 2) from None
    except UnicodeEncodeError as odd:  # an argument that is not UTF-8
        raise Said(f"{shown(odd.object)} is no text", 2) from None
    except (LedgerError, PictureUnavailableError, StoreError) as broken:
        raise Said(str(broken), 3) from None
    except BrokenPipeError:
        raise
    except OSError as broken:
        raise Said(f"{broken.filename or 'a file'}: {broken.strerror or broken}", 3) from None


def option_data(command: F) -> F:
    """--data DIR."""
    text = "Where the ledger is kept; else $STATION_DATA, else the user's data directory."
    return click.option("--data", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help=text)(command)


def option_json(command: F) -> F:
    """--json."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout; nothing else.")(command)


def option_station(command: F) -> F:
    """--station FILE."""
    text = "The station file, or the name of a shipped one."
    return click.option("--station", "station_file", metavar="FILE", help=text, shell_complete=_complete("stations"))(
        command
    )


def options_sim(command: F) -> F:
    """--sim with its --seed, --fault and --real-time."""
    real_time = click.option("--real-time", is_flag=True, help="Let simulated time pass as slowly as the wall's.")
    return options_sim_in_time(real_time(command))


def options_sim_in_time(command: F) -> F:
    """--sim with its --seed and --fault, where time is always the wall's."""
    for add in (
        click.option("--fault", "faults", multiple=True, metavar="F", help="Put a fault in: open:W3, short:W2+W5=0.05@30s, silent:ohms@30s-32s/10m (station list faults)."),
        click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Seed of everything that varies."),
        click.option("--sim", is_flag=True, help="Simulated hardware; without --station, the shipped simulated line."),
    ):  # fmt: skip
        command = add(command)
    return command


def option_unit(command: F) -> F:
    """--unit N."""
    text = "Which unit of the simulated population; 0 is the one as drawn."
    return click.option(
        "--unit", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, metavar="N", help=text
    )(command)


def print_json(document: Any) -> None:  # noqa: ANN401 (whatever JSON can hold)
    """One JSON document on stdout."""
    import orjson

    sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


def _complete(what: str) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """Names from the library, for the shell; nothing at all where it cannot be read."""

    def names(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
        del ctx, parameter
        from station.opening import usual_library

        found, _ = getattr(usual_library(), what)()
        names = [each.part_number if what == "products" else each.name for each in found]
        return [name for name in dict.fromkeys(names) if name.startswith(incomplete)]

    return names


complete_products = _complete("products")
